"""Inviting customers to accept by themselves: made, sent, renewed, revoked, ended."""

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import rules
from agreements.letters import send_invitation as send_invitation_task
from agreements.links import link_of, new_digest
from agreements.mail import LINK
from agreements.models import AgreementTemplate, Attestation, Invitation, Outcome
from agreements.services.policies import policy_of
from customers.models import Customer, RelationshipRequest
from customers.rules import Standing, standing
from customers.services import check_email, create_relationship_request, keep_invitation, lock_customer, lock_tenant
from portal.audit.models import AuditEvent
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.jobs.letters import post
from portal.jobs.services import submit_once
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@dataclass(frozen=True, kw_only=True)
class Invitee:
    """The one person who may accept by the link. language: locale of the message, such as "pl-PL"."""

    first_name: str
    last_name: str
    email: str
    language: str = "en-US"


@dataclass(frozen=True)
class Refused:
    customer: Customer
    reason: str


@dataclass
class Invited:
    """What became of many: invitations made, and the customers that were not invited, each with the reason."""

    made: list[Invitation] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


@transaction.atomic
def invite_customer(
    *, by: Actor, customer: Customer, invitee: Invitee, is_sent: bool = False, submit_key: str = ""
) -> Invitation:
    """Invite an existing customer to accept the agreement by itself (seed 004, option 2); its standing is pending.

    is_sent: the portal mails the invitation at once. The same submit_key again answers the first invitation. Raises
    NotPermitted, RelationshipEnded, RuleViolation: where an acceptance covers already or an invitation is open
    (code "open_invitation"), and for an address that is no customer's (field "email").
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.AGREEMENTS_INVITE)
    lock_tenant(customer.tenant_id)
    made: list[Invitation] = []

    def effect() -> str:
        made.append(_invite(by, lock_customer(customer), invitee, is_sent=is_sent))
        return str(made[0].public_id)

    if not submit_key:
        effect()
        return made[0]
    body = {"customer": str(customer.tenant_id), **asdict(invitee), "is_sent": is_sent}
    public_id, _was_repeated = submit_once(by=by, form="agreements.invite", key=submit_key, body=body, effect=effect)
    return made[0] if made else Invitation.objects.get(public_id=public_id)


def invite_customers(*, by: Actor, customers: Iterable[Customer]) -> Invited:
    """Invite the primary contacts of many customers by mail, each in a transaction of its own.

    Whoever cannot be invited is skipped with the reason; running it again invites nobody twice. Raises NotPermitted.
    """
    done = Invited()
    for customer in customers:
        try:
            made = invite_customer(by=by, customer=customer, invitee=primary_invitee(customer), is_sent=True)
        except RuleViolation as refused:
            done.refused.append(Refused(customer, str(refused.message)))
        else:
            done.made.append(made)
    return done


def primary_invitee(customer: Customer) -> Invitee:
    """The primary contact, in the customer's language. Raises RuleViolation while there is none."""
    contact = customer.primary_contact
    if contact is None:
        raise RuleViolation(_("This customer has no contact yet. Add one first."), field="email")
    return Invitee(
        first_name=contact.first_name, last_name=contact.last_name, email=contact.email, language=customer.language
    )


@transaction.atomic
def request_relationship(
    *,
    by: Actor,
    partner: Partner,
    company_name: str,
    invitee: Invitee,
    reseller: Partner | None = None,
    includes_delegated_admin: bool = True,
    submit_key: str,
) -> Invitation:
    """Ask a company to become a customer and to accept the agreement in one go (seed 004; facts 2.9, 7.6).

    partner: whose customer it would become; an indirect reseller names its provider there. The message is not sent
    yet. Raises as `create_relationship_request`, and RuleViolation for an address (field "email").
    """
    made: list[Invitation] = []

    def effect() -> str:
        request = create_relationship_request(
            by=by,
            partner=partner,
            company_name=company_name,
            reseller=reseller,
            includes_delegated_admin=includes_delegated_admin,
        )
        for seller in {request.partner, request.asked_by, request.reseller or request.partner}:
            check_email(seller, invitee.email)
        made.append(_create(by, partner, invitee, request=request))
        return str(made[0].public_id)

    body = {
        "partner": str(partner.tenant_id),
        "company_name": company_name,
        **asdict(invitee),
        "reseller": str(reseller.tenant_id) if reseller else "",
        "includes_delegated_admin": includes_delegated_admin,
    }
    public_id, _was_repeated = submit_once(
        by=by, form="agreements.request_relationship", key=submit_key, body=body, effect=effect
    )
    return made[0] if made else Invitation.objects.get(public_id=public_id)


@transaction.atomic
def send_invitation(*, by: Actor, invitation: Invitation, message: str | None = None) -> Invitation:
    """Mail it to the person it names, or mail it again. message: the agent's wording with the link in it, None to
    leave it as it is.

    Within a minute of a sending that is still under way this changes nothing: a second click sends no second mail.
    Raises NotPermitted, RuleViolation: an ended invitation, or a message without its link (field "message").
    """
    invitation = _lock_open(by, invitation)
    if message is not None:
        _keep_message(invitation, message)
    last = invitation.letter
    if last is None or last.state != "queued" or last.queued_at < timezone.now() - timedelta(minutes=1):
        _send(by, invitation)
    invitation.save()
    return invitation


@transaction.atomic
def edit_message(*, by: Actor, invitation: Invitation, message: str) -> Invitation:
    """Keep the agent's wording. Raises as `send_invitation`."""
    invitation = _lock_open(by, invitation)
    before = invitation.message
    _keep_message(invitation, message)
    if invitation.message != before:
        invitation.save(update_fields=["message"])
        log_invitation(by, "agreements.invitation_edited", invitation)
    return invitation


@transaction.atomic
def renew_invitation(*, by: Actor, invitation: Invitation) -> Invitation:
    """A new link with its whole time before it; the old link stops working. Reminders begin anew.

    Also for one that has expired, unless the customer was invited again. Raises NotPermitted, RuleViolation.
    """
    invitation = _lock(by, invitation)
    if invitation.outcome not in ("", Outcome.EXPIRED):
        raise RuleViolation(_("This invitation has ended. Invite the customer anew."))
    if invitation.customer is not None and invitation.outcome:
        _check_invitable(lock_customer(invitation.customer))
    invitation.outcome, invitation.closed_at = "", None
    invitation.generation += 1
    invitation.token_digest = new_digest(invitation)
    invitation.renewed_at = timezone.now()
    invitation.expires_at = invitation.renewed_at + timedelta(days=policy_of(invitation.partner).valid_days)
    invitation.letter = None
    invitation.opened_at = invitation.reviewing_at = None
    invitation.save()
    _keep_pending(invitation)
    log_invitation(by, "agreements.invitation_renewed", invitation)
    return invitation


@transaction.atomic
def revoke_invitation(*, by: Actor, invitation: Invitation) -> Invitation:
    """Take it back: its link stops working. Raises NotPermitted, RuleViolation once it has ended."""
    invitation = _lock_open(by, invitation, is_over_fine=True)
    close(invitation, Outcome.REVOKED)
    log_invitation(by, "agreements.invitation_revoked", invitation)
    return invitation


def close(invitation: Invitation, outcome: Outcome, *, attestation: Attestation | None = None) -> None:
    """End a locked invitation, and with the last open one the customer's being invited."""
    invitation.outcome, invitation.closed_at = outcome, timezone.now()
    invitation.attestation = attestation
    invitation.save()
    customer = invitation.customer
    if customer is not None and not Invitation.objects.open().of_customer(customer).exists():
        keep_invitation(customer=customer, invited_at=None)


def settle_invitations(*, by: Actor, customer: Customer, attestation: Attestation) -> None:
    """The acceptance is on record: nothing is asked of the customer any more. The tenant is locked by the caller."""
    for invitation in Invitation.objects.select_for_update(of=("self",)).open().of_customer(customer):
        close(invitation, Outcome.SETTLED, attestation=attestation)
        log_invitation(by, "agreements.invitation_settled", invitation)


def end_invitations(*, by: Actor, customer: Customer) -> None:
    """Take back what is asked of a customer whose relationship ends. The tenant is locked by the caller."""
    for invitation in Invitation.objects.select_for_update(of=("self",)).open().of_customer(customer):
        close(invitation, Outcome.REVOKED)
        log_invitation(by, "agreements.invitation_revoked", invitation)


def _invite(by: Actor, customer: Customer, invitee: Invitee, *, is_sent: bool) -> Invitation:
    _check_invitable(customer)
    check_email(customer.partner, invitee.email, qualification=customer.qualification)
    if customer.reseller is not None:
        # A reseller may not attest, so it is not who accepts either.
        check_email(customer.reseller, invitee.email)
    invitation = _create(by, customer.partner, invitee, customer=customer)
    if is_sent:
        _send(by, invitation)
        invitation.save(update_fields=["letter"])
    _keep_pending(invitation)
    return invitation


def _check_invitable(customer: Customer) -> None:
    stale_before = AgreementTemplate.objects.stale_before(today=customer.partner.today)
    where = standing(customer, has_agreement=customer.partner.has_agreement, stale_before=stale_before)
    is_covered = where == Standing.COVERED
    is_invited = not is_covered and Invitation.objects.open().of_customer(customer).exists()
    reason = rules.why_cannot_invite(is_covered=is_covered, is_invited=is_invited)
    if reason is not None:
        raise RuleViolation(reason, code="open_invitation" if is_invited else "")


def _create(by: Actor, partner: Partner, invitee: Invitee, **about: Customer | RelationshipRequest) -> Invitation:
    person_refusals = rules.why_not_a_person(asdict(invitee) | {"phone": ""})
    for refused_field, reason in person_refusals.items():
        if reason is not None:
            raise RuleViolation(reason, field=refused_field)
    invitation = new_invitation(
        partner=partner, **asdict(invitee), **about, invited_by_id=by.user_id, invited_by_name=by.name
    )
    changes = {name: (None, value) for name, value in asdict(invitee).items() if value}
    log_invitation(by, "agreements.customer_invited", invitation, changes=changes)
    return invitation


def new_invitation(*, partner: Partner, **fields: Any) -> Invitation:
    """A saved invitation by the partner's policy, its link made."""
    policy, now = policy_of(partner), timezone.now()
    invitation = Invitation(
        partner=partner,
        place=policy.place,
        created_at=now,
        renewed_at=now,
        expires_at=now + timedelta(days=policy.valid_days),
        public_id=uuid.uuid4(),
        **fields,
    )
    invitation.token_digest = new_digest(invitation)
    invitation.save()
    return invitation


def _send(by: Actor, invitation: Invitation) -> None:
    invitation.letter = post(kind="agreements.invitation", about=str(invitation.public_id), task=send_invitation_task)
    log_invitation(by, "agreements.invitation_sent", invitation)


def _keep_message(invitation: Invitation, message: str) -> None:
    """As a template with the link's place in it, so that a renewed link takes the old one's place."""
    try:
        link = link_of(invitation)
    except ValueError:
        lost = _("The link in this message does not work any more. Renew the invitation; that makes a new one.")
        raise RuleViolation(lost, field="message") from None
    text = message.replace("\r\n", "\n").strip().replace(link, LINK)
    reason = rules.why_not_a_message(text, mark=LINK)
    if reason is not None:
        raise RuleViolation(reason, field="message")
    invitation.message = text


def _keep_pending(invitation: Invitation) -> None:
    if invitation.customer is not None and invitation.request is None:
        keep_invitation(customer=invitation.customer, invited_at=invitation.renewed_at)


def _lock(by: Actor, invitation: Invitation) -> Invitation:
    """The invitation as it is now, locked after its customer's tenant. Raises NotPermitted."""
    asked_by = invitation.request.asked_by if invitation.request else invitation.partner
    is_request = invitation.request is not None
    permission = Permission.CUSTOMERS_REQUEST_RELATIONSHIP if is_request else Permission.AGREEMENTS_INVITE
    ensure_may(by=by, partner=asked_by, permission=permission)
    return lock_invitation(invitation)


def lock_invitation(invitation: Invitation) -> Invitation:
    """Its customer's tenant first, as every transaction about a record does."""
    if invitation.customer is not None:
        lock_tenant(invitation.customer.tenant_id)
    Invitation.objects.select_for_update().only("pk").get(pk=invitation.pk)
    # Only now what is joined: PostgreSQL reads joined rows as of before the wait, and who was first has changed them.
    return Invitation.objects.with_details().get(pk=invitation.pk)


def _lock_open(by: Actor, invitation: Invitation, *, is_over_fine: bool = False) -> Invitation:
    invitation = _lock(by, invitation)
    if not invitation.is_open:
        raise RuleViolation(_("This invitation has ended. Invite the customer anew."))
    if invitation.is_expired and not is_over_fine:
        raise RuleViolation(_("This invitation has expired. Renew it; then it can be sent."))
    return invitation


def log_invitation(by: Actor, code: str, invitation: Invitation, *, changes: Any = None) -> AuditEvent:
    """In the partner's log, and in the reseller's whose agents asked. Answers the partner's line."""
    customer, request = invitation.customer, invitation.request
    asked_by_id = request.asked_by_id if request is not None else invitation.partner_id
    lines = [
        record_event(
            by=by,
            code=code,
            partner_id=partner_id,
            customer_id=customer.tenant_id if customer else None,
            subject=str(invitation.public_id),
            facts={"place": invitation.place},
            changes=changes or {},
        )
        for partner_id in dict.fromkeys((invitation.partner_id, asked_by_id))
    ]
    return lines[0]
