"""orders.panels: what orders show on pages of other rooms."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import Attestation
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Order, SubscriptionStatus
from orders.services import change_licence_count
from orders.tests.factories import filled_cart, placed
from portal.common.actor import Actor
from portal.partners.models import Membership

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]


@pytest.fixture
def acceptance(customer: Customer) -> Attestation:
    return confirmed(customer)


@pytest.fixture
def orders(acceptance: Attestation, customer: Customer, sales_agent: Membership, actor_for: Act) -> list[Order]:
    return [placed(filled_cart(customer, sales_agent), actor_for(sales_agent)) for _ in range(6)]


def account(customer: Customer) -> str:
    return reverse("customers:account", args=[customer.tenant_id])


def record(acceptance: Attestation) -> str:
    return reverse("agreements:record", args=[acceptance.tenant_id, acceptance.reference])


def test_account_info_shows_the_latest_five_and_every_active_subscription(
    orders: list[Order], customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    suspended = orders[1].lines.get().subscription
    suspended.status = SubscriptionStatus.SUSPENDED
    suspended.save()
    page = client_of(sales_agent).get(account(customer)).content.decode()
    assert orders[0].number not in page
    for order in orders[1:]:
        assert order.number in page
    for order in orders:
        shown = reverse("orders:licences", args=[order.lines.get().subscription.pk]) in page
        assert shown is (order != orders[1])
    for command in (reverse("orders:new"), reverse("orders:list")):
        assert f"{command}?customer={customer.tenant_id}" in page


def test_account_info_offers_nothing_to_who_may_not(
    orders: list[Order], customer: Customer, helpdesk_agent: Membership, client_of: SignIn
) -> None:
    page = client_of(helpdesk_agent).get(account(customer)).content.decode()
    assert orders[-1].number in page
    assert reverse("orders:new") not in page
    assert "/licences/" not in page


def test_an_acceptance_names_the_orders_and_changes_that_relied_on_it(
    orders: list[Order], acceptance: Attestation, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    subscription = orders[0].lines.get().subscription
    change_licence_count(by=actor_for(sales_agent), subscription=subscription, quantity=9, submit_key="k")
    page = client_of(sales_agent).get(record(acceptance)).content.decode()
    for order in orders:
        assert order.number in page
    assert f"Licences of {subscription.title}: 5 to 9" in page


def test_an_acceptance_that_nothing_relied_on_says_so(
    acceptance: Attestation, customer: Customer, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    other = CustomerFactory(partner=customer.partner)
    confirmed(other)
    placed(filled_cart(other, sales_agent), actor_for(sales_agent))
    assert "No order relied on it." in client_of(sales_agent).get(record(acceptance)).content.decode()
