"""orders.rules.lifecycle: terms, what can be given back, the state machine. Against plain counting where it pays."""

import calendar
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import rules
from orders.models import SubscriptionStatus
from orders.rules.lifecycle import REFUND_WINDOW

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
terms = st.sampled_from(sorted(rules.MONTHS))


def ends(started_at: datetime, term: str, count: int) -> list[datetime]:
    """The ends of its first terms."""
    found = [started_at]
    for _ in range(count):
        found.append(rules.term_end(started_at=started_at, term=term, after=found[-1]))
    return found[1:]


def test_a_month_from_the_31st_ends_on_the_last_day_and_comes_back_to_the_31st() -> None:
    days = [f"{end:%m-%d %H}" for end in ends(NOON, "P1M", 4)]
    assert days == ["02-28 12", "03-31 12", "04-30 12", "05-31 12"]


def test_a_year_from_the_29th_of_february_ends_on_the_28th_until_there_is_a_29th() -> None:
    leap = NOON.replace(year=2028, month=2, day=29)
    assert [f"{end:%Y-%m-%d}" for end in ends(leap, "P1Y", 4)] == [
        "2029-02-28",
        "2030-02-28",
        "2031-02-28",
        "2032-02-29",
    ]
    assert [f"{end:%Y-%m-%d}" for end in ends(leap, "P3Y", 2)] == ["2031-02-28", "2034-02-28"]


@given(moments, terms)
def test_terms_follow_one_another_without_gap_on_the_day_of_the_first(started_at: datetime, term: str) -> None:
    found = ends(started_at, term, 30)
    months = [moment.year * 12 + moment.month for moment in [started_at, *found]]
    assert {later - earlier for earlier, later in pairwise(months)} == {rules.MONTHS[term]}
    for end in found:
        assert end.day == min(started_at.day, calendar.monthrange(end.year, end.month)[1])
        assert end.timetz() == started_at.timetz()


@given(moments, terms, st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_the_end_is_the_first_one_behind_a_moment(started_at: datetime, term: str, passed: timedelta) -> None:
    after = started_at + passed
    end = rules.term_end(started_at=started_at, term=term, after=after)
    known = ends(started_at, term, 140 // rules.MONTHS[term] + 2)
    assert end == next(each for each in known if each > after)


class Seat(NamedTuple):
    until: datetime


def oracle(history: list[rules.CountChange], now: datetime) -> list[datetime]:
    """Seat by seat: until when each can be given back, for those that still can. One given back is one that can,
    the one with the least time left.
    """
    seats: list[Seat] = []
    for change in history:
        until = Seat(change.at + REFUND_WINDOW)
        if change.is_new_term:
            seats = [until] * change.quantity
        while len(seats) < change.quantity:
            seats.append(until)
        while len(seats) > change.quantity:
            back = min((seat for seat in seats if seat.until >= change.at), default=seats[0])
            seats.remove(back)
    return sorted(seat.until for seat in seats if seat.until >= now)


@st.composite
def histories(draw: st.DrawFn) -> list[rules.CountChange]:
    """What people may have done: never down by more than can be given back."""
    moment, quantity = NOON, draw(st.integers(1, 12))
    history = [rules.CountChange(moment, quantity, is_new_term=True)]
    for _ in range(draw(st.integers(0, 12))):
        moment += draw(st.timedeltas(timedelta(0), timedelta(days=5)))
        if draw(st.integers(0, 5)) == 0:
            history.append(rules.CountChange(moment, quantity, is_new_term=True))
            continue
        lowest = max(quantity - len(oracle(history, moment)), 1)
        quantity = draw(st.integers(lowest, quantity + 6))
        history.append(rules.CountChange(moment, quantity, is_new_term=False))
    return history


@given(histories(), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_what_can_be_given_back_is_what_counting_seats_says(
    history: list[rules.CountChange], later: timedelta
) -> None:
    now = history[-1].at + later
    found = rules.refundable(history, now=now)
    assert sorted(each.until for each in found for _ in range(each.quantity)) == oracle(history, now)
    assert [each.until for each in found] == sorted(each.until for each in found)


def test_seven_days_to_the_second() -> None:
    history = [rules.CountChange(NOON, 5, is_new_term=True)]
    assert rules.refundable(history, now=NOON + REFUND_WINDOW) == [rules.Refundable(5, NOON + REFUND_WINDOW)]
    assert rules.refundable(history, now=NOON + REFUND_WINDOW + SECOND) == []


def down(wanted: int, *refundable: int, current: int = 10) -> str:
    seats = [rules.Refundable(count, NOON) for count in refundable]
    status = {"status": "active"}
    return str(rules.why_cannot_change_licences(**status, current=current, wanted=wanted, refundable=seats) or "")


def test_down_by_what_can_be_given_back_only() -> None:
    assert down(7, 2, 1) == ""
    assert down(6, 2, 1).startswith("Enter 7 or more licences")
    assert "within 7 days" in down(9)
    assert "differs" in down(10, 3)
    assert down(11) == ""


@pytest.mark.parametrize("status", [status for status in SubscriptionStatus.values if status != "active"])
def test_only_the_licences_of_an_active_one_change(status: str) -> None:
    refused = rules.why_cannot_change_licences(status=status, current=5, wanted=6, refundable=[])
    assert str(refused).startswith("Only the licences of an active subscription")


class Bounds(NamedTuple):
    min_quantity: int = 3
    max_quantity: int = 300


@given(st.integers(3, 300), st.integers(0, 300), st.integers(-5, 310), st.booleans())
def test_the_range_that_is_shown_is_the_range_that_is_allowed(
    current: int, back: int, wanted: int, is_sandbox: bool
) -> None:
    refundable = [rules.Refundable(min(back, current), NOON)] if back else []
    lowest, highest = rules.licence_range(Bounds(), current=current, refundable=refundable, is_sandbox=is_sandbox)
    refused = (
        rules.why_cannot_change_licences(status="active", current=current, wanted=wanted, refundable=refundable)
        or rules.why_not_quantity(Bounds(), wanted)
        or rules.why_not_in_sandbox(is_sandbox=is_sandbox and wanted > current, quantity=wanted)
    )
    assert (refused is None) == (lowest <= wanted <= highest and wanted != current)


def test_the_ways_are_those_of_partner_center() -> None:
    ways = {(before, after) for before, ends in rules.TRANSITIONS.items() for after in ends}
    assert ways == {
        ("pending", "active"),
        ("pending", "deleted"),
        ("active", "suspended"),
        ("active", "expired"),
        ("active", "deleted"),
        ("suspended", "active"),
        ("suspended", "disabled"),
        ("suspended", "deleted"),
        ("expired", "disabled"),
        ("disabled", "deleted"),
    }
    assert set(rules.TRANSITIONS) == set(SubscriptionStatus.values)


@pytest.mark.parametrize(
    ("status", "auto_renew", "is_sold", "step"),
    [
        ("active", True, True, rules.Step("active", is_renewed=True)),
        ("active", True, False, rules.Step("expired", stays_for=timedelta(days=30))),
        ("active", False, True, rules.Step("expired", stays_for=timedelta(days=30))),
        ("suspended", True, True, rules.Step("disabled", stays_for=timedelta(days=120))),
        ("expired", True, True, rules.Step("disabled", stays_for=timedelta(days=90))),
        ("disabled", True, True, rules.Step("deleted")),
        ("deleted", True, True, None),
        ("pending", True, True, None),
    ],
)
def test_what_the_passing_of_time_does(status: str, auto_renew: bool, is_sold: bool, step: rules.Step | None) -> None:
    assert rules.step_when_due(status=status, auto_renew=auto_renew, is_sold=is_sold) == step


@pytest.mark.parametrize(
    ("status", "quantity", "refundable", "is_sandbox", "may"),
    [
        ("active", 5, 5, False, True),
        ("suspended", 5, 5, False, True),
        ("active", 5, 4, False, False),
        ("active", 5, 0, False, False),
        ("active", 5, 0, True, True),
        ("expired", 5, 5, True, False),
        ("deleted", 5, 5, True, False),
    ],
)
def test_a_subscription_is_cancelled_while_all_of_it_can_be_given_back(
    status: str, quantity: int, refundable: int, is_sandbox: bool, may: bool
) -> None:
    seats = [rules.Refundable(refundable, NOON)] if refundable else []
    refused = rules.why_cannot_cancel(status=status, quantity=quantity, refundable=seats, is_sandbox=is_sandbox)
    assert (refused is None) == may
