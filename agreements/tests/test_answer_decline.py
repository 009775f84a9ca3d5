"""/accept/…/decline/ and /reviewing/: every answer but yes."""

from django.utils import timezone

from agreements.models import Invitation, InvitationState, Outcome
from agreements.services import revoke_invitation
from agreements.tests.answering import administrator, asked, at_partner, counts, everything, opened
from agreements.tests.factories import job_actor
from customers.models import Customer
from portal.audit.models import AuditEvent


def test_declining_with_a_reason(customer: Customer) -> None:
    invitation = asked(customer)
    client = opened(invitation)
    assert client.get(at_partner(customer.partner, "decline/")).status_code == 200
    typed = {"asked": str(invitation.public_id), "reason": "We buy elsewhere"}
    page = client.post(at_partner(customer.partner, "decline/"), typed, follow=True)
    assert "If you change your mind, ask" in page.content.decode()
    invitation.refresh_from_db()
    assert (invitation.outcome, invitation.decline_reason) == (Outcome.DECLINED, "We buy elsewhere")
    event = AuditEvent.objects.get(code="agreements.invitation_declined")
    assert (event.actor_kind, event.who) == ("customer", "Zofia Wiśniewska")


def test_a_reason_is_needed(customer: Customer) -> None:
    client = opened(asked(customer))
    page = client.post(at_partner(customer.partner, "decline/"), {"reason": "  "})
    assert page.status_code == 200
    assert "Say why you decline; your partner reads it" in page.content.decode()
    assert Invitation.objects.get().is_open


def test_declining_twice_is_declining_once(customer: Customer) -> None:
    client = opened(asked(customer))
    for _ in range(2):
        assert client.post(at_partner(customer.partner, "decline/"), {"reason": "No"}).status_code == 302
    assert AuditEvent.objects.filter(code="agreements.invitation_declined").count() == 1


def test_declining_too_late_keeps_the_reason(customer: Customer) -> None:
    client = opened(asked(customer))
    Invitation.objects.update(expires_at=timezone.now())
    page = client.post(at_partner(customer.partner, "decline/"), {"reason": "We buy elsewhere"})
    assert "This invitation has expired." in page.content.decode()
    assert "We buy elsewhere" in page.content.decode()
    assert client.get(at_partner(customer.partner, "decline/")).status_code == 302


def test_still_reviewing(customer: Customer) -> None:
    client = opened(asked(customer))
    page = client.post(at_partner(customer.partner, "reviewing/"), follow=True)
    assert "was told on" in page.content.decode()
    assert Invitation.objects.get().state == InvitationState.REVIEWING
    client.post(at_partner(customer.partner, "reviewing/"))
    assert AuditEvent.objects.filter(code="agreements.invitation_reviewed").count() == 1
    assert client.get(at_partner(customer.partner, "reviewing/")).status_code == 405


def test_reviewing_what_was_taken_back(customer: Customer) -> None:
    invitation = asked(customer)
    client = opened(invitation)
    revoke_invitation(by=job_actor(), invitation=invitation)
    page = client.post(at_partner(customer.partner, "reviewing/"), follow=True)
    assert "This invitation has ended." in page.content.decode()
    assert Invitation.objects.get().reviewing_at is None


def test_the_administrator_declines_what_the_company_is_asked(customer: Customer) -> None:
    client = administrator(customer.tenant)
    before = everything()
    for what in ("decline/", "reviewing/"):
        assert client.post(at_partner(customer.partner, what), {"reason": "No"}).status_code == 404
    assert everything() == before
    asked(customer)
    assert client.post(at_partner(customer.partner, "decline/"), {"reason": "No"}).status_code == 302
    assert Invitation.objects.get().outcome == Outcome.DECLINED
    assert counts() == (0, 0, 0)
