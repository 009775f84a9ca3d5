"""orders.rules: pure decisions."""

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


def test_a_price_holds_in_its_own_market_only() -> None:
    assert rules.why_not_in_market(market="PL", country="PL") is None
    assert "not sold" in str(rules.why_not_in_market(market="PL", country="DE"))


def test_an_order_has_one_currency() -> None:
    assert rules.why_not_currency(currency="PLN", others=[]) is None
    assert rules.why_not_currency(currency="PLN", others=["PLN"]) is None
    assert "another currency" in str(rules.why_not_currency(currency="PLN", others=["EUR"]))


@pytest.mark.parametrize(
    ("status", "wanted", "reason"),
    [("active", 6, None), ("active", 5, "differs"), ("suspended", 6, "Reactivate")],
)
def test_only_active_subscriptions_change_and_only_to_something_else(
    status: str, wanted: int, reason: str | None
) -> None:
    found = rules.why_cannot_change_licences(status=status, current=5, wanted=wanted)
    assert (reason is None and found is None) or str(reason) in str(found)
