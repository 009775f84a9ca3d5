"""Add-ons on orders:cart: ordered from the subscription that they belong to, changed and removed here."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.models import Availability, Cart, CartLine, Subscription
from orders.tests.factories import AvailabilityFactory, CartFactory, SkuFactory, filled_cart, placed
from portal.common.actor import Actor
from portal.partners.models import Membership

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]


@pytest.fixture
def cart(customer: Customer, sales_agent: Membership) -> Cart:
    return CartFactory(customer=customer, owner=sales_agent.user)


@pytest.fixture
def client(sales_agent: Membership, client_of: SignIn) -> Client:
    return client_of(sales_agent)


def url(cart: Cart) -> str:
    return reverse("orders:cart", args=[cart.pk])


def page(client: Client, cart: Cart, **asked: str) -> str:
    return client.get(url(cart), asked).content.decode()


def an_add_on(customer: Customer, seller: Membership, by: Actor) -> tuple[Availability, Subscription]:
    confirmed(customer)
    placed(filled_cart(customer, seller), by)
    base = Subscription.objects.get()
    sold = AvailabilityFactory(sku__title="Calling Plan")
    sold.sku.add_on_to.add(base.order_line.sku)
    return sold, base


def test_an_add_on_is_ordered_from_its_subscription(
    cart: Cart, customer: Customer, sales_agent: Membership, actor_for: Act, client: Client
) -> None:
    sold, base = an_add_on(customer, sales_agent, actor_for(sales_agent))
    shown = page(client, cart, q="calling")
    assert reverse("orders:add_on", args=[base.pk]) in shown
    assert f"add-{sold.sku.catalog_code}" not in shown
    client.post(url(cart), {f"add-{sold.sku.catalog_code}": "2"})
    assert not cart.lines.exists(), "not without a subscription"
    other = SkuFactory(title="Business Standard")
    sold.sku.add_on_to.set([other])
    assert "Business Standard" in page(client, cart, q="calling")


def test_a_line_with_a_parent_names_it_and_is_changed_and_removed(
    cart: Cart, customer: Customer, sales_agent: Membership, actor_for: Act, client: Client
) -> None:
    sold, base = an_add_on(customer, sales_agent, actor_for(sales_agent))
    CartLine.objects.create(cart=cart, availability=sold, parent=base, quantity=2)
    key = f"{sold.public_id}.{base.pk}"
    shown = page(client, cart)
    assert f"Add-on to {base.title}" in shown
    client.post(url(cart), {f"quantity-{key}": "4", f"initial-quantity-{key}": "2"})
    assert cart.lines.get().quantity == 4
    client.post(url(cart), {"remove": key})
    assert not cart.lines.exists()
    client.post(url(cart), {f"quantity-{key}": "3", f"initial-quantity-{key}": "2"})
    assert cart.lines.get().parent == base, "typed over a line that another tab took out"


def test_a_parent_that_stopped_blocks_its_add_on(
    cart: Cart, customer: Customer, sales_agent: Membership, actor_for: Act, client: Client
) -> None:
    sold, base = an_add_on(customer, sales_agent, actor_for(sales_agent))
    CartLine.objects.create(cart=cart, availability=sold, parent=base, quantity=2)
    Subscription.objects.filter(pk=base.pk).update(status="suspended")
    assert "is not active. Reactivate it first." in page(client, cart)
