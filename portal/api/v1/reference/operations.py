"""Questions that clients ask before they send a customer: is the domain free, is the address right."""

import re

from django.http import HttpResponse
from ninja import Router

from customers import rules
from customers.address_status import judge
from customers.addresses import PARTS
from customers.models import Tenant
from portal.api.v1.access import needs
from portal.api.v1.answers import JSON, answer, out
from portal.api.v1.callers import ApiRequest
from portal.api.v1.customers.schemas import Address
from portal.api.v1.faults import BAD_ID, NOT_THERE, Fault
from portal.api.v1.reference import countries, schemas
from portal.partners.permissions import Permission

router = Router(tags=["Reference"])


@router.api_operation(["HEAD"], "/domains/{domain}", response=out(None), operation_id="checkDomain")
@needs(Permission.CUSTOMERS_CREATE)
def check_domain(request: ApiRequest, domain: str) -> HttpResponse:
    """Whether a domain is taken: 200 is taken, 404 is free for a new customer. No body either way."""
    spelled = rules.spelled_domain(domain)
    full = spelled if "." in spelled else spelled + rules.DOMAIN_SUFFIX
    if rules.why_not_a_domain(full) is not None:
        raise Fault(400, BAD_ID, "This is no domain.")
    is_taken = Tenant.objects.filter(domain=full).exists()
    return HttpResponse(status=200 if is_taken else 404, content_type=JSON)


@router.post("/validations/address", response=out(schemas.AddressValidation), operation_id="validateAddress")
@needs(Permission.CUSTOMERS_VIEW)
def validate_address(request: ApiRequest, body: Address) -> HttpResponse:
    """How far an address fits its country, with a better one where that is known. Always 200."""
    country = (body.country or "").upper()
    typed = {name: getattr(body, name) or "" for name in (*PARTS.values(), "address_line2")}
    typed["state"] = typed["state"] or body.region or ""
    verdict = judge(country, typed)
    suggested = []
    if verdict.suggested is not None:
        parts = {name: value or None for name, value in verdict.suggested.items()}
        suggested.append(Address(country=country, **parts))
    return answer(
        schemas.AddressValidation(
            original_address=body,
            suggested_addresses=suggested,
            status=verdict.status.value,
            validation_message=str(verdict.message),
        )
    )


@router.get("/countryvalidationrules/{country}", response=out(schemas.CountryRules), operation_id="getCountryRules")
@needs(Permission.CUSTOMERS_VIEW)
def country_rules(request: ApiRequest, country: str) -> HttpResponse:
    """What an address, a registration number and a phone number look like in a country: its two letters."""
    if re.fullmatch("[A-Za-z]{2}", country) is None:
        raise Fault(400, BAD_ID, "Send the ISO 3166 code of two letters.")
    found = countries.rules_of(country.upper())
    if found is None:
        raise Fault(404, NOT_THERE, f"There are no validation rules for country {country.upper()}.")
    return answer(found)
