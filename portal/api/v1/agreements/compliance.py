"""Whether an indirect reseller signed the Microsoft Partner Agreement, as far as the portal's staff noted it (A6)."""

from portal.api.v1.faults import Fault
from portal.common.ids import parse_uuid
from portal.partners.models import Partner

# Facts, 1.4: these numbers mean this here only.
# Who Partner Center says found it: its doors the shape of the question, its controller the rest.
DOORS, CONTROLLER = "PartnerApiServiceControllers", "ComplianceController"
BAD_ID, NO_ID, BAD_MPN, NOT_SIGNED, NO_RESELLER, NO_TENANT, NO_AGREEMENT = 2000, 2001, 2200, 2203, 2204, 2205, 2206


def check_signed(provider: Partner, *, mpn_id: str | None, tenant_id: str | None) -> None:
    """Return where the reseller signed. Raises Fault 400 with the number of everything else.

    Companies that do not work with this provider are as unknown to it as those that do not exist.
    """
    if mpn_id and tenant_id:
        raise _wrong(BAD_ID, "Name either mpnId or tenantId, not both.")
    if mpn_id:
        return _check(_by_mpn(provider, mpn_id), NOT_SIGNED)
    if tenant_id:
        return _check(_by_tenant(provider, tenant_id), NO_AGREEMENT)
    raise _wrong(NO_ID, "Name the reseller by mpnId or tenantId.")


def _check(reseller: Partner, code: int) -> None:
    signed_on = reseller.agreement_signed_on
    if signed_on is None or signed_on > reseller.today:
        raise _wrong(code, "The portal's staff have no Microsoft Partner Agreement of this reseller on file.")


def _by_mpn(provider: Partner, mpn_id: str) -> Partner:
    if not (mpn_id.isascii() and mpn_id.isdigit()):
        raise _wrong(BAD_ID, "mpnId must be a number.")
    if provider.mpn_id == mpn_id:
        raise _no_reseller()
    found = Partner.objects.resellers_of(provider).filter(mpn_id=mpn_id).first()
    if found is None:
        raise _wrong(BAD_MPN, "This MPN ID is of no indirect reseller that you work with.")
    return found


def _by_tenant(provider: Partner, tenant_id: str) -> Partner:
    known = parse_uuid(tenant_id)
    if known is None:
        raise _wrong(BAD_ID, "tenantId must be a GUID.")
    if provider.tenant_id == known:
        raise _no_reseller()
    found = Partner.objects.resellers_of(provider).filter(tenant_id=known).first()
    if found is None:
        raise _wrong(NO_TENANT, "This tenant is of no indirect reseller that you work with.")
    return found


def _no_reseller() -> Fault:
    return _wrong(NO_RESELLER, "This company is no indirect reseller.")


def _wrong(code: int, told: str) -> Fault:
    return Fault(400, code, told, source=DOORS if code in (BAD_ID, NO_ID) else CONTROLLER)
