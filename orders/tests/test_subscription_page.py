"""orders:subscription: what it is, what can be done, its add-ons, its history, and why each change was allowed."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.services import withdraw_acceptance
from agreements.tests.factories import confirmed, job_actor
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import ChangeReason, Subscription, SubscriptionEvent
from orders.services import (
    advance_subscription,
    change_licence_count,
    set_auto_renew,
    suspend_subscription,
)
from orders.tasks import CLOCK
from orders.tests.lives import add_on_of, add_on_sold, at, copies, subscribed
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]
COMMANDS = ("licences", "suspend", "cancel_subscription", "auto_renew", "add_on")


@pytest.fixture
def subscription(customer: Customer, sales_agent: Membership, actor_for: Act) -> Subscription:
    return subscribed(customer, sales_agent, by=actor_for(sales_agent), sku__title="Business Basic")


def url(subscription: Subscription, name: str = "subscription") -> str:
    return reverse(f"orders:{name}", args=[subscription.pk])


def record(subscription: Subscription) -> str:
    acceptance = subscription.order_line.order.acceptance
    assert acceptance is not None
    return reverse("agreements:record", args=[subscription.customer.tenant_id, acceptance.reference])


def test_shows_what_it_is(subscription: Subscription, sales_agent: Membership, client_of: SignIn) -> None:
    page = client_of(sales_agent).get(url(subscription)).content.decode()
    sku, order = subscription.order_line.sku, subscription.order_line.order
    shown = ["Business Basic", sku.catalog_code, "PLN\u00a050.40", "1 year, billed monthly", "Active", "Renews on"]
    shown += [order.number, "Commercial", subscription.customer.company_name, "5 licences can be given back until"]
    for text in shown:
        assert text in page
    assert reverse("orders:order", args=[order.number]) in page


def test_licences_are_counted_in_words(customer: Customer, sales_agent: Membership, client_of: SignIn) -> None:
    one = subscribed(customer, sales_agent, quantity=1)
    many = subscribed(customer, sales_agent, quantity=2500, sku__max_quantity=10_000)
    client = client_of(sales_agent)
    for each in (one, many):
        add_on_sold(each)
    for name in ("suspend", "cancel_subscription", "add_on"):
        assert re.search(r"\b1 licence\b", client.get(url(one, name)).content.decode())
        assert "2,500 licences" in client.get(url(many, name)).content.decode()
    assert "<dd>2,500</dd>" in client.get(url(many)).content.decode()
    assert "2,500 licences can be given back until" in client.get(url(many, "licences")).content.decode()


def test_a_suspended_one_does_not_promise_its_renewal(
    subscription: Subscription, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    suspend_subscription(by=actor_for(sales_agent), subscription=subscription)
    page = client_of(sales_agent).get(url(subscription)).content.decode()
    assert "A suspended subscription is not renewed." in page
    assert "it is renewed for another one" not in page


def test_offers_what_may_be_done(subscription: Subscription, sales_agent: Membership, client_of: SignIn) -> None:
    add_on_sold(subscription, sku__title="Audio Conferencing")
    page = client_of(sales_agent).get(url(subscription)).content.decode()
    for name in COMMANDS:
        assert url(subscription, name) in page
    assert "Audio Conferencing" in page
    assert url(subscription, "reactivate") not in page


def test_offers_nothing_to_who_may_not(
    subscription: Subscription, helpdesk_agent: Membership, client_of: SignIn
) -> None:
    add_on_sold(subscription, sku__title="Audio Conferencing")
    page = client_of(helpdesk_agent).get(url(subscription)).content.decode()
    assert "Business Basic" in page
    for name in COMMANDS:
        assert url(subscription, name) not in page
    assert "Audio Conferencing" not in page
    assert record(subscription) not in page


def test_a_reseller_reads_that_of_its_own_customers(
    provider: Partner, template: object, reseller_agent: Membership, client_of: SignIn
) -> None:
    seller = MembershipFactory(partner=provider)
    own = subscribed(CustomerFactory(partner=provider, reseller=reseller_agent.partner), seller)
    other = subscribed(CustomerFactory(partner=provider), seller)
    page = client_of(reseller_agent).get(url(own))
    assert page.status_code == 200
    for name in COMMANDS:
        assert url(own, name) not in page.content.decode()
    assert client_of(reseller_agent).get(url(other)).status_code == 404


def test_a_stranger_gets_the_404_of_a_missing_one(
    subscription: Subscription, stranger: Membership, client_of: SignIn
) -> None:
    client = client_of(stranger)
    missing = client.get("/subscriptions/7f5f0bd5-0000-4000-8000-000000000000/")
    theirs = client.get(url(subscription))
    assert (theirs.status_code, theirs.content) == (404, missing.content)


@pytest.mark.parametrize(
    ("status", "words", "icon_tone"),
    [
        ("pending", "Ends on", "info"),
        ("active", "Renews on", "ok"),
        ("suspended", "unless it is reactivated", "warn"),
        ("expired", "Is disabled on", "warn"),
        ("disabled", "Is deleted on", "bad"),
        ("deleted", "Nothing more", "neutral"),
    ],
)
def test_says_what_comes_next_in_every_status(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn, status: str, words: str, icon_tone: str
) -> None:
    shown = copies(subscription, 1, status=status, auto_renew=status == "active")[0]
    page = client_of(sales_agent).get(url(shown)).content.decode()
    assert words in page
    assert f'<span class="status status-{icon_tone}"><svg' in page
    assert shown.get_status_display() in page


def test_the_history_says_what_who_and_why(
    subscription: Subscription, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    by = actor_for(sales_agent)
    change_licence_count(by=by, subscription=subscription, quantity=9, submit_key="k", reason=ChangeReason.CORRECTION)
    set_auto_renew(by=by, subscription=subscription, is_on=False)
    suspend_subscription(by=by, subscription=subscription, reason=ChangeReason.PAYMENT)
    page = client_of(sales_agent).get(url(subscription)).content.decode()
    history = page[page.index('id="history"') :]
    lines = ["Suspended", "Payment is overdue", "Auto-renew switched off", "from 5 to 9", "An earlier change was"]
    positions = [history.index(line) for line in [*lines, "Purchased"]]
    assert positions == sorted(positions)
    assert history.count("by Sam Sales") >= 4


def test_why_each_change_was_allowed_is_one_click(
    subscription: Subscription, customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    first = subscription.order_line.order.acceptance
    assert first is not None
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=first, reason="Wrong date")
    later = confirmed(customer)
    change_licence_count(by=job_actor(), subscription=subscription, quantity=9, submit_key="k")
    history = client_of(sales_agent).get(url(subscription)).content.decode().split('id="history"')[1]
    change, purchase = history.split("<li>")[1:]
    assert change.count("<details") == purchase.count("<details") == 1
    for part, acceptance in ((change, later), (purchase, first)):
        assert str(acceptance.reference) in part
        for said in ("Confirmed by partner", acceptance.agreed_on.isoformat(), "2019-10", "by Test"):
            assert said in part


def test_who_may_not_open_the_record_sees_when_and_how_only(
    subscription: Subscription, helpdesk_agent: Membership, client_of: SignIn
) -> None:
    page = client_of(helpdesk_agent).get(url(subscription)).content.decode()
    acceptance = subscription.order_line.order.acceptance
    assert acceptance is not None
    assert acceptance.agreed_on.isoformat() in page
    assert str(acceptance.reference) in page
    assert "/agreement/records/" not in page
    assert "Zofia" not in page


def test_a_renewal_says_that_it_relied_on_nothing(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    end = subscription.term_ends_at
    with at(end):
        advance_subscription(by=CLOCK, subscription_id=subscription.pk, now=end)
    page = client_of(sales_agent).get(url(subscription)).content.decode()
    assert "A renewal orders nothing new" in page
    assert page.count("Why was this allowed?") == 1


def many_events(subscription: Subscription, count: int) -> None:
    """In pairs of one moment each, so that pages have something to keep together."""
    start = timezone.now()
    SubscriptionEvent.objects.bulk_create(
        SubscriptionEvent(
            partner_id=subscription.partner_id,
            subscription=subscription,
            kind="auto_renew_on",
            reason="customer_asked",
            at=start + timedelta(seconds=number // 2),
            actor_name=f"Agent {number:04}",
            quantity=5,
            unit_price=1,
            term_ends_at=subscription.term_ends_at,
        )
        for number in range(count)
    )


def test_a_long_history_has_pages_that_miss_nothing(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    many_events(subscription, 65)
    client, here, seen = client_of(sales_agent), url(subscription), []
    for _ in range(10):
        history = client.get(here).context["history"]
        seen += [event.pk for event in history.events]
        if not history.older_url:
            break
        here = url(subscription) + history.older_url
    assert seen == list(subscription.events.newest_first().values_list("pk", flat=True))
    assert history.newest_url


@pytest.mark.parametrize(
    "until",
    ["", "yesterday", "2026-13-45T00:00:00Z", "2026-01-01", "\x00", "2026-01-01T00:00:00", "0001-01-01T00:00+14:00"],
)
def test_a_moment_that_cannot_be_read_begins_with_the_newest(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn, until: str
) -> None:
    answer = client_of(sales_agent).get(url(subscription), {"until": until})
    assert answer.status_code == 200
    assert "Purchased" in answer.content.decode()


def test_lists_its_add_ons_and_an_add_on_names_its_base(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    add_on = add_on_of(subscription, sales_agent)
    client = client_of(sales_agent)
    assert url(add_on) in client.get(url(subscription)).content.decode()
    page = client.get(url(add_on)).content.decode()
    assert "Add-on to" in page
    assert url(subscription) in page


def test_costs_the_same_whatever_its_history(
    subscription: Subscription, sales_agent: Membership, client_of: SignIn
) -> None:
    client, counts = client_of(sales_agent), []
    for more in (1, 60):
        many_events(subscription, more)
        for _ in range(more // 20):
            add_on_of(subscription, sales_agent)
            add_on_sold(subscription)
        with CaptureQueriesContext(connection) as captured:
            client.get(url(subscription))
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 12
