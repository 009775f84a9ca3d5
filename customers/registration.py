"""Registration numbers of companies: what each country calls its own, what it looks like, whether one can be right.

Facts 2.6 name the kinds. python-stdnum checks those it knows; of the others only the shape is checked.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from stdnum.az import voen
from stdnum.br import cnpj, cpf
from stdnum.by import unp
from stdnum.cn import ric, uscc
from stdnum.hu import anum
from stdnum.in_ import aadhaar, gstin, pan
from stdnum.md import idno
from stdnum.pl import nip, pesel
from stdnum.ru import inn
from stdnum.th import moa
from stdnum.th import pin as thai_pin
from stdnum.tr import tckimlik, vkn
from stdnum.ua import edrpou, rntrc
from stdnum.us import ein
from stdnum.ve import rif
from stdnum.vn import mst
from stdnum.za import idnr
from stdnum.za import tin as za_tin

from customers import addresses, rules

Check = Callable[[str], bool]

# Dashes, points, slashes and blanks are only how a number is written.
SEPARATORS = re.compile(r"[\s.\-/]+")
ANY_SHAPE = re.compile(r"(?=.{3,30}$)[A-Z0-9][A-Z0-9 .\-/]*[A-Z0-9]")


@dataclass(frozen=True)
class Kind:
    """One country's number. label: what people there call it; example: one that passes the check.

    is_company: whether a number in its compact form can be a company's; is_person: whether it is the number of
    a person, which must never be entered. keeps_spelling: nothing is known of its form, so it stays as typed.
    """

    label: str | Promise
    example: str
    is_company: Check
    is_person: Check = lambda number: False
    keeps_spelling: bool = False


def _by(*known: ModuleType) -> Check:
    """Valid as one of the numbers that these modules of python-stdnum check."""
    return lambda number: any(module.is_valid(number) for module in known)


def _like(pattern: str) -> Check:
    shape = re.compile(pattern)
    return lambda number: shape.fullmatch(number) is not None


def _both(first: Check, second: Check) -> Check:
    return lambda number: first(number) and second(number)


def _is_hungarian(number: str) -> bool:
    """Eight digits with their check digit; in full with the kind of taxation and the county."""
    return len(number) in (8, 11) and number.isdigit() and anum.is_valid(number[:8])


def _is_indian_person(number: str) -> bool:
    """The fourth letter of a PAN says whose it is; a GSTIN holds a PAN. Aadhaar is always a person's."""
    held = number[2:12] if len(number) == 15 else number
    return aadhaar.is_valid(number) or (pan.is_valid(held) and held[3] == "P")


ANY_KIND = Kind(_("Registration number"), "12345678", lambda number: True, keeps_spelling=True)

KINDS: dict[str, Kind] = {
    "AE": Kind(_("Tax ID or VAT number"), "100123456700003", _like("[A-Z0-9]{3,30}"), keeps_spelling=True),
    "AM": Kind(_("Tax number (INN)"), "01234567", _like("[0-9]{8}")),
    "AZ": Kind(_("Tax number (TIN)"), "1401555071", _both(_by(voen), _like(".*1")), _both(_by(voen), _like(".*2"))),
    "BR": Kind(_("CNPJ"), "16.727.230/0001-97", _by(cnpj), _by(cpf)),
    "BY": Kind(_("UNP"), "200988541", _both(_by(unp), _like("[0-9]+")), _both(_by(unp), _like("[A-Z]+.*"))),
    "CN": Kind(_("Unified social credit code"), "91110000600037341L", _by(uscc), _by(ric)),
    "HU": Kind(_("Tax number (adószám)"), "12892312-2-42", _is_hungarian),
    "IN": Kind(_("PAN or GSTIN"), "AAPFU0939F", _by(pan, gstin), _is_indian_person),
    "IQ": Kind(_("Tax number (TIN)"), "123456789", _like("[A-Z0-9]{3,30}"), keeps_spelling=True),
    "KG": Kind(_("Tax number (INN)"), "01234567890123", _like("[0-9]{14}")),
    # The fifth digit of a BIN says what kind of company; of a person's IIN it is part of the day of birth.
    "KZ": Kind(_("BIN"), "100140001234", _like("[0-9]{4}[4-6][0-9]{7}"), _like("[0-9]{4}[0-3][0-9]{7}")),
    # A company's number begins with 1, a person's (IDNP) with 2.
    "MD": Kind(_("IDNO"), "1008600038413", _both(_by(idno), _like("1.*")), _like("2[0-9]{12}")),
    "MM": Kind(_("Tax number (TIN)"), "123456789", _like("[A-Z0-9]{3,30}"), keeps_spelling=True),
    "PL": Kind(_("Tax number (NIP)"), "526-025-02-74", _by(nip), _by(pesel)),
    "RU": Kind(_("Tax number (INN)"), "1234567894", _both(_by(inn), _like("[0-9]{10}")), _like("[0-9]{12}")),
    "SA": Kind(_("Tax number (TIN)"), "3001234567", _like("[0-9]{10}|[0-9]{15}")),
    "SS": Kind(_("Tax number (TIN)"), "123456789", _like("[A-Z0-9]{3,30}"), keeps_spelling=True),
    "TH": Kind(_("Tax number (TIN)"), "0-99-4-000-61772-1", _by(moa), _by(thai_pin)),
    "TJ": Kind(_("Tax number (INN)"), "123456789", _like("[A-Z0-9]{3,30}"), keeps_spelling=True),
    "TR": Kind(_("Tax number (VKN)"), "4540536920", _by(vkn), _by(tckimlik)),
    "UA": Kind(_("EDRPOU code"), "32855961", _by(edrpou), _by(rntrc)),
    "US": Kind(_("EIN"), "91-1144442", _by(ein), _like("[0-9]{3}-[0-9]{2}-[0-9]{4}")),
    # A person's PINFL has fourteen digits.
    "UZ": Kind(_("Tax number (INN)"), "123456789", _like("[0-9]{9}"), _like("[0-9]{14}")),
    # V and E are people born here and elsewhere, P is a passport.
    "VE": Kind(_("RIF"), "J-07013380-5", _both(_by(rif), _like("[JGC].*")), _both(_by(rif), _like("[VEP].*"))),
    "VN": Kind(_("Tax number (MST)"), "0100233488", _by(mst), _like("[0-9]{12}")),
    "ZA": Kind(_("Tax reference number (TRN)"), "0001339050", _by(za_tin), _by(idnr)),
}

# A number is shown and not required here (facts 2.6: the table for partners lists these two besides).
OPTIONAL_COUNTRIES = frozenset({"US", "CN"})


def kind_of(country: str) -> Kind | None:
    """What to ask a company in this country for; None where nothing is asked."""
    if rules.needs_registration_number(country) or country in OPTIONAL_COUNTRIES:
        return KINDS.get(country, ANY_KIND)
    return None


def compact(country: str, typed: str) -> str:
    """The number as it is stored: without the signs that only make it readable, where the form is known."""
    plain = _plain(typed)
    kind = KINDS.get(country, ANY_KIND)
    bare = _bare(country, plain)
    return bare if not kind.keeps_spelling and kind.is_company(bare) else plain


def why_not(country: str, typed: str) -> str | Promise | None:
    """What to do about a number that a company in this country cannot have; None for one that it can."""
    kind = KINDS.get(country, ANY_KIND)
    plain = _plain(typed)
    bare = _bare(country, plain)
    words = {"label": addresses.in_sentence(kind.label), "example": kind.example}
    if kind.is_person(plain) or kind.is_person(bare):
        return (
            _("Enter the company's %(label)s, for example %(example)s; a person's number must not be entered") % words
        )
    if ANY_SHAPE.fullmatch(plain) is None:
        return _("Enter the %(label)s with letters and digits, for example %(example)s") % words
    if not kind.is_company(bare):
        return _("Check the %(label)s: a company's is complete and without typing errors, like %(example)s") % words
    return None


def _plain(typed: str) -> str:
    """In capitals, with western digits and plain signs, single blanks."""
    wide = unicodedata.normalize("NFKC", typed)
    digits = "".join(str(unicodedata.decimal(ch)) if ch.isdecimal() else ch for ch in wide)
    signs = "".join("-" if unicodedata.category(ch) == "Pd" else ch for ch in digits)
    return " ".join(signs.upper().split())


def _bare(country: str, plain: str) -> str:
    """Without separators, and without the country's own letters in front of a VAT number."""
    bare = SEPARATORS.sub("", plain)
    return bare.removeprefix(country) if country in ("PL", "HU") else bare
