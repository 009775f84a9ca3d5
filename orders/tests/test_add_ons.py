"""orders:add_on: an add-on for a subscription goes into the agent's own cart, and from there into an order."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from orders.models import Availability, Cart, CartLine, Subscription
from orders.services import suspend_subscription
from orders.tests.factories import AvailabilityFactory, PriceFactory, filled_cart, placed
from orders.tests.lives import add_on_sold, subscribed
from portal.common.actor import Actor
from portal.partners.models import Membership

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]


@pytest.fixture
def subscription(customer: Customer, sales_agent: Membership) -> Subscription:
    return subscribed(customer, sales_agent, sku__title="Business Basic")


@pytest.fixture
def sold(subscription: Subscription) -> Availability:
    return add_on_sold(subscription, sku__title="Audio Conferencing", sku__max_quantity=50)


def url(subscription: Subscription) -> str:
    return reverse("orders:add_on", args=[subscription.pk])


def chosen(sold: Availability, quantity: str = "4") -> dict[str, str]:
    return {"offer": str(sold.public_id), "quantity": quantity}


def test_offers_the_add_ons_of_this_subscription_only(
    subscription: Subscription, sold: Availability, sales_agent: Membership, client_of: SignIn
) -> None:
    AvailabilityFactory(sku__title="Another product")
    add_on_sold(subscription, sku__title="Sold elsewhere", market="US", currency="USD")
    add_on_sold(subscription, sku__title="For schools", segment="education")
    PriceFactory(availability=sold, tier_min=20, unit_price="40.00")
    page = client_of(sales_agent).get(url(subscription)).content.decode()
    assert "Audio Conferencing: 1 year, billed monthly, PLN\u00a050.40 each, less for more" in page
    for title in ("Another product", "Sold elsewhere", "For schools"):
        assert title not in page


def test_the_add_on_that_was_clicked_is_chosen(
    subscription: Subscription, sold: Availability, sales_agent: Membership, client_of: SignIn
) -> None:
    other = add_on_sold(subscription, sku__title="Another add-on")
    for each in (sold, other):
        page = client_of(sales_agent).get(url(subscription), {"sku": each.sku.catalog_code}).content.decode()
        assert f'<option value="{each.public_id}" selected>' in page
    assert client_of(sales_agent).get(url(subscription), {"sku": "no such thing"}).status_code == 200


def test_goes_into_the_own_cart_and_from_there_into_an_order(
    subscription: Subscription, sold: Availability, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    client = client_of(sales_agent)
    answer = client.post(url(subscription), chosen(sold))
    line = CartLine.objects.get(cart__order__isnull=True)
    assert (line.availability, line.parent, line.quantity) == (sold, subscription, 4)
    assert answer.headers["Location"] == reverse("orders:cart", args=[line.cart_id])
    assert "In the cart: 4 × Audio Conferencing." in client.get(answer.headers["Location"]).content.decode()
    add_on = placed(line.cart, actor_for(sales_agent)).lines.get().subscription
    assert (add_on.parent, add_on.quantity) == (subscription, 4)


def test_a_cart_that_is_open_is_used_and_keeps_its_lines(
    subscription: Subscription, sold: Availability, sales_agent: Membership, client_of: SignIn
) -> None:
    cart = filled_cart(subscription.customer, sales_agent)
    client = client_of(sales_agent)
    for quantity in ("4", "6"):
        client.post(url(subscription), chosen(sold, quantity))
    assert Cart.objects.unfinished().get() == cart
    assert sorted(cart.lines.values_list("quantity", flat=True)) == [5, 6]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"offer": ""}, "Choose an add-on"),
        ({"offer": "no-such-thing"}, "Choose one of the listed answers"),
        ({"quantity": ""}, "Enter the number of licences"),
        ({"quantity": "many"}, "as a whole number"),
        ({"quantity": "-3"}, "Enter 1 or more licences"),
        ({"quantity": "0"}, "Enter 1 or more licences"),
        ({"quantity": "51"}, "Enter 50 or fewer licences"),
        ({"quantity": "9" * 30}, "Enter 50 or fewer licences"),
    ],
)
def test_keeps_what_cannot_be_used_and_says_why(
    subscription: Subscription,
    sold: Availability,
    sales_agent: Membership,
    client_of: SignIn,
    sent: dict[str, str],
    message: str,
) -> None:
    typed = chosen(sold) | sent
    answer = client_of(sales_agent).post(url(subscription), typed)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert message in page
    assert f'value="{typed["quantity"]}"' in page or not typed["quantity"]
    # No empty cart is left to be continued either.
    assert not Cart.objects.filter(order__isnull=True).exists()


def test_nothing_is_sold_for_a_suspended_one(
    subscription: Subscription, sold: Availability, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    suspend_subscription(by=actor_for(sales_agent), subscription=subscription)
    client = client_of(sales_agent)
    assert "Reactivate the subscription first." in client.get(url(subscription)).content.decode()
    client.post(url(subscription), chosen(sold))
    assert not CartLine.objects.filter(cart__order__isnull=True).exists()


def test_says_so_when_there_is_none(subscription: Subscription, sales_agent: Membership, client_of: SignIn) -> None:
    assert "No add-on is sold for this subscription" in client_of(sales_agent).get(url(subscription)).content.decode()


def test_needs_the_right_to_order(
    subscription: Subscription, helpdesk_agent: Membership, stranger: Membership, client_of: SignIn
) -> None:
    assert client_of(helpdesk_agent).get(url(subscription)).status_code == 403
    assert client_of(stranger).get(url(subscription)).status_code == 404
