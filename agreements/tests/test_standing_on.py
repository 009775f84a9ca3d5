"""Account info > How it stood on a date."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import EventKind
from agreements.services import withdraw_acceptance
from agreements.tests.factories import confirmed, job_actor
from agreements.time_machine import Happened, RecordState, state_at
from customers.models import Customer
from customers.rules import Standing
from orders.relied import NEWEST, relied_until
from orders.tests.factories import filled_cart, placed
from portal.common.actor import Actor
from portal.partners.models import Membership

ClientOf = Callable[[Membership], Client]
Act = Callable[..., Actor]
NOW = timezone.now()


def url_of(customer: Customer, day: str = "") -> str:
    query = f"?date={day}" if day else ""
    return reverse("agreements:standing_on", args=[customer.tenant_id]) + query


@pytest.fixture
def known(customer: Customer) -> Customer:
    """For ten days."""
    Customer.objects.filter(pk=customer.pk).update(created_at=NOW - timedelta(days=10))
    customer.refresh_from_db()
    return customer


def test_today_is_as_it_is_now(known: Customer, sales_agent: Membership, client_of: ClientOf) -> None:
    record = confirmed(known)
    found = client_of(sales_agent).get(url_of(known)).context["found"]
    assert (found.standing, found.relied_on) == (Standing.COVERED, record)


def test_before_the_record_it_was_missing_and_before_that_no_customer(
    known: Customer, sales_agent: Membership, client_of: ClientOf
) -> None:
    confirmed(known)
    client, today = client_of(sales_agent), known.partner.today
    before = client.get(url_of(known, (today - timedelta(days=2)).isoformat()))
    assert before.context["found"].standing == Standing.MISSING
    assert "No acceptance was on record." in before.content.decode()
    earlier = client.get(url_of(known, (today - timedelta(days=20)).isoformat())).content.decode()
    assert "was not a customer here yet" in earlier


def test_it_says_which_orders_had_relied_on_which_record(
    known: Customer, admin_agent: Membership, actor_for: Act, client_of: ClientOf
) -> None:
    record = confirmed(known)
    order = placed(filled_cart(known, admin_agent), actor_for(admin_agent))
    withdraw_acceptance(by=job_actor(), customer=known, attestation=record, reason="Wrong customer")
    page = client_of(admin_agent).get(url_of(known))
    assert page.context["found"].standing == Standing.MISSING
    [group] = page.context["groups"]
    assert (group.record, group.relied.order_count, group.relied.orders) == (record, 1, [order])
    assert f"Order {order.number}" in page.content.decode()
    assert "Withdrawn" in page.content.decode()


def test_the_newest_are_named_and_all_are_counted(
    known: Customer, admin_agent: Membership, actor_for: Act, client_of: ClientOf
) -> None:
    first = confirmed(known)
    client, url = client_of(admin_agent), url_of(known)
    placed(filled_cart(known, admin_agent), actor_for(admin_agent))
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _ in range(NEWEST):
        placed(filled_cart(known, admin_agent), actor_for(admin_agent))
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)
    relied = relied_until(admin_agent, known, timezone.now())[first.pk]
    assert (relied.order_count, len(relied.orders)) == (NEWEST + 1, NEWEST)
    assert not relied_until(admin_agent, known, NOW - timedelta(days=1))


def test_who_does_not_see_records_sees_the_standing_alone(
    known: Customer, global_admin: Membership, client_of: ClientOf
) -> None:
    record = confirmed(known)
    page = client_of(global_admin).get(url_of(known)).content.decode()
    assert "By an acceptance of" in page
    for hidden in ("Wiśniewska", str(record.reference)):
        assert hidden not in page


@pytest.mark.parametrize("day", ["2999-01-01", "no date", "2026-02-30", "0001-01-01"])
def test_a_date_that_cannot_be_asked_for_says_what_to_do(
    day: str, known: Customer, sales_agent: Membership, client_of: ClientOf
) -> None:
    response = client_of(sales_agent).get(url_of(known, day))
    assert response.context["found"] is None
    assert "There is a problem" in response.content.decode()


def test_account_info_and_the_record_lead_there(
    known: Customer, sales_agent: Membership, client_of: ClientOf
) -> None:
    record = confirmed(known)
    client = client_of(sales_agent)
    for page in ("customers:account", "agreements:record"):
        args = [known.tenant_id, record.reference][: 1 if page == "customers:account" else 2]
        assert url_of(known) in client.get(reverse(page, args=args)).content.decode()


def test_what_happens_afterwards_does_not_count() -> None:
    day = timedelta(days=1)
    events = [Happened(EventKind.DISPUTED, NOW), Happened(EventKind.DISPUTE_RESOLVED, NOW + day)]
    events.append(Happened(EventKind.WITHDRAWN, NOW + 2 * day))
    until = [NOW, NOW + day / 2, NOW + day * 1.5, NOW + 3 * day, NOW + 5 * day]
    said = [state_at(NOW + 4 * day, events, each)[0] for each in until]
    assert said == [
        RecordState.CURRENT,
        RecordState.DISPUTED,
        RecordState.CURRENT,
        RecordState.WITHDRAWN,
        RecordState.REPLACED,
    ]
