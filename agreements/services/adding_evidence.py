"""Files that come after the record: more proof of the same acceptance, with an entry of its own in the chain."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Attestation, AttestationEvent, EventKind, Evidence
from agreements.services.evidence import digests_of, take_uploads
from agreements.services.recording import permission_to_withdraw
from agreements.services.records import append_file
from customers.models import Customer
from customers.services import lock_tenant
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.jobs.services import submit_once
from portal.partners.services import ensure_may


@transaction.atomic
def add_evidence(
    *, by: Actor, customer: Customer, attestation: Attestation, evidence: Sequence[UUID], submit_key: str
) -> Attestation:
    """Put files that this person sent to a record of this customer's partner, replaced or withdrawn ones too.

    The same submit_key again adds nothing. Raises NotPermitted, or RuleViolation: of somebody else's record, of one
    whose person was erased; field "evidence" without a file, with one that is gone or that the record has.
    """
    ensure_may(by=by, partner=customer.partner, permission=permission_to_withdraw(attestation))
    lock_tenant(customer.tenant_id)
    if (attestation.partner_id, attestation.tenant_id) != (customer.partner_id, customer.tenant_id):
        raise RuleViolation(_("This is the customer's own record; nobody adds a file to it."))
    body = {"record": str(attestation.reference), "evidence": digests_of(evidence)}
    submit_once(
        by=by,
        form="agreements.evidence",
        key=submit_key,
        body=body,
        effect=lambda: _add(by, attestation, evidence),
    )
    return attestation


def _add(by: Actor, attestation: Attestation, evidence: Sequence[UUID]) -> str:
    if AttestationEvent.objects.filter(attestation=attestation, kind=EventKind.ERASED).exists():
        raise RuleViolation(_("The person of this record was erased; nothing is added to it any more."))
    if not evidence:
        raise RuleViolation(_("Choose a file"), field="evidence")
    files = take_uploads(by=by, attestation=attestation, uploads=evidence)
    if not files:
        raise RuleViolation(_("The record has this file already."), field="evidence")
    record_event(
        by=by,
        code="agreements.evidence_added",
        partner_id=attestation.partner_id,
        customer_id=attestation.tenant_id,
        subject=str(attestation.reference),
        facts={"file_count": len(files), "sha256": [file.sha256 for file in files]},
    )
    # The chain's head is the last lock.
    for file in files:
        append_file(file)
    return str(Evidence.objects.filter(attestation=attestation).count())
