"""What comes late or twice: stale pages, letters that waited, lost keys, records that do not count."""

from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.letters import send_reminder
from agreements.links import link_of
from agreements.models import Invitation, InvitationReminder
from agreements.services import (
    Invitee,
    accept_invitation,
    ask_partner_to_confirm,
    look_after_invitations,
    renew_invitation,
    request_relationship,
    send_invitation,
)
from agreements.tests.factories import TemplateFactory, accepted_directly, confirmed, invited, person
from agreements.tests.invitation_factories import THE_PERSON, RequestInvitationFactory, statement
from customers.models import Customer
from customers.rules import Standing, standing
from customers.services import JoiningCompany, company_of
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotFound
from portal.jobs.models import Letter
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import PartnerLinkFactory

Act = Callable[..., Actor]
pytestmark = pytest.mark.usefixtures("template")


def now(invitation: Invitation) -> Invitation:
    return Invitation.objects.with_details().get(pk=invitation.pk)


def test_a_correction_of_what_no_longer_counts_leaves_the_question_open(customer: Customer) -> None:
    """A name put right in a stale record is no acceptance: the customer is still asked."""
    old = confirmed(customer, agreed_on=date(2020, 1, 1))
    today = timezone.now().date()
    TemplateFactory(effective_on=today - timedelta(days=9), renew_before=date(2024, 1, 1), renewal_enforced_on=today)
    customer.refresh_from_db()
    asked = invited(customer)
    confirmed(
        customer,
        agreed_on=date(2020, 1, 1),
        person=person(last_name="Wiśniewska-Nowak"),
        correction_of=old.reference,
        reason_note="Her name was misspelled.",
    )
    assert now(asked).is_open
    customer.refresh_from_db()
    assert customer.invited_at is not None


def test_the_partner_reads_in_what_capacity_the_person_accepted(
    customer: Customer, sales_agent: Membership, client_of: Any
) -> None:
    record = accepted_directly(customer, authority="Prokurentka")
    page = client_of(sales_agent).get(reverse("agreements:record", args=[customer.tenant_id, record.reference]))
    assert "Prokurentka" in page.content.decode()


def test_another_reseller_by_the_companys_own_will_is_logged() -> None:
    """A known customer accepts a request that names its provider's other reseller."""
    link = PartnerLinkFactory()
    known = CustomerFactory(partner=link.provider)
    asked = RequestInvitationFactory(
        partner=link.provider, request__reseller=link.reseller, request__asked_by=link.reseller
    )
    accept_invitation(
        by=THE_PERSON,
        invitation=asked,
        statement=statement(known),
        joining=JoiningCompany(company=company_of(known), tenant=known.tenant),
        is_administrator=True,
    )
    known.refresh_from_db()
    assert known.reseller == link.reseller
    event = AuditEvent.objects.get(code="customers.reseller_changed", customer_id=known.tenant_id)
    assert event.partner_id == link.provider.pk
    assert event.facts == {"after": str(link.reseller.tenant_id)}


class TestLostKey:
    """A link that no key makes any more is renewed, whatever an old page sends."""

    @pytest.mark.parametrize("name", ["invitation", "send_invitation"])
    def test_an_old_page_is_told_to_renew(
        self, customer: Customer, sales_agent: Membership, client_of: Any, actor_for: Act, settings: Any, name: str
    ) -> None:
        asked = invited(customer, actor_for(sales_agent))
        typed = f"Hello\n{link_of(asked)}"
        settings.SECRET_KEY = "another-key-that-makes-no-old-link-any-more-000000"
        client: Client = client_of(sales_agent)
        answer = client.post(reverse(f"agreements:{name}", args=[asked.public_id]), {"message": typed})
        assert answer.status_code == 200
        assert "Renew" in str(answer.context["form"].errors["message"])
        assert answer.context["form"]["message"].value() == typed


class TestReminders:
    def test_days_count_from_the_sending(self, customer: Customer, sales_agent: Membership, actor_for: Act) -> None:
        """Made on Monday, sent on Thursday: no reminder follows the message at once."""
        by = actor_for(sales_agent)
        asked = invited(customer, by)
        long_ago = timezone.now() - timedelta(days=4)
        Invitation.objects.update(created_at=long_ago, renewed_at=long_ago)
        asked = send_invitation(by=by, invitation=now(asked))
        Letter.objects.update(sent_at=timezone.now())
        assert look_after_invitations() == 0
        Letter.objects.update(queued_at=timezone.now() - timedelta(days=3.1))
        assert look_after_invitations() == 1

    @pytest.mark.parametrize("since", ["renewed", "left to the partner"])
    def test_one_that_waited_too_long_is_not_sent(
        self, customer: Customer, sales_agent: Membership, actor_for: Act, mailoutbox: list[Any], since: str
    ) -> None:
        """The mail server was away; meanwhile the agent renewed the link, to pass it on in other words."""
        by = actor_for(sales_agent)
        asked = send_invitation(by=by, invitation=invited(customer, by))
        ago = timezone.now() - timedelta(days=4)
        Letter.objects.update(queued_at=ago, sent_at=ago)
        Invitation.objects.update(created_at=ago, renewed_at=ago)
        assert look_after_invitations() == 1
        letter = InvitationReminder.objects.get().letter
        if since == "renewed":
            renew_invitation(by=by, invitation=now(asked))
        else:
            Customer.objects.update(bought_at=timezone.now())
            ask_partner_to_confirm(by=THE_PERSON, customer=customer, email="zofia@customer.example")
        send_reminder.call(letter.pk)
        assert mailoutbox == []
        letter.refresh_from_db()
        assert letter.state == "withdrawn"


def test_nobody_asks_in_another_partners_name(partner: Partner, stranger: Membership, actor_for: Act) -> None:
    somebody = Invitee(first_name="Jan", last_name="Nowak", email="jan@customer.example")
    with pytest.raises(NotFound):
        request_relationship(
            by=actor_for(stranger), partner=partner, company_name="Fabrikam AB", invitee=somebody, submit_key="r"
        )


def test_the_end_of_what_nobody_noticed_is_logged_too(customer: Customer) -> None:
    """The customer asks its partner, after the invitation's time was over."""
    asked = invited(customer)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    Customer.objects.update(bought_at=timezone.now())
    waits = ask_partner_to_confirm(by=THE_PERSON, customer=customer, email="zofia@customer.example")
    assert waits != asked
    assert now(asked).outcome == "expired"
    assert AuditEvent.objects.filter(code="agreements.invitation_expired", subject=str(asked.public_id)).exists()


class TestRebuilding:
    """manage.py rebuild_standing: whether a customer is invited is a copy as well."""

    @pytest.mark.parametrize("is_invited", [True, False])
    def test_being_invited_is_put_right(self, is_invited: bool) -> None:
        customer: Customer = CustomerFactory()
        if is_invited:
            invited(customer)
        Customer.objects.update(invited_at=None if is_invited else timezone.now())
        with pytest.raises(CommandError, match="1 tenants"):
            call_command("rebuild_standing", "--check", stdout=StringIO())
        call_command("rebuild_standing", stdout=StringIO())
        customer.refresh_from_db()
        expected = Standing.PENDING if is_invited else Standing.MISSING
        assert standing(customer, has_agreement=True, stale_before=None) == expected
        call_command("rebuild_standing", "--check", stdout=StringIO())
