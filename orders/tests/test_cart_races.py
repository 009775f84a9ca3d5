"""A cart while somebody else orders it, or takes what it holds off the market."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.models import Availability, Cart, CartStage, Subscription
from orders.services import (
    Item,
    carts,
    change_licence_count,
    fill_cart,
    lock_cart,
    order_again,
    set_lines,
    withdraw_availability,
)
from orders.tests.factories import AvailabilityFactory, CartFactory, filled_cart, placed
from portal.common.actor import Actor
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[..., Actor]
# Long enough for the other thread to arrive at the lock.
A_MOMENT = 0.5


def test_nothing_is_withdrawn_while_it_goes_into_a_cart(
    customer: Customer, sales_agent: Membership, actor_for: Act, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, cart, sold = (
        actor_for(sales_agent),
        CartFactory(customer=customer, owner=sales_agent.user),
        AvailabilityFactory(),
    )
    checked, withdrawn, why_not_line = threading.Event(), threading.Event(), carts.why_not_line

    def slowly_checked(*args: Any, **said: Any) -> Any:
        why_not = why_not_line(*args, **said)
        checked.set()
        withdrawn.wait(timeout=A_MOMENT)
        return why_not

    def work(number: int) -> None:
        if number == 0:
            return set_lines(by=by, cart=cart, quantities={Item(sold): 5})
        checked.wait(timeout=10)
        withdraw_availability(by=by, availability=sold)
        return withdrawn.set()

    monkeypatch.setattr(carts, "why_not_line", slowly_checked)
    with shared_by_threads(tmp_path):
        _results, errors = together(2, work)
        assert errors == []
        assert not Availability.objects.exists()
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


def test_an_add_on_goes_into_a_cart_while_its_base_is_changed(
    customer: Customer, sales_agent: Membership, actor_for: Act, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line refers to the subscription, the change to the customer: neither waits for the other for ever."""
    confirmed(customer)
    by, cart = actor_for(sales_agent), CartFactory(customer=customer, owner=sales_agent.user)
    base = placed(filled_cart(customer, sales_agent), by).lines.get().subscription
    add_on = AvailabilityFactory()
    add_on.sku.add_on_to.add(base.order_line.sku)
    checked, why_not_line = threading.Event(), carts.why_not_line

    def slowly_checked(*args: Any, **said: Any) -> Any:
        checked.set()
        threading.Event().wait(A_MOMENT)
        return why_not_line(*args, **said)

    def work(number: int) -> Any:
        if number == 0:
            return set_lines(by=by, cart=cart, quantities={Item(add_on, base): 5})
        checked.wait(timeout=10)
        return change_licence_count(by=by, subscription=base, quantity=9, submit_key="k")

    monkeypatch.setattr(carts, "why_not_line", slowly_checked)
    with shared_by_threads(tmp_path):
        assert together(2, work)[1] == []
        assert (cart.lines.get().parent, cart.lines.get().quantity) == (base, 5)
        assert Subscription.objects.get().quantity == 9


def test_two_tabs_fill_the_same_cart_one_of_them_to_order_again(
    customer: Customer, sales_agent: Membership, actor_for: Act, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed(customer)
    by, ordered = actor_for(sales_agent), filled_cart(customer, sales_agent)
    item = Item(ordered.lines.get().availability)
    placed(ordered, by)
    cart = CartFactory(customer=customer, owner=sales_agent.user)
    is_locked, lock_cart = threading.Event(), carts.lock_cart

    def slowly_locked(stale: Cart) -> Cart:
        locked = lock_cart(stale)
        is_locked.set()
        threading.Event().wait(A_MOMENT)
        return locked

    said = {"by": by, "quantities": {item: 5}, "purchase_order_number": None}

    def work(number: int) -> Any:
        if number == 0:
            return fill_cart(cart=cart, stage=CartStage.REVIEW, **said)
        is_locked.wait(timeout=10)
        return order_again(ordered=ordered, **said)

    monkeypatch.setattr(carts, "lock_cart", slowly_locked)
    with shared_by_threads(tmp_path):
        assert together(2, work)[1] == []
        assert cart.lines.get().quantity == 5
