"""How far an address can be trusted, in Partner Center's words (facts 2.5). Works offline: no street is looked up."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers import addresses


class AddressStatus(StrEnum):
    """The two verified ones may be used as they are; for the others somebody has to look."""

    VERIFIED_SHIPPABLE = "VerifiedShippable"
    VERIFIED = "Verified"
    INTERACTION_REQUIRED = "InteractionRequired"
    STREET_PARTIAL = "StreetPartial"
    PREMISES_PARTIAL = "PremisesPartial"
    NONE = "None"
    NOT_VALIDATED = "NotValidated"


MESSAGES: dict[AddressStatus, str | Promise] = {
    AddressStatus.VERIFIED_SHIPPABLE: gettext_lazy("The address fits its country or region."),
    AddressStatus.VERIFIED: gettext_lazy("The address fits its country or region as far as it can be checked."),
    AddressStatus.INTERACTION_REQUIRED: gettext_lazy("Compare the address with the suggested one and choose."),
    AddressStatus.STREET_PARTIAL: gettext_lazy("The street has no house number. Check it."),
    AddressStatus.PREMISES_PARTIAL: gettext_lazy("The house number has no street. Check it."),
}
# What stands for a number in front of a street's name: One Microsoft Way.
NUMBER_WORDS = frozenset("one two three four five six seven eight nine ten eleven twelve".split())


@dataclass(frozen=True)
class Verdict:
    """suggested: the address in our field names, as it fits or as it was probably meant; None where nothing is."""

    status: AddressStatus
    message: str | Promise
    suggested: dict[str, str] | None = None


def judge(country: str, typed: Mapping[str, str]) -> Verdict:
    """country: ISO 3166 in capitals, "" for none; typed: address_line1, address_line2, city, state, postal_code.

    A code, a state or a city is compared with what is known of the country; whether the house stands there is not.
    """
    if addresses.rules_for(country) is addresses.ANY_COUNTRY:
        return Verdict(AddressStatus.NOT_VALIDATED, _("No rules are known for this country or region."))
    given = {name: typed.get(name, "").strip() for name in addresses.PARTS.values()}
    meant = addresses.suggestion(country, given)
    wrong = addresses.mistakes(country, meant or given)
    if wrong:
        return Verdict(AddressStatus.NONE, "; ".join(str(advice) for advice in wrong.values()))
    line2 = typed.get("address_line2", "").strip()
    status = AddressStatus.INTERACTION_REQUIRED if meant else _of_street(f"{given['address_line1']} {line2}")
    if status is None:
        is_whole = _is_checkable(country, given["postal_code"])
        status = AddressStatus.VERIFIED_SHIPPABLE if is_whole else AddressStatus.VERIFIED
    is_known = status not in (AddressStatus.STREET_PARTIAL, AddressStatus.PREMISES_PARTIAL)
    suggested = {**(meant or given), "address_line2": line2} if is_known else None
    return Verdict(status, MESSAGES[status], suggested)


def _of_street(line: str) -> AddressStatus | None:
    """What is missing of street and number, None where both are there."""
    words = line.casefold().split()
    if not any(ch.isdigit() for ch in line) and not (words and words[0] in NUMBER_WORDS):
        return AddressStatus.STREET_PARTIAL
    return None if any(ch.isalpha() for ch in line) else AddressStatus.PREMISES_PARTIAL


def _is_checkable(country: str, postal_code: str) -> bool:
    """Whether all of the code could be compared: a delivery point behind it (98052-8300) cannot, nor can no code."""
    is_extended = country == "US" and re.fullmatch(r"\d{5}[ -]\d{4}", postal_code) is not None
    return bool(postal_code) and not is_extended
