"""Cancelling an order: any order of a sandbox, and none of production."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import MonthTotal, Order, Subscription
from orders.services import cancel_order
from orders.tests.lives import add_on_of, kinds, status_of, subscribed
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotPermitted, RuleViolation
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]


@pytest.fixture
def member(template: object) -> Membership:
    roles = ["admin_agent", "sales_agent"]
    return MembershipFactory(partner=PartnerFactory(sandbox=True), roles=roles, user__name="Tomasz Testowy")


@pytest.fixture
def subscription(member: Membership) -> Subscription:
    return subscribed(CustomerFactory(partner=member.partner), member)


@pytest.fixture
def order(subscription: Subscription) -> Order:
    return subscription.order_line.order


def url(order: Order) -> str:
    return reverse("orders:cancel", args=[order.number])


def test_ends_its_subscriptions_with_their_add_ons_once(
    order: Order, subscription: Subscription, member: Membership, actor_for: Act
) -> None:
    add_on, other = add_on_of(subscription, member), subscribed(subscription.customer, member)
    before = MonthTotal.objects.get()
    for _ in range(2):
        assert cancel_order(by=actor_for(member), order=order).status == "cancelled"
    assert [status_of(each) for each in (subscription, add_on, other)] == ["deleted", "deleted", "active"]
    assert subscription.events.get(kind="deleted").reason == "order_cancelled"
    assert kinds(add_on) == ["purchased", "deleted"]
    assert AuditEvent.objects.filter(code="orders.order_cancelled").count() == 1
    after = MonthTotal.objects.get()
    assert after.order_count == before.order_count - 1
    assert after.amount == before.amount - order.total
    customer = Customer.objects.get(pk=order.customer_id)
    assert customer.subscription_count == 1


def test_production_orders_stay(
    customer: Customer, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    order = subscribed(customer, sales_agent).order_line.order
    with pytest.raises(RuleViolation, match="Only sandbox orders"):
        cancel_order(by=actor_for(sales_agent), order=order)
    client = client_of(sales_agent)
    assert "Only sandbox orders" in client.get(url(order)).content.decode()
    assert "Only sandbox orders" in client.post(url(order), follow=True).content.decode()
    assert url(order) not in client.get(reverse("orders:order", args=[order.number])).content.decode()
    assert Order.objects.get().status == "completed"


def test_needs_the_right_to_order(order: Order, member: Membership, actor_for: Act) -> None:
    helpdesk = MembershipFactory(partner=member.partner, roles=["helpdesk_agent"])
    with pytest.raises(NotPermitted):
        cancel_order(by=actor_for(helpdesk), order=order)


def test_the_page_asks_and_comes_back(order: Order, member: Membership, client_of: SignIn) -> None:
    client, page = client_of(member), reverse("orders:order", args=[order.number])
    assert url(order) in client.get(page).content.decode()
    assert "cannot be undone" in client.get(url(order)).content.decode()
    assert Order.objects.get().status == "completed"
    answer = client.post(url(order), follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert f"Order {order.number} is cancelled." in answer.content.decode()
    assert "Cancelled" in answer.content.decode()
    assert url(order) not in answer.content.decode()
    assert client.post(url(order)).status_code == 302
    assert "cancelled already" in client.get(url(order)).content.decode()
