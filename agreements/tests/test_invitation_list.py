"""The list of invitations."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import Invitation
from agreements.services import send_invitation
from agreements.tests.factories import invited, job_actor
from agreements.tests.invitation_factories import RequestInvitationFactory
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.jobs.models import Letter
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerLinkFactory

ClientOf = Callable[[Membership], Client]
LIST = reverse("agreements:invitations")


@pytest.fixture
def client(client_of: ClientOf, sales_agent: Membership) -> Client:
    return client_of(sales_agent)


def names(client: Client, query: str = "") -> list[str]:
    page = client.get(f"{LIST}?{query}")
    return [row.invitation.company_name for row in page.context["rows"]]


def many(partner: Partner, number: int) -> list[Invitation]:
    made = []
    for each in range(number):
        row = RequestInvitationFactory(partner=partner, request__company_name=f"Company {each:03}")
        Invitation.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(minutes=each))
        made.append(row)
    return made


def sent(customer: Customer) -> Invitation:
    return send_invitation(by=job_actor(), invitation=invited(customer))


def test_says_what_to_do_while_there_is_none(client: Client) -> None:
    page = client.get(LIST).content.decode()
    assert "No invitations yet" in page
    assert reverse("customers:request_relationship") in page
    assert "No such invitation" in client.get(f"{LIST}?state=bounced").content.decode()


def test_newest_first_page_by_page(client: Client, partner: Partner) -> None:
    many(partner, 52)
    first = client.get(LIST)
    shown = [row.invitation.company_name for row in first.context["rows"]]
    assert shown == [f"Company {each:03}" for each in range(50)]
    following = client.get(f"{LIST}{first.context['page'].next_url}")
    assert [row.invitation.company_name for row in following.context["rows"]] == ["Company 050", "Company 051"]
    back = client.get(f"{LIST}{following.context['page'].previous_url}")
    assert [row.invitation.company_name for row in back.context["rows"]] == shown


def test_filters_by_state_and_by_what_is_asked(client: Client, partner: Partner, customer: Customer) -> None:
    agreement = sent(customer)
    waiting, over, taken_back, told = many(partner, 4)
    now = timezone.now()
    Letter.objects.filter(pk=agreement.letter_id).update(bounced_at=now, bounce_status="5.1.1")
    Invitation.objects.filter(pk=over.pk).update(expires_at=now - timedelta(days=1))
    Invitation.objects.filter(pk=taken_back.pk).update(outcome="revoked", closed_at=now)
    Invitation.objects.filter(pk=told.pk).update(to_confirm_at=now, scenario=1, expires_at=now - timedelta(days=1))
    assert set(names(client)) == {"Company 000", "Company 001", "Company 002", "Company 003", customer.company_name}
    assert set(names(client, "state=open")) == {"Company 000", "Company 003", customer.company_name}
    assert names(client, "state=to_confirm") == ["Company 003"]
    assert names(client, "state=bounced") == [customer.company_name]
    assert set(names(client, "state=ended")) == {"Company 001", "Company 002"}
    assert names(client, "what=agreement") == [customer.company_name]
    assert set(names(client, "state=open&what=relationship")) == {"Company 000", "Company 003"}
    assert len(names(client, "state=nonsense&what=nonsense")) == 5
    assert waiting.company_name == "Company 000"


def test_a_bounce_counts_no_more_once_the_customer_came_all_the_same(client: Client, customer: Customer) -> None:
    invitation = sent(customer)
    Letter.objects.update(bounced_at=timezone.now(), bounce_status="5.1.1")
    Invitation.objects.filter(pk=invitation.pk).update(opened_at=timezone.now())
    assert names(client, "state=bounced") == []


def test_shows_no_other_partners(client: Client, stranger: Membership, partner: Partner) -> None:
    RequestInvitationFactory(partner=stranger.partner, request__company_name="Canary")
    many(partner, 1)
    assert names(client) == ["Company 000"]


def test_a_reseller_sees_what_it_asked_itself(
    client_of: ClientOf, reseller_agent: Membership, provider: Partner
) -> None:
    reseller = reseller_agent.partner
    other = PartnerLinkFactory(provider=provider).reseller
    RequestInvitationFactory(
        partner=provider, request__reseller=reseller, request__asked_by=reseller, request__company_name="Mine"
    )
    RequestInvitationFactory(
        partner=provider, request__reseller=other, request__asked_by=other, request__company_name="Theirs"
    )
    assert names(client_of(reseller_agent)) == ["Mine"]
    provider_agent = MembershipFactory(partner=provider, roles=["sales_agent"])
    assert set(names(client_of(provider_agent))) == {"Mine", "Theirs"}


def test_who_may_not_invite_is_told_so(client_of: ClientOf, helpdesk_agent: Membership, customer: Customer) -> None:
    invited(customer)
    page = client_of(helpdesk_agent).get(LIST).content.decode()
    assert "You cannot invite customers" in page
    assert customer.company_name not in page
    assert LIST not in client_of(helpdesk_agent).get(reverse("agreements:templates")).content.decode()


def test_asks_the_database_as_often_for_many_as_for_few(client: Client, partner: Partner) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST)
        return len(captured)

    many(partner, 1)
    for _each in range(3):
        sent(CustomerFactory(partner=partner))
    queries()
    few = queries()
    for _each in range(12):
        sent(CustomerFactory(partner=partner))
    many(partner, 12)
    assert queries() == few
    assert few <= 8


def test_the_agreements_pages_lead_to_it(client: Client) -> None:
    page = client.get(reverse("agreements:templates")).content.decode()
    assert re.search(rf'href="{LIST}"', page)
