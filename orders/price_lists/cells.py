"""What one cell of a price list says. What cannot be read for certain is refused, with what to write instead."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

from django.utils.translation import gettext as _
from django_countries import countries

from orders.models import BillingPlan, Segment, Term
from orders.price_lists.currencies import CURRENCIES

# Microsoft's way of writing "without end".
NEVER = date(9999, 12, 31)
ENDLESS = 9_999_999
MAX_QUANTITY = 1_000_000
MAX_DECIMALS, MAX_WHOLE_DIGITS = 4, 10

T = TypeVar("T", bound=str)

_CODE = re.compile(r"[0-9A-Za-z]{1,20}")
_PLAIN = re.compile(r"\d+(\.\d+)?")
_GROUPED = r"\d{1,3}(?:%s\d{3})+"
_CLOCK = r"(\d{1,2}:\d{2}(?::\d{2})?)(?:[.,]\d+)? ?(Z|[+-]\d{2}:?\d{2})?"
_ISO = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}})(?:[T ]{_CLOCK})?")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: \d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?)?")
_SEGMENTS = {"charity": Segment.NONPROFIT, "non-profit": Segment.NONPROFIT, **{each.value: each for each in Segment}}
_PLANS = {each.value: each for each in BillingPlan}
_TERMS = {each.value: each for each in Term}


class CellRefused(ValueError):
    """What is wrong with a cell, and what to write."""


def text(said: str, *, longest: int) -> str:
    if len(said) > longest:
        raise CellRefused(_("Use %(count)d or fewer characters") % {"count": longest})
    return said


def product_code(said: str) -> str:
    if not _CODE.fullmatch(said):
        raise CellRefused(_("Enter an id of up to 20 letters and digits"))
    return said.upper()


def sku_code(said: str) -> str:
    """A number gets back the zeros that spreadsheets take away: 1 is 0001."""
    code = product_code(said)
    return code.zfill(4) if code.isdecimal() else code


def market(said: str) -> str:
    code = said.upper()
    if code not in countries.countries:
        raise CellRefused(_("Enter a country or region as two letters, like PL or US"))
    return code


def currency(said: str) -> str:
    code = said.upper()
    if code not in CURRENCIES:
        raise CellRefused(_("Enter a currency as three letters, like EUR or USD"))
    return code


def term(said: str) -> Term:
    return _one_of(_TERMS, said.upper())


def billing_plan(said: str) -> BillingPlan:
    return _one_of(_PLANS, said.casefold())


def segment(said: str) -> Segment:
    return _one_of(_SEGMENTS, said.casefold()) if said else Segment.COMMERCIAL


def _one_of(known: Mapping[str, T], said: str) -> T:
    if said not in known:
        raise CellRefused(_("Enter one of: %(names)s") % {"names": ", ".join(dict.fromkeys(known.values()))})
    return known[said]


def price(said: str) -> Decimal:
    amount = _number(said)
    whole, _point, decimals = f"{amount:f}".partition(".")
    if len(decimals.rstrip("0")) > MAX_DECIMALS:
        raise CellRefused(_("Use %(count)d or fewer decimals") % {"count": MAX_DECIMALS})
    if len(whole) > MAX_WHOLE_DIGITS:
        raise CellRefused(_("This amount is too large"))
    return amount.quantize(Decimal("0.0001"))


def optional_price(said: str) -> Decimal | None:
    return price(said) if said else None


def lowest(said: str) -> int:
    """The first quantity of a tier."""
    return _quantity(said) if said else 1


def highest(said: str) -> int | None:
    """The last quantity of a tier, None where it has no end."""
    if not said:
        return None
    count = _whole(said)
    return None if count >= ENDLESS else _quantity(said)


def _quantity(said: str) -> int:
    count = _whole(said)
    if not 1 <= count <= MAX_QUANTITY:
        raise CellRefused(_("Enter a number from 1 to %(count)s") % {"count": f"{MAX_QUANTITY:,}"})
    return count


def _whole(said: str) -> int:
    amount = _number(said)
    if amount != int(amount):
        raise CellRefused(_("Enter a whole number"))
    return int(amount)


def _number(said: str) -> Decimal:
    """A number with a decimal point, or as spreadsheets of other languages write it, where that is unambiguous."""
    bare = said.strip()
    if bare.startswith("-"):
        raise CellRefused(_("Enter a number that is not below 0"))
    plain = _plain(bare)
    if plain is None or len(plain) > 40:
        raise CellRefused(_("Enter a number like 1234.50"))
    return Decimal(plain)


def _plain(said: str) -> str | None:
    """The number with a decimal point and nothing else, None where it is no number."""
    if said.isascii() and _PLAIN.fullmatch(said):
        return said
    for space in ("\u00a0", "\u202f", "’", "'"):
        said = said.replace(space, " ")
    point = max(said.rfind("."), said.rfind(","))
    mark = said[point] if point >= 0 else ""
    whole, decimals = (said[:point], said[point + 1 :]) if said.count(mark or "?") == 1 else (said, "")
    if mark == "," and len(decimals) == 3 and whole.isdecimal() and len(whole) <= 3 and whole != "0":
        raise CellRefused(_("Write %(one)s as 1234.50: the comma may mean thousands or decimals") % {"one": said})
    if mark and whole != said and not decimals.isdecimal():
        return None
    for sign in {" ", ".", ","} - ({mark} if whole != said else set()):
        if re.fullmatch(_GROUPED % re.escape(sign), whole):
            whole = whole.replace(sign, "")
    if not (whole.isascii() and whole.isdecimal()):
        return None
    return f"{whole}.{decimals}" if decimals else whole


def day(said: str) -> date:
    """ISO 8601 or the American way, with or without a time; days are UTC days."""
    found = _ISO.fullmatch(said)
    try:
        if found:
            return _iso_day(found)
        american = _AMERICAN.fullmatch(said)
        if american:
            return date(int(american[3]), int(american[1]), int(american[2]))
    except (ValueError, OverflowError):
        pass
    raise CellRefused(_("Enter a date like 2026-01-31"))


def _iso_day(found: re.Match[str]) -> date:
    plain = date(int(found[1]), int(found[2]), int(found[3]))
    clock, zone = found[4], found[5]
    if plain == NEVER or not clock or zone in (None, "Z"):
        return plain
    return datetime.fromisoformat(f"{plain}T{clock.zfill(5)}{zone}").astimezone(UTC).date()


def last_day(said: str) -> date | None:
    """None where it has no end."""
    found = day(said) if said else NEVER
    return None if found == NEVER else found
