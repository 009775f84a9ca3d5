"""A partner in wire terms, and what a client wants changed of it in the portal's."""

import hashlib
from collections.abc import Iterator
from typing import Any

from agreements.languages import DEFAULT_LANGUAGE, LANGUAGES_OF
from portal.api.v1.faults import INVALID, Fault
from portal.api.v1.partners import schemas
from portal.api.v1.wire import Attributes, Links, Wire, link
from portal.partners.forms import ProfileForm
from portal.partners.models import Partner

# Partner Center's number for a version that is not the present one.
STALE = 2055
# What says how a body is wrapped, not what is in it.
WRAPPING = frozenset({"profile_type", "links", "attributes"})
COUNTRIES = (("address", "country"), ("default_address", "country"))
# Field of the portal -> members that state it.
STATED: dict[str, tuple[tuple[str, ...], ...]] = {
    "name": (("company_name",),),
    "country": COUNTRIES,
    "default_language": (("culture",),),
}


def legal_out(partner: Partner) -> schemas.LegalBusinessProfile:
    return schemas.LegalBusinessProfile(
        company_name=partner.name, address=_address(partner), links=_self("/profiles/legalbusiness")
    )


def organization_out(partner: Partner) -> schemas.OrganizationProfile:
    return schemas.OrganizationProfile(
        id=str(partner.tenant_id),
        company_name=partner.name,
        default_address=_address(partner),
        tenant_id=str(partner.tenant_id),
        domain=partner.domain or None,
        language=partner.default_language.partition("-")[0],
        culture=partner.default_language,
        links=_self("/profiles/organization"),
        attributes=Attributes(object_type="OrganizationProfile", etag=etag_of(partner)),
    )


def support_out() -> schemas.SupportProfile:
    return schemas.SupportProfile(links=_self("/profiles/support"))


def mpn_out(partner: Partner) -> schemas.MpnProfile:
    return schemas.MpnProfile(partner_name=partner.name, mpn_id=partner.mpn_id, links=_self("/profiles/mpn"))


def billing_out(partner: Partner) -> schemas.PartnerBillingProfile:
    return schemas.PartnerBillingProfile(
        company_name=partner.name,
        address=_address(partner),
        links=_self("/profiles/billing"),
        attributes=Attributes(object_type="BillingProfile", etag=etag_of(partner)),
    )


def relationship_out(partner: Partner, kind: str) -> schemas.PartnerRelationship:
    return schemas.PartnerRelationship.model_construct(
        id=partner.tenant_id,
        name=partner.name,
        relationship_type=kind,
        state="Active",
        mpn_id=partner.mpn_id or None,
        location=str(partner.country),
        attributes=Attributes(object_type="PartnerRelationship"),
    )


def etag_of(partner: Partner) -> str:
    said = [partner.name, str(partner.country), partner.default_language, partner.domain]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def wanted_of(body: Wire, present: Wire, partner: Partner) -> dict[str, Any]:
    """What `edit_profile` is to make of the partner. present: the profile as it is answered now.

    Raises Fault 400: for members that the portal does not keep, another version, or what the profile's form refuses.
    """
    etag = getattr(getattr(body, "attributes", None), "etag", None)
    if etag and etag != etag_of(partner):
        raise Fault(400, STALE, "The profile changed since you read it. Read it again and repeat your change.")
    sent, known = dict(_members(body)), dict(_members(present))
    stated = {way: field for field, ways in STATED.items() for way in ways}
    lost = [".".join(way) for way, value in sent.items() if way not in stated and value != known.get(way)]
    if lost:
        told = f"The portal does not keep {', '.join(lost)}. Leave out what it does not answer."
        raise Fault(400, INVALID, told, data=lost)
    wanted = {
        "name": partner.name,
        "country": str(partner.country),
        "time_zone": partner.time_zone,
        "default_language": partner.default_language,
        "mpn_id": partner.mpn_id,
        "logs_addresses": partner.logs_addresses,
    }
    return _checked(wanted | {stated[way]: value for way, value in sent.items() if way in stated}, wanted)


def _checked(wanted: dict[str, Any], initial: dict[str, Any]) -> dict[str, Any]:
    languages = {DEFAULT_LANGUAGE, *(tag for tags in LANGUAGES_OF.values() for tag in tags)}
    form = ProfileForm(wanted, initial=initial, languages=languages)
    if form.is_valid():
        return dict(form.cleaned_data)
    told = "; ".join(f"{field}: {' '.join(str(each) for each in errors)}" for field, errors in form.errors.items())
    raise Fault(400, INVALID, told, data=list(form.errors))


def _members(body: Wire, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each member that holds something, by the names that lead there."""
    for name in type(body).model_fields:
        value = getattr(body, name)
        if value in (None, "") or (not way and name in WRAPPING):
            continue
        if isinstance(value, Wire):
            yield from _members(value, (*way, name))
        else:
            yield (*way, name), value


def _address(partner: Partner) -> schemas.PartnerAddress:
    return schemas.PartnerAddress(country=str(partner.country))


def _self(uri: str) -> Links:
    return {"self": link(uri)}
