"""Evidence leaves the portal as an archive: the checkpoints that seal it, and what the activity log says of it."""

from datetime import date
from uuid import uuid4

from django.db import transaction

from agreements.services.checkpoints import take_checkpoints
from portal.audit.models import Checkpoint
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@transaction.atomic
def begin_evidence_export(
    *, by: Actor, partner: Partner, first: date, last: date, record_count: int, file_count: int
) -> list[Checkpoint]:
    """Take the checkpoints that an archive ends with, and write it down before its first byte leaves.

    first, last: days of the partner's zone; counts: of the period, when it began. Each time anew: an archive that
    is asked for again tells of what was recorded meanwhile. Raises NotPermitted; RuleViolation where nothing is on
    record.
    """
    ensure_may(by=by, partner=partner, permission=Permission.AGREEMENTS_EXPORT)
    checkpoints = take_checkpoints(by=by, partner=partner, submit_key=uuid4().hex)
    record_event(
        by=by,
        code="agreements.evidence_exported",
        partner_id=partner.pk,
        facts={
            "from": first.isoformat(),
            "to": last.isoformat(),
            "record_count": record_count,
            "file_count": file_count,
        },
    )
    return checkpoints
