"""Partner profiles (facts, 4.3), and the providers or resellers that a partner works with (facts, 4.2)."""

import json
from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router

from portal.api.v1.access import needs
from portal.api.v1.answers import answer, collection, out
from portal.api.v1.callers import ApiRequest, Callers
from portal.api.v1.faults import BAD_CHOICE, INVALID, WRONG_PLACE, Fault
from portal.api.v1.partners import mapping, schemas
from portal.api.v1.wire import Collection, Wire, spelled
from portal.partners.models import Partner, PartnerKind
from portal.partners.permissions import Permission
from portal.partners.services import edit_profile

router = Router(tags=["Partner"])
NO_SUCH_MPN = 3000
# relationship_type of the query -> kind of the asking partner, relationshipType of the answer.
KINDS = {
    "IsIndirectCloudSolutionProviderOf": (
        PartnerKind.INDIRECT_PROVIDER,
        "is_indirect_cloud_solution_provider_of",
    ),
    "IsIndirectResellerOf": (PartnerKind.INDIRECT_RESELLER, "is_indirect_reseller_of"),
}


def _save(request: ApiRequest, body: Wire, present: Wire) -> Partner:
    caller = request.caller
    wanted = mapping.wanted_of(body, present, caller.partner)
    return edit_profile(by=caller.actor, partner=caller.partner, **wanted)


@router.get(
    "/profiles/legalbusiness", response=out(schemas.LegalBusinessProfile), operation_id="getLegalBusinessProfile"
)
@needs(Permission.PARTNER_VIEW)
def get_legal(
    request: ApiRequest, version: Annotated[str, Query(alias="vettingVersion")] = "Current"
) -> HttpResponse:
    """The company's name and country. The portal vets nobody: Current and LastFinalized are the same."""
    if spelled(version) not in ("current", "lastfinalized"):
        raise Fault(400, BAD_CHOICE, "vettingVersion must be one of Current, LastFinalized.", data=["vettingVersion"])
    return answer(mapping.legal_out(request.caller.partner))


@router.put(
    "/profiles/legalbusiness", response=out(schemas.LegalBusinessProfile), operation_id="changeLegalBusinessProfile"
)
@needs(Permission.PARTNER_EDIT_PROFILE, callers=Callers.USER)
def put_legal(request: ApiRequest, body: schemas.LegalBusinessProfile) -> HttpResponse:
    """Change the company's name and country; anything else that is sent is refused, as it would be lost."""
    return answer(mapping.legal_out(_save(request, body, mapping.legal_out(request.caller.partner))))


@router.get(
    "/profiles/organization", response=out(schemas.OrganizationProfile), operation_id="getOrganizationProfile"
)
@needs(Permission.PARTNER_VIEW, callers=Callers.USER)
def get_organization(request: ApiRequest) -> HttpResponse:
    """The company's name, country, domain and language."""
    return answer(mapping.organization_out(request.caller.partner))


@router.put(
    "/profiles/organization", response=out(schemas.OrganizationProfile), operation_id="changeOrganizationProfile"
)
@needs(Permission.PARTNER_EDIT_PROFILE, callers=Callers.USER)
def put_organization(request: ApiRequest, body: schemas.OrganizationProfile) -> HttpResponse:
    """Change the company's name, country and culture; anything else that is sent is refused."""
    present = mapping.organization_out(request.caller.partner)
    # One that goes with the culture.
    body.language = present.language
    return answer(mapping.organization_out(_save(request, body, present)))


@router.get("/profiles/support", response=out(schemas.SupportProfile), operation_id="getSupportProfile")
@needs(Permission.PARTNER_VIEW, callers=Callers.USER)
def get_support(request: ApiRequest) -> HttpResponse:
    """Empty: the portal keeps no address at which a partner's customers find support."""
    return answer(mapping.support_out())


@router.put("/profiles/support", response=out(schemas.SupportProfile), operation_id="changeSupportProfile")
@router.put("/profiles/supportprofile", response=out(schemas.SupportProfile), operation_id="changeSupportProfileToo")
@needs(Permission.PARTNER_EDIT_PROFILE, callers=Callers.USER)
def put_support(request: ApiRequest, body: schemas.SupportProfile) -> HttpResponse:
    """Refused as soon as it says anything: the portal keeps no support profile."""
    _save(request, body, mapping.support_out())
    return answer(mapping.support_out())


@router.get("/profiles/mpn", response=out(schemas.MpnProfile), operation_id="getMpnProfile")
@needs(Permission.PARTNER_VIEW, callers=Callers.USER)
def get_mpn(request: ApiRequest, mpn: Annotated[str, Query(alias="mpnId", max_length=50)] = "") -> HttpResponse:
    """The partner's own number in the partner network; with mpnId, whose number among the partners it works with."""
    own = request.caller.partner
    partners = [own, *Partner.objects.linked_to(own).filter(mpn_id=mpn.strip())] if mpn.strip() else [own]
    found = next((each for each in partners if each.mpn_id and each.mpn_id == (mpn.strip() or each.mpn_id)), None)
    if found is None:
        raise Fault(404, NO_SUCH_MPN, "No partner is known by this MPN ID.", source="PartnerFD")
    return answer(mapping.mpn_out(found))


@router.get("/profiles/billing", response=out(schemas.PartnerBillingProfile), operation_id="getPartnerBillingProfile")
@needs(Permission.PARTNER_VIEW, callers=Callers.USER)
def get_billing(request: ApiRequest) -> HttpResponse:
    """The company's name and country. The portal bills nobody, so it knows no tax number and no currency."""
    return answer(mapping.billing_out(request.caller.partner))


@router.put(
    "/profiles/billing", response=out(schemas.PartnerBillingProfile), operation_id="changePartnerBillingProfile"
)
@needs(Permission.PARTNER_EDIT_PROFILE, callers=Callers.USER)
def put_billing(request: ApiRequest, body: schemas.PartnerBillingProfile) -> HttpResponse:
    """Change the company's name and country; anything else that is sent is refused, as it would be lost."""
    return answer(mapping.billing_out(_save(request, body, mapping.billing_out(request.caller.partner))))


@router.get(
    "/relationships", response=out(Collection[schemas.PartnerRelationship]), operation_id="listPartnerRelationships"
)
@needs(Permission.PARTNER_VIEW, callers=Callers.USER)
def list_relationships(
    request: ApiRequest, relationship_type: schemas.RelationshipType, filter: str = ""
) -> HttpResponse:
    """A provider's resellers (IsIndirectCloudSolutionProviderOf), or a reseller's providers (IsIndirectResellerOf).

    filter: JSON with Field Name, Operator substring, Value.
    """
    kind, told = KINDS[relationship_type]
    own = request.caller.partner
    found = Partner.objects.linked_to(own) if own.kind == kind else Partner.objects.none()
    if filter:
        found = found.filter(name__icontains=_name_in(filter))
    items = [mapping.relationship_out(each, told) for each in found]
    return answer(collection(items, self_uri=f"/relationships?relationship_type={relationship_type}"))


def _name_in(text: str) -> str:
    """What the filter looks for in names. Raises Fault 400."""
    try:
        said = {str(name).lower(): value for name, value in json.loads(text).items()}
    except (ValueError, AttributeError, RecursionError):
        raise _unreadable() from None
    value = said.get("value")
    if not isinstance(value, str) or any(ch == "\x00" or "\ud800" <= ch <= "\udfff" for ch in value):
        raise _unreadable()
    if spelled(str(said.get("field"))) != "name" or spelled(str(said.get("operator"))) != "substring":
        raise Fault(400, BAD_CHOICE, "filter: Field must be Name, Operator substring.", data=["filter"])
    return value


def _unreadable() -> Fault:
    told = 'filter: send JSON such as {"Field":"Name","Value":"Cont","Operator":"substring"}.'
    return Fault(400, INVALID, told, data=["filter"])


@router.post(
    "/sandboxIndirectReseller", response=out(schemas.PartnerRelationship, 201), operation_id="createSandboxReseller"
)
@needs(Permission.PARTNER_VIEW, callers=Callers.USER)
def create_sandbox_reseller(request: ApiRequest) -> HttpResponse:
    """Refused: who is a reseller, and whose, is decided by the portal's staff, in the sandbox too."""
    raise Fault(400, WRONG_PLACE, "The portal's staff link indirect resellers to providers. Ask them.")
