"""The tasks of queue `mail` that send what `agreements.mail` says. What a letter is about, its row names."""

from functools import partial

from django.core.mail import EmailMultiAlternatives
from django_tasks import task

from agreements import mail
from agreements.models import (
    Approval,
    ApprovalOutcome,
    AttestationEvent,
    ConfirmationRequest,
    EventKind,
    Invitation,
    InvitationReminder,
    Receipt,
)
from agreements.querysets import InvitationQuerySet
from customers.models import Customer
from portal.audit.models import Checkpoint
from portal.jobs.letters import deliver, retried_mail
from portal.jobs.models import Letter
from portal.partners.models import Membership, User
from portal.partners.permissions import Permission


def _invitations() -> InvitationQuerySet:
    return Invitation.objects.with_details().select_related("invited_by")


@retried_mail
@task(queue_name="mail")
def send_invitation(letter_id: int) -> None:
    deliver(letter_id, _invitation)


def _invitation(letter: Letter) -> EmailMultiAlternatives | None:
    """Nothing once the invitation has ended, or was sent anew by a later letter."""
    invitation = _invitations().get(public_id=letter.about)
    is_wanted = invitation.is_open and not invitation.is_expired and invitation.letter_id == letter.pk
    return mail.invitation(invitation) if is_wanted else None


@retried_mail
@task(queue_name="mail")
def send_reminder(letter_id: int) -> None:
    deliver(letter_id, _reminder)


def _reminder(letter: Letter) -> EmailMultiAlternatives | None:
    """Nothing once nobody waits for the customer any more, or the link was renewed: the new one begins anew."""
    invitation = _invitations().get(public_id=letter.about)
    is_waiting = invitation.is_open and not invitation.is_expired and invitation.to_confirm_at is None
    is_of_this_link = InvitationReminder.objects.filter(letter=letter, generation=invitation.generation).exists()
    return mail.reminder(invitation) if is_waiting and is_of_this_link else None


@retried_mail
@task(queue_name="mail")
def send_staff_reminder(letter_id: int) -> None:
    deliver(letter_id, _staff_reminder)


def _staff_reminder(letter: Letter) -> EmailMultiAlternatives | None:
    invitation = _invitations().get(public_id=letter.about)
    agent = agent_of(invitation)
    return mail.staff_reminder(invitation, agent) if invitation.is_open and agent is not None else None


@retried_mail
@task(queue_name="mail")
def send_answer(letter_id: int) -> None:
    deliver(letter_id, _answer)


def _answer(letter: Letter) -> EmailMultiAlternatives | None:
    invitation = _invitations().get(public_id=letter.about)
    agent = agent_of(invitation)
    return mail.answer(invitation, agent) if agent is not None else None


@retried_mail
@task(queue_name="mail")
def send_receipt(letter_id: int) -> None:
    deliver(letter_id, _receipt)


def _receipt(letter: Letter) -> EmailMultiAlternatives | None:
    receipt = _receipt_of(letter.about)
    company_name, language = addressed(receipt)
    return mail.receipt(receipt, company_name=company_name, language=language)


@retried_mail
@task(queue_name="mail")
def send_dispute_opened(letter_id: int) -> None:
    deliver(letter_id, _dispute_opened)


def _dispute_opened(letter: Letter) -> EmailMultiAlternatives | None:
    receipt = _receipt_of(letter.about)
    attestation = receipt.attestation
    agent = active_agent(attestation.actor_user_id, attestation.partner_id)
    if agent is None:
        return None
    return mail.dispute_opened(attestation, agent, company_name=addressed(receipt)[0])


@retried_mail
@task(queue_name="mail")
def send_dispute_closed(letter_id: int) -> None:
    deliver(letter_id, _dispute_closed)


def _dispute_closed(letter: Letter) -> EmailMultiAlternatives | None:
    receipt = _receipt_of(letter.about)
    events = AttestationEvent.objects.filter(attestation=receipt.attestation).select_related(
        "attestation__person", "detail"
    )
    resolved = events.filter(kind=EventKind.DISPUTE_RESOLVED).last()
    if resolved is None:
        return None
    company_name, language = addressed(receipt)
    is_withdrawn = events.filter(kind=EventKind.WITHDRAWN).exists()
    return mail.dispute_closed(
        resolved, receipt, is_withdrawn=is_withdrawn, company_name=company_name, language=language
    )


@retried_mail
@task(queue_name="mail")
def send_confirmation_decided(letter_id: int) -> None:
    deliver(letter_id, _confirmation_decided)


def _confirmation_decided(letter: Letter) -> EmailMultiAlternatives | None:
    request = ConfirmationRequest.objects.with_details().get(public_id=letter.about)
    agent = active_agent(request.asked_by_id, request.reseller_id)
    return mail.confirmation_decided(request, agent) if agent is not None else None


@retried_mail
@task(queue_name="mail")
def send_approval_asked(letter_id: int) -> None:
    deliver(letter_id, _approval_asked)


def _approval_asked(letter: Letter) -> EmailMultiAlternatives | None:
    """To one who may decide; nothing once that is done. about: the approval's id, and the membership's."""
    public_id, _colon, member_id = letter.about.partition(":")
    approval = Approval.objects.with_details().get(public_id=public_id)
    member = Membership.objects.active().filter(public_id=member_id).select_related("user", "partner").first()
    may = member is not None and member.can(Permission.AGREEMENTS_APPROVE)
    return mail.approval_asked(approval, member.user) if member and may and not approval.outcome else None


@retried_mail
@task(queue_name="mail")
def send_approval_decided(letter_id: int) -> None:
    deliver(letter_id, _approval_decided)


def _approval_decided(letter: Letter) -> EmailMultiAlternatives | None:
    approval = Approval.objects.with_details().get(public_id=letter.about)
    agent = active_agent(approval.asked_by_id, approval.partner_id)
    is_decided = approval.outcome in (ApprovalOutcome.APPROVED, ApprovalOutcome.REFUSED)
    return mail.approval_decided(approval, agent) if agent is not None and is_decided else None


@retried_mail
@task(queue_name="mail")
def send_checkpoints(letter_id: int, *, member: str, checkpoints: str) -> None:
    """member: public id of the membership; checkpoints: public ids, with commas between them."""
    deliver(letter_id, partial(_checkpoints, member=member, ids=checkpoints.split(",")))


def _checkpoints(letter: Letter, *, member: str, ids: list[str]) -> EmailMultiAlternatives | None:
    """Nothing for who may not have them any more."""
    agent = Membership.objects.active().filter(public_id=member).select_related("user", "partner").first()
    if agent is None or not agent.can(Permission.AGREEMENTS_EXPORT):
        return None
    found = Checkpoint.objects.filter(public_id__in=ids).with_details().order_by("id")
    return mail.checkpoints(list(found), agent)


def _receipt_of(public_id: str) -> Receipt:
    whole = ("attestation__person", "attestation__partner", "attestation__document__template")
    return Receipt.objects.select_related(*whole, "attestation__supersedes").get(public_id=public_id)


def addressed(receipt: Receipt) -> tuple[str, str]:
    """(the company as the record's partner knows it, the locale of the text that was accepted)."""
    attestation = receipt.attestation
    known = Customer.objects.filter(tenant_id=attestation.tenant_id)
    if attestation.partner_id is not None:
        known = known.filter(partner_id=attestation.partner_id)
    return known.values_list("company_name", flat=True).first() or "", attestation.document.language


def agent_of(invitation: Invitation) -> User | None:
    """Who is told about an invitation: the agent who made it, while still at work for the partner."""
    request = invitation.request
    return active_agent(invitation.invited_by_id, request.asked_by_id if request else invitation.partner_id)


def active_agent(user_id: int | None, partner_id: int | None) -> User | None:
    found = Membership.objects.active().filter(user_id=user_id, partner_id=partner_id).select_related("user").first()
    return found.user if found else None
