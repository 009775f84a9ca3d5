"""Telling partners' programs what became of an acceptance. In the transaction of the change, before the chain."""

from agreements.models import Attestation, EnhancedAttestation, Invitation
from customers.models import Customer
from portal.audit.models import AuditEvent
from portal.webhooks.rules import Event
from portal.webhooks.services import announce, announce_all


def announce_record(record: Attestation, event: Event, *, line: AuditEvent) -> None:
    """To the record's partner; the company's own one concerns each partner that it covers.

    line: the log's about it, which a partner reads only where it is its own.
    """
    known = Customer.objects.active().filter(tenant_id=record.tenant_id, relationship_accepted_at__isnull=False)
    # Without its type only Cloud Agreements would be listed there.
    uri = f"/v1/customers/{record.tenant_id}/agreements?agreementType={record.agreement_type}"
    announce_all(
        partners=known.values_list("partner_id", flat=True) if record.partner_id is None else [record.partner_id],
        event=event,
        resource_name="agreement",
        resources=[(uri, line.event_id if line.partner_id is not None else None)],
    )


def announce_invitation(invitation: Invitation, event: Event, *, line: AuditEvent) -> None:
    """To the partner that the invitation is for. Who was asked and is no customer yet has no address of its own."""
    customer = invitation.customer
    is_known = customer is not None
    announce(
        partner_id=invitation.partner_id,
        event=event,
        resource_name="customer" if is_known else "relationshiprequest",
        resource_uri=f"/v1/customers/{customer.tenant_id if customer else 'relationshiprequests'}",
        audit_id=line.event_id,
    )


def announce_hosted(asked: EnhancedAttestation, event: Event, *, line: AuditEvent) -> None:
    """To the partner whose program asked the signatory."""
    announce(
        partner_id=asked.partner_id,
        event=event,
        resource_name="attestation",
        resource_uri=f"/v1/attestations/enhanced/{asked.public_id}",
        audit_id=line.event_id,
    )
