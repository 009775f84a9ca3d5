"""Subscriptions as tests of their lives need them, and the time of day as they need it."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest import mock
from uuid import uuid4

from agreements.tests.factories import confirmed, job_actor
from customers.models import Customer
from orders.models import Availability, OrderLine, Subscription, Term
from orders.tests.factories import AvailabilityFactory, CartFactory, CartLineFactory, placed
from portal.common.actor import Actor
from portal.partners.models import Membership


def subscribed(
    customer: Customer,
    member: Membership,
    *,
    by: Actor | None = None,
    quantity: int = 5,
    parent: Subscription | None = None,
    availability: Availability | None = None,
    **sold: Any,
) -> Subscription:
    """A new subscription, with an acceptance where none is there. sold: of its availability."""
    if customer.partner.has_agreement and not customer.tenant.attestations.exists():
        confirmed(customer)
    cart = CartFactory(customer=customer, owner=member.user)
    availability = availability or AvailabilityFactory(market=str(customer.country), **sold)
    CartLineFactory(cart=cart, quantity=quantity, availability=availability, parent=parent)
    return placed(cart, by or job_actor()).lines.get().subscription


def add_on_sold(base: Subscription, **sold: Any) -> Availability:
    """An add-on on sale for this subscription."""
    availability = AvailabilityFactory(**{"market": str(base.customer.country)} | sold)
    availability.sku.add_on_to.add(base.order_line.sku)
    return availability


def add_on_of(base: Subscription, member: Membership, term: Term = Term.YEAR) -> Subscription:
    """Two licences of an add-on that was bought for it."""
    sold = add_on_sold(base, term=term)
    return subscribed(base.customer, member, quantity=2, parent=base, availability=sold)


def copies(pattern: Subscription, count: int, **values: Any) -> list[Subscription]:
    """So many more like it, of one order, without a history; past every service. values: what differs."""
    lines = [copy.copy(pattern.order_line) for _ in range(count)]
    first = OrderLine.objects.filter(order_id=lines[0].order_id).count()
    for number, line in enumerate(lines, start=first):
        line.pk, line.number = None, number
    made = []
    for line in OrderLine.objects.bulk_create(lines):
        row = copy.copy(pattern)
        row.pk, row.order_line = uuid4(), line
        for name, value in values.items():
            setattr(row, name, value)
        made.append(row)
    return Subscription.objects.bulk_create(made)


def kinds(subscription: Subscription) -> list[str]:
    """What happened to it, oldest first."""
    return list(subscription.events.order_by("at", "id").values_list("kind", flat=True))


def status_of(subscription: Subscription) -> str:
    return Subscription.objects.get(pk=subscription.pk).status


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Within, it is this moment for everything that asks for the time."""
    with mock.patch("django.utils.timezone.now", return_value=moment):
        yield
