"""customers.addresses: each country's own rules, in words."""

import pytest
from django_countries import countries

from customers.addresses import ANY_COUNTRY, mistakes, postal_code_of, rules_for, state_of, suggestion

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
        ("US", SEATTLE, {"postal_code": "00-01"}, "postal_code", "Check the ZIP code"),
        ("US", SEATTLE, {"postal_code": "Seattle", "city": "98101"}, "postal_code", "Swap the city and the ZIP code"),
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


@pytest.mark.parametrize(
    ("country", "typed", "written"),
    [
        ("PL", "00950", "00-950"),
        ("PL", " 00 950 ", "00-950"),
        ("GB", "ec1y8sy", "EC1Y 8SY"),
        ("GB", "M25BQ", "M2 5BQ"),
        ("CA", "h3z2y7", "H3Z 2Y7"),
        ("NL", "1234ab", "1234 AB"),
        ("SE", "11122", "111 22"),
        ("SE", "SE-111 22", "111 22"),
        ("DE", "D-10115", "10115"),
        ("LV", "1010", "LV-1010"),
        ("JP", "〒１５４００２３", "154-0023"),
        ("US", "981011234", "98101-1234"),
        ("PL", "00-950", "00-950"),
        ("PL", "123", None),
        ("PL", "", None),
        ("AE", "12345", None),
        ("ZZ", "12345", None),
        ("PL", "0" * 10_000, None),
    ],
)
def test_writes_postal_codes_as_the_country_does(country: str, typed: str, written: str | None) -> None:
    assert postal_code_of(country, typed) == written


@pytest.mark.parametrize(
    ("country", "typed", "meant"),
    [
        ("PL", {"postal_code": "00950"}, {"postal_code": "00-950"}),
        ("US", {"postal_code": "98052", "state": "TX"}, {"state": "WA"}),
        ("US", {"postal_code": "98052", "state": "washington"}, {"state": "WA"}),
        ("US", {"postal_code": "98052"}, {"state": "WA"}),
        ("CA", {"postal_code": "h3z2y7", "state": "ON"}, {"postal_code": "H3Z 2Y7", "state": "QC"}),
        ("AU", {"postal_code": "2060", "state": "VIC"}, {"state": "NSW"}),
        ("CH", {"city": "8001", "postal_code": "Zürich"}, {"city": "Zürich", "postal_code": "8001"}),
        ("PL", {"city": "00-950 Warszawa"}, {"city": "Warszawa", "postal_code": "00-950"}),
        ("FR", {"city": "Paris 75008", "postal_code": "75008"}, {"city": "Paris"}),
    ],
)
def test_suggests_what_was_meant(country: str, typed: dict[str, str], meant: dict[str, str]) -> None:
    found = suggestion(country, typed)
    empty = {"address_line1": "", "city": "", "state": "", "postal_code": ""}
    assert found == {**empty, **typed, **meant}
    assert suggestion(country, found) is None, "a suggestion is followed by no other"


@pytest.mark.parametrize(
    ("country", "typed"),
    [
        ("PL", WARSAW),
        ("US", SEATTLE),
        ("HU", {"city": "Budapest VIII", "postal_code": "1081"}),
        ("PL", {"city": "Warszawa", "postal_code": "nonsense"}),
        ("US", {"city": "Seattle", "postal_code": "98101", "state": "Nowhere"}),
        ("ZZ", {"postal_code": "1"}),
        ("", {}),
    ],
)
def test_leaves_alone_what_nothing_better_is_known_of(country: str, typed: dict[str, str]) -> None:
    assert suggestion(country, typed) is None


@pytest.mark.parametrize(
    ("country", "typed"),
    [
        ("PL", {**WARSAW, "postal_code": "00950"}),
        ("US", {**SEATTLE, "state": "TX"}),
        ("US", {**SEATTLE, "state": "washington"}),
    ],
)
def test_another_spelling_and_another_state_are_for_the_person_to_decide(country: str, typed: dict[str, str]) -> None:
    assert mistakes(country, typed) == {}


def test_finds_states_by_code_and_by_name_in_every_spelling() -> None:
    assert [state_of("US", name) for name in ("wa", "WASHINGTON", "Nowhere", "")] == ["WA", "WA", None, None]
    assert state_of("BR", "Sao Paulo") == "SP"
    assert state_of("ZZ", "WA") is None
