"""Many at once: one order a cart, and none after the acceptance was withdrawn."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection

from agreements.models import Attestation, AttestationEvent
from agreements.services import Clearance, require_acceptance, withdraw_acceptance
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Cart, LicenceChange, MonthTotal, Order
from orders.services import change_licence_count, ordering, place_order
from orders.tests.factories import filled_cart, placed, reviewed
from portal.audit import triggers
from portal.common.actor import Actor
from portal.common.errors import AcceptanceRequired
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)
Act = Callable[..., Actor]
THREADS, ROUNDS = 20, 8


@pytest.fixture
def cart(customer: Customer, sales_agent: Membership) -> Cart:
    confirmed(customer)
    return filled_cart(customer, sales_agent)


@pytest.fixture
def by(sales_agent: Membership, actor_for: Act) -> Actor:
    return actor_for(sales_agent)


def place_many(cart: Cart, by: Actor, key: str) -> set[str]:
    """Every thread submits the cart; key: "same", or "own" for one each. The numbers they were answered."""
    seen = reviewed(cart)

    def work(number: int) -> str:
        submit_key = "k" if key == "same" else f"k{number}"
        fresh = Cart.objects.with_customer().get(pk=cart.pk)
        return place_order(by=by, cart=fresh, submit_key=submit_key, reviewed=seen, is_attested=True).number

    numbers, errors = together(THREADS, work)
    assert not errors
    return set(numbers)


@pytest.mark.parametrize("key", ["same", "own"])
def test_twenty_clicks_make_one_order(cart: Cart, by: Actor, tmp_path: Path, key: str) -> None:
    with shared_by_threads(tmp_path):
        assert place_many(cart, by, key) == {Order.objects.get().number}


def test_this_would_notice_a_second_order(
    cart: Cart, by: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the key and the look at the cart's own order switched off, the same clicks make many orders."""
    monkeypatch.setattr(ordering, "submit_once", lambda **said: (said["effect"](), False))
    monkeypatch.setattr(ordering, "lock_cart", lambda stale: stale)
    with shared_by_threads(tmp_path):
        assert len(place_many(cart, by, "same")) > 1


def test_twenty_clicks_change_the_licences_once(cart: Cart, by: Actor, tmp_path: Path) -> None:
    subscription = placed(cart, by).lines.get().subscription

    def work(number: int) -> int:
        return change_licence_count(by=by, subscription=subscription, quantity=9, submit_key="k").pk

    with shared_by_threads(tmp_path):
        changes, errors = together(THREADS, work)
        assert not errors
        assert set(changes) == {LicenceChange.objects.get().pk}


def test_the_first_orders_of_a_month_are_all_counted(
    customer: Customer, sales_agent: Membership, by: Actor, tmp_path: Path
) -> None:
    """Of different customers, so that nothing but the month's own row keeps them apart."""
    customers = [customer, *(CustomerFactory(partner=customer.partner) for _ in range(7))]
    for each in customers:
        confirmed(each)
    carts = [filled_cart(each, sales_agent) for each in customers]
    with shared_by_threads(tmp_path):
        orders, errors = together(len(carts), lambda number: placed(carts[number], by))
        assert not errors
        total = MonthTotal.objects.get()
        assert (total.order_count, total.amount) == (8, sum(order.total for order in orders))


def nothing() -> None:
    """What happens around the withdrawal when nobody interferes."""


def withdraw_while_placing(
    cart: Cart,
    made: Attestation,
    by: Actor,
    before: Callable[[], object] = nothing,
) -> list[Exception]:
    """One thread withdraws the acceptance, another submits the cart; what was refused."""
    seen = reviewed(cart)

    def work(number: int) -> Any:
        if number == 0:
            before()
            return withdraw_acceptance(by=by, customer=cart.customer, attestation=made, reason="Wrong customer")
        fresh = Cart.objects.with_customer().get(pk=cart.pk)
        return place_order(by=by, cart=fresh, submit_key=f"k{made.pk}", reviewed=seen, is_attested=True)

    return together(2, work)[1]


def ordered_after_withdrawal(made: Attestation) -> bool:
    """Both times are taken under the tenant's lock, so they tell who came first."""
    withdrawn_at = AttestationEvent.objects.get(attestation=made, kind="withdrawn").at
    return Order.objects.filter(acceptance=made, placed_at__gt=withdrawn_at).exists()


def test_no_order_follows_a_withdrawal(
    cart: Cart, customer: Customer, sales_agent: Membership, by: Actor, tmp_path: Path
) -> None:
    with shared_by_threads(tmp_path):
        made = Attestation.objects.get()
        for _ in range(ROUNDS):
            refused = withdraw_while_placing(cart, made, by)
            assert not ordered_after_withdrawal(made)
            # Either the order came first, or it was refused for the right reason.
            assert [type(error) for error in refused] in ([], [AcceptanceRequired])
            assert Order.objects.filter(acceptance=made).exists() is not bool(refused)
            made, cart = confirmed(customer), filled_cart(customer, sales_agent)


@pytest.fixture
def without_lock(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """The order takes neither the tenant's lock nor the customer's, and waits behind the gate until the withdrawal
    is through.

    Answers the event that is set once the gate was asked.
    """
    asked = threading.Event()

    def asked_without_lock(*, customer: Customer) -> Clearance:
        clearance = require_acceptance(customer=customer)
        asked.set()
        time.sleep(1)
        return clearance

    monkeypatch.setattr(ordering, "lock_tenant", lambda tenant_id: None)
    monkeypatch.setattr(ordering, "lock_customer", lambda customer: customer)
    monkeypatch.setattr(ordering, "require_acceptance", asked_without_lock)
    return asked


def test_this_would_notice_an_order_after_the_withdrawal(
    cart: Cart, by: Actor, tmp_path: Path, without_lock: threading.Event
) -> None:
    """Without the lock, and without the trigger behind it, the withdrawal slips in between gate and order.

    On SQLite it cannot, even so: BEGIN IMMEDIATE lets one writer in at a time, and that is its guard.
    """
    with shared_by_threads(tmp_path), triggers.lifted(connection):
        made = Attestation.objects.get()
        assert not withdraw_while_placing(cart, made, by, before=lambda: without_lock.wait(10))
        assert Order.objects.filter(acceptance=made).exists()
        assert ordered_after_withdrawal(made) is (connection.vendor == "postgresql")


def test_the_trigger_is_a_second_wall(cart: Cart, by: Actor, tmp_path: Path, without_lock: threading.Event) -> None:
    with shared_by_threads(tmp_path):
        made = Attestation.objects.get()
        refused = withdraw_while_placing(cart, made, by, before=lambda: without_lock.wait(10))
        assert not ordered_after_withdrawal(made)
        assert [type(error) for error in refused] == ([IntegrityError] if connection.vendor == "postgresql" else [])
