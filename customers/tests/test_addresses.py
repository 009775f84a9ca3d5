"""customers.addresses: each country's own rules, in words."""

import pytest
from django_countries import countries

from customers.addresses import ANY_COUNTRY, mistakes, rules_for

WARSAW = {"address_line1": "ul. Prosta 1", "city": "Warszawa", "postal_code": "00-001", "state": ""}
SEATTLE = {"address_line1": "1 Main St", "city": "Seattle", "state": "WA", "postal_code": "98101"}


def test_accepts_what_a_country_accepts() -> None:
    assert mistakes("PL", WARSAW) == {}
    assert mistakes("US", SEATTLE) == {}


@pytest.mark.parametrize(
    ("country", "address", "changed", "field", "words"),
    [
        ("PL", WARSAW, {"postal_code": "123"}, "postal_code", "looks like"),
        ("PL", WARSAW, {"postal_code": ""}, "postal_code", "Enter the"),
        ("PL", WARSAW, {"city": ""}, "city", "Enter the city"),
        ("PL", WARSAW, {"address_line1": ""}, "address_line1", "Enter the address line 1"),
        ("US", SEATTLE, {"state": ""}, "state", "Choose the state from the list"),
        ("US", SEATTLE, {"state": "Nowhere"}, "state", "Choose the state from the list"),
        ("US", SEATTLE, {"postal_code": "00-001"}, "postal_code", "Check the ZIP code"),
        ("US", SEATTLE, {"postal_code": "10001"}, "postal_code", "must fit the rest"),
    ],
)
def test_says_what_to_do(
    country: str, address: dict[str, str], changed: dict[str, str], field: str, words: str
) -> None:
    found = mistakes(country, {**address, **changed})
    assert field in found
    assert words in str(found[field])


def test_labels_follow_the_country() -> None:
    assert str(rules_for("US").state_label) == "State"
    assert str(rules_for("US").postal_code_label) == "ZIP code"
    assert str(rules_for("IN").postal_code_label) == "PIN code"
    assert str(rules_for("IE").postal_code_label) == "Eircode"
    assert str(rules_for("CA").state_label) == "Province"
    assert ("WA", "Washington") in rules_for("US").states


def test_an_unknown_country_asks_for_little_and_refuses_nothing() -> None:
    assert rules_for("") is ANY_COUNTRY
    assert mistakes("", {}) == {}


@pytest.mark.parametrize("country", [code for code, _name in countries])
def test_every_country_that_can_be_chosen_has_rules_and_labels(country: str) -> None:
    rules = rules_for(country)
    assert rules.required <= rules.used
    assert str(rules.state_label)
    assert str(rules.postal_code_label)
    for advice in mistakes(country, {}).values():
        assert not str(advice).endswith(".")
        assert "%(" not in str(advice)


NO_COUNTRIES = (
    "",
    "all",
    "ALL",
    "pl",
    "P",
    "PLN",
    "ZZ",
    "XX",
    "PL\n",
    "ＰＬ",
    "..",
    "a/",
    "\x00",
    "\ud800",
    "A" * 10_240,
)


@pytest.mark.parametrize("country", NO_COUNTRIES, ids=range(len(NO_COUNTRIES)))
def test_what_is_no_country_refuses_nothing(country: str) -> None:
    assert rules_for(country) is ANY_COUNTRY
    assert mistakes(country, WARSAW) == {}
    assert mistakes(country, {}) == {}
