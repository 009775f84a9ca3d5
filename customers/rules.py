"""Decisions about customers: standing, names, domains. Pure: no database, no request."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Standing(StrEnum):
    """Where a customer stands with the Microsoft Customer Agreement, best first to decide (architecture 6)."""

    NOT_APPLICABLE = "not_applicable"
    COVERED = "covered"
    DISPUTED = "disputed"
    STALE = "stale"
    PENDING = "pending"
    MISSING = "missing"


STANDING_LABELS: dict[Standing, str | Promise] = {
    Standing.NOT_APPLICABLE: _("Not applicable"),
    Standing.COVERED: _("Accepted"),
    Standing.DISPUTED: _("Disputed"),
    Standing.STALE: _("Renewal needed"),
    Standing.PENDING: _("Invited"),
    Standing.MISSING: _("Not provided"),
}


class AgreementFacts(Protocol):
    """What a customer row keeps about the agreement."""

    attested_on: date | None
    direct_on: date | None
    disputed_at: datetime | None
    invited_at: datetime | None


def standing(facts: AgreementFacts, *, has_agreement: bool, stale_before: date | None) -> Standing:
    """has_agreement: whether the partner's cloud knows the agreement; stale_before: records agreed before
    this date no longer cover (a newer template's renewal, once enforced), None when there is no such date.
    """
    agreed = [day for day in (facts.attested_on, facts.direct_on) if day is not None]
    if not has_agreement:
        return Standing.NOT_APPLICABLE
    if any(stale_before is None or day >= stale_before for day in agreed):
        return Standing.COVERED
    if facts.disputed_at is not None:
        return Standing.DISPUTED
    if agreed:
        return Standing.STALE
    return Standing.PENDING if facts.invited_at is not None else Standing.MISSING


# Facts 2.7: names that consist of nothing but a legal form.
LEGAL_FORMS = frozenset(
    "llc llp ltd inc corp corporation incorporated limited gmbh plc pty ptyltd pteltd privatelimited pvt "
    "pvtltd sdnbhd sarl kft zrt ooo lda wll cpa co company".split()
)


def why_not_a_company_name(name: str) -> str | Promise | None:
    """The dashboard's rules for company names (facts 2.7): one character, only signs, only a legal form."""
    bare = "".join(ch for ch in name if ch.isalnum())
    if not bare:
        return _("Enter the company name with letters or digits")
    if len(bare) == 1 and bare.isascii():
        return _("Enter the full company name; one character is not enough")
    if bare.casefold() in LEGAL_FORMS:
        return _("Enter the company name, not only its legal form")
    return None


DOMAIN_SUFFIX = ".onmicrosoft.com"
_DOMAIN_PREFIX = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,25}[a-z0-9])?")


def why_not_a_domain_prefix(prefix: str) -> str | Promise | None:
    """Up to 27 letters, digits and hyphens before the fixed suffix (facts 2.3)."""
    if len(prefix) > 27:
        return _("Use at most 27 characters for the domain")
    if not _DOMAIN_PREFIX.fullmatch(prefix):
        return _("Use letters a to z, digits and hyphens for the domain; start and end with a letter or digit")
    return None


# Facts 3.4: what a sandbox has room for.
SANDBOX_CUSTOMERS = 75

# Addresses that anybody gets for free; a school has its own (facts 2.7).
FREE_MAIL = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com mac.com "
    "aol.com gmx.com gmx.de gmx.net web.de t-online.de mail.ru yandex.ru yandex.com qq.com 163.com 126.com "
    "proton.me protonmail.com zoho.com wp.pl o2.pl onet.pl interia.pl".split()
)


def why_not_a_customer_email(email: str, *, partner_domain: str, qualification: str = "none") -> str | Promise | None:
    """A customer's address is neither Microsoft's nor the partner's own; a school's is its own (facts 2.7)."""
    host = email.rpartition("@")[2].casefold()
    if qualification == "education" and (host in FREE_MAIL or host.endswith(DOMAIN_SUFFIX)):
        return _("Enter an address at the school's own domain; free mail and onmicrosoft.com are not enough")
    if host == "microsoft.com":
        return _("Enter an address of the customer; an address at microsoft.com is not one")
    if partner_domain and host == partner_domain.casefold():
        return _("Enter an address of the customer, not one of your own company")
    return None


# Facts 2.6: customers in these countries must give a registration number and a phone number.
REGISTRATION_COUNTRIES = frozenset("AM AZ BY BR HU IN IQ KZ KG MD MM PL RU SA ZA SS TJ TH TR UA AE UZ VE VN".split())


def needs_registration_number(country: str) -> bool:
    return country in REGISTRATION_COUNTRIES
