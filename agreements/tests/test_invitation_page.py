"""One invitation: how it stands, its message, sending, renewing, revoking."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.links import link_of
from agreements.models import Invitation, Place
from agreements.services import policy_of, request_relationship
from agreements.services.invitations import Invitee
from agreements.tests.factories import confirmed, invited
from agreements.tests.invitation_factories import RequestInvitationFactory
from customers.models import Customer
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.jobs.models import Letter
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

ClientOf = Callable[[Membership], Client]
Act = Callable[..., Actor]


def url_of(invitation: Invitation, name: str = "invitation") -> str:
    return reverse(f"agreements:{name}", args=[invitation.public_id])


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def letters() -> int:
    return Letter.objects.filter(kind="agreements.invitation").count()


@pytest.fixture
def client(client_of: ClientOf, sales_agent: Membership) -> Client:
    return client_of(sales_agent)


@pytest.fixture
def invitation(customer: Customer, actor_for: Act, sales_agent: Membership) -> Invitation:
    return invited(customer, actor_for(sales_agent), language="en-US")


def now(invitation: Invitation) -> Invitation:
    return Invitation.objects.get(pk=invitation.pk)


class TestMessage:
    def test_holds_the_link_and_can_be_opened_in_email(self, client: Client, invitation: Invitation) -> None:
        answer = client.get(url_of(invitation))
        text = answer.context["form"]["message"].value()
        assert text.count(link_of(invitation)) == 1
        assert "Northwind Cloud asks Żabka Nowa Sp. z o.o. to accept" in text
        mailto = re.search(r'href="(mailto:[^"]+)"', answer.content.decode())
        assert mailto
        parts = urlsplit(html.unescape(mailto[1]))
        assert parts.path == "zofia@customer.example"
        assert parse_qs(parts.query)["body"] == [text.replace("\n", "\r\n")]
        assert "Microsoft Customer Agreement" in parse_qs(parts.query)["subject"][0]

    def test_is_in_the_customers_language(self, client: Client, customer: Customer) -> None:
        invitation = invited(customer, language="pl-PL")
        page = client.get(url_of(invitation))
        assert "Umowy z Klientem" in page.context["form"]["message"].value()
        assert re.search(r'<textarea[^>]* lang="pl"', page.content.decode())

    def test_is_kept_with_the_links_place(self, client: Client, invitation: Invitation) -> None:
        answer = client.post(url_of(invitation), {"message": f"Dzień dobry\r\n{link_of(invitation)}\r\nPa"})
        assert said(answer) == "The message is saved."
        assert now(invitation).message == "Dzień dobry\n{link}\nPa"
        assert letters() == 0

    @pytest.mark.parametrize("name", ["invitation", "send_invitation"])
    @pytest.mark.parametrize("typed", ["Without any link", "", "{link} and {link}", "{link}" + "x" * 5000])
    def test_without_the_link_is_refused_and_what_was_typed_is_kept(
        self, client: Client, invitation: Invitation, name: str, typed: str
    ) -> None:
        answer = client.post(url_of(invitation, name), {"message": typed})
        assert answer.status_code == 200
        assert answer.context["form"].errors["message"]
        assert answer.context["form"]["message"].value() == typed
        assert (now(invitation).message, letters()) == ("", 0)

    def test_a_renewed_link_takes_the_old_ones_place(self, client: Client, invitation: Invitation) -> None:
        old = link_of(invitation)
        client.post(url_of(invitation), {"message": f"Here: {old}"})
        client.post(url_of(invitation, "renew_invitation"))
        text = client.get(url_of(invitation)).context["form"]["message"].value()
        assert text == f"Here: {link_of(now(invitation))}"
        assert old not in text

    def test_a_lost_link_says_to_renew(self, client: Client, invitation: Invitation, settings: Any) -> None:
        settings.SECRET_KEY = "another-key-that-makes-no-old-link-any-more-000000"
        client.logout()
        client.force_login(invitation.invited_by, backend="allauth.account.auth_backends.AuthenticationBackend")
        page = client.get(url_of(invitation)).content.decode()
        assert "Renew the invitation" in page
        assert "<textarea" not in page


class TestSending:
    def test_mails_what_is_typed(self, client: Client, invitation: Invitation) -> None:
        answer = client.post(url_of(invitation, "send_invitation"), {"message": f"Please: {link_of(invitation)}"})
        assert answer["Location"] == url_of(invitation)
        assert "on its way to Zofia Wiśniewska, zofia@customer.example" in said(answer)
        assert now(invitation).message == "Please: {link}"
        assert (letters(), now(invitation).state) == (1, "queued")

    def test_twice_at_once_sends_one_message(self, client: Client, invitation: Invitation) -> None:
        for _click in range(2):
            client.post(url_of(invitation, "send_invitation"), {"message": link_of(invitation)})
        assert letters() == 1

    def test_again_after_it_came_back(self, client: Client, invitation: Invitation) -> None:
        client.post(url_of(invitation, "send_invitation"), {"message": link_of(invitation)})
        Letter.objects.update(sent_at=timezone.now(), bounced_at=timezone.now(), bounce_status="5.1.1")
        page = client.get(url_of(invitation)).content.decode()
        assert "Could not be delivered" in page
        assert "Check the address with the customer" in page
        assert "5.1.1" in page
        client.post(url_of(invitation, "send_invitation"), {"message": link_of(invitation)})
        assert letters() == 2

    def test_of_an_ended_invitation_is_refused_with_what_was_typed(
        self, client: Client, invitation: Invitation, customer: Customer
    ) -> None:
        link = link_of(invitation)
        confirmed(customer)
        answer = client.post(url_of(invitation, "send_invitation"), {"message": f"My own words {link}"})
        page = answer.content.decode()
        assert "This invitation has ended" in page
        assert "My own words" in page
        assert letters() == 0


class TestStates:
    def moments(self, client: Client, invitation: Invitation) -> list[str]:
        return [str(moment.what) for moment in client.get(url_of(invitation)).context["timeline"]]

    def test_every_step_is_on_the_timeline(self, client: Client, invitation: Invitation) -> None:
        client.post(url_of(invitation, "send_invitation"), {"message": link_of(invitation)})
        at = timezone.now()
        Letter.objects.update(sent_at=at, delivered_at=at + timedelta(minutes=1))
        later = {"opened_at": at + timedelta(hours=1), "reviewing_at": at + timedelta(hours=2)}
        Invitation.objects.update(**later)
        assert self.moments(client, invitation) == [
            "Invitation made",
            "Given to the mail service",
            "Sent",
            "Delivered",
            "Opened by the customer",
            "The customer is still reviewing the agreement",
        ]
        Invitation.objects.update(
            outcome="declined", closed_at=at + timedelta(hours=3), decline_reason="We have <b>another</b> partner"
        )
        page = client.get(url_of(invitation)).content.decode()
        assert "We have &lt;b&gt;another&lt;/b&gt; partner" in page
        assert reverse("agreements:invite", args=[invitation.customer.tenant_id]) in page

    def test_who_was_told_to_contact_the_partner_can_be_confirmed(
        self, client: Client, client_of: ClientOf, admin_agent: Membership, invitation: Invitation
    ) -> None:
        Invitation.objects.update(to_confirm_at=timezone.now(), scenario=2)
        assert "attests on the customer" in client.get(url_of(invitation)).content.decode()
        agent = client_of(admin_agent)
        page = agent.get(url_of(invitation)).content.decode()
        link = re.search(r'href="([^"]+attest/[^"]+)"', page)
        assert link
        form = agent.get(html.unescape(link[1])).context["form"]
        assert form["scenario"].value() == 2
        assert "<textarea" not in page

    def test_an_acceptance_leads_to_its_record(
        self, client: Client, invitation: Invitation, customer: Customer
    ) -> None:
        record = confirmed(customer)
        page = client.get(url_of(invitation)).content.decode()
        assert "No longer needed" in page
        assert reverse("agreements:record", args=[customer.tenant_id, record.reference]) in page

    def test_an_expired_one_is_renewed(self, client: Client, invitation: Invitation) -> None:
        Invitation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
        page = client.get(url_of(invitation)).content.decode()
        assert "Renew it, and send it again." in page
        answer = client.post(url_of(invitation, "renew_invitation"))
        assert "new link" in said(answer)
        assert now(invitation).expires_at > timezone.now() + timedelta(days=29)

    def test_revoking_asks_first(self, client: Client, invitation: Invitation) -> None:
        assert "stops working at once" in client.get(url_of(invitation, "revoke_invitation")).content.decode()
        assert now(invitation).is_open
        assert "revoked" in said(client.post(url_of(invitation, "revoke_invitation")))
        assert now(invitation).state == "revoked"
        assert "has ended" in said(client.post(url_of(invitation, "revoke_invitation")))
        assert client.get(url_of(invitation, "revoke_invitation")).status_code == 302
        assert "Invite the customer anew" in said(client.post(url_of(invitation, "renew_invitation")))
        assert AuditEvent.objects.filter(code="agreements.invitation_revoked").count() == 1

    def test_at_microsoft_the_link_is_the_fixed_one(
        self, client: Client, customer: Customer, partner: Partner
    ) -> None:
        policy = policy_of(partner)
        policy.place = Place.MICROSOFT
        policy.save()
        answer = client.get(url_of(invited(customer, language="en-US")))
        text = answer.context["form"]["message"].value()
        assert "https://admin.microsoft.com/AdminPortal/Home?ref=/BillingAccounts/agreement" in text
        assert "A Global admin of your company has to do this" in text
        assert "The portal does not see what happens" in answer.content.decode()

    def test_the_page_costs_the_same_after_many_messages(self, client: Client, invitation: Invitation) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                client.get(url_of(invitation))
            return len(captured)

        queries()
        few = queries()
        client.post(url_of(invitation, "send_invitation"), {"message": link_of(invitation)})
        queries()
        assert queries() <= few + 1
        assert few <= 14


class TestWhoSeesIt:
    def test_strangers_and_helpdesk_agents_do_not(
        self, client_of: ClientOf, stranger: Membership, helpdesk_agent: Membership, invitation: Invitation
    ) -> None:
        for member in (stranger, helpdesk_agent):
            for name in ("invitation", "send_invitation", "renew_invitation", "revoke_invitation"):
                assert client_of(member).post(url_of(invitation, name), {"message": "{link}"}).status_code == 404
        assert now(invitation).is_open

    def test_a_provider_reads_what_its_reseller_asked_but_has_not_its_link(
        self, client_of: ClientOf, reseller_agent: Membership, provider: Partner, actor_for: Act
    ) -> None:
        made = request_relationship(
            by=actor_for(reseller_agent),
            partner=provider,
            company_name="New Company",
            invitee=Invitee(first_name="Jan", last_name="Nowak", email="jan@new.example"),
            submit_key="key-1",
        )
        mine = client_of(reseller_agent).get(url_of(made))
        assert link_of(made) in mine.context["form"]["message"].value()
        assert "Corner Reseller would like to supply New Company" in mine.context["form"]["message"].value()
        agent = client_of(MembershipFactory(partner=provider, roles=["sales_agent"]))
        page = agent.get(url_of(made)).content.decode()
        assert "Corner Reseller" in page
        assert link_of(made) not in page
        for name in ("invitation", "send_invitation", "renew_invitation", "revoke_invitation"):
            assert agent.post(url_of(made, name), {"message": "{link}"}).status_code == 403
        assert now(made).is_open

    def test_a_request_shows_what_it_includes(self, client: Client, partner: Partner) -> None:
        made = RequestInvitationFactory(partner=partner, request__includes_delegated_admin=False)
        page = client.get(url_of(made)).content.decode()
        assert "Not included" in page
        assert "no delegated administration privileges" in page
