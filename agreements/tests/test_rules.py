"""agreements.rules and agreements.languages: decisions over values."""

from datetime import date, timedelta

import pytest
from django_countries import countries
from hypothesis import given
from hypothesis import strategies as st

from agreements import rules
from agreements.languages import LANGUAGES_OF, NOT_OFFERED, languages_for

FIRST = date(2019, 10, 1)
PERSON = {"first_name": "A", "last_name": "B", "email": "a@b.example", "phone": ""}
days = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))


@given(agreed_on=days, today=days)
def test_a_date_is_fine_from_the_first_version_to_today(agreed_on: date, today: date) -> None:
    is_fine = rules.why_not_agreed_on(agreed_on, today=today, effective_on=FIRST) is None
    assert is_fine is (FIRST <= agreed_on <= today)


def test_without_a_version_there_is_nothing_to_accept() -> None:
    assert rules.why_not_agreed_on(FIRST, today=FIRST, effective_on=None)


def test_the_future_is_named_before_the_past() -> None:
    reason = rules.why_not_agreed_on(FIRST + timedelta(1), today=FIRST, effective_on=FIRST + timedelta(9))
    assert "today or earlier" in str(reason)


@pytest.mark.parametrize("field", rules.PERSON_FIELDS)
def test_any_of_the_four_fields_makes_a_difference(field: str) -> None:
    same = rules.why_cannot_reconfirm(person=PERSON, recorded=PERSON, covers=True)
    assert same
    changed = {**PERSON, field: "other"}
    assert rules.why_cannot_reconfirm(person=changed, recorded=PERSON, covers=True) is None


def test_what_no_longer_covers_may_be_repeated() -> None:
    assert rules.why_cannot_reconfirm(person=PERSON, recorded=PERSON, covers=False) is None
    assert rules.why_cannot_reconfirm(person=PERSON, recorded=None, covers=True) is None


@pytest.mark.parametrize(
    ("kind", "note", "is_fine"),
    [("other", "", False), ("other", "  \n", False), ("other", "A fax.", True), ("email", "", True)],
)
def test_other_evidence_is_explained(kind: str, note: str, is_fine: bool) -> None:
    assert (rules.why_not_enough_evidence(kind=kind, note=note) is None) is is_fine


@pytest.mark.parametrize(
    ("is_correction", "is_withdrawn", "covers", "reason"),
    [
        (True, False, True, "correction"),
        (False, True, False, "correction"),
        (False, False, True, "new_signer"),
        (False, False, False, "renewal"),
    ],
)
def test_why_one_record_follows_another(is_correction: bool, is_withdrawn: bool, covers: bool, reason: str) -> None:
    found = rules.supersede_reason(is_correction=is_correction, is_withdrawn=is_withdrawn, covers=covers)
    assert found == reason


def test_every_country_reads_english_last() -> None:
    known = {code for code, _name in countries}
    for code in known:
        assert languages_for(code)[-1] == "en-US"
    assert set(LANGUAGES_OF) <= known
    assert known >= NOT_OFFERED
    assert languages_for("PL") == ["pl-PL", "en-US"]
