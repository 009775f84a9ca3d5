"""The dashboard's own writes: what left the activity log as a file."""

from collections.abc import Mapping

from django.db import transaction

from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@transaction.atomic
def log_activity_export(*, by: Actor, partner: Partner, event_count: int, filters: Mapping[str, str]) -> None:
    """Write down an export of the log before its first byte leaves. Raises NotPermitted.

    filters: as `ActivityQuery.as_stored` has them, the searched text among them.
    """
    ensure_may(by=by, partner=partner, permission=Permission.ACTIVITY_VIEW)
    text = filters.get("text", "")
    record_event(
        by=by,
        code="audit.activity_exported",
        partner_id=partner.pk,
        facts={
            "event_count": event_count,
            "filters": {name: value for name, value in filters.items() if name != "text"},
        },
        # What somebody searches for may be a person's name.
        changes={"text": (None, text)} if text else None,
    )
