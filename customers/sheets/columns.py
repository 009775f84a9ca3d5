"""What a column of a sheet can be, and what its header says that it is."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django_countries import countries

from portal.common.folding import fold


class Column(StrEnum):
    """What we know of a row. The names of forms' fields, but for the person who accepted."""

    MICROSOFT_ID = "microsoft_id"
    COMPANY_NAME = "company_name"
    DOMAIN = "domain"
    COUNTRY = "country"
    ADDRESS_LINE1 = "address_line1"
    ADDRESS_LINE2 = "address_line2"
    CITY = "city"
    STATE = "state"
    POSTAL_CODE = "postal_code"
    REGISTRATION_NUMBER = "registration_number"
    RESELLER = "reseller"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EMAIL = "email"
    PHONE = "phone"
    AGREED_ON = "agreed_on"
    SIGNER_FIRST_NAME = "signer_first_name"
    SIGNER_LAST_NAME = "signer_last_name"
    SIGNER_EMAIL = "signer_email"
    SIGNER_PHONE = "signer_phone"
    EVIDENCE_KIND = "evidence_kind"
    EVIDENCE_NOTE = "evidence_note"


C = Column
COMPANY = tuple(C)[: tuple(C).index(C.FIRST_NAME)]
CONTACT = (C.FIRST_NAME, C.LAST_NAME, C.EMAIL, C.PHONE)
ACCEPTANCE = tuple(C)[tuple(C).index(C.AGREED_ON) :]

LABELS: dict[Column, str | Promise] = {
    C.MICROSOFT_ID: _("Microsoft ID"),
    C.COMPANY_NAME: _("Company name"),
    C.DOMAIN: _("Primary domain name"),
    C.COUNTRY: _("Country or region"),
    C.ADDRESS_LINE1: _("Address line 1"),
    C.ADDRESS_LINE2: _("Address line 2"),
    C.CITY: _("City"),
    C.STATE: _("State or province"),
    C.POSTAL_CODE: _("Postal code"),
    C.REGISTRATION_NUMBER: _("Registration number"),
    C.RESELLER: _("Indirect reseller"),
    C.FIRST_NAME: _("First name"),
    C.LAST_NAME: _("Last name"),
    C.EMAIL: _("Email address"),
    C.PHONE: _("Phone number"),
    C.AGREED_ON: _("Agreement acceptance date"),
    C.SIGNER_FIRST_NAME: _("First name of who accepted"),
    C.SIGNER_LAST_NAME: _("Last name of who accepted"),
    C.SIGNER_EMAIL: _("Email address of who accepted"),
    C.SIGNER_PHONE: _("Phone number of who accepted"),
    C.EVIDENCE_KIND: _("How we know"),
    C.EVIDENCE_NOTE: _("Note on how we know"),
}
GROUPS: tuple[tuple[str | Promise, tuple[Column, ...]], ...] = (
    (_("Company"), COMPANY),
    (_("Primary contact"), CONTACT),
    (_("Microsoft Customer Agreement"), ACCEPTANCE),
)

# Folded headers, besides the labels: Microsoft's own export, common CRM exports, plain words.
SYNONYMS: dict[Column, str] = {
    C.MICROSOFT_ID: "tenant id|customer id|customer tenant id|azure tenant id|entra tenant id|microsoft tenant id",
    C.COMPANY_NAME: "company|name|customer|customer name|organization|organisation|account name|display name|firma",
    C.DOMAIN: "domain|primary domain|domain name|default domain name|default domain|customer domain|domena",
    C.COUNTRY: "country|region|country code|country/region|kraj",
    C.ADDRESS_LINE1: "address|street|street address|address 1|address1|addressline1|ulica",
    C.ADDRESS_LINE2: "address 2|address2|addressline2|street 2",
    C.CITY: "town|town/city|city/town|miasto",
    C.STATE: "state|province|county|state/province|region name",
    C.POSTAL_CODE: "zip|zip code|postcode|post code|postal|kod pocztowy",
    C.REGISTRATION_NUMBER: "registration id|company number|company registration number|vat id|vat number|tax id|nip",
    C.RESELLER: "reseller|reseller name|indirect reseller name",
    C.FIRST_NAME: "given name|contact first name|primary contact first name|firstname|imie",
    C.LAST_NAME: "surname|family name|contact last name|primary contact last name|lastname|nazwisko",
    C.EMAIL: "email|e-mail|mail|e-mail address|contact email|contact e-mail|primary contact email|"
    "primary contact email address|contact email address",
    C.PHONE: "phone|telephone|mobile|contact phone|primary contact phone|primary contact phone number|telefon",
    C.AGREED_ON: "acceptance date|agreed on|date agreed|dateagreed|accepted on|agreement date|mca date",
    C.SIGNER_FIRST_NAME: "accepted by first name|signer first name|accepted first name",
    C.SIGNER_LAST_NAME: "accepted by last name|signer last name|accepted last name",
    C.SIGNER_EMAIL: "accepted by email|accepted by email address|signer email|signer email address|accepted email",
    C.SIGNER_PHONE: "accepted by phone|accepted by phone number|signer phone|signer phone number|accepted phone",
    C.EVIDENCE_KIND: "evidence|evidence kind|how do we know|how you know",
    C.EVIDENCE_NOTE: "note|evidence note|notes|comment",
}
# The column that a sheet of rows to be corrected carries: it is told, never read.
PROBLEM_HEADER = "Problem"


@lru_cache(maxsize=1)
def _meanings() -> dict[str, Column]:
    with override("en"):
        named = {fold(str(label)): column for column, label in LABELS.items()}
    for column, words in SYNONYMS.items():
        for word in words.split("|"):
            named.setdefault(fold(word), column)
    return named


def guess(header: Sequence[str], allowed: Iterable[Column]) -> dict[str, str]:
    """Number of the sheet's column, as text -> our column, for the headers that say what they are; each once."""
    left = set(allowed)
    guessed: dict[str, str] = {}
    for number, name in enumerate(header):
        column = _meanings().get(fold(name.replace("_", " ")))
        if column in left:
            left.remove(column)
            guessed[str(number)] = column.value
    return guessed


def named(cells: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Our column -> what the row says there; "" where the row is shorter."""
    return {
        column: cells[int(number)] if int(number) < len(cells) else "" for number, column in mapping.items() if column
    }


@lru_cache(maxsize=1)
def _country_codes() -> dict[str, str]:
    with override("en"):
        codes = {fold(str(name)): code for code, name in countries}
    codes |= {fold(countries.alpha3(code)): code for code, _name in countries if countries.alpha3(code)}
    codes |= {code.casefold(): code for code, _name in countries}
    usual = {
        "usa": "US",
        "united states": "US",
        "uk": "GB",
        "great britain": "GB",
        "russia": "RU",
        "czech republic": "CZ",
    }
    return {**usual, **codes}


def country_code(text: str) -> str:
    """ISO 3166 of two letters for a code or an English name; the text itself where it is neither."""
    return _country_codes().get(fold(text), text)
