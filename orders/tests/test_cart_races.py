"""A cart while somebody else orders it, or takes what it holds off the market."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.models import Cart, Price
from orders.services import carts, lock_cart, set_lines, withdraw_price
from orders.tests.factories import CartFactory, PriceFactory, filled_cart, placed
from portal.common.actor import Actor
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[..., Actor]
# Long enough for the other thread to arrive at the lock.
A_MOMENT = 0.5


def test_a_price_is_not_withdrawn_while_it_goes_into_a_cart(
    customer: Customer, sales_agent: Membership, actor_for: Act, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, cart, price = actor_for(sales_agent), CartFactory(customer=customer, owner=sales_agent.user), PriceFactory()
    checked, withdrawn, check_line = threading.Event(), threading.Event(), carts.check_line

    def slowly_checked(**line: Any) -> None:
        check_line(**line)
        checked.set()
        withdrawn.wait(timeout=A_MOMENT)

    def work(number: int) -> None:
        if number == 0:
            return set_lines(by=by, cart=cart, quantities={price: 5})
        checked.wait(timeout=10)
        withdraw_price(by=by, price=price)
        return withdrawn.set()

    monkeypatch.setattr(carts, "check_line", slowly_checked)
    with shared_by_threads(tmp_path):
        _results, errors = together(2, work)
        assert errors == []
        assert not Price.objects.exists()
        assert not cart.lines.exists()


def test_who_waited_for_a_cart_sees_that_it_was_ordered(
    customer: Customer, sales_agent: Membership, actor_for: Act, tmp_path: Path
) -> None:
    confirmed(customer)
    ordered, cart = filled_cart(customer, sales_agent), CartFactory(customer=customer, owner=sales_agent.user)
    order = placed(ordered, actor_for(sales_agent))
    Cart.objects.filter(pk=ordered.pk).update(order=None)
    is_locked, is_waiting = threading.Event(), threading.Event()

    def work(number: int) -> str:
        if number == 1:
            is_locked.wait(timeout=10)
            is_waiting.set()
        with transaction.atomic():
            locked = lock_cart(cart)
            if number == 0:
                is_locked.set()
                is_waiting.wait(timeout=10)
                threading.Event().wait(A_MOMENT)
                locked.order = order
                locked.save(update_fields=["order"])
            return locked.order.number if locked.order else ""

    with shared_by_threads(tmp_path):
        assert together(2, work) == ([order.number, order.number], [])
