"""customers.registration: each country's own number, and no person's."""

import pytest
from django_countries import countries

from customers import registration, rules

EVERY_COUNTRY = [code for code, _name in countries]


def test_is_asked_in_26_countries() -> None:
    asked = {code for code in EVERY_COUNTRY if registration.kind_of(code) is not None}
    assert asked == rules.REGISTRATION_COUNTRIES | {"US", "CN"}


@pytest.mark.parametrize("country", sorted(registration.KINDS))
def test_every_example_is_right_and_every_kind_has_a_name(country: str) -> None:
    kind = registration.KINDS[country]
    assert registration.why_not(country, kind.example) is None
    assert str(kind.label)


@pytest.mark.parametrize(
    ("country", "typed", "stored"),
    [
        ("PL", "PL 526-025-02-74", "5260250274"),
        ("PL", "５２６０２５０２７４", "5260250274"),
        ("BR", "16.727.230/0001-97", "16727230000197"),
        ("HU", "HU12892312", "12892312"),
        ("HU", "12892312–2–42", "12892312242"),
        ("RU", "1234567894", "1234567894"),
        ("UA", "3285 5961", "32855961"),
        ("BY", "200 988 541", "200988541"),
        ("IN", "aapfu0939f", "AAPFU0939F"),
        ("IN", "27AAPFU0939F1ZV", "27AAPFU0939F1ZV"),
        ("TH", "0-99-4-000-61772-1", "0994000617721"),
        ("VE", "J-07013380-5", "J070133805"),
        ("VN", "0314409058-002", "0314409058002"),
        ("US", "91-1144442", "911144442"),
        ("CN", "91110000600037341l", "91110000600037341L"),
        ("SA", "٣٠٠١٢٣٤٥٦٧", "3001234567"),
        ("AE", "ab 12/3-4.5", "AB 12/3-4.5"),
        ("IQ", "  12  34 ", "12 34"),
        ("SE", "556036-0793", "556036-0793"),
    ],
)
def test_is_stored_in_one_form(country: str, typed: str, stored: str) -> None:
    assert registration.why_not(country, typed) is None
    assert registration.compact(country, typed) == stored


@pytest.mark.parametrize(
    ("country", "typed"),
    [
        ("PL", "44051401359"),
        ("RU", "123456789047"),
        ("BR", "390.533.447-05"),
        ("BY", "MA1953684"),
        ("IN", "ACUPA7085R"),
        ("KZ", "850101300123"),
        ("MD", "2004012345678"),
        ("TH", "1-2345-45678-78-1"),
        ("TR", "17291716060"),
        ("UA", "1759013776"),
        ("UZ", "31234567890123"),
        ("VE", "V-11470283-4"),
        ("ZA", "7503305044089"),
        ("US", "536-90-4399"),
        ("CN", "360426199101010071"),
    ],
)
def test_a_persons_number_is_refused_in_words(country: str, typed: str) -> None:
    reason = str(registration.why_not(country, typed))
    assert "a person's number must not be entered" in reason
    assert str(registration.KINDS[country].example) in reason


@pytest.mark.parametrize(
    ("country", "typed"),
    [
        ("PL", "5260250275"),
        ("PL", "526025027"),
        ("BR", "16727230000198"),
        ("HU", "12892313"),
        ("RU", "1234567895"),
        ("AM", "1234567"),
        ("KZ", "100170001234"),
        ("US", "07-1144442"),
        ("SA", "1234"),
    ],
)
def test_a_typing_error_is_found(country: str, typed: str) -> None:
    reason = str(registration.why_not(country, typed))
    assert reason.startswith("Check the ")
    assert "like " in reason


@pytest.mark.parametrize("typed", ["--", "/", "😀😀😀", "12\u202e34", "ab", "a" * 31, "ЖЖЖЖ", "12_34", " ", ""])
@pytest.mark.parametrize("country", [*sorted(registration.KINDS), "SE"])
def test_what_is_no_number_anywhere(country: str, typed: str) -> None:
    assert registration.why_not(country, typed) is not None
    registration.compact(country, typed)  # and nothing breaks
