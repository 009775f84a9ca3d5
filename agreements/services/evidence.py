"""Files that prove a record: sent first, put to a record then, and what a partner asks for before it counts."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import evidence_store, rules
from agreements.models import Attestation, Evidence, EvidencePolicy, EvidenceUpload
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.models import Partner

log = structlog.get_logger("agreements.evidence")
# How many files one record may have.
MOST_FILES = 10


def evidence_policy_of(partner: Partner) -> EvidencePolicy:
    """The partner's own, or the defaults (not saved)."""
    return EvidencePolicy.objects.filter(partner=partner).first() or EvidencePolicy(partner=partner)


def check_evidence(*, policy: EvidencePolicy, evidence_kind: str, file_count: int) -> None:
    """Raise RuleViolation (field "evidence") where the partner's policy asks for a file and there is none."""
    reason = rules.why_file_needed(kind=evidence_kind, required_kinds=policy.required_kinds, file_count=file_count)
    if reason is not None:
        raise RuleViolation(reason, field="evidence", code="evidence_required")


def digests_of(ids: Sequence[UUID]) -> list[str]:
    """SHA-256 of files by their ids, sent or put to a record already: what makes two submissions the same one."""
    if not ids:
        return []
    sent = EvidenceUpload.objects.filter(public_id__in=ids).values_list("sha256", flat=True)
    taken = Evidence.objects.filter(public_id__in=ids).values_list("sha256", flat=True)
    return sorted({*sent, *taken})


def take_uploads(*, by: Actor, attestation: Attestation, uploads: Sequence[UUID]) -> list[Evidence]:
    """Put files that this person sent for this partner to a record; they keep their ids. No chain entry is written.

    Runs in the caller's transaction. Raises RuleViolation (field "evidence"): a file that is gone, too many.
    """
    if not uploads:
        return []
    found = EvidenceUpload.objects.of_owner(partner_id=attestation.scope, owner_id=by.person_id)
    sent = list(found.filter(public_id__in=uploads).select_for_update().order_by("id"))
    if len(sent) < len(set(uploads)):
        raise RuleViolation(_("A file is no longer here. Choose it again."), field="evidence")
    known = set(Evidence.objects.filter(attestation=attestation).values_list("sha256", flat=True))
    by_digest = {upload.sha256: upload for upload in sent if upload.sha256 not in known}
    if len(known) + len(by_digest) > MOST_FILES:
        raise RuleViolation(_("A record holds at most %(most)s files.") % {"most": MOST_FILES}, field="evidence")
    now = timezone.now()
    files = [
        Evidence(
            public_id=upload.public_id,
            attestation=attestation,
            tenant_id=attestation.tenant_id,
            partner_id=upload.partner_id,
            name=upload.name,
            sha256=upload.sha256,
            size=upload.size,
            media_type=upload.media_type,
            added_at=now,
            actor_kind=by.kind,
            actor_user_id=by.user_id,
            actor_name=by.name,
            roles=list(by.roles),
            door=by.door,
        )
        for upload in by_digest.values()
    ]
    for file in files:
        file.save()
    EvidenceUpload.objects.filter(pk__in=[upload.pk for upload in sent]).delete()
    return files


def forget_files(partner_tenant_id: UUID, digests: Sequence[str]) -> None:
    """Remove the bytes of files that no row of this partner names any more. After the commit that let them go.

    Whoever sends the same file meanwhile keeps it: both wait for the partner's row. Where the store does not answer,
    the bytes stay until the clock comes by (remove_unnamed_files).
    """
    for digest in sorted(set(digests)):
        with transaction.atomic():
            list(Partner.objects.select_for_update(no_key=True).filter(tenant_id=partner_tenant_id))
            of_partner = {"partner__tenant_id": partner_tenant_id, "sha256": digest}
            # In this order: a file goes from sent to put to a record, never back.
            if EvidenceUpload.objects.filter(**of_partner).exists() or Evidence.objects.filter(**of_partner).exists():
                continue
            try:
                evidence_store.delete_stored(partner_tenant_id, digest)
            except evidence_store.StoreUnavailable:
                log.warning("evidence_store_unavailable")
