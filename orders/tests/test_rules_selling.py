"""orders.rules.selling: prices by day and quantity against plain counting; segments, add-ons, the sandbox."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import rules

MOST, DAYS = 12, 8
FIRST = date(2026, 1, 1)


@dataclass(frozen=True, eq=False)
class Sold:
    """A price without a database."""

    tier_min: int
    tier_max: int | None
    effective_from: date
    effective_until: date | None


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def made(numbers: tuple[int, int | None, int, int | None]) -> Sold:
    tier_min, wide, start, length = numbers
    return Sold(
        tier_min,
        None if wide is None else tier_min + wide,
        day(start),
        None if length is None else day(start + length),
    )


# The database holds one price a first quantity and first day.
PRICES = st.lists(
    st.tuples(
        st.integers(1, MOST),
        st.none() | st.integers(0, MOST),
        st.integers(0, DAYS),
        st.none() | st.integers(0, DAYS),
    ).map(made),
    max_size=7,
    unique_by=lambda price: (price.tier_min, price.effective_from),
)
QUANTITIES, ON = st.integers(1, 2 * MOST + 2), st.integers(-1, 2 * DAYS + 1).map(day)


def counted(prices: list[Sold], quantity: int, on: date) -> Sold | None:
    """Day by day and licence by licence: what began last holds, and of what began together the higher tier."""
    holding = None
    for start in (day(number) for number in range(DAYS + 1)):
        for first in range(1, MOST + 1):
            for price in prices:
                if (price.effective_from, price.tier_min) != (start, first) or start > on or first > quantity:
                    continue
                is_over = price.effective_until is not None and price.effective_until < on
                is_past = price.tier_max is not None and price.tier_max < quantity
                holding = holding if is_over or is_past else price
    return holding


@given(PRICES, QUANTITIES, ON)
def test_the_price_in_force_is_the_one_that_counting_finds(prices: list[Sold], quantity: int, on: date) -> None:
    assert rules.price_in_force(prices, quantity=quantity, on=on) is counted(prices, quantity, on)


@given(st.permutations(range(5)), QUANTITIES, ON)
def test_the_order_in_which_prices_are_read_says_nothing(order: list[int], quantity: int, on: date) -> None:
    prices = [Sold(1 + number, None, day(number % 3), None) for number in range(5)]
    shuffled = [prices[number] for number in order]
    found = rules.price_in_force(prices, quantity=quantity, on=on)
    assert rules.price_in_force(shuffled, quantity=quantity, on=on) is found


def tier_of(tiers: list[rules.Tier[Sold]], quantity: int) -> list[rules.Tier[Sold]]:
    return [tier for tier in tiers if tier.tier_min <= quantity and (not tier.tier_max or quantity <= tier.tier_max)]


@given(PRICES, QUANTITIES, ON)
def test_the_tiers_say_what_every_quantity_costs(prices: list[Sold], quantity: int, on: date) -> None:
    said = tier_of(rules.tiers_in_force(prices, on=on), quantity)
    assert [tier.price for tier in said] == [price for price in [counted(prices, quantity, on)] if price]


@given(PRICES, ON)
def test_the_tiers_stand_side_by_side_and_none_twice(prices: list[Sold], on: date) -> None:
    tiers = rules.tiers_in_force(prices, on=on)
    for one, following in pairwise(tiers):
        assert one.tier_max is not None
        assert one.tier_max < following.tier_min
        assert one.price is not following.price or one.tier_max + 1 < following.tier_min


def test_an_older_price_goes_on_above_a_newer_one() -> None:
    older, newer = Sold(1, None, day(0), None), Sold(1, 99, day(5), None)
    assert rules.tiers_in_force([older, newer], on=day(6)) == [(1, 99, newer), (100, None, older)]


def test_both_ends_of_a_day_and_of_a_tier_still_count() -> None:
    price = Sold(5, 9, day(1), day(3))
    holds = {
        (quantity, number)
        for quantity in range(1, 12)
        for number in range(6)
        if rules.price_in_force([price], quantity=quantity, on=day(number)) is price
    }
    assert holds == {(quantity, number) for quantity in range(5, 10) for number in range(1, 4)}


@given(st.decimals(0, 10_000, places=4), st.integers(1, 10_000))
def test_an_amount_is_the_nearest_cent_and_half_a_cent_goes_up(unit_price: Decimal, quantity: int) -> None:
    exact = Fraction(unit_price) * quantity
    off = exact - Fraction(rules.amount(unit_price, quantity))
    assert Fraction(-1, 200) <= off < Fraction(1, 200)


@pytest.mark.parametrize(
    ("qualification", "status", "segments"),
    [
        ("none", "", ("commercial",)),
        ("education", "approved", ("commercial", "education")),
        ("education", "in_review", ("commercial",)),
        ("education", "denied", ("commercial",)),
        ("government_community_cloud", "approved", ("commercial", "government")),
        ("state_owned_entity", "approved", ("commercial",)),
    ],
)
def test_a_qualification_opens_its_segment_once_it_is_approved(
    qualification: str, status: str, segments: tuple[str, ...]
) -> None:
    opened = rules.segments_of(qualification=qualification, qualification_status=status)
    assert opened == segments
    for segment in ("commercial", "education", "government", "nonprofit"):
        assert (rules.why_not_segment(segment=segment, segments=opened) is None) == (segment in segments)


@pytest.mark.parametrize(
    ("add_on_to", "parent", "status", "reason"),
    [
        ([], None, None, None),
        ([], 1, "active", "This is not an add-on. Order it by itself."),
        ([1, 2], 2, "active", None),
        ([1], None, None, "This is an add-on. Open the subscription"),
        ([1], 3, "active", "This is not an add-on of that subscription"),
        ([1], 1, "pending", "is not active"),
        ([1], 1, "suspended", "is not active"),
        ([1], 1, "deleted", "is not active"),
    ],
)
def test_an_add_on_needs_an_active_base(
    add_on_to: list[int], parent: int | None, status: str | None, reason: str | None
) -> None:
    found = rules.why_not_parent(add_on_to=add_on_to, parent_sku=parent, parent_status=status)
    if reason is None:
        assert found is None
    else:
        assert reason in str(found)


@pytest.mark.parametrize(("count", "fits"), [(25, True), (26, False)])
def test_a_sandbox_subscription_has_25_licences(count: int, fits: bool) -> None:
    assert (rules.why_not_in_sandbox(is_sandbox=True, quantity=count) is None) == fits
    assert rules.why_not_in_sandbox(is_sandbox=False, quantity=count) is None


@pytest.mark.parametrize(("count", "fits"), [(5, True), (6, False)])
def test_a_sandbox_customer_has_5_subscriptions(count: int, fits: bool) -> None:
    assert (rules.why_no_more_subscriptions(is_sandbox=True, count=count) is None) == fits
    assert rules.why_no_more_subscriptions(is_sandbox=False, count=count) is None
