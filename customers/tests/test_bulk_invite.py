"""Inviting the customers that were selected in the list."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import Invitation
from agreements.tests.factories import confirmed, invited
from customers.models import Contact, Customer
from customers.tests.factories import CustomerFactory, TenantFactory
from customers.views import bulk_invite
from portal.jobs.models import Letter
from portal.partners.models import Membership, Partner

ClientOf = Callable[[Membership], Client]
INVITE, LIST = reverse("customers:bulk_invite"), reverse("customers:list")


def ids(*customers: Customer) -> list[str]:
    return [str(customer.tenant_id) for customer in customers]


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.fixture
def client(client_of: ClientOf, sales_agent: Membership) -> Client:
    return client_of(sales_agent)


@pytest.fixture
def rows(partner: Partner, template: object) -> list[Customer]:
    return [CustomerFactory(partner=partner, company_name=f"Row {number:02}") for number in range(12)]


@pytest.fixture
def skipped(partner: Partner, template: object) -> dict[str, Customer]:
    """One of each kind that cannot be invited, by what is said of it."""
    covered, invited_already, ended, own = (
        CustomerFactory(partner=partner, company_name=name) for name in ("Covered", "Invited", "Ended", "Own address")
    )
    confirmed(covered)
    invited(invited_already)
    Customer.objects.filter(pk=ended.pk).update(removed_at=timezone.now())
    partner.domain = "partner.example"
    partner.save()
    Contact.objects.filter(customer=own).update(email="me@partner.example")
    bare = Customer.objects.create(tenant=TenantFactory(), partner=partner, company_name="Bare", country="PL")
    return {
        "on record already": covered,
        "is invited already": invited_already,
        "was removed": ended,
        "no contact yet": bare,
        "": own,
    }


def test_says_who_will_be_invited_and_who_will_not(
    client: Client, rows: list[Customer], skipped: dict[str, Customer]
) -> None:
    answer = client.post(INVITE, {"customer": ids(*rows, *skipped.values()), "next": f"{LIST}?country=PL"})
    page = answer.content.decode()
    assert "12 customers will be invited" in page
    assert "Row 09" in page
    assert "and 2 more" in page
    assert f"{LIST}?country=PL" in page
    for words, customer in skipped.items():
        assert any(words in reason and customer in those for reason, those in answer.context["skipped"].items())
    assert len(answer.context["skipped"]) == len(skipped)
    assert Invitation.objects.count() == 1


def test_invites_them_by_mail_and_names_the_skipped(
    client: Client, rows: list[Customer], skipped: dict[str, Customer]
) -> None:
    sent = {"customer": ids(*rows, *skipped.values()), "step": "apply"}
    before = client.post(INVITE, {"customer": sent["customer"]}).context["skipped"]
    done = client.post(INVITE, sent)
    assert "12 customers are invited" in done.content.decode()
    assert done.context["skipped"] == before
    assert {invitation.customer for invitation in done.context["made"]} == set(rows)
    assert Letter.objects.filter(kind="agreements.invitation").count() == 12
    assert {row.email for row in Invitation.objects.exclude(letter=None)} == {"zofia@customer.example"}


@pytest.mark.scenario("I2")
def test_sending_it_twice_invites_nobody_twice(client: Client, rows: list[Customer]) -> None:
    sent = {"customer": ids(*rows[:3]), "step": "apply"}
    client.post(INVITE, sent)
    again = client.post(INVITE, sent)
    assert "Nobody new was invited" in again.content.decode()
    assert Invitation.objects.count() == Letter.objects.filter(kind="agreements.invitation").count() == 3


def test_goes_on_by_a_click_where_the_time_was_too_short(
    client: Client, rows: list[Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_invite, "MOST_SECONDS", -1)
    invited_so_far = 0
    sent = {"customer": ids(*rows[:3]), "step": "apply"}
    while sent["customer"]:
        answer = client.post(INVITE, sent)
        invited_so_far += 1
        assert Invitation.objects.count() == invited_so_far
        sent["customer"] = re.findall(r'name="customer" value="([^"]+)"', answer.content.decode())
    assert invited_so_far == 3


def test_offers_nothing_where_nobody_can_be_invited(client: Client, customer: Customer) -> None:
    confirmed(customer)
    page = client.post(INVITE, {"customer": ids(customer)}).content.decode()
    assert "None of the selected customers can be invited" in page
    assert ">Invite</button>" not in page


def test_says_what_to_do_when_nothing_or_too_much_is_selected(client: Client, customer: Customer) -> None:
    answer = client.post(INVITE, {})
    assert answer["Location"] == LIST
    assert "Select at least one customer" in said(answer)
    many = [str(uuid4()) for _number in range(500)]
    assert "at most 500" in said(client.post(INVITE, {"customer": [*ids(customer), *many]}))


def test_customers_of_others_are_not_there(client: Client, customer: Customer, stranger: Membership) -> None:
    theirs = CustomerFactory(partner=stranger.partner, company_name="Canary")
    assert "Canary" not in client.post(INVITE, {"customer": ids(customer, theirs)}).content.decode()
    client.post(INVITE, {"customer": ids(customer, theirs), "step": "apply"})
    assert Invitation.objects.get().customer == customer
    assert client.post(INVITE, {"customer": ids(theirs), "step": "apply"}).status_code == 404


def test_only_who_may_invite(client_of: ClientOf, helpdesk_agent: Membership, customer: Customer) -> None:
    client = client_of(helpdesk_agent)
    assert client.post(INVITE, {"customer": ids(customer), "step": "apply"}).status_code == 403
    assert INVITE not in client.get(LIST).content.decode()
    assert not Invitation.objects.exists()


def test_the_list_offers_it(client: Client, customer: Customer) -> None:
    assert f'formaction="{INVITE}"' in client.get(LIST).content.decode()


def test_the_question_costs_the_same_for_many(client: Client, rows: list[Customer]) -> None:
    def queries(chosen: list[Customer]) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.post(INVITE, {"customer": ids(*chosen)})
        return len(captured)

    queries(rows[:1])
    assert queries(rows[:1]) == queries(rows)
