"""orders.pricing: the day that prices are judged by, and what a cart comes to."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from customers.models import Customer
from orders.models import Cart
from orders.pricing import price_day, priced, priced_cart, total
from orders.tests.factories import AvailabilityFactory, CartFactory, CartLineFactory, PriceFactory
from portal.partners.models import Membership


@pytest.fixture
def cart(customer: Customer, sales_agent: Membership) -> Cart:
    made: Cart = CartFactory(customer=customer, owner=sales_agent.user)
    return made


@pytest.mark.parametrize(("hours", "expected"), [(14, 30), (0, 31), (-12, 31)])
def test_a_day_of_prices_is_a_utc_day_wherever_it_is_asked(hours: int, expected: int) -> None:
    """Half past noon of the 31st in Kiribati is still the 30th in UTC."""
    moment = datetime(2025, 12, 31, 11, 30, tzinfo=timezone(timedelta(hours=hours)))
    assert price_day(moment) == date(2025, 12, expected)


def test_without_a_moment_it_is_today(db: None) -> None:
    before = datetime.now(UTC).date()
    assert before <= price_day() <= datetime.now(UTC).date()


def test_a_line_costs_what_its_quantity_costs(cart: Cart) -> None:
    sold = AvailabilityFactory(price__tier_max=9)
    PriceFactory(availability=sold, tier_min=10, unit_price=Decimal("45.1234"))
    few, many = CartLineFactory(cart=cart, availability=sold, quantity=9), CartLineFactory(cart=cart, quantity=1)
    assert [each.amount for each in priced_cart(cart)] == [Decimal("453.60"), Decimal("50.40")]
    few.quantity = 10
    few.save()
    lines = priced_cart(cart)
    assert [each.line for each in lines] == [few, many]
    assert total(lines) == Decimal("451.23") + Decimal("50.40")
    assert lines[0].seen == (str(sold.public_id), "", "10", "45.1234")


def test_what_has_no_price_today_adds_nothing(cart: Cart) -> None:
    today = price_day()
    over = AvailabilityFactory(price__effective_until=today - timedelta(days=1))
    CartLineFactory(cart=cart, availability=over)
    CartLineFactory(cart=cart, quantity=2)
    first, second = priced_cart(cart)
    assert (first.price, first.amount, first.seen[3]) == (None, None, "")
    assert total([first, second]) == second.amount == Decimal("100.80")


def test_a_price_list_takes_effect_on_its_day(cart: Cart) -> None:
    today = price_day()
    line = CartLineFactory(cart=cart, quantity=1)
    PriceFactory(
        availability=line.availability, effective_from=today + timedelta(days=1), unit_price=Decimal("60.0000")
    )
    costs = []
    for on in (today, today + timedelta(days=1)):
        (each,) = priced(cart.lines.with_prices(on=on), on=on)
        costs.append(each.amount)
    assert costs == [Decimal("50.40"), Decimal("60.00")]


def test_nothing_comes_to_nothing(cart: Cart) -> None:
    assert priced_cart(cart) == []
    assert total([]) == 0
