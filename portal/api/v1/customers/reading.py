"""A customer as a client sends it, read by the forms of the screens: the same rules, the same sentences."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from django.forms import BaseForm
from django_countries import countries

from customers import registration, rules
from customers.forms import CompanyForm, ContactForm
from customers.forms_account import BillToForm
from customers.services import BillToDetails, CompanyDetails, ContactDetails
from portal.api.v1.customers.schemas import Address, NewBillingProfile, NewCustomer
from portal.api.v1.faults import INVALID, Fault
from portal.partners.models import Partner

# Facts 2.3: of registration numbers and phones by country.
NUMBER_NOT_ALLOWED, NUMBER_MISSING, NUMBER_WRONG, PHONE_MISSING = 600002, 600049, 600050, 600051
MISSING = {"registration_number": NUMBER_MISSING, "phone": PHONE_MISSING}
WRONG = {"registration_number": NUMBER_WRONG}

CULTURE = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|[0-9]{3}))?", re.ASCII)
ADDRESS = {
    "country": "country",
    "address_line1": "addressLine1",
    "address_line2": "addressLine2",
    "city": "city",
    "state": "state",
    "postal_code": "postalCode",
}
PERSON = {
    "first_name": "defaultAddress.firstName",
    "last_name": "defaultAddress.lastName",
    "email": "email",
    "phone": "defaultAddress.phoneNumber",
}
# Shorter numbers only fill the place.
SHORTEST_PHONE = 4


@dataclass(frozen=True)
class Read:
    """bill_to: where the invoices go if that is not the company's own address and name."""

    domain: str
    company: CompanyDetails
    contact: ContactDetails
    bill_to: BillToDetails | None


def new_customer(body: NewCustomer, partner: Partner) -> Read:
    """What the body says. Raises Fault 400 with what to do about each member that cannot be used."""
    profile, billing = body.company_profile, body.billing_profile
    if body.user_credentials is not None and body.user_credentials.password:
        _refuse("userCredentials.password", "Leave the password out; it is made here and told in the answer.")
    domain, culture = full_domain(profile.domain, partner), culture_of(billing)
    home, where = billing.default_address, "billingProfile.defaultAddress"
    if profile.address is not None and profile.address.country:
        home, where = profile.address, "companyProfile.address"
    name = profile.company_name or billing.company_name or ""
    company = _company(home, where, name, profile.organization_registration_number or "")
    contact = ContactForm(_person(billing), country=company.country, partner_domain=partner.domain)
    check(contact, {field: f"billingProfile.{place}" for field, place in PERSON.items()})
    is_apart = home is profile.address or (billing.company_name or name) != name
    return Read(
        domain=domain,
        company=company.company(culture),
        contact=contact.contact(),
        bill_to=bill_to(billing, fallback=name) if is_apart else None,
    )


def _company(home: Address, where: str, name: str, number: str) -> CompanyForm:
    country = known_country(home.country, f"{where}.country")
    if number and registration.kind_of(country) is None:
        told = f"A registration number is not taken for companies in {country}. Leave it out."
        raise Fault(400, NUMBER_NOT_ALLOWED, told, data=["companyProfile.organizationRegistrationNumber"])
    typed = {**_typed(home, country), "company_name": name, "registration_number": number}
    form = CompanyForm(typed, country=country)
    names = {ours: f"{where}.{theirs}" for ours, theirs in ADDRESS.items()}
    names |= {
        "company_name": "billingProfile.companyName",
        "registration_number": "companyProfile.organizationRegistrationNumber",
    }
    check(form, names)
    return form


def bill_to(billing: NewBillingProfile, *, fallback: str = "", known: BillToDetails | None = None) -> BillToDetails:
    """Where the invoices go. fallback: the company's name, where none is sent; known: where they went so far.
    Raises Fault 400.
    """
    where = "defaultAddress"
    country = known_country(billing.default_address.country, f"{where}.country")
    typed = {**_typed(billing.default_address, country), **_person(billing, known)}
    form = BillToForm({**typed, "company_name": billing.company_name or fallback}, country=country)
    names = {ours: f"{where}.{theirs}" for ours, theirs in ADDRESS.items()}
    check(form, {**names, **PERSON, "company_name": "companyName"})
    return form.details()


def culture_of(billing: NewBillingProfile) -> str:
    """The culture in its one spelling: en-US for EN-us. Raises Fault 400 for what is none."""
    found = CULTURE.fullmatch(billing.culture)
    if found is None:
        _refuse("culture", "Send a culture such as en-US.")
    if CULTURE.fullmatch(billing.language) is None:
        _refuse("language", "Send a language such as en.")
    language, script, region = (part or "" for part in found.groups())
    return "-".join(part for part in (language.lower(), script.title(), region.upper()) if part)


def full_domain(typed: str, partner: Partner) -> str:
    """With .onmicrosoft.com behind it; a sandbox also has domains of its own kind. Raises Fault 400."""
    suffixes = (rules.DOMAIN_SUFFIX, rules.SANDBOX_DOMAIN_SUFFIX) if partner.is_sandbox else (rules.DOMAIN_SUFFIX,)
    domain = typed.strip().lower()
    suffix = next((each for each in suffixes if domain.endswith(each)), "")
    prefix = domain.removesuffix(suffix)
    if not suffix and "." in prefix:
        _refuse("companyProfile.domain", "A new customer's domain ends in .onmicrosoft.com.")
    reason = rules.why_not_a_domain_prefix(prefix)
    if reason is not None:
        _refuse("companyProfile.domain", str(reason))
    return prefix + (suffix or rules.DOMAIN_SUFFIX)


def known_country(typed: str | None, where: str) -> str:
    """The country's code in capitals. Raises Fault 400."""
    country = (typed or "").upper()
    if not country:
        _refuse(where, "Send the country: its ISO 3166 code of two letters.")
    if country not in countries:
        told = f"There are no validation rules for country {country[:20]}. Send its ISO 3166 code of two letters."
        _refuse(where, told)
    return country


def partner_id(typed: str | None) -> UUID | None:
    """The reseller named as associated partner, None for none. Raises Fault 400 for what is no id."""
    if not typed:
        return None
    try:
        return UUID(typed)
    except ValueError:
        _refuse("associatedPartnerId", "Send the reseller's Microsoft ID.")


def _typed(address: Address, country: str) -> dict[str, str]:
    said = {name: getattr(address, name) or "" for name in ADDRESS}
    return {**said, "country": country, "state": said["state"] or address.region or ""}


def _person(billing: NewBillingProfile, known: BillToDetails | None = None) -> dict[str, str]:
    """Profile and address both name the person: the profile's counts, unless only the address's is new."""
    address = billing.default_address
    names = {}
    for field in ("first_name", "last_name"):
        outer, inner = getattr(billing, field) or "", getattr(address, field) or ""
        is_old = known is not None and outer == getattr(known, field)
        names[field] = inner if inner and (is_old or not outer) else outer
    phone = address.phone_number or ""
    is_number = sum(ch.isdigit() for ch in phone) >= SHORTEST_PHONE
    return {**names, "email": billing.email, "phone": phone if is_number else ""}


def check(form: BaseForm, names: Mapping[str, str]) -> None:
    """Raise Fault 400 for a form that is not valid, with every member that is wrong.

    names: field -> where it stands in the body.
    """
    if form.is_valid():
        return
    errors = form.errors.as_data()
    told = [(names.get(field, field), field, each) for field, every in errors.items() for each in every]
    codes = [(MISSING if each.code == "required" else WRONG).get(field) for _place, field, each in told]
    code = next((each for each in codes if each), INVALID)
    words = " ".join(f"{place}: {' '.join(each.messages)}." for place, _field, each in told)
    raise Fault(400, code, words, data=[place for place, _field, _each in told])


def _refuse(where: str, words: str) -> NoReturn:
    raise Fault(400, INVALID, f"{where}: {words}", data=[where])
