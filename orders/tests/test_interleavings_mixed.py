"""Everything at once, for a while: nothing hangs or deadlocks, and every sum and history is right afterwards."""

import random
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import Count, F, Sum

from agreements.proving import verify
from agreements.tests.factories import confirmed, job_actor
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import (
    Availability,
    Cart,
    CartStage,
    LicenceChange,
    MonthTotal,
    Order,
    OrderStatus,
    Price,
    Subscription,
    SubscriptionEvent,
)
from orders.services import (
    Item,
    advance_subscription,
    cancel_subscription,
    change_licence_count,
    fill_cart,
    place_order,
    reactivate_subscription,
    save_price,
    set_auto_renew,
    start_cart,
    suspend_subscription,
)
from orders.services.subscriptions import KIND
from orders.tests.factories import AvailabilityFactory, CartFactory, CartLineFactory, filled_cart, placed, reviewed
from orders.tests.interleavings import kept_times, relied_on_what_was_not_current, somebody, withdraw_own
from portal.common.actor import Actor
from portal.common.errors import PortalError
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership
from portal.tests.scenario_plugin import scale

Act = Callable[..., Actor]
THREADS = 8


@dataclass
class Scene:
    """Customers of one partner, what they can buy (the last is an add-on), and what has a base by now."""

    customers: list[Customer]
    by: Actor
    sold: list[Availability]

    def any_subscription(self) -> Subscription:
        rows = Subscription.objects.with_line().exclude(status="deleted")
        return random.choice(list(rows.order_by("-started_at", "pk")[:12]))


@pytest.fixture
def scene(customer: Customer, sales_agent: Membership, actor_for: Act) -> Scene:
    by, customers = actor_for(sales_agent), [customer, CustomerFactory(partner=customer.partner)]
    sold = [AvailabilityFactory() for _ in range(4)]
    for each in customers:
        confirmed(each)
        cart = filled_cart(each, sales_agent)
        cart.lines.update(availability=sold[0])
        placed(cart, by)
    sold[-1].sku.add_on_to.add(sold[0].sku)
    return Scene(customers, by, sold)


# What happens --------------------------------------------------------------------------------------------------


def fill(scene: Scene) -> Cart:
    """Some products in any order, now and then an add-on, put into the person's one open cart for a customer."""
    customer = random.choice(scene.customers)
    cart = start_cart(by=scene.by, customer=customer)
    items = [Item(each) for each in random.sample(scene.sold[:-1], random.randint(1, 3))]
    base = Subscription.objects.filter(order_line__sku=scene.sold[0].sku, customer=customer, status="active").first()
    if base is not None and random.random() < 0.5:
        items.insert(0, Item(scene.sold[-1], base))
    quantities = {item: random.randint(1, 20) for item in items}
    fill_cart(by=scene.by, cart=cart, quantities=quantities, purchase_order_number=None, stage=CartStage.REVIEW)
    return cart


def order(scene: Scene) -> None:
    """Half of them from a cart that others fill at the same time, and that may not be as reviewed any more."""
    cart = fill(scene)
    if random.random() < 0.5:
        with transaction.atomic():  # nobody fills it before it has its line
            cart = CartFactory(customer=cart.customer, owner=cart.owner)
            CartLineFactory(cart=cart, availability=random.choice(scene.sold[:-1]))
    said = {"submit_key": uuid.uuid4().hex, "reviewed": reviewed(cart), "is_attested": True}
    place_order(by=scene.by, cart=Cart.objects.with_customer().get(pk=cart.pk), **said)


def change_licences(scene: Scene) -> None:
    said = {"quantity": random.randint(1, 60), "submit_key": uuid.uuid4().hex}
    change_licence_count(by=scene.by, subscription=scene.any_subscription(), **said)


def replace_acceptance(scene: Scene) -> None:
    confirmed(random.choice(scene.customers), person=somebody())


def withdraw_and_confirm(scene: Scene) -> None:
    customer = random.choice(scene.customers)
    withdraw_own(customer)
    confirmed(customer, person=somebody())


def suspend_or_reactivate(scene: Scene) -> None:
    act = random.choice([suspend_subscription, reactivate_subscription, reactivate_subscription])
    act(by=scene.by, subscription=scene.any_subscription())


def let_time_pass(scene: Scene) -> None:
    """The scheduled job, on the day on which the term ends."""
    subscription = scene.any_subscription()
    if subscription.due_at is not None:
        due = subscription.due_at + timedelta(seconds=1)
        advance_subscription(by=job_actor(), subscription_id=subscription.pk, now=due)


def switch_auto_renew(scene: Scene) -> None:
    set_auto_renew(by=scene.by, subscription=scene.any_subscription(), is_on=random.random() < 0.8)


def cancel(scene: Scene) -> None:
    if random.random() < 0.2:
        cancel_subscription(by=scene.by, subscription=scene.any_subscription())


def change_price(scene: Scene) -> None:
    price = Price.objects.get(availability=random.choice(scene.sold))
    price.unit_price = Decimal(random.randint(1000, 9999)) / 100
    save_price(by=job_actor(), price=price)


ACTIONS = (
    order,
    order,
    fill,
    change_licences,
    change_licences,
    replace_acceptance,
    withdraw_and_confirm,
    suspend_or_reactivate,
    let_time_pass,
    switch_auto_renew,
    cancel,
    change_price,
)


def run(scene: Scene, rounds: int) -> tuple[Counter[str], list[Exception]]:
    """Every thread does everything so many times, each in an order of its own.

    Answers how often each action came through, and what failed otherwise than by a refusal of the domain's.
    """

    def work(number: int) -> Counter[str]:
        done: Counter[str] = Counter()
        for _ in range(rounds):
            for action in random.sample(ACTIONS, len(ACTIONS)):
                try:
                    action(scene)
                    done[action.__name__] += 1
                except PortalError:
                    done["refused"] += 1
        return done

    results, errors = together(THREADS, work)
    return sum(results, Counter()), errors


# What must be right afterwards ---------------------------------------------------------------------------------


def differing_totals() -> list[object]:
    """The months whose total differs from the sum of their orders."""
    orders = Order.objects.exclude(status=OrderStatus.CANCELLED)
    whose = ("partner_id", "currency", "placed_at__year", "placed_at__month")
    summed = {
        tuple(row[name] for name in whose): (row["count"], row["amount"])
        for row in orders.values(*whose).annotate(count=Count("pk"), amount=Sum("total"))
    }
    kept = {
        (row.partner_id, row.currency, row.month.year, row.month.month): (row.order_count, row.amount)
        for row in MonthTotal.objects.all()
    }
    return [key for key in {*summed, *kept} if summed.get(key) != kept.get(key)]


def broken_histories() -> list[str]:
    """What the history of a subscription, its licence changes and its row disagree about."""
    status_after = {kind: str(status) for status, kind in KIND.items()} | {"purchased": "active"}
    broken = []
    for each in Subscription.objects.select_related("order_line"):
        events = list(SubscriptionEvent.objects.filter(subscription=each).order_by("at", "pk"))
        statuses = [status_after[event.kind] for event in events if event.kind in status_after]
        counts = [each.order_line.quantity]
        for change in LicenceChange.objects.filter(subscription=each).order_by("pk"):
            if change.from_quantity != counts[-1]:
                broken.append(f"{each.pk}: {change} after {counts[-1]}")
            counts.append(change.to_quantity)
        told = [event.quantity for event in events if event.kind in ("purchased", "licences_changed")]
        if (each.status, each.quantity, told) != (statuses[-1], events[-1].quantity, counts):
            broken.append(f"{each.pk}: {each.status} {each.quantity} but {statuses[-1]} {told} {counts}")
    return broken


def wrong_counts() -> list[str]:
    """The customers that are said to have another number of subscriptions than they have."""
    return [
        f"{each}: {each.subscription_count}"
        for each in Customer.objects.all()
        if each.subscription_count != Subscription.objects.living(each).count()
    ]


def is_wrong() -> bool:
    return bool(differing_totals() or broken_histories() or wrong_counts())


@pytest.mark.scenario("I7")
@pytest.mark.scenario("I11")
@pytest.mark.django_db(transaction=True)
def test_everything_at_once(scene: Scene, tmp_path: Path) -> None:
    """Orders, carts, licences, acceptances, lives and prices by 8 threads: 0 deadlocks, 0 errors, every sum right"""
    with shared_by_threads(tmp_path):
        done, errors = run(scene, scale(1, 60))
        assert errors == []
        assert min(done["order"], done["change_licences"], done["let_time_pass"]) > 0, done
        assert (differing_totals(), broken_histories(), wrong_counts()) == ([], [], [])
        assert not verify(chain=f"partner:{scene.customers[0].partner.tenant_id}").findings
        for times in kept_times():
            assert relied_on_what_was_not_current(times) == set()


@pytest.mark.parametrize("wrong", ["total", "missing total", "quantity", "status", "count"])
def test_this_would_notice_what_is_not_right(scene: Scene, wrong: str) -> None:
    assert not is_wrong()
    if wrong == "total":
        MonthTotal.objects.update(amount=F("amount") + 1)
    elif wrong == "missing total":
        MonthTotal.objects.all().delete()
    elif wrong == "count":
        Customer.objects.update(subscription_count=7)
    else:
        Subscription.objects.update(**{"quantity": 7} if wrong == "quantity" else {"status": "suspended"})
    assert is_wrong()
