"""orders.rules: what is sold to whom, as placing an order asks it."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from orders import rules

SKU = SimpleNamespace(min_quantity=2, max_quantity=10)


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [(1, "Enter 2 or more licences"), (2, None), (10, None), (11, "Enter 10 or fewer licences")],
)
def test_quantities_stay_between_the_skus_bounds(quantity: int, reason: str | None) -> None:
    assert rules.why_not_quantity(SKU, quantity) == reason


def test_a_bound_is_said_as_the_pages_write_it() -> None:
    sku = SimpleNamespace(min_quantity=1_500, max_quantity=1_000_000)
    assert rules.why_not_quantity(sku, 1) == "Enter 1,500 or more licences"
    assert rules.why_not_quantity(sku, 1_000_001) == "Enter 1,000,000 or fewer licences"


def test_a_price_holds_in_its_own_market_only() -> None:
    assert rules.why_not_in_market(market="PL", country="PL") is None
    assert "not sold" in str(rules.why_not_in_market(market="PL", country="DE"))


def test_an_order_has_one_currency() -> None:
    assert rules.why_not_currency(currency="PLN", others=[]) is None
    assert rules.why_not_currency(currency="PLN", others=["PLN"]) is None
    assert "another currency" in str(rules.why_not_currency(currency="PLN", others=["EUR"]))


@pytest.mark.parametrize(
    ("unit_price", "quantity", "amount"),
    [("50.40", 5, "252.00"), ("0.0050", 1, "0.01"), ("0.0049", 1, "0.00"), ("0.3333", 3, "1.00")],
)
def test_an_amount_is_rounded_half_up_once(unit_price: str, quantity: int, amount: str) -> None:
    assert rules.amount(Decimal(unit_price), quantity) == Decimal(amount)
