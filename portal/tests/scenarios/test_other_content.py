"""A form is sent again from the browser's history or a second tab: with other content it is refused where everybody
sees it, and what is meant as a further order or change is one.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.models import Attestation
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.forms_on_page import form_of
from orders.models import Availability, Cart, LicenceChange, Order, Subscription
from orders.services import licences, ordering
from orders.tests.factories import filled_cart, placed
from portal.common.actor import Actor
from portal.partners.models import Membership

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("template")]
ClientOf = Callable[[Membership], Client]
Act = Callable[..., Actor]


@pytest.fixture
def client(client_of: ClientOf, sales_agent: Membership) -> Client:
    return client_of(sales_agent)


@pytest.fixture
def acceptance(customer: Customer) -> Attestation:
    return confirmed(customer)


@pytest.fixture
def cart(acceptance: Attestation, customer: Customer, sales_agent: Membership) -> Cart:
    """Ordered by nobody yet, under the customer's number PO-1."""
    cart = filled_cart(customer, sales_agent)
    cart.purchase_order_number = "PO-1"
    cart.save()
    return cart


@pytest.fixture
def subscription(
    acceptance: Attestation, customer: Customer, sales_agent: Membership, actor_for: Act
) -> Subscription:
    """Of 5 licences."""
    return placed(filled_cart(customer, sales_agent), actor_for(sales_agent)).lines.get().subscription


def review_of(client: Client, cart: Cart) -> tuple[str, dict[str, str]]:
    """Where the Review page sends what."""
    path = reverse("orders:review", args=[cart.pk])
    return path, {**form_of(client.get(path), having="reviewed"), "is_attested": "on"}


def licences_of(client: Client, subscription: Subscription, quantity: int) -> tuple[str, dict[str, str]]:
    path = reverse("orders:licences", args=[subscription.pk])
    return path, {**form_of(client.get(path), having="quantity"), "quantity": str(quantity)}


def page(response: Any) -> str:
    """The words of the page where the browser ends up, and the values in its fields."""
    assert response.status_code in (200, 409)
    text = response.content.decode()
    values = " ".join(re.findall(r'<input(?![^>]*type="hidden")[^>]*value="([^"]*)"', text))
    return " ".join(re.sub(r"<[^>]+>", " ", text).split()) + " " + values


def is_refused(text: str) -> bool:
    return "sent before with other content" in text or "ordered already, with other content" in text


# The same key, another body ------------------------------------------------------------------------------------


@pytest.mark.scenario("I4")
def test_an_order_sent_again_with_another_number_is_refused_with_both(client: Client, cart: Cart) -> None:
    """The same key with another purchase-order number: refused, both numbers shown, the order as it was"""
    path, form = review_of(client, cart)
    client.post(path, form)
    order = Order.objects.get()
    said = page(client.post(path, {**form, "purchase_order_number": "PO-2"}, follow=True))
    assert is_refused(said)
    assert "PO-1" in said
    assert "PO-2" in said
    assert order.number in said
    assert Order.objects.get().purchase_order_number == "PO-1"


@pytest.mark.scenario("I4")
def test_an_order_sent_from_another_tab_with_another_number_is_refused_with_both(client: Client, cart: Cart) -> None:
    """Two tabs, one with another purchase-order number: the second is refused, both numbers shown"""
    path, form = review_of(client, cart)
    Cart.objects.filter(pk=cart.pk).update(purchase_order_number="PO-2")
    _path, other = review_of(client, cart)
    client.post(path, form)
    said = page(client.post(path, other, follow=True))
    assert is_refused(said)
    assert "PO-1" in said
    assert "PO-2" in said
    assert Order.objects.get().purchase_order_number == "PO-1"


@pytest.mark.scenario("I4")
def test_an_order_sent_again_with_other_lines_is_refused_with_both(client: Client, cart: Cart) -> None:
    """The same key with other quantities: refused, what was ordered is shown beside what was sent"""
    path, form = review_of(client, cart)
    client.post(path, form)
    other = form["reviewed"].replace(":5:", ":77:")
    assert other != form["reviewed"]
    said = page(client.post(path, {**form, "reviewed": other}, follow=True))
    assert is_refused(said)
    assert re.search(r"\b5\b", said)
    assert re.search(r"\b77\b", said)
    assert Order.objects.get().lines.get().quantity == 5


@pytest.mark.scenario("I4")
def test_a_licence_change_sent_again_with_another_count_is_refused_with_both(
    client: Client, subscription: Subscription
) -> None:
    """The same key with another licence count: refused, the present count and the typed one shown"""
    path, form = licences_of(client, subscription, 9)
    client.post(path, form)
    said = page(client.post(path, {**form, "quantity": "13"}, follow=True))
    assert is_refused(said)
    assert "Current licence count 9" in said
    assert said.endswith("13")
    assert LicenceChange.objects.get().to_quantity == 9


@pytest.mark.scenario("I4")
def test_a_confirmation_sent_again_with_another_signer_is_refused_visibly(
    client: Client, customer: Customer, sales_agent: Membership
) -> None:
    """The prompt's key with another signer: one record, and the next page shows both versions"""
    path = reverse("orders:agreement", args=[filled_cart(customer, sales_agent).pk])
    today = timezone.now().date().isoformat()
    typed = {"agreed_on": today, "signer": "contact", "evidence_kind": "email"}
    form = {**form_of(client.get(path), having="agreed_on"), **typed}
    client.post(path, form)
    other = {"signer": "other", "first_name": "Łukasz", "last_name": "Nowak", "email": "lukasz@customer.example"}
    said = page(client.post(path, {**form, **other}, follow=True))
    assert "Accepted by Zofia Wiśniewska" in said
    assert "What you sent was not recorded: by Łukasz Nowak" in said
    assert Attestation.objects.get().person.full_name == "Zofia Wiśniewska"


@pytest.mark.scenario("I4")
def test_negative_control_without_the_key_the_other_content_goes_through(
    client: Client, subscription: Subscription, cart: Cart, monkeypatch: pytest.MonkeyPatch
) -> None:
    """negative control: with the key ignored and a forgetful cart, other content is taken for a new submit"""
    for module in (licences, ordering):
        monkeypatch.setattr(module, "submit_once", lambda **said: (said["effect"](), False))
    monkeypatch.setattr(ordering, "_ordered_as", lambda cart, order, digest: order.number)
    path, form = licences_of(client, subscription, 9)
    client.post(path, form)
    client.post(path, {**form, "quantity": "13"})
    assert LicenceChange.objects.count() == 2
    path, form = review_of(client, cart)
    client.post(path, form)
    assert Order.objects.count() == 2
    said = page(client.post(path, {**form, "purchase_order_number": "PO-2"}, follow=True))
    assert not is_refused(said)


# Another order, another change ---------------------------------------------------------------------------------


@pytest.mark.scenario("I5")
def test_back_and_then_another_order_makes_both(
    client: Client, cart: Cart, customer: Customer, sales_agent: Membership
) -> None:
    """Back to the Review page that was sent, then another order of the same products: both are there"""
    path, form = review_of(client, cart)
    first = client.post(path, form).headers["Location"]
    # Back shows the page as it was; pressing the button again leads to the order and makes no second one.
    assert client.post(path, form).headers["Location"] == first
    # The page before it, from the browser's history, starts the next order for the same customer.
    started = client.post(reverse("orders:new"), {"customer": str(customer.tenant_id)}).headers["Location"]
    assert started != reverse("orders:cart", args=[cart.pk])
    second = Cart.objects.unfinished().get()
    second.lines.create(availability=Availability.objects.get(), quantity=5)
    path, form = review_of(client, second)
    assert client.post(path, form).headers["Location"] != first
    assert Order.objects.count() == 2


@pytest.mark.scenario("I5")
def test_a_duplicated_tab_and_another_order_makes_both(
    client: Client, cart: Cart, customer: Customer, sales_agent: Membership
) -> None:
    """Two carts in two tabs, sent in turn and again: two orders, each tab is led to its own"""
    other = filled_cart(customer, sales_agent, quantity=5)
    tabs = [review_of(client, each) for each in (cart, other)]
    answers = [client.post(path, form).headers["Location"] for path, form in tabs * 2]
    assert answers[:2] == answers[2:]
    assert {reverse("orders:order", args=[order.number]) for order in Order.objects.all()} == set(answers)
    assert len(set(answers)) == 2


@pytest.mark.scenario("I5")
def test_back_and_then_another_licence_count_makes_both_changes(client: Client, subscription: Subscription) -> None:
    """Back to a sent licence count, another number typed: one visible refusal, then one click and both are there"""
    path, form = licences_of(client, subscription, 9)
    client.post(path, form)
    refused = client.post(path, {**form, "quantity": "13"}, follow=True)
    assert is_refused(page(refused))
    # One click: the page has the typed count and a key of its own.
    client.post(path, form_of(refused, having="quantity"))
    assert [change.to_quantity for change in LicenceChange.objects.order_by("pk")] == [9, 13]
    assert Subscription.objects.get(pk=subscription.pk).quantity == 13


@pytest.mark.scenario("I5")
def test_negative_control_one_key_for_everything_drops_the_second_change(
    client: Client, subscription: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    """negative control: where only the key counts and not what is sent with it, the second change is lost"""
    path, form = licences_of(client, subscription, 9)
    submit_once = licences.submit_once
    monkeypatch.setattr(licences, "submit_once", lambda **said: submit_once(**{**said, "body": {}}))
    client.post(path, form)
    dropped = client.post(path, {**form, "quantity": "13"}, follow=True)
    assert not is_refused(page(dropped))
    assert LicenceChange.objects.count() == 1
