"""orders:review sent again: the same is the same order, anything else is shown and never dropped."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.forms import as_reviewed
from orders.models import Cart, Order
from orders.pricing import price_day, priced_cart
from orders.services import discard_cart
from orders.tests.factories import CartLineFactory, filled_cart
from portal.common.actor import Actor
from portal.partners.models import Membership

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]


@pytest.fixture
def cart(customer: Customer, sales_agent: Membership) -> Cart:
    confirmed(customer)
    return filled_cart(customer, sales_agent)


@pytest.fixture
def client(sales_agent: Membership, client_of: SignIn) -> Client:
    return client_of(sales_agent)


def url(cart: Cart, name: str = "orders:review") -> str:
    return reverse(name, args=[cart.pk])


def said(cart: Cart, key: str = "k1", **more: str) -> dict[str, str]:
    """What the Review page of this cart sends."""
    reviewed = as_reviewed(priced_cart(cart))
    return {"submit_key": key, "reviewed": reviewed, "is_attested": "on", "purchase_order_number": "", **more}


def hidden(page: str, form: int = -1) -> dict[str, Any]:
    """The hidden values of one form of a page."""
    found = re.findall(r"<form.*?</form>", page, re.DOTALL)[form]
    return dict(re.findall(r'<input type="hidden" name="([\w.-]+)" value="([^"]*)"', found))


def order_page(order: Order) -> str:
    return reverse("orders:order", args=[order.number])


def test_another_key_with_the_same_content_leads_to_the_order(cart: Cart, client: Client) -> None:
    """Two tabs with the same Review page."""
    form = said(cart)
    client.post(url(cart), form)
    answer = client.post(url(cart), {**form, "submit_key": "k2"})
    assert answer.headers["Location"] == order_page(Order.objects.get())


@pytest.mark.scenario("I4")
@pytest.mark.parametrize("key", ["k1", "k2"], ids=["same key", "another tab"])
@pytest.mark.parametrize(
    "changed", [{"purchase_order_number": "PO 9"}, {"quantity": "8"}], ids=["number", "quantity"]
)
def test_other_content_for_an_ordered_cart_shows_both_and_offers_a_new_order(
    cart: Cart, client: Client, key: str, changed: dict[str, str]
) -> None:
    first = said(cart)
    client.post(url(cart), first)
    order, title = Order.objects.get(), str(cart.lines.get().availability.sku)
    other = dict(first, submit_key=key)
    other["purchase_order_number"] = changed.get("purchase_order_number", "")
    other["reviewed"] = first["reviewed"].replace(":5:", f":{changed.get('quantity', '5')}:")
    page = client.post(url(cart), other).content.decode()
    assert "There is a problem" in page
    assert f"5 × {title}" in page, "what was ordered"
    assert f"{changed.get('quantity', '5')} × {title}" in page.split("What you sent now")[1]
    assert order_page(order) in page
    assert Order.objects.count() == 1
    again = client.post(url(cart, "orders:cart"), hidden(page))
    new = Cart.objects.unfinished().get()
    assert again.headers["Location"] == url(new, "orders:cart")
    assert new.lines.get().quantity == int(changed.get("quantity", "5"))
    assert new.purchase_order_number == changed.get("purchase_order_number", "")
    client.post(url(new), said(new, "k3", purchase_order_number=new.purchase_order_number))
    assert Order.objects.count() == 2, "a genuinely different second order"


@pytest.mark.scenario("I4")
def test_a_key_that_was_used_for_another_cart_is_shown_and_one_more_click_orders(
    cart: Cart, customer: Customer, sales_agent: Membership, client: Client
) -> None:
    other = filled_cart(CustomerFactory(partner=customer.partner), sales_agent, quantity=3)
    confirmed(other.customer)
    client.post(url(other), said(other, "same"))
    earlier = Order.objects.get()
    answer = client.post(url(cart), said(cart, "same"))
    page = answer.content.decode()
    assert "This form was sent before with other content" in page
    assert "What this form ordered before" in page
    assert order_page(earlier) in page
    sent = hidden(page)
    assert sent["submit_key"] != "same"
    assert "checked" in page, "the statement stays ticked"
    client.post(url(cart), {**sent, "is_attested": "on"})
    assert Order.objects.count() == 2
    assert Order.objects.get(cart=cart).lines.get().quantity == 5


def test_what_changed_since_the_review_is_named(cart: Cart, client: Client) -> None:
    form = said(cart)
    gone = CartLineFactory(cart=cart, quantity=2)
    form["reviewed"] += " " + ":".join(priced_cart(cart)[1].seen)
    gone.delete()
    kept, new = cart.lines.get(), CartLineFactory(cart=cart, quantity=4)
    cart.lines.filter(pk=kept.pk).update(quantity=9)
    page = client.post(url(cart), form).content.decode()
    sku = kept.availability.sku
    assert f"{sku}: was 5 at PLN\u00a050.40, is 9 at PLN\u00a050.40" in page
    assert f"{gone.availability.sku}: not in the cart any more" in page
    assert f"{new.availability.sku}: came into the cart" in page
    assert hidden(page)["submit_key"] == "k1", "the key was not used"


def test_a_price_that_ended_since_the_review_is_named(cart: Cart, client: Client) -> None:
    form, sold = said(cart), cart.lines.get().availability
    sold.prices.update(effective_until=price_day() - timedelta(days=1))
    page = client.post(url(cart), form).content.decode()
    assert f"{sold.sku}: has no price any more" in page
    assert "Submit order" not in page


def test_a_cart_that_was_discarded_is_not_found(
    cart: Cart, sales_agent: Membership, actor_for: Act, client: Client
) -> None:
    form = said(cart)
    discard_cart(by=actor_for(sales_agent), cart=Cart.objects.get(pk=cart.pk))
    assert client.post(url(cart), form).status_code == 404


def test_an_incomplete_submit_of_an_ordered_cart_leads_to_its_order(cart: Cart, client: Client) -> None:
    form = said(cart)
    client.post(url(cart), form)
    answer = client.post(url(cart), {"submit_key": "k1"}, follow=True)
    assert answer.redirect_chain == [(order_page(Order.objects.get()), 302)]
    assert "This cart was ordered already." in answer.content.decode()


@pytest.mark.parametrize("reviewed", ["x:y:z:w", "1:2:3:4", f"{'1' * 32}::x:1", f"{'1' * 32}::1:NaN", "::: :::"])
def test_what_cannot_be_read_was_not_reviewed(cart: Cart, client: Client, reviewed: str) -> None:
    page = client.post(url(cart), said(cart, reviewed=reviewed)).content.decode()
    assert "The cart or a price changed since you reviewed it" in page
    client.post(url(cart), said(cart))
    order = Order.objects.get()
    assert client.post(url(cart), said(cart, "k2", reviewed=reviewed)).status_code == 200
    assert Order.objects.get() == order


@pytest.mark.parametrize("price", ["NaN", "-Infinity", "-1", "1e99999", "1e10"])
def test_a_price_that_none_can_be_is_not_written_out(cart: Cart, client: Client, price: str) -> None:
    """A few characters can stand for a number of a billion digits."""
    sold = cart.lines.get().availability
    sent = {"reviewed": f"{sold.public_id}::5:{price}"}
    page = client.post(url(cart), said(cart, **sent))
    assert (page.status_code, len(page.content) < 50_000) == (200, True)
    client.post(url(cart), said(cart))
    page = client.post(url(cart), said(cart, "k2", **sent))
    assert (page.status_code, len(page.content) < 50_000) == (200, True)
    assert Order.objects.count() == 1
