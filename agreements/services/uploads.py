"""Files that were sent and are not put to a record yet: taken, looked at, and removed once nobody needs them."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from agreements import evidence_store
from agreements.evidence_types import clean_name, type_of, why_not_a_size, why_not_a_type
from agreements.models import Approval, EvidenceUpload
from agreements.services.evidence import forget_files
from customers.models import OnboardingDraft
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

log = structlog.get_logger("agreements.uploads")
# What nobody put to a record for so long is not needed any more.
KEPT = timedelta(days=30)
# Bytes that no row names after so long never got one: the upload broke off.
ABANDONED = timedelta(days=1)
# Files of one person, of one partner, that wait for a record: nobody fills the store with what proves nothing.
MOST_WAITING = 500
_DIGEST_LENGTH = 64


def stage_upload(*, by: Actor, partner: Partner, file: UploadedFile[Any]) -> EvidenceUpload:
    """Keep a file for the acting person, who may put it to a record of this partner later.

    Raises NotPermitted, StoreUnavailable, and RuleViolation (field "evidence") for a file that is empty, too large or
    of a type that proves nothing, and where too many wait already. Nothing is logged: it says nothing of anybody
    before a record has it.
    """
    _ensure_may_send(by, partner)
    if EvidenceUpload.objects.of_owner(partner_id=partner.pk, owner_id=by.person_id).count() >= MOST_WAITING:
        raise RuleViolation(
            _("%(count)d files that you sent wait for a record. Finish what you began before you send more.")
            % {"count": MOST_WAITING},
            field="evidence",
            code="too_many_files",
        )
    name = clean_name(file.name or "")
    reason = why_not_a_size(name, file.size or 0)
    data = b"" if reason else file.read()
    reason = reason or why_not_a_type(name, data)
    found = type_of(name)
    if reason is not None or found is None:
        raise RuleViolation(reason or "", field="evidence", code="file_refused")
    # Outside of the transaction, which a slow store would hold up.
    digest = evidence_store.store(partner.tenant_id, data)
    with transaction.atomic():
        lock = Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
        upload = EvidenceUpload.objects.create(
            partner=lock,
            owner_id=by.person_id,
            name=name,
            sha256=digest,
            size=len(data),
            media_type=found.media_type,
        )
        if not evidence_store.is_stored(partner.tenant_id, digest):
            # The same file was let go by its last row in between.
            evidence_store.store(partner.tenant_id, data)
    return upload


def _ensure_may_send(by: Actor, partner: Partner) -> None:
    """Whoever may state an acceptance in one of the two ways."""
    membership = by.membership
    may_attest = membership is not None and membership.can(Permission.AGREEMENTS_ATTEST)
    wanted = Permission.AGREEMENTS_ATTEST if may_attest else Permission.AGREEMENTS_CONFIRM
    ensure_may(by=by, partner=partner, permission=wanted)


def look_after_uploads(*, now: datetime) -> int:
    """What the clock does in the first minute of an hour; answers how many rows and files went.

    One of 256 parts of the store at a time, so that no round reads a whole bucket. A store that does not answer is
    asked again later.
    """
    if now.minute:
        return 0
    removed = remove_unused_uploads(now=now)
    try:
        return removed + remove_unnamed_files(now=now, prefix=f"{int(now.timestamp() // 3600) % 256:02x}")
    except evidence_store.StoreUnavailable:
        log.warning("evidence_store_unavailable")
        return removed


def remove_unused_uploads(*, now: datetime) -> int:
    """Remove what was sent and left for so long, unless something unfinished names it still."""
    old = list(EvidenceUpload.objects.filter(uploaded_at__lt=now - KEPT).select_related("partner").order_by("id"))
    unfinished, gone = _named_by_the_unfinished(old) if old else "", 0
    for upload in old:
        if str(upload.public_id) in unfinished:
            continue
        removed, _by_model = EvidenceUpload.objects.filter(pk=upload.pk).delete()
        if removed:
            forget_files(upload.partner.tenant_id, [upload.sha256])
        gone += removed
    return gone


def _named_by_the_unfinished(uploads: Iterable[EvidenceUpload]) -> str:
    """The text of everything that waits for its end and may name these files: drafts, and records to be approved."""
    of_partners = {"partner__in": {upload.partner_id for upload in uploads}}
    drafts = OnboardingDraft.objects.filter(**of_partners, submitted_at=None).values_list("data", flat=True)
    asked = Approval.objects.open().filter(**of_partners).values_list("statement", flat=True)
    return json.dumps([*drafts, *asked])


def remove_unnamed_files(*, now: datetime, prefix: str) -> int:
    """Remove bytes that no row names, because a process died in between; prefix: first two digits of the digest."""
    old = [(tenant, name) for tenant, name, at in evidence_store.stored_under(prefix) if at < now - ABANDONED]
    for tenant_id, name in old:
        if len(name) == _DIGEST_LENGTH:
            forget_files(tenant_id, [name])
        else:
            evidence_store.delete_stored(tenant_id, name)
    return len(old)
