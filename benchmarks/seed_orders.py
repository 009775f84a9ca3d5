"""What ordering needs: something that is sold, customers with and without an acceptance, subscriptions."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from agreements.services import Acceptance, Person, confirm_acceptance
from customers.models import Customer
from orders.models import Availability, BillingPlan, Cart, Price, Product, Sku, Term
from orders.pricing import priced_cart
from orders.services import (
    Item,
    place_order,
    save_availability,
    save_price,
    save_product,
    save_sku,
    set_lines,
    start_cart,
)
from portal.common.actor import Actor
from portal.partners.models import Partner

# More than the requests that one case prepares before it sends them.
COVERED, NOT_COVERED = 80, 2_000


@dataclass(frozen=True)
class SeededOrders:
    """covered: customers with a record of their acceptance and one subscription each, in the same order;
    not_covered: customers without a record; each is confirmed once.
    """

    by: Actor
    availability: Availability
    covered: Sequence[UUID]
    subscriptions: Sequence[UUID]
    not_covered: Sequence[UUID]


def seed_orders(partner: Partner, by: Actor, taken: Sequence[UUID]) -> SeededOrders:
    """taken: customers that other cases look at; they stay as they are."""
    sold = _catalog(by)
    swedish = Customer.objects.filter(partner=partner, country="SE", removed_at__isnull=True)
    free = swedish.exclude(tenant_id__in=taken).select_related("tenant", "partner").order_by("pk")
    rows = list(free[: COVERED + NOT_COVERED])
    if len(rows) < COVERED * 3:
        raise SystemExit("Too few Swedish customers; seed more of them.")
    person = Person(first_name="Åsa", last_name="Öberg", email="asa@akeri.example")
    said = Acceptance(person=person, agreed_on=date(2026, 1, 15), evidence_kind="email")
    subscriptions = []
    for customer in rows[:COVERED]:
        confirm_acceptance(by=by, customer=customer, acceptance=said)
        cart = filled_cart(by, customer.tenant_id, sold)
        seen = [line.seen for line in priced_cart(cart)]
        order = place_order(by=by, cart=cart, submit_key=uuid.uuid4().hex, reviewed=seen, is_attested=True)
        subscriptions.append(order.lines.get().subscription.pk)
    ids = [customer.tenant_id for customer in rows]
    return SeededOrders(by, sold, ids[:COVERED], subscriptions, ids[COVERED:])


def filled_cart(by: Actor, tenant_id: UUID, sold: Availability) -> Cart:
    """The agent's open cart for the customer, with one line in it."""
    membership = by.membership
    if membership is None:
        raise ValueError("A cart belongs to an agent.")
    customer = Customer.objects.visible_to(membership).select_related("tenant", "partner").get(tenant_id=tenant_id)
    cart = start_cart(by=by, customer=customer)
    set_lines(by=by, cart=cart, quantities={Item(sold): 5})
    return Cart.objects.with_customer().get(pk=cart.pk)


def _catalog(by: Actor) -> Availability:
    product = save_product(by=by, product=Product(code="BENCH", title="Benchmark Suite"))
    sku = save_sku(by=by, sku=Sku(product=product, code="0001", title="Benchmark Suite E3", max_quantity=1_000_000))
    sold = save_availability(
        by=by,
        availability=Availability(
            sku=sku, market="SE", currency="SEK", term=Term.YEAR, billing_plan=BillingPlan.MONTHLY
        ),
    )
    save_price(by=by, price=Price(availability=sold, effective_from=date(2020, 1, 1), unit_price=Decimal("372.50")))
    return sold
