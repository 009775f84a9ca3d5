"""What waits for a member on Home besides its own work: customers, resellers and disputes that need an answer."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from agreements.models import (
    Approval,
    Attestation,
    AttestationEvent,
    ConfirmationRequest,
    EventKind,
    Invitation,
    InvitationState,
)
from agreements.querysets import events_with_detail
from customers.models import Customer
from portal.partners.models import Membership, PartnerKind
from portal.partners.permissions import Permission

FEW = 5


@dataclass(frozen=True)
class NeedsYou:
    """tone and word: why the invitation needs a look."""

    invitation: Invitation
    tone: str
    word: str | Promise


@dataclass(frozen=True)
class Dispute:
    """customer: as the member's partner knows it; opened: what the person said."""

    customer: Customer
    record: Attestation
    opened: AttestationEvent


@dataclass(frozen=True)
class WaitingFor:
    """may_attest: whether customers to confirm mean anything to the roles held. Each list shows a few, oldest first
    where somebody waits.
    """

    may_attest: bool
    to_confirm: list[Invitation]
    requests: list[ConfirmationRequest]
    invitations: list[NeedsYou]
    disputes: list[Dispute]
    approvals: list[Approval]


def waiting_for(membership: Membership) -> WaitingFor:
    told = Invitation.objects.to_confirm(membership).select_related("customer")
    return WaitingFor(
        may_attest=membership.can(Permission.AGREEMENTS_ATTEST),
        to_confirm=list(told[:FEW]),
        requests=_requests(membership),
        invitations=_invitations(membership),
        disputes=_disputes(membership) if membership.can(Permission.AGREEMENTS_RESOLVE) else [],
        approvals=_approvals(membership) if membership.can(Permission.AGREEMENTS_APPROVE) else [],
    )


def _approvals(membership: Membership) -> list[Approval]:
    """What waits for a second person, which whoever asked is not."""
    asked = Approval.objects.visible_to(membership).open().select_related("customer")
    return list(asked.exclude(asked_by_id=membership.user_id).order_by("asked_at", "id")[:FEW])


def _requests(membership: Membership) -> list[ConfirmationRequest]:
    """What the partner's resellers ask; only a provider has any."""
    if membership.partner.kind != PartnerKind.INDIRECT_PROVIDER:
        return []
    asked = ConfirmationRequest.objects.visible_to(membership).open().select_related("customer", "reseller")
    return list(asked.order_by("asked_at", "id")[:FEW])


def _invitations(membership: Membership) -> list[NeedsYou]:
    found = Invitation.objects.needing_attention(membership).select_related("customer", "request", "letter")
    return [_why(invitation) for invitation in found[:FEW]]


def _why(invitation: Invitation) -> NeedsYou:
    state = invitation.state
    if state in (InvitationState.DECLINED, InvitationState.BOUNCED):
        return NeedsYou(invitation, "bad", state.label)
    return NeedsYou(invitation, "warn", _("Expires soon"))


def _disputes(membership: Membership) -> list[Dispute]:
    customers = Customer.objects.visible_to(membership).active().filter(disputed_at__isnull=False)
    known = {customer.tenant_id: customer for customer in customers.order_by("disputed_at", "id")[:FEW]}
    if not known:
        return []
    records = (
        Attestation.objects.visible_to(membership)
        .with_state()
        .select_related("person")
        .prefetch_related(events_with_detail())
    )
    disputed = records.filter(tenant_id__in=known, dispute=EventKind.DISPUTED, is_withdrawn=False)
    return [Dispute(known[record.tenant_id], record, _opened(record)) for record in disputed.order_by("id")]


def _opened(record: Attestation) -> AttestationEvent:
    return [event for event in record.events.all() if event.kind == EventKind.DISPUTED][-1]
