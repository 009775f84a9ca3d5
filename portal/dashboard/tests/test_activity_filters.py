"""The activity log narrowed: by days, customer, action and person; and what a line holds when it is unfolded."""

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.tests.factories import confirmed, job_actor
from agreements.tests.factories import person as signer
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent, AuditEventDetail
from portal.audit.services import record_event
from portal.common.actor import Actor, ActorKind, Door
from portal.partners.models import Membership

ClientOf = Callable[[Membership], Client]
ActorFor = Callable[..., Actor]
URL = "/activity/"
CLIENTS = Actor(kind=ActorKind.CUSTOMER, name="Klientyna Kliencka", door=Door.CUSTOMER_PAGE)


@pytest.fixture
def client(admin_agent: Membership, client_of: ClientOf) -> Client:
    return client_of(admin_agent)


def done(
    code: str, member: Membership, by: Actor | None = None, customer: Customer | None = None, days: int = 0
) -> AuditEvent:
    """An event of so many days ago. A code that the portal does not know shows as it is."""
    event = AuditEvent(
        at=timezone.now() - timedelta(days=days),
        code=code,
        partner_id=member.partner_id,
        customer_id=customer.tenant_id if customer else None,
        actor_kind=(by or job_actor()).kind,
        actor_user_id=(by or job_actor()).user_id,
        actor_name=(by or job_actor()).name,
        door=Door.JOB.value,
    )
    event.save()
    return event


def page(client: Client, query: str = "") -> str:
    response = client.get(URL + query)
    assert response.status_code == 200
    return response.content.decode()


def narrowed(client: Client, **said: str) -> str:
    """Send the filters; the address that they lead to."""
    response = client.post(reverse("dashboard:search_activity"), said)
    assert response.status_code == 302, response.content.decode()
    return str(response.url)


def test_the_last_days_show_unless_all_are_asked_for(client: Client, admin_agent: Membership) -> None:
    done("test.new_done", admin_agent)
    done("test.old_done", admin_agent, days=40)
    shown = page(client)
    assert "test.new_done" in shown
    assert "test.old_done" not in shown
    assert "test.old_done" in page(client, "?days=all")


def test_days_are_the_partners_own_and_both_included(client: Client, admin_agent: Membership) -> None:
    zone = admin_agent.partner.zone
    for hour, code in ((datetime(2026, 3, 28, 23, 59), "eve"), (datetime(2026, 3, 29, 0, 1), "begun")):
        AuditEvent.objects.filter(pk=done(f"test.{code}_done", admin_agent).pk)
        event = AuditEvent(
            at=hour.replace(tzinfo=zone), code=f"test.{code}", partner_id=admin_agent.partner_id, actor_kind="job"
        )
        event.save()
    shown = page(client, "?from=2026-03-29&to=2026-03-29")
    assert "test.begun" in shown
    assert "test.eve" not in shown
    assert "test.eve" in page(client, "?to=2026-03-28")
    assert "Mar 29, 2026" in shown or "March 29, 2026" in shown, "what it is narrowed by is said"


def test_by_customer_whose_name_stands_in_no_address(
    client: Client, admin_agent: Membership, customer: Customer
) -> None:
    other = CustomerFactory(partner=admin_agent.partner, company_name="Other Company")
    done("test.mine_done", admin_agent, customer=customer)
    done("test.other_done", admin_agent, customer=other)
    url = narrowed(client, customer="żabka")
    assert parse_qs(urlsplit(url).query) == {"customer": [str(customer.tenant_id)]}
    shown = client.get(url).content.decode()
    assert "test.mine_done" in shown
    assert "test.other_done" not in shown
    assert 'aria-current="true"><span>Żabka Nowa' in shown


def test_several_customers_of_one_word_are_offered_one_by_one(client: Client, admin_agent: Membership) -> None:
    for name in ("Twin North", "Twin South"):
        done(
            f"test.{name[5:].lower()}_done",
            admin_agent,
            customer=CustomerFactory(partner=admin_agent.partner, company_name=name),
        )
    done("test.elsewhere_done", admin_agent)
    url = narrowed(client, customer="twin")
    assert "twin" not in url.lower()
    shown = client.get(url).content.decode()
    assert "test.north_done" in shown
    assert "test.south_done" in shown
    assert "test.elsewhere_done" not in shown
    only = re.search(r'href="([^"]+)">Twin South', shown)
    assert only is not None
    assert "test.north_done" not in client.get(only[1].replace("&amp;", "&")).content.decode()
    assert "No customer matches" in client.get(narrowed(client, customer="nobody such")).content.decode()


def test_another_partners_customer_is_nobody(
    client: Client, stranger: Membership, customer: Customer, admin_agent: Membership
) -> None:
    theirs = CustomerFactory(partner=stranger.partner, company_name="Theirs Only")
    done("test.theirs_done", stranger, customer=theirs)
    assert "No customer matches" in client.get(narrowed(client, customer="theirs only")).content.decode()
    shown = page(client, f"?customer={theirs.tenant_id}")
    assert "Theirs" not in shown
    assert "Nothing matches these filters" in shown
    assert "Unknown person" in page(client, f"?actor={stranger.public_id}")


def test_by_action_and_by_person(
    client: Client, admin_agent: Membership, sales_agent: Membership, actor_for: ActorFor
) -> None:
    done("orders.order_cancelled", admin_agent, by=actor_for(sales_agent))
    done("orders.auto_renew_changed", admin_agent, by=actor_for(admin_agent))
    done("test.asked_done", admin_agent, by=CLIENTS)
    by_action = client.get(narrowed(client, action="orders.order_cancelled")).content.decode()
    assert by_action.count("Sam Sales</td>") == 1
    assert "Ada Admin</td>" not in by_action
    by_person = client.get(narrowed(client, actor=str(sales_agent.public_id))).content.decode()
    assert "Sam Sales</td>" in by_person
    assert "Ada Admin</td>" not in by_person
    of_customers = client.get(narrowed(client, actor="customer")).content.decode()
    assert "test.asked_done" in of_customers
    assert "Sam Sales</td>" not in of_customers


@pytest.mark.parametrize(
    "query", ["?from=99", "?action=made.up_done", "?actor=nobody", "?customer=1", "?find=xyz", "?days=some&after=%00"]
)
def test_an_address_that_means_nothing_is_no_filter(query: str, client: Client, admin_agent: Membership) -> None:
    done("test.some_done", admin_agent)
    assert "test.some_done" in page(client, query)


def test_what_cannot_be_used_comes_back_with_a_message(client: Client, admin_agent: Membership) -> None:
    for number in range(60):
        done(f"test.n{number}_done", admin_agent)
    said = {"first": "2026-02-31", "last": "2026-01-01", "customer": "Żabka"}
    response = client.post(reverse("dashboard:search_activity"), said)
    shown = response.content.decode()
    assert response.status_code == 200
    assert "Enter a real date" in shown
    assert 'value="2026-02-31"' in shown
    assert 'value="Żabka"' in shown
    assert 'rel="next" href="/activity/?' in shown, "no link leads to the address that only takes forms"
    wrong = client.post(reverse("dashboard:search_activity"), {"first": "2026-02-02", "last": "2026-02-01"})
    assert "not before the first one" in wrong.content.decode()


def test_pages_keep_the_filters_at_the_same_cost(
    client: Client, admin_agent: Membership, customer: Customer, actor_for: ActorFor
) -> None:
    by = actor_for(admin_agent)
    query = narrowed(client, action="orders.order_cancelled", actor=str(admin_agent.public_id), customer="żabka")
    done("orders.order_cancelled", admin_agent, by=by, customer=customer)
    client.get(query)
    with CaptureQueriesContext(connection) as one:
        client.get(query)
    for _ in range(60):
        done("orders.order_cancelled", admin_agent, by=by, customer=customer)
        done("orders.order_placed", admin_agent, by=by, customer=customer)
    with CaptureQueriesContext(connection) as many:
        first = client.get(query)
    assert len(many) == len(one)
    following = client.get(first.context["page"].next_url)
    codes = [entry.event.code for answer in (first, following) for entry, _details in answer.context["rows"]]
    assert codes == ["orders.order_cancelled"] * 61


def test_a_line_unfolds_into_what_it_is_made_of(client: Client, admin_agent: Membership) -> None:
    by = Actor(
        kind=ActorKind.AGENT,
        name="Ada",
        door=Door.SETTINGS,
        roles=("admin_agent",),
        request_id="a" * 32,
        ip_address="203.0.113.9",
        user_agent="Browser/1",
    )
    about = uuid.uuid4()
    record_event(
        by=by,
        code="partners.profile_edited",
        partner_id=admin_agent.partner_id,
        subject=str(about),
        facts={"row_count": 3},
        changes={"mpn_id": ("", "42-before-after"), "name": ("Old & Co", "New")},
    )
    shown = page(client)
    for said in ("Settings", "a" * 32, "203.0.113.9", "Browser/1", str(about), "Row count", "Admin agent"):
        assert said in shown
    assert "Old &amp; Co" in shown
    assert "42-before-after" in shown
    AuditEventDetail.objects.all().delete()
    shown = page(client)
    assert "203.0.113.9" not in shown
    assert "42-before-after" not in shown
    assert shown.count(">erased<") == 2


def test_a_customers_person_is_named_until_erased(
    client: Client, admin_agent: Membership, customer: Customer
) -> None:
    record_event(
        by=CLIENTS,
        code="agreements.invitation_opened",
        partner_id=admin_agent.partner_id,
        customer_id=customer.tenant_id,
    )
    assert "Klientyna Kliencka" in page(client)
    AuditEventDetail.objects.all().delete()
    assert "The customer (name not kept)" in page(client)


def test_whom_a_record_names_is_for_who_may_see_records(
    reseller_agent: Membership, client_of: ClientOf, customer: Customer, client: Client
) -> None:
    confirmed(customer, person=signer(first_name="Bogumiła", last_name="Podpisująca"))
    assert "Bogumiła" in page(client)
    event = AuditEvent.objects.get(code="agreements.acceptance_recorded")
    moved = record_event(
        by=job_actor(),
        code=event.code,
        partner_id=reseller_agent.partner_id,
        changes={"first_name": (None, "Bogumiła")},
    )
    assert moved.changed
    shown = page(client_of(reseller_agent))
    assert "Bogumiła" not in shown
    assert "for who may see acceptance records" in shown


def test_says_what_is_kept_how_long_and_who_sees_it(client: Client) -> None:
    shown = page(client)
    assert "Entries are kept without an end" in shown
    assert "IP address and browser are not kept" in shown
