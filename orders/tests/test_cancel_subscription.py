"""Cancelling a subscription: as a whole, within 7 days of purchase or renewal; in the sandbox at any time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agreements.services import withdraw_acceptance
from agreements.tests.factories import job_actor
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Subscription
from orders.services import advance_subscription, cancel_subscription, change_licence_count, suspend_subscription
from orders.tasks import CLOCK
from orders.tests.lives import add_on_of, at, kinds, status_of, subscribed
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotPermitted, RuleViolation
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]
WEEK, SECOND = timedelta(days=7), timedelta(seconds=1)


@pytest.fixture
def subscription(customer: Customer, sales_agent: Membership) -> Subscription:
    return subscribed(customer, sales_agent)


def url(subscription: Subscription) -> str:
    return reverse("orders:cancel_subscription", args=[subscription.pk])


def cancelled(subscription: Subscription) -> Subscription:
    return cancel_subscription(by=job_actor(), subscription=subscription)


def test_ends_at_once_and_is_told_once(subscription: Subscription, customer: Customer) -> None:
    for _ in range(2):
        assert cancelled(subscription).status == "deleted"
    subscription.refresh_from_db()
    assert (subscription.status, subscription.due_at) == ("deleted", None)
    assert kinds(subscription) == ["purchased", "deleted"]
    assert AuditEvent.objects.filter(code="orders.subscription_cancelled").count() == 1
    customer.refresh_from_db()
    assert customer.subscription_count == 0


def test_seven_days_to_the_second(customer: Customer, sales_agent: Membership) -> None:
    in_time, late = subscribed(customer, sales_agent), subscribed(customer, sales_agent)
    with at(in_time.started_at + WEEK):
        assert cancelled(in_time).status == "deleted"
    with at(late.started_at + WEEK + SECOND), pytest.raises(RuleViolation, match="Switch auto-renew off"):
        cancelled(late)
    assert status_of(late) == "active"


def test_a_renewal_opens_the_window_again(subscription: Subscription) -> None:
    end = subscription.term_ends_at
    with at(end - SECOND), pytest.raises(RuleViolation):
        cancelled(subscription)
    with at(end):
        advance_subscription(by=CLOCK, subscription_id=subscription.pk, now=end)
    with at(end + WEEK):
        assert cancelled(subscription).status == "deleted"


def test_an_increase_does_not(subscription: Subscription) -> None:
    with at(subscription.started_at + WEEK + SECOND):
        change_licence_count(by=job_actor(), subscription=subscription, quantity=50, submit_key="k")
        with pytest.raises(RuleViolation, match="within 7 days of purchase or renewal"):
            cancelled(subscription)


def test_its_add_ons_end_along(subscription: Subscription, sales_agent: Membership) -> None:
    running, suspended = add_on_of(subscription, sales_agent), add_on_of(subscription, sales_agent)
    suspend_subscription(by=job_actor(), subscription=suspended)
    cancelled(subscription)
    assert {status_of(each) for each in (running, suspended)} == {"deleted"}
    assert running.events.get(kind="deleted").reason == "parent_ended"


def test_an_add_on_is_cancelled_without_its_base(subscription: Subscription, sales_agent: Membership) -> None:
    cancelled(add_on_of(subscription, sales_agent))
    assert status_of(subscription) == "active"


def test_needs_no_acceptance(subscription: Subscription, customer: Customer) -> None:
    made = customer.tenant.attestations.get()
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=made, reason="Wrong customer")
    assert cancelled(subscription).status == "deleted"


def test_needs_the_right_to_change_licences(
    subscription: Subscription, helpdesk_agent: Membership, actor_for: Act
) -> None:
    with pytest.raises(NotPermitted):
        cancel_subscription(by=actor_for(helpdesk_agent), subscription=subscription)


def test_in_the_sandbox_at_any_time(template: object) -> None:
    member = MembershipFactory(partner=PartnerFactory(sandbox=True))
    subscription = subscribed(CustomerFactory(partner=member.partner), member)
    with at(subscription.started_at + WEEK * 10):
        assert cancelled(subscription).status == "deleted"


def test_the_page_asks_and_names_the_add_ons(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    add_on, client = add_on_of(subscription, sales_agent), client_of(sales_agent)
    text = client.get(url(subscription)).content.decode()
    assert "cannot be undone" in text
    assert f"{add_on.title}, 2 licences" in text
    assert status_of(subscription) == "active"
    page = client.post(url(subscription), {"reason": "misuse"}, follow=True)
    assert page.redirect_chain == [(reverse("orders:subscription", args=[subscription.pk]), 302)]
    assert f"{subscription.title} is cancelled." in page.content.decode()
    assert subscription.events.get(kind="deleted").reason == "misuse"
    assert client.post(url(subscription), {"reason": "misuse"}).status_code == 302
    assert kinds(subscription) == ["purchased", "deleted"]


@pytest.mark.parametrize("reason", ["term_ended", "<b>", "x" * 300])
def test_a_reason_of_ones_own_is_refused(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn, reason: str
) -> None:
    answer = client_of(sales_agent).post(url(subscription), {"reason": reason})
    assert answer.status_code == 200
    assert "Choose one of the listed answers" in answer.content.decode()
    assert status_of(subscription) == "active"


def test_the_page_says_when_it_is_too_late(
    customer: Customer, subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    increased = change_licence_count(by=job_actor(), subscription=subscription, quantity=9, submit_key="k")
    assert increased.to_quantity == 9
    Subscription.objects.filter(pk=subscription.pk).update(status="expired")
    text = client_of(sales_agent).get(url(subscription)).content.decode()
    assert "Only an active or suspended subscription can be cancelled" in text
    assert '<button class="btn btn-primary" type="submit">Cancel subscription' not in text
    answer = client_of(sales_agent).post(url(subscription), {}, follow=True)
    assert "Only an active or suspended subscription can be cancelled" in answer.content.decode()
