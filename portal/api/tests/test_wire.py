"""What every body is made of: names, times, choices, amounts."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from portal.api.v1.wire import Amount, Collection, Wire, WireTime, choice


class Part(Wire):
    first_name: str = ""


class Body(Wire):
    part: Part | None = None
    billing_cycle: choice("monthly", "annual", "one_time") | None = None  # type: ignore[valid-type]  # made by a function
    date_agreed: WireTime | None = None
    total_price: Amount | None = None


@pytest.mark.parametrize("name", ["firstName", "FirstName", "firstname", "FIRSTNAME", "first_name"])
def test_names_are_matched_in_any_case_at_every_depth(name: str) -> None:
    assert Body.model_validate({"Part": {name: "Ada"}}).part == Part(first_name="Ada")


def test_null_is_as_good_as_absent_and_strangers_are_left_aside() -> None:
    body = Body.model_validate({"Part": {"FirstName": None, "Attributes": {"Etag": "x"}}, "Links": None, "id": 7})
    assert body.part == Part(first_name="")


@pytest.mark.parametrize("spelling", ["one_time", "OneTime", "oneTime", "ONE_TIME", "onetime"])
def test_a_choice_is_taken_in_any_spelling_and_given_in_its_own(spelling: str) -> None:
    body = Body.model_validate({"billingCycle": spelling})
    assert body.model_dump(by_alias=True, exclude_none=True) == {"billingCycle": "one_time"}


@pytest.mark.parametrize("value", ["weekly", "", 7, ["annual"], {"annual": 1}])
def test_what_is_no_choice_is_named(value: object) -> None:
    with pytest.raises(ValidationError, match="monthly, annual, one_time"):
        Body.model_validate({"billingCycle": value})


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-03-01T00:00:00.000Z", datetime(2021, 3, 1, tzinfo=UTC)),
        ("2019-08-26T00:00:00", datetime(2019, 8, 26, tzinfo=UTC)),
        ("2026-11-14T05:02:01.1234567Z", datetime(2026, 11, 14, 5, 2, 1, 123456, tzinfo=UTC)),
        ("2026-11-14T05:02:01.123456789+02:00", datetime(2026, 11, 14, 3, 2, 1, 123456, tzinfo=UTC)),
        ("2026-11-14", datetime(2026, 11, 14, tzinfo=UTC)),
        ("0001-01-01T00:00:00", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59.9999999-05:00", datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_a_time_has_any_precision_and_any_zone(text: str, moment: datetime) -> None:
    assert Body.model_validate({"dateAgreed": text}).date_agreed == moment


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01T00:00:00Z", "2026-11-14T25:00:00Z", 20261114, "２０２６-11-14"]
)
def test_what_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        Body.model_validate({"dateAgreed": text})


def test_answers_are_in_camel_case_without_nulls_and_with_numbers_for_amounts() -> None:
    body = Body(date_agreed=datetime(2026, 1, 10, tzinfo=UTC), total_price=Decimal("12.50"))
    assert body.model_dump_json(by_alias=True, exclude_none=True) == (
        '{"dateAgreed":"2026-01-10T00:00:00Z","totalPrice":12.5}'
    )


def test_a_collection_counts_and_says_what_it_is() -> None:
    items = Collection[Part](total_count=1, items=[Part(first_name="Ada")])
    assert items.model_dump(by_alias=True, exclude_none=True) == {
        "totalCount": 1,
        "items": [{"firstName": "Ada"}],
        "attributes": {"objectType": "Collection"},
    }
