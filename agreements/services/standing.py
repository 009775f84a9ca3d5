"""Pushing facts about acceptances down to the customers' rows, where lists and standings read them."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from agreements.models import DIRECT_SCOPE, Attestation, AttestationEvent, Invitation
from agreements.querysets import MCA, scopes_of
from customers.models import Customer
from customers.services import keep_agreement_facts, keep_invitation, lock_tenant


def refresh_standing(*, tenant_id: UUID) -> int:
    """Recompute the facts of every partner's customer of this tenant; answers how many customers changed.

    Runs inside the caller's transaction, in which the tenant is locked.
    """
    agreed: dict[int, date] = {}
    current = Attestation.objects.current().filter(tenant_id=tenant_id, agreement_type=MCA)
    for scope, agreed_on in current.values_list("scope", "agreed_on"):
        agreed[scope] = agreed_on
    disputed = _open_disputes(tenant_id)
    changed = 0
    for customer in Customer.objects.filter(tenant_id=tenant_id).only("partner_id", "relationship_accepted_at"):
        counts_direct = DIRECT_SCOPE in scopes_of(customer)
        changed += keep_agreement_facts(
            tenant_id=tenant_id,
            partner_id=customer.partner_id,
            attested_on=agreed.get(customer.partner_id),
            direct_on=agreed.get(DIRECT_SCOPE) if counts_direct else None,
            disputed_at=disputed.get(customer.partner_id) or (disputed.get(DIRECT_SCOPE) if counts_direct else None),
        )
    return changed


@transaction.atomic
def correct_standing(*, tenant_id: UUID, is_dry: bool = False) -> int:
    """Put one tenant's facts right, or with `is_dry` only find out; answers how many customers were wrong."""
    lock_tenant(tenant_id)
    wrong = refresh_standing(tenant_id=tenant_id) + _refresh_invited(tenant_id)
    if is_dry:
        transaction.set_rollback(True)
    return wrong


def _refresh_invited(tenant_id: UUID) -> int:
    """Whether each customer of this tenant is invited; answers how many rows said otherwise."""
    changed = 0
    for customer in Customer.objects.filter(tenant_id=tenant_id).only("invited_at"):
        last = Invitation.objects.open().of_customer(customer).aggregate(at=Max("renewed_at"))["at"]
        if (last is None) != (customer.invited_at is None):
            keep_invitation(customer=customer, invited_at=last)
            changed += 1
    return changed


def _open_disputes(tenant_id: UUID) -> dict[int, datetime]:
    """Scope -> when the last record of that line was disputed, where that is still open."""
    lines = Attestation.objects.latest_of_line().with_state()
    disputed = lines.filter(tenant_id=tenant_id, agreement_type=MCA, dispute="disputed", is_withdrawn=False)
    events = AttestationEvent.objects.filter(attestation__in=disputed, kind="disputed").order_by("at")
    return {event.attestation.scope: event.at for event in events.select_related("attestation")}
