"""Suspending and reactivating a subscription: not gated, logged, refused once the relationship ended."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.models import Attestation
from agreements.services import withdraw_acceptance
from agreements.tests.factories import confirmed, job_actor
from customers.models import Customer
from customers.services import RelationshipEnded
from orders.models import Subscription
from orders.services import change_licence_count, reactivate_subscription, suspend_subscription
from orders.tests.factories import filled_cart, placed
from orders.tests.lives import add_on_of, status_of
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotPermitted, RuleViolation
from portal.partners.models import Membership

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]


@pytest.fixture
def acceptance(customer: Customer) -> Attestation:
    return confirmed(customer)


@pytest.fixture
def subscription(
    acceptance: Attestation, customer: Customer, sales_agent: Membership, actor_for: Act
) -> Subscription:
    return placed(filled_cart(customer, sales_agent), actor_for(sales_agent)).lines.get().subscription


def codes() -> list[str]:
    events = AuditEvent.objects.filter(code__startswith="orders.subscription")
    return list(events.order_by("id").values_list("code", flat=True))


def test_suspends_and_reactivates_each_once(
    subscription: Subscription, sales_agent: Membership, actor_for: Act
) -> None:
    by = actor_for(sales_agent)
    for _ in range(2):
        assert suspend_subscription(by=by, subscription=subscription).status == "suspended"
    with pytest.raises(RuleViolation, match="Reactivate it first"):
        change_licence_count(by=by, subscription=subscription, quantity=9, submit_key="k")
    for _ in range(2):
        assert reactivate_subscription(by=by, subscription=subscription).status == "active"
    assert codes() == ["orders.subscription_suspended", "orders.subscription_reactivated"]
    subscription.refresh_from_db()
    assert (subscription.status, subscription.quantity) == ("active", 5)


def test_needs_no_acceptance(
    subscription: Subscription, acceptance: Attestation, customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=acceptance, reason="Wrong customer")
    by = actor_for(sales_agent)
    assert suspend_subscription(by=by, subscription=subscription).status == "suspended"
    assert reactivate_subscription(by=by, subscription=subscription).status == "active"


def test_needs_the_right_to_change_licences(
    subscription: Subscription, helpdesk_agent: Membership, actor_for: Act
) -> None:
    for service in (suspend_subscription, reactivate_subscription):
        with pytest.raises(NotPermitted):
            service(by=actor_for(helpdesk_agent), subscription=subscription)


def test_is_refused_once_the_relationship_ended(
    subscription: Subscription, customer: Customer, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    Customer.objects.filter(pk=customer.pk).update(removed_at=timezone.now())
    for service in (suspend_subscription, reactivate_subscription):
        with pytest.raises(RelationshipEnded):
            service(by=actor_for(sales_agent), subscription=subscription)
    url = reverse("orders:suspend", args=[subscription.pk])
    page = client_of(sales_agent).post(url, follow=True).content.decode()
    assert "The reseller relationship with this customer was removed" in page


def test_goes_back_to_the_removal_it_was_asked_for(
    subscription: Subscription, customer: Customer, admin_agent: Membership, client_of: SignIn
) -> None:
    client, remove = client_of(admin_agent), reverse("customers:remove", args=[customer.tenant_id])
    suspend = f"{reverse('orders:suspend', args=[subscription.pk])}?back=remove"
    assert suspend in client.get(remove).content.decode()
    assert remove in client.get(suspend).content.decode()
    assert client.post(suspend, follow=True).redirect_chain == [(remove, 302)]


def test_asks_once_and_comes_back_to_the_subscription(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    client = client_of(sales_agent)
    for command in ("suspend", "reactivate"):
        page = client.post(reverse(f"orders:{command}", args=[subscription.pk]), follow=True)
        assert page.redirect_chain == [(reverse("orders:subscription", args=[subscription.pk]), 302)]


def test_asks_once_and_comes_back_to_account_info(
    subscription: Subscription, customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    client, account = client_of(sales_agent), reverse("customers:account", args=[customer.tenant_id])
    suspend = reverse("orders:suspend", args=[subscription.pk])
    reactivate = reverse("orders:reactivate", args=[subscription.pk])
    assert suspend in client.get(reverse("orders:licences", args=[subscription.pk])).content.decode()
    assert subscription.title in client.get(suspend).content.decode()
    page = client.post(f"{suspend}?back=account", follow=True)
    assert page.redirect_chain == [(account, 302)]
    text = page.content.decode()
    assert f"{subscription.title} is suspended." in text
    assert reactivate in text
    assert suspend not in text
    assert reactivate in client.get(reverse("orders:licences", args=[subscription.pk])).content.decode()
    assert f"{subscription.title} is active again." in client.post(reactivate, follow=True).content.decode()


def test_add_ons_stop_along_and_run_again_along(
    subscription: Subscription, sales_agent: Membership, actor_for: Act
) -> None:
    by = actor_for(sales_agent)
    along, own = add_on_of(subscription, sales_agent), add_on_of(subscription, sales_agent)
    suspend_subscription(by=by, subscription=own)
    suspend_subscription(by=by, subscription=subscription)
    assert {status_of(each) for each in (along, own)} == {"suspended"}
    assert along.events.get(kind="suspended").reason == "parent_ended"
    reactivate_subscription(by=by, subscription=subscription)
    # Who was suspended for itself stays so.
    assert [status_of(each) for each in (along, own)] == ["active", "suspended"]
    assert reactivate_subscription(by=by, subscription=own).status == "active"


def test_an_add_on_does_not_run_without_its_base(
    subscription: Subscription, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    add_on = add_on_of(subscription, sales_agent)
    suspend_subscription(by=actor_for(sales_agent), subscription=subscription)
    with pytest.raises(RuleViolation, match="belongs to first"):
        reactivate_subscription(by=actor_for(sales_agent), subscription=add_on)
    url = reverse("orders:reactivate", args=[add_on.pk])
    assert "belongs to first" in client_of(sales_agent).post(url, follow=True).content.decode()
    assert status_of(add_on) == "suspended"


def test_the_page_names_the_add_ons_and_keeps_the_reason(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    add_on, client = add_on_of(subscription, sales_agent), client_of(sales_agent)
    url = reverse("orders:suspend", args=[subscription.pk])
    assert f"{add_on.title}, 2 licences" in client.get(url).content.decode()
    client.post(url, {"reason": "payment"})
    assert subscription.events.get(kind="suspended").reason == "payment"
    assert AuditEvent.objects.get(code="orders.subscription_suspended").facts["reason"] == "payment"


def test_add_ons_of_add_ons_stop_along_and_run_again_along(
    subscription: Subscription, sales_agent: Membership, actor_for: Act
) -> None:
    by, add_on = actor_for(sales_agent), add_on_of(subscription, sales_agent)
    on_top = add_on_of(add_on, sales_agent)
    suspend_subscription(by=by, subscription=subscription)
    assert [status_of(each) for each in (add_on, on_top)] == ["suspended", "suspended"]
    reactivate_subscription(by=by, subscription=subscription)
    assert [status_of(each) for each in (add_on, on_top)] == ["active", "active"]
