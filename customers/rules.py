"""Decisions about customers: standing, names, domains. Pure: no database, no request."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.common.text import why_not_a_name


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


# Facts 2.7: names that consist of nothing but a legal form, spelled without dots and blanks.
LEGAL_FORMS = frozenset(
    "llc llp ltd inc corp corporation incorporated limited gmbh plc pty ptyltd ptylimited pte pteltd ptelimited "
    "privatelimited privateltd pvt pvtltd pvtlimited sdnbhd sarl kft zrt ooo ооо lda wll cpa co company coltd "
    "companylimited".split()
)

# Facts 2.7: the ends of internet names that companies are most often written with.
INTERNET_ENDS = frozenset(
    "com net org info biz io co ai app dev eu de at ch fr it es pt pl cz sk hu ro bg gr nl be lu dk se no fi is ie "
    "uk us ca mx br ar cl in cn jp kr tw hk sg my th vn id ph au nz za ae sa il tr ru ua by kz shop store online "
    "site tech cloud xyz".split()
)


def why_not_a_company_name(name: str) -> str | Promise | None:
    """The dashboard's rules for company names (facts 2.7): one character, only signs, only a legal form."""
    bare = "".join(ch for ch in name if ch.isalnum())
    if not bare:
        return _("Enter the company name with letters or digits")
    # One ideograph is a word.
    if len(bare) == 1 and (bare.isascii() or bare.lower() != bare.upper()):
        return _("Enter the full company name; one character is not enough")
    if bare.casefold() in LEGAL_FORMS:
        return _("Enter the company name, not only its legal form")
    return why_not_a_name(name)


def why_check_a_company_name(name: str) -> str | Promise | None:
    """What is odd about a name that is accepted all the same (facts 2.7); None where nothing is."""
    words = name.split()
    stem, _dot, end = name.strip().rpartition(".")
    if stem and stem[-1:].isalnum() and end.casefold() in INTERNET_ENDS:
        return _("Make sure the name is correct: it looks like an internet address")
    if len(name.strip()) >= 3 and len(set(name.strip().casefold())) == 1:
        return _("Make sure the name is correct: it is one character over and over")
    if len(words) >= 2 and all(len(word) == 1 for word in words):
        return _("Make sure the name is correct: it is made of single characters")
    return None


DOMAIN_SUFFIX = ".onmicrosoft.com"
# What the customers of a sandbox may have instead (facts 6.6).
SANDBOX_DOMAIN_SUFFIX = ".ccsctp.net"
_DOMAIN_PREFIX = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,25}[a-z0-9])?")


def why_not_a_domain_prefix(prefix: str) -> str | Promise | None:
    """Up to 27 letters, digits and hyphens before the fixed suffix (facts 2.3)."""
    if len(prefix) > 27:
        return _("Use at most 27 characters for the domain")
    if not _DOMAIN_PREFIX.fullmatch(prefix):
        return _("Use letters a to z, digits and hyphens for the domain; start and end with a letter or digit")
    return None


LONGEST_DOMAIN = 100
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def spelled_domain(typed: str) -> str:
    """A domain as it is kept: lower case, other scripts in their ASCII form; "" where that does not exist."""
    domain = typed.strip().lower().rstrip(".")
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return ""


def why_not_a_domain(domain: str) -> str | Promise | None:
    """A customer that exists has a domain of its own or one under .onmicrosoft.com; in full, in lower case."""
    labels = domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        return _("Enter the domain in full, like contoso.onmicrosoft.com or contoso.com")
    # What was typed in letters of another script is longer than it looked.
    if len(domain) > LONGEST_DOMAIN:
        return _("Use at most %(most)d characters for the domain") % {"most": LONGEST_DOMAIN}
    # Kept for tenants whose own domain was given up; nobody has a real one there.
    if labels[-1] == "invalid":
        return _("Enter the domain that the customer really uses")
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
    """A customer's address is neither Microsoft's nor the partner's own; a school's is its own (facts 2.7).

    partner_domain: with the domains below it, "" when the partner named none; qualification: a Qualification.
    """
    host = email.rpartition("@")[2].casefold().rstrip(".")
    own = partner_domain.casefold()
    if qualification == "education" and (host in FREE_MAIL or f".{host}".endswith(DOMAIN_SUFFIX)):
        return _("Enter an address at the school's own domain; free mail and onmicrosoft.com are not enough")
    if "@microsoft.com" in email.casefold():
        return _("Enter an address of the customer; an address at microsoft.com is not one")
    if own and (host == own or host.endswith(f".{own}")):
        return _("Enter an address of the customer, not one of your own company")
    return None


# Facts 2.6: customers in these countries must give a registration number and a phone number.
REGISTRATION_COUNTRIES = frozenset("AM AZ BY BR HU IN IQ KZ KG MD MM PL RU SA ZA SS TJ TH TR UA AE UZ VE VN".split())


def needs_registration_number(country: str) -> bool:
    return country in REGISTRATION_COUNTRIES


def why_cannot_transact(account_status: str) -> str | Promise | None:
    """No orders and no licence changes before the vetting of the account is through (facts 3.5: 800073 to 800075)."""
    if account_status == "under_review":
        return _("The customer's account is under review. Wait until the review is finished, then try again.")
    if account_status == "not_approved":
        return _("The customer's account is not approved. Ask the portal's staff what the review is waiting for.")
    return None


_HOST_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")


def why_not_a_website(address: str) -> str | Promise | None:
    """The address of a public website: http or https, a host with a name that others can look up."""
    advice = _("Enter the address of the website, for example https://www.school.example")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return advice
    labels = host.removesuffix(".").split(".")
    is_name = len(labels) > 1 and all(_HOST_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()
    is_local = labels[-1] in ("local", "localhost", "internal", "localdomain", "home", "lan")
    is_plain = "@" not in parts.netloc and port in (None, 80, 443) and not any(ch.isspace() for ch in address)
    return None if parts.scheme in ("http", "https") and is_name and is_plain and not is_local else advice
