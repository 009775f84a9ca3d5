"""The answer to a submit never arrives: sending it again leads to what the first one did."""

import time
from collections.abc import Callable
from http.client import RemoteDisconnected

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.models import Attestation
from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.models import Cart, LicenceChange, Order, Subscription
from orders.tests.factories import filled_cart, placed
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.live import Answer, Browser, Live

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[Membership], Client]
Act = Callable[..., Actor]


def review_of(cart: Cart) -> str:
    return reverse("orders:review", args=[cart.pk])


def submit_and_die(server: Live, browser: Browser, path: str, form: dict[str, str]) -> None:
    """The worker is killed when everything is committed and nothing is answered."""
    server.kill_after_next_answer()
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        browser.post(path, form)
    assert server.was_killed()


def eventually(browser: Browser, path: str, form: dict[str, str]) -> Answer:
    """What a person gets who tries again until somebody answers."""
    for _ in range(100):
        try:
            return browser.post(path, form)
        except ConnectionError:
            time.sleep(0.1)
    raise AssertionError("Nobody answers any more.")


@pytest.mark.scenario("I3")
def test_an_order_whose_worker_dies_before_it_answers(
    live: Live, customer: Customer, sales_agent: Membership, client_of: ClientOf
) -> None:
    """A worker killed between COMMIT and answer: the same submit again leads to the order, there is no second one"""
    confirmed(customer)
    browser = live.browser(client_of(sales_agent))
    for _ in range(scale(2, 50)):
        path = review_of(filled_cart(customer, sales_agent))
        form = browser.filled(path, having="reviewed", is_attested="on")
        before = set(Order.objects.values_list("number", flat=True))
        submit_and_die(live, browser, path, form)
        again = eventually(browser, path, form)
        order = Order.objects.exclude(number__in=before).get()
        assert (again.status_code, again.url) == (302, reverse("orders:order", args=[order.number]))


@pytest.mark.scenario("I3")
def test_an_order_whose_client_is_gone_before_the_answer(
    live: Live, customer: Customer, sales_agent: Membership, client_of: ClientOf
) -> None:
    """A client killed before the answer: submitting again leads to the one order"""
    confirmed(customer)
    browser = live.browser(client_of(sales_agent))
    for number in range(scale(4, 50)):
        cart = filled_cart(customer, sales_agent)
        path = review_of(cart)
        form = browser.filled(path, having="reviewed", is_attested="on")
        browser.send_and_vanish(path, form)
        # Now at the same time as the first one, now after it.
        time.sleep(0.3 * (number % 2))
        again = browser.post(path, form)
        cart.refresh_from_db()
        assert Order.objects.count() == number + 1
        assert (again.status_code, again.url) == (302, reverse("orders:order", args=[cart.order.number]))


@pytest.mark.scenario("I3")
def test_a_licence_change_whose_worker_dies_before_it_answers(
    live: Live, customer: Customer, sales_agent: Membership, client_of: ClientOf, actor_for: Act
) -> None:
    """A licence change killed between COMMIT and answer: the same submit again is answered as the first one"""
    confirmed(customer)
    subscription = placed(filled_cart(customer, sales_agent), actor_for(sales_agent)).lines.get().subscription
    browser, path = live.browser(client_of(sales_agent)), reverse("orders:licences", args=[subscription.pk])
    for number in range(scale(2, 50)):
        form = browser.filled(path, having="quantity", quantity=str(10 + number))
        submit_and_die(live, browser, path, form)
        assert eventually(browser, path, form).status_code == 302
        assert LicenceChange.objects.count() == number + 1
    assert Subscription.objects.get().quantity == 10 + number


@pytest.mark.scenario("I3")
def test_a_confirmation_inside_the_order_whose_worker_dies_before_it_answers(
    live: Live, customer: Customer, sales_agent: Membership, client_of: ClientOf
) -> None:
    """The prompt inside the order, killed between COMMIT and answer: again leads back to Review, with one record"""
    cart = filled_cart(customer, sales_agent)
    browser, path = live.browser(client_of(sales_agent)), reverse("orders:agreement", args=[cart.pk])
    today = timezone.now().date().isoformat()
    form = browser.filled(path, having="agreed_on", agreed_on=today, signer="contact", evidence_kind="email")
    submit_and_die(live, browser, path, form)
    again = eventually(browser, path, form)
    assert (again.status_code, again.url) == (302, review_of(cart))
    assert Attestation.objects.count() == 1
    assert Cart.objects.get().stage == "review"


@pytest.mark.scenario("I3")
def test_negative_control_without_guards_the_second_submit_orders_again(
    faulty: Live, customer: Customer, sales_agent: Membership, client_of: ClientOf
) -> None:
    """negative control: with the key ignored and a forgetful cart, the second submit is a second order"""
    confirmed(customer)
    path, browser = review_of(filled_cart(customer, sales_agent)), faulty.browser(client_of(sales_agent))
    form = browser.filled(path, having="reviewed", is_attested="on")
    submit_and_die(faulty, browser, path, form)
    eventually(browser, path, form)
    assert Order.objects.count() == 2
