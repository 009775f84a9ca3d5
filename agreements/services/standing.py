"""Pushing facts about acceptances down to the customers' rows, where lists and standings read them."""

from datetime import date, datetime
from uuid import UUID

from agreements.models import DIRECT_SCOPE, Attestation, AttestationEvent
from agreements.querysets import MCA
from customers.models import Customer
from customers.services import keep_agreement_facts


def refresh_standing(*, tenant_id: UUID) -> None:
    """Recompute the facts of every partner's customer of this tenant. Runs inside the caller's transaction."""
    agreed: dict[int, date] = {}
    current = Attestation.objects.current().filter(tenant_id=tenant_id, agreement_type=MCA)
    for scope, agreed_on in current.values_list("scope", "agreed_on"):
        agreed[scope] = agreed_on
    disputed = _open_disputes(tenant_id)
    for partner_id in Customer.objects.filter(tenant_id=tenant_id).values_list("partner_id", flat=True):
        keep_agreement_facts(
            tenant_id=tenant_id,
            partner_id=partner_id,
            attested_on=agreed.get(partner_id),
            direct_on=agreed.get(DIRECT_SCOPE),
            disputed_at=disputed.get(partner_id) or disputed.get(DIRECT_SCOPE),
        )


def _open_disputes(tenant_id: UUID) -> dict[int, datetime]:
    """Scope -> when the last record of that line was disputed, where that is still open."""
    lines = Attestation.objects.latest_of_line().with_state()
    disputed = lines.filter(tenant_id=tenant_id, agreement_type=MCA, dispute="disputed", is_withdrawn=False)
    events = AttestationEvent.objects.filter(attestation__in=disputed, kind="disputed").order_by("at")
    return {event.attestation.scope: event.at for event in events.select_related("attestation")}
