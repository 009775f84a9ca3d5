"""The customer's own side: it opens what it was sent, reads, accepts, declines, or is told to contact its partner."""

import uuid
from dataclasses import asdict, dataclass, replace

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import rules
from agreements.letters import send_answer
from agreements.models import Attestation, EvidenceKind, Invitation, Outcome
from agreements.services.invitations import (
    close,
    lock_invitation,
    log_invitation,
    new_invitation,
    settle_invitations,
)
from agreements.services.notices import announce_invitation
from agreements.services.offering import contact_scenario, covering_directly, documents_for
from agreements.services.recording import record_direct_acceptance
from agreements.services.records import Acceptance, Person
from agreements.services.standing import refresh_standing
from customers.models import Customer, RelationshipRequest, Tenant
from customers.querysets import CustomerQuerySet
from customers.services import (
    ContactDetails,
    JoiningCompany,
    accept_claimed_relationship,
    accept_relationship,
    join_tenant,
    keep_invitation,
    lock_customer,
    lock_tenant,
)
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.jobs.letters import post
from portal.webhooks.rules import Event


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What whoever accepts says: who, in what capacity, and the text that was read.

    document_id: public id of the agreement document that was shown; None where only a relationship is accepted,
    because the company's own acceptance is on record already.
    """

    person: Person
    authority: str
    document_id: uuid.UUID | None


@dataclass(frozen=True)
class Accepted:
    """attestation: the customer's own record that counts for the relationship now; None where only the relationship
    is accepted, and the partner has to confirm the agreement (seeds 001, 004).
    """

    customer: Customer
    attestation: Attestation | None


class ContactPartner(RuleViolation):
    """The customer cannot accept by itself; its partner confirms (seeds 001, 004). scenario: which of the two."""

    default_code = "contact_partner"

    def __init__(self, scenario: int) -> None:
        super().__init__(_("Contact your partner to confirm your acceptance of the Microsoft Customer Agreement"))
        self.scenario = scenario


@transaction.atomic
def open_invitation(*, by: Actor, invitation: Invitation) -> Invitation:
    """Note that the person went on from the first page. Again, or after the end, this changes nothing."""
    invitation = lock_invitation(invitation)
    if invitation.is_open and not invitation.is_expired and invitation.opened_at is None:
        invitation.opened_at = timezone.now()
        invitation.save(update_fields=["opened_at"])
        log_invitation(by, "agreements.invitation_opened", invitation)
    return invitation


@transaction.atomic
def keep_reviewing(*, by: Actor, invitation: Invitation) -> Invitation:
    """The customer says that it is still reviewing the agreement. Raises RuleViolation once the invitation ended."""
    invitation = _lock_alive(invitation)
    if invitation.reviewing_at is None:
        invitation.reviewing_at = timezone.now()
        invitation.save(update_fields=["reviewing_at"])
        log_invitation(by, "agreements.invitation_reviewed", invitation)
        _tell_agent(invitation)
    return invitation


@transaction.atomic
def decline_invitation(*, by: Actor, invitation: Invitation, reason: str) -> Invitation:
    """The customer says no, and why. Raises RuleViolation: without a reason (field "reason"), or once it ended."""
    invitation = lock_invitation(invitation)
    if invitation.outcome == Outcome.DECLINED:
        return invitation
    _check_alive(invitation)
    if not reason.strip():
        raise RuleViolation(_("Say why you decline; your partner reads it"), field="reason")
    invitation.decline_reason = reason.strip()
    close(invitation, Outcome.DECLINED)
    line = log_invitation(by, "agreements.invitation_declined", invitation)
    announce_invitation(invitation, Event.INVITATION_DECLINED, line=line)
    _tell_agent(invitation)
    return invitation


@transaction.atomic
def accept_invitation(
    *,
    by: Actor,
    invitation: Invitation,
    statement: Statement,
    joining: JoiningCompany | None = None,
    is_administrator: bool = False,
) -> Accepted:
    """The person whom an invitation names, or the company's administrator, accepts: agreement and relationship.

    joining: the company's details, for a request to a company that is not the partner's customer yet.
    is_administrator: signed in as the tenant's administrator, rather than coming by the link. Accepting twice
    answers the first acceptance. Where the company has to contact its partner, a request's relationship is accepted
    all the same, and the invitation stays open until the partner has confirmed. Raises ContactPartner; RuleViolation:
    an ended invitation, a text that was replaced while it was read (code "text_replaced"), or what the rules of a
    record refuse, with its field.
    """
    invitation = _lock_to_accept(invitation)
    if invitation.outcome == Outcome.ACCEPTED and invitation.customer is not None:
        return Accepted(invitation.customer, invitation.attestation)
    _check_alive(invitation)
    if not is_administrator:
        # Who comes by the link is the person it was sent to, whatever is typed.
        statement = replace(statement, person=replace(statement.person, email=invitation.email))
    if invitation.request is not None and invitation.customer is None:
        customer = _join(by, invitation.request, statement, joining)
        if (scenario := _scenario_of(customer)) is not None:
            invitation.customer = customer
            _leave_to_partner(by, invitation, scenario)
            return Accepted(customer, None)
    else:
        customer = _own_customer(invitation, is_administrator=is_administrator)
        accept_claimed_relationship(by=by, customer=customer)
    attestation = _accept(by, customer, statement)
    invitation.customer = customer
    close(invitation, Outcome.ACCEPTED, attestation=attestation)
    log_invitation(by, "agreements.invitation_accepted", invitation)
    _tell_agent(invitation)
    _settle_others(by, attestation)
    return Accepted(customer, attestation)


@transaction.atomic
def accept_as_administrator(*, by: Actor, customer: Customer, statement: Statement) -> Accepted:
    """The company's administrator accepts for one of its partners; what that partner invited it to is answered too.

    Accepting again answers the record there is. Raises as `accept_invitation`.
    """
    lock_tenant(customer.tenant_id)
    invitation = Invitation.objects.alive().of_customer(customer).first()
    if invitation is not None:
        return accept_invitation(by=by, invitation=invitation, statement=statement, is_administrator=True)
    customer = lock_customer(customer)
    accept_claimed_relationship(by=by, customer=customer)
    attestation = _accept(by, customer, statement)
    _settle_others(by, attestation)
    return Accepted(customer, attestation)


@transaction.atomic
def ask_partner_to_confirm(*, by: Actor, customer: Customer, email: str) -> Invitation:
    """The customer was told to contact this partner: note it, so that the partner sees whom it has to confirm.

    email: of whoever was told. Raises RuleViolation where the customer may accept by itself.
    """
    tenant = lock_tenant(customer.tenant_id)
    customer = lock_customer(customer)
    scenario = contact_scenario(tenant=tenant, partner_id=customer.partner_id)
    if scenario is None:
        raise RuleViolation(_("You can accept the agreement yourself."))
    invitation = Invitation.objects.alive().of_customer(customer).first()
    if invitation is None:
        for over in Invitation.objects.open().of_customer(customer):
            close(over, Outcome.EXPIRED)
            line = log_invitation(by, "agreements.invitation_expired", over)
            announce_invitation(over, Event.INVITATION_EXPIRED, line=line)
        invitation = _asked_by_customer(by, customer, email)
    if invitation.to_confirm_at is None:
        _leave_to_partner(by, invitation, scenario)
    return invitation


def _leave_to_partner(by: Actor, invitation: Invitation, scenario: int) -> None:
    """The locked invitation waits for the partner's confirmation from now on."""
    invitation.to_confirm_at, invitation.scenario = timezone.now(), scenario
    invitation.opened_at = invitation.opened_at or invitation.to_confirm_at
    invitation.save()
    log_invitation(by, "agreements.partner_confirmation_needed", invitation)
    if invitation.customer is not None:
        keep_invitation(customer=invitation.customer, invited_at=invitation.renewed_at)
    _tell_agent(invitation)


def _scenario_of(customer: Customer) -> int | None:
    """Why the company cannot accept the agreement for this partner by itself; None also where it has."""
    if covering_directly(tenant=customer.tenant) is not None:
        return None
    return contact_scenario(tenant=customer.tenant, partner_id=customer.partner_id)


def _accept(by: Actor, customer: Customer, statement: Statement) -> Attestation:
    """The company's own record: the one in force, else a new one. The tenant and the customer are locked."""
    tenant = Tenant.objects.get(pk=customer.tenant_id)
    attestation = covering_directly(tenant=tenant)
    if attestation is not None:
        # It counts for one more partner, if that was only claimed so far.
        refresh_standing(tenant_id=tenant.pk)
        return attestation
    if (scenario := _scenario_of(customer)) is not None:
        raise ContactPartner(scenario)
    return _record(by, customer, tenant, statement)


def _settle_others(by: Actor, attestation: Attestation) -> None:
    """The company's own acceptance answers what any of its partners asks."""
    for customer in _accepted_with(attestation.tenant):
        settle_invitations(by=by, customer=customer, attestation=attestation)


def _record(by: Actor, customer: Customer, tenant: Tenant, statement: Statement) -> Attestation:
    if not customer.partner.has_agreement:
        raise RuleViolation(_("The Microsoft Customer Agreement does not apply with this partner."))
    reason = rules.why_not_an_authority(statement.authority)
    if reason is not None:
        raise RuleViolation(reason, field="authority")
    offered = documents_for(str(customer.country), partner=customer.partner)
    document = next((text for text in offered if text.public_id == statement.document_id), None)
    if document is None:
        # Who ticked the old text has not accepted the new one.
        raise RuleViolation(
            _("The agreement has a new text since you opened it. Read the new one, then accept."),
            field="agrees",
            code="text_replaced",
        )
    acceptance = Acceptance(
        person=statement.person,
        agreed_on=customer.partner.today,
        evidence_kind=EvidenceKind.PORTAL,
        language=document.language,
        authority=statement.authority.strip(),
    )
    return record_direct_acceptance(
        by=by,
        tenant=tenant,
        country=str(customer.country),
        acceptance=acceptance,
        time_zone=customer.partner.time_zone,
    )


def _join(by: Actor, request: RelationshipRequest, statement: Statement, joining: JoiningCompany | None) -> Customer:
    """The customer that the company is now. The invitation is locked by the caller, the tenant from here on."""
    if joining is None:
        raise RuleViolation(_("Enter the details of your company"), field="company_name")
    contact = ContactDetails(**asdict(statement.person))
    tenant = join_tenant(joining=joining, contact=contact)
    return accept_relationship(by=by, request=request, tenant=tenant, company=joining.company, contact=contact)


def _own_customer(invitation: Invitation, *, is_administrator: bool) -> Customer:
    if invitation.customer is None:
        raise RuleViolation(_("This invitation names no company."))
    customer = lock_customer(invitation.customer)
    others = _accepted_with(customer.tenant).exclude(pk=customer.pk)
    reason = rules.why_cannot_accept_by_link(
        is_administrator=is_administrator,
        is_claimed=customer.relationship_accepted_at is None,
        has_other_partners=customer.relationship_accepted_at is None and others.exists(),
    )
    if reason is not None:
        raise RuleViolation(reason, code="sign_in_first")
    return customer


def _accepted_with(tenant: Tenant) -> CustomerQuerySet:
    """The customers' rows of every partner whose relationship the company has accepted."""
    return Customer.objects.filter(
        tenant=tenant, relationship_accepted_at__isnull=False, removed_at__isnull=True
    ).select_related("tenant", "partner")


def _asked_by_customer(by: Actor, customer: Customer, email: str) -> Invitation:
    """A row for a question that the customer raised itself, signed in. Nobody is sent its link."""
    first_name, _blank, last_name = by.name.partition(" ")
    return new_invitation(
        partner=customer.partner,
        customer=customer,
        first_name=first_name[:50],
        last_name=last_name[:50],
        email=email,
        language=customer.language,
        invited_by_name=by.name,
    )


def _lock_to_accept(invitation: Invitation) -> Invitation:
    """With its customer's tenant, as everywhere. A request that has no customer is locked before the tenant which
    the answer names: nobody who has that tenant looks for it.
    """
    return lock_invitation(Invitation.objects.with_details().get(pk=invitation.pk))


def _lock_alive(invitation: Invitation) -> Invitation:
    invitation = lock_invitation(invitation)
    _check_alive(invitation)
    return invitation


def _check_alive(invitation: Invitation) -> None:
    if invitation.is_expired:
        raise RuleViolation(_("This invitation has expired. Ask your partner for a new one."), code="expired")
    if not invitation.is_open:
        raise RuleViolation(_("This invitation has ended. Ask your partner for a new one."), code="ended")


def _tell_agent(invitation: Invitation) -> None:
    post(kind="agreements.answer", about=str(invitation.public_id), task=send_answer)
