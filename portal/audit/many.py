"""Writing many lines of the activity log at once: one thing done to many customers is one event for each of them."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from portal.audit.models import AuditEvent, AuditEventDetail
from portal.audit.services import new_event
from portal.common.actor import Actor

LINES_A_QUERY = 500


@dataclass(frozen=True)
class Line:
    """What differs from event to event; facts and changes as `record_event` takes them."""

    customer_id: uuid.UUID
    facts: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, tuple[object, object]] = field(default_factory=dict)


def record_events(*, by: Actor, code: str, partner_id: int, lines: Iterable[Line]) -> list[AuditEvent]:
    """Add one line to the activity log for each customer, in as few queries as one line takes."""
    at = timezone.now()
    made = [
        new_event(
            by=by,
            changes=line.changes,
            at=at,
            code=code,
            partner_id=partner_id,
            customer_id=line.customer_id,
            facts=dict(line.facts),
        )
        for line in lines
    ]
    AuditEvent.objects.bulk_create([event for event, _detail in made], batch_size=LINES_A_QUERY)
    told = [detail for _event, detail in made if detail.is_needed]
    for detail in told:
        detail.event_id = detail.event.pk
    AuditEventDetail.objects.bulk_create(told, batch_size=LINES_A_QUERY)
    return [event for event, _detail in made]
