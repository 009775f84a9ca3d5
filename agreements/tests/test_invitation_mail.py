"""What the messages about an invitation say: text and HTML, the link in both, nothing that people typed as markup."""

from collections.abc import Callable

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from agreements import mail
from agreements.links import link_of
from agreements.models import Invitation
from agreements.services import edit_message
from agreements.tests.factories import invited
from agreements.tests.invitation_factories import RequestInvitationFactory
from customers.models import Customer
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner

Act = Callable[..., Actor]


def html_of(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0].content)


@pytest.fixture
def invitation(customer: Customer, actor_for: Act, sales_agent: Membership) -> Invitation:
    made = invited(customer, actor_for(sales_agent), language="en-US")
    return Invitation.objects.with_details().get(pk=made.pk)


@pytest.mark.parametrize("write", [mail.invitation, mail.reminder])
def test_the_customer_gets_the_words_and_the_link_in_both_forms(
    write: Callable[[Invitation], EmailMultiAlternatives], invitation: Invitation
) -> None:
    message, link = write(invitation), link_of(invitation)
    assert message.to == ["zofia@customer.example"]
    assert message.body.count(link) == 1
    assert f'href="{link}"' in html_of(message)
    assert "<p></p>" not in html_of(message)
    assert "The link works until" in message.body
    assert message.subject.startswith("A reminder:") is (write is mail.reminder)


def test_the_agents_own_words_go_out_as_text(invitation: Invitation, actor_for: Act, sales_agent: Membership) -> None:
    by = actor_for(sales_agent)
    kept = edit_message(by=by, invitation=invitation, message="<b>Please</b> {link} & thanks")
    message = mail.invitation(kept)
    assert f"<b>Please</b> {link_of(kept)} & thanks" in message.body
    assert "&lt;b&gt;Please&lt;/b&gt;" in html_of(message)
    assert "&amp; thanks" in html_of(message)
    assert "Kind regards" not in message.body


def test_a_request_speaks_of_the_relationship(partner: Partner) -> None:
    made = RequestInvitationFactory(partner=partner, request__company_name="A & B")
    message = mail.invitation(Invitation.objects.with_details().get(pk=made.pk))
    assert message.subject == "Northwind Cloud would like to work with you: please answer the request"
    assert "would like to supply A & B" in message.body
    assert "A &amp; B" in html_of(message)
    assert "Answer the request" in html_of(message)


def test_the_agent_is_reminded_with_the_way_to_the_invitation(
    invitation: Invitation, sales_agent: Membership
) -> None:
    message = mail.staff_reminder(invitation, sales_agent.user)
    assert message.to == [sales_agent.user.email]
    assert f"/agreements/invitations/{invitation.public_id}/" in message.body
    assert "How it stands: Not sent by the portal." in message.body
    assert link_of(invitation) not in message.body + html_of(message)


@pytest.mark.parametrize(
    ("changed", "subject", "said"),
    [
        ({"outcome": "accepted"}, "has accepted the Microsoft Customer Agreement", "You can order now"),
        ({"outcome": "declined", "decline_reason": "<i>No</i>"}, "has declined", "<i>No</i>"),
        ({"outcome": "settled"}, "News about the invitation", "No longer needed"),
        ({"reviewing_at": True}, "is still reviewing", "nothing to do for you"),
        ({"to_confirm_at": True, "scenario": 1}, "asks you to confirm", "attest on its behalf"),
    ],
)
def test_the_agent_is_told_what_the_customer_answered(
    invitation: Invitation, sales_agent: Membership, changed: dict[str, object], subject: str, said: str
) -> None:
    now = timezone.now()
    for field, value in changed.items():
        setattr(invitation, field, now if value is True else value)
    if invitation.outcome:
        invitation.closed_at = now
    message = mail.answer(invitation, sales_agent.user)
    assert subject in message.subject
    assert said in message.body
    assert "<i>" not in html_of(message)
    assert f"/agreements/invitations/{invitation.public_id}/" in html_of(message)
