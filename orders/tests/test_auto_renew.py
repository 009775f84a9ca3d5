"""orders:auto_renew: whether a subscription goes on when its term ends."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from agreements.services import withdraw_acceptance
from agreements.tests.factories import job_actor
from customers.models import Customer
from orders.models import Subscription
from orders.services import set_auto_renew, suspend_subscription
from orders.tests.lives import kinds, subscribed
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotPermitted, RuleViolation
from portal.partners.models import Membership

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]


@pytest.fixture
def subscription(customer: Customer, sales_agent: Membership) -> Subscription:
    return subscribed(customer, sales_agent)


def url(subscription: Subscription) -> str:
    return reverse("orders:auto_renew", args=[subscription.pk])


def test_goes_off_and_on_each_once(subscription: Subscription, sales_agent: Membership, actor_for: Act) -> None:
    by = actor_for(sales_agent)
    for is_on in (False, False, True, True):
        assert set_auto_renew(by=by, subscription=subscription, is_on=is_on).auto_renew is is_on
    assert kinds(subscription) == ["purchased", "auto_renew_off", "auto_renew_on"]
    event = subscription.events.get(kind="auto_renew_off")
    assert (event.actor_name, event.reason) == ("Sam Sales", "customer_asked")
    said = AuditEvent.objects.filter(code="orders.auto_renew_changed").order_by("id")
    assert [each.facts["is_on"] for each in said] == [False, True]


def test_needs_no_acceptance(subscription: Subscription, customer: Customer) -> None:
    made = customer.tenant.attestations.get()
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=made, reason="Wrong customer")
    assert not set_auto_renew(by=job_actor(), subscription=subscription, is_on=False).auto_renew


def test_of_a_suspended_one_too_but_of_none_that_ended(subscription: Subscription) -> None:
    suspend_subscription(by=job_actor(), subscription=subscription)
    assert not set_auto_renew(by=job_actor(), subscription=subscription, is_on=False).auto_renew
    Subscription.objects.filter(pk=subscription.pk).update(status="deleted")
    with pytest.raises(RuleViolation, match="active or suspended"):
        set_auto_renew(by=job_actor(), subscription=subscription, is_on=True)


def test_needs_the_right_to_change_licences(
    subscription: Subscription, helpdesk_agent: Membership, actor_for: Act
) -> None:
    with pytest.raises(NotPermitted):
        set_auto_renew(by=actor_for(helpdesk_agent), subscription=subscription, is_on=False)


def test_one_button_on_the_page(subscription: Subscription, sales_agent: Membership, client_of: SignIn) -> None:
    client = client_of(sales_agent)
    page = client.post(url(subscription), {"auto_renew": "off"}, follow=True)
    assert page.redirect_chain == [(reverse("orders:subscription", args=[subscription.pk]), 302)]
    text = page.content.decode()
    assert "Auto-renew is off." in text
    assert "Ends on" in text
    assert "Switch auto-renew on" in text
    assert "Renews on" in client.post(url(subscription), {"auto_renew": "on"}, follow=True).content.decode()


@pytest.mark.parametrize("sent", [{}, {"auto_renew": ""}, {"auto_renew": "maybe"}])
def test_what_says_neither_changes_nothing(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn, sent: dict[str, str]
) -> None:
    page = client_of(sales_agent).post(url(subscription), sent, follow=True).content.decode()
    assert "This page was not complete" in page
    subscription.refresh_from_db()
    assert subscription.auto_renew
