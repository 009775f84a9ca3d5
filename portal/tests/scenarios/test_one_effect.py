"""Two hundred clicks on one button: one effect, and everybody is led to it."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.models import Attestation
from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.models import Cart, CartLine, LicenceChange, MonthTotal, Order, Subscription, SubscriptionEvent
from orders.tests.factories import AvailabilityFactory, CartLineFactory, filled_cart, placed
from portal.common.actor import Actor
from portal.jobs.tests.concurrency import together
from portal.partners.models import Membership
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.live import Answer, Browser, Live

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[Membership], Client]
Act = Callable[..., Actor]


@pytest.fixture
def cart(customer: Customer, sales_agent: Membership) -> Cart:
    """Three products, five licences each."""
    cart = filled_cart(customer, sales_agent)
    for _ in range(2):
        CartLineFactory(cart=cart)
    return cart


@pytest.fixture
def subscription(customer: Customer, sales_agent: Membership, actor_for: Act) -> Subscription:
    """Of 5 licences."""
    confirmed(customer)
    return placed(filled_cart(customer, sales_agent), actor_for(sales_agent)).lines.get().subscription


def send_at_once(browser: Browser, path: str, form: dict[str, str], count: int) -> Counter[tuple[int, str]]:
    """So many byte-identical submits in the same moment; what they were answered."""
    answers, errors = together(count, lambda number: browser.post(path, form))
    assert not errors
    assert len({answer.worker for answer in answers}) > 1
    return Counter(map(where, answers))


def where(answer: Answer) -> tuple[int, str]:
    return answer.status_code, answer.url


def submit_order(server: Live, cart: Cart, client: Client, count: int) -> Counter[tuple[int, str]]:
    browser, path = server.browser(client), reverse("orders:review", args=[cart.pk])
    return send_at_once(browser, path, browser.filled(path, having="reviewed", is_attested="on"), count)


@pytest.mark.scenario("I1")
def test_one_order_and_everybody_is_led_to_it(
    live: Live, cart: Cart, customer: Customer, sales_agent: Membership, client_of: ClientOf
) -> None:
    """200 byte-identical submits at once over 4 workers: 1 order, every answer leads to it, none fails"""
    confirmed(customer)
    count = scale(60, 200)
    answers = submit_order(live, cart, client_of(sales_agent), count)
    order = Order.objects.get()
    assert answers == {(302, reverse("orders:order", args=[order.number])): count}
    total = MonthTotal.objects.get()
    assert (total.order_count, total.amount) == (1, order.total)
    assert Subscription.objects.count() == SubscriptionEvent.objects.count() == order.lines.count() == 3


@pytest.mark.scenario("I1")
def test_negative_control_without_guards_there_are_many_orders(
    faulty: Live, cart: Cart, customer: Customer, sales_agent: Membership, client_of: ClientOf
) -> None:
    """negative control: with the key ignored and a cart that forgets its order, the same submits make many"""
    confirmed(customer)
    assert len(submit_order(faulty, cart, client_of(sales_agent), scale(20, 200))) > 1
    assert Order.objects.count() > 1


def change_licences(server: Live, subscription: Subscription, client: Client, count: int) -> Counter[tuple[int, str]]:
    browser, path = server.browser(client), reverse("orders:licences", args=[subscription.pk])
    return send_at_once(browser, path, browser.filled(path, having="quantity", quantity="9"), count)


@pytest.mark.scenario("I2")
def test_one_licence_change(
    live: Live, subscription: Subscription, sales_agent: Membership, client_of: ClientOf
) -> None:
    """A licence change, as many times at once: 1 change, every answer the same"""
    count = scale(40, 200)
    answers = change_licences(live, subscription, client_of(sales_agent), count)
    assert list(answers.values()) == [count]
    assert {status for status, _url in answers} == {302}
    assert LicenceChange.objects.get().to_quantity == Subscription.objects.get().quantity == 9
    assert SubscriptionEvent.objects.filter(kind="licences_changed").count() == 1


@pytest.mark.scenario("I2")
def test_negative_control_without_keys_a_licence_change_is_answered_in_two_ways(
    faulty: Live, subscription: Subscription, sales_agent: Membership, client_of: ClientOf
) -> None:
    """negative control: with the key ignored, all but one are told that this is the licence count already"""
    assert len(change_licences(faulty, subscription, client_of(sales_agent), scale(20, 200))) > 1


def confirm_in_order(server: Live, cart: Cart, client: Client, count: int) -> Counter[tuple[int, str]]:
    browser, path = server.browser(client), reverse("orders:agreement", args=[cart.pk])
    typed = {"agreed_on": timezone.now().date().isoformat(), "signer": "contact", "evidence_kind": "email"}
    return send_at_once(browser, path, browser.filled(path, having="agreed_on", **typed), count)


@pytest.mark.scenario("I2")
def test_one_confirmation_inside_the_order(
    live: Live, cart: Cart, sales_agent: Membership, client_of: ClientOf
) -> None:
    """The prompt inside the order: 1 record, the cart goes on at Review, every answer leads there"""
    count = scale(40, 200)
    answers = confirm_in_order(live, cart, client_of(sales_agent), count)
    assert answers == {(302, reverse("orders:review", args=[cart.pk])): count}
    assert Attestation.objects.count() == 1
    assert Cart.objects.get().stage == "review"


@pytest.mark.scenario("I2")
def test_negative_control_without_keys_a_confirmation_is_answered_in_two_ways(
    faulty: Live, cart: Cart, sales_agent: Membership, client_of: ClientOf
) -> None:
    """negative control: with the key ignored, who comes second is told that it is recorded already"""
    assert len(confirm_in_order(faulty, cart, client_of(sales_agent), scale(20, 200))) > 1


@pytest.mark.scenario("I2")
def test_one_line_of_each_product(live: Live, cart: Cart, sales_agent: Membership, client_of: ClientOf) -> None:
    """New quantities and a further product, as many times at once: each product once, every answer the same"""
    AvailabilityFactory()
    count = scale(40, 200)
    browser, path = live.browser(client_of(sales_agent)), reverse("orders:cart", args=[cart.pk])
    form = browser.filled(path, having="purchase_order_number")
    form |= {name: "7" for name in form if name.startswith(("quantity-", "add-"))}
    answers = send_at_once(browser, path, form, count)
    assert list(answers.values()) == [count]
    assert {status for status, _url in answers} == {302}
    assert list(CartLine.objects.values_list("quantity", flat=True)) == [7] * 4
