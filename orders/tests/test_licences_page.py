"""orders:licences: the licence count, gated like an order."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import Attestation
from agreements.services import withdraw_acceptance
from agreements.tests.factories import confirmed, job_actor
from customers.models import Customer
from orders.models import LicenceChange, Subscription
from orders.services import change_licence_count
from orders.tests.factories import filled_cart, placed
from orders.tests.lives import at
from portal.common.actor import Actor
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


@pytest.fixture
def withdrawn(
    subscription: Subscription, acceptance: Attestation, customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    withdraw_acceptance(by=actor_for(sales_agent), customer=customer, attestation=acceptance, reason="Wrong")


def url(subscription: Subscription) -> str:
    return reverse("orders:licences", args=[subscription.pk])


def test_changes_the_count_and_keeps_the_history(
    subscription: Subscription, acceptance: Attestation, sales_agent: Membership, client_of: SignIn
) -> None:
    client = client_of(sales_agent)
    page = client.post(url(subscription), {"quantity": "12", "submit_key": "k1"}, follow=True).content.decode()
    assert "changed from 5 to 12" in page
    subscription.refresh_from_db()
    assert subscription.quantity == 12
    assert reverse("agreements:record", args=[subscription.customer.tenant_id, acceptance.reference]) in page
    assert "Sam Sales" in page


def test_a_double_click_makes_one_change(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    client = client_of(sales_agent)
    for _ in range(2):
        answer = client.post(url(subscription), {"quantity": "12", "submit_key": "k1"})
        assert answer.status_code == 302
    assert LicenceChange.objects.count() == 1


def test_a_used_key_with_another_count_is_no_dead_end(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    client = client_of(sales_agent)
    client.post(url(subscription), {"quantity": "12", "submit_key": "k1"})
    answer = client.post(url(subscription), {"quantity": "13", "submit_key": "k1"}, follow=True)
    assert "sent before with other content" in answer.content.decode()
    assert 'value="13"' in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter the new licence count"),
        ("x", "as a whole number"),
        ("0", "Enter 1 or more licences"),
        ("301", "Enter 300 or fewer licences"),
        ("5", "differs from the present one"),
    ],
)
def test_keeps_what_cannot_be_used_and_says_why(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn, typed: str, message: str
) -> None:
    answer = client_of(sales_agent).post(url(subscription), {"quantity": typed, "submit_key": "k1"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert message in page
    assert f'value="{typed}"' in page or not typed
    assert 'value="k1"' in page
    assert not LicenceChange.objects.exists()


@pytest.mark.usefixtures("withdrawn")
def test_without_the_acceptance_the_count_waits(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    client = client_of(sales_agent)
    assert "cannot be changed until you confirm" in client.get(url(subscription)).content.decode()
    page = client.post(url(subscription), {"quantity": "12", "submit_key": "k1"}).content.decode()
    assert "Nothing was changed" in page
    confirm = reverse("agreements:confirm", args=[subscription.customer.tenant_id])
    assert f"{confirm}?next=%2Fsubscriptions%2F{subscription.pk}%2Flicences%2F%3Fquantity%3D12" in page
    subscription.refresh_from_db()
    assert subscription.quantity == 5
    assert 'value="12"' in client.get(url(subscription), {"quantity": "12"}).content.decode()


def test_who_may_not_is_told_who_can(
    subscription: Subscription, helpdesk_agent: Membership, client_of: SignIn
) -> None:
    refused = client_of(helpdesk_agent).post(url(subscription), {"quantity": "12", "submit_key": "k1"})
    assert refused.status_code == 403
    assert "Sales agent" in refused.content.decode()


def test_a_stranger_finds_nothing(subscription: Subscription, stranger: Membership, client_of: SignIn) -> None:
    assert client_of(stranger).get(url(subscription)).status_code == 404


def test_a_reseller_asks_its_provider(
    subscription: Subscription, customer: Customer, reseller_agent: Membership, client_of: SignIn
) -> None:
    Customer.objects.filter(pk=customer.pk).update(reseller=reseller_agent.partner)
    refused = client_of(reseller_agent).get(url(subscription))
    assert refused.status_code == 403
    assert f"Ask {customer.partner.name}, your indirect provider" in refused.content.decode()


def test_shows_what_can_be_given_back_and_until_when(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    with at(subscription.started_at + timedelta(days=6)):
        change_licence_count(by=job_actor(), subscription=subscription, quantity=8, submit_key="k")
    page = client_of(sales_agent).get(url(subscription)).content.decode()
    assert "from 1 to 300 licences" in page
    assert "5 licences can be given back until" in page
    assert "3 licences can be given back until" in page
    assert page.count(" UTC</time>") == 2


def test_a_week_later_says_the_lowest_count_and_keeps_what_was_typed(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    week = timedelta(days=7, seconds=1)
    with at(subscription.started_at + week):
        client = client_of(sales_agent)
        assert "from 5 to 300 licences" in client.get(url(subscription)).content.decode()
        assert "No licence can be given back at present" in client.get(url(subscription)).content.decode()
        page = client.post(url(subscription), {"quantity": "4", "submit_key": "k"}).content.decode()
        assert "within 7 days of purchase, renewal or increase only" in page
        change_licence_count(by=job_actor(), subscription=subscription, quantity=8, submit_key="up")
        page = client.post(url(subscription), {"quantity": "4", "submit_key": "l"}).content.decode()
        assert "Enter 5 or more licences" in page
    assert 'value="4"' in page


def test_the_reason_is_kept(subscription: Subscription, sales_agent: Membership, client_of: SignIn) -> None:
    client = client_of(sales_agent)
    typed = {"quantity": "12", "reason": "correction", "submit_key": "k1"}
    page = client.post(url(subscription), typed, follow=True).content.decode()
    assert LicenceChange.objects.get().reason == "correction"
    assert "An earlier change was a mistake" in page
    conflict = client.post(url(subscription), typed | {"quantity": "13"}, follow=True).content.decode()
    assert '<option value="correction" selected>' in conflict


@pytest.mark.usefixtures("withdrawn")
def test_the_reason_waits_for_the_acceptance_too(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    typed = {"quantity": "12", "reason": "misuse", "submit_key": "k1"}
    page = client_of(sales_agent).post(url(subscription), typed).content.decode()
    assert "%3Fquantity%3D12%26reason%3Dmisuse" in page
    again = client_of(sales_agent).get(url(subscription), {"quantity": "12", "reason": "misuse"}).content.decode()
    assert '<option value="misuse" selected>' in again


def test_why_each_change_was_allowed_is_one_click(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    change_licence_count(by=job_actor(), subscription=subscription, quantity=8, submit_key="k")
    page = client_of(sales_agent).get(url(subscription)).content.decode()
    assert page.count("Why was this allowed?") == 1
