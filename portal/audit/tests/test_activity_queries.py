"""The log is read along its indexes, whatever it is filtered by: PostgreSQL's own plans say so."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from portal.audit.models import AuditEvent
from portal.audit.querysets import AuditEventQuerySet
from portal.common.actor import ActorKind, Door

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="plans of PostgreSQL"),
]
ROWS = 4000
COMPANY = uuid.UUID(int=7)


@pytest.fixture(autouse=True)
def filled() -> None:
    """Two partners' logs of a year; who did what about whom goes round."""
    now = timezone.now()
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=now - timedelta(hours=2 * number),
            code=f"test.kind{number % 20}_done",
            partner_id=number % 2 + 1,
            customer_id=uuid.UUID(int=number % 50),
            actor_kind=ActorKind.AGENT.value,
            actor_user_id=number % 40,
            actor_name="Test",
            door=Door.JOB.value,
        )
        for number in range(ROWS)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_auditevent")


def plan(events: AuditEventQuerySet) -> str:
    return str(events.with_detail().newest_first()[:51].explain())


def of_partner() -> AuditEventQuerySet:
    return AuditEvent.objects.filter(partner_id=2)


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "audit_event_partner_at"),
        ({"code": "test.kind3_done"}, "audit_event_partner_code"),
        ({"actor_user_id": 3}, "audit_event_partner_actor"),
        ({"customer_id": COMPANY}, "audit_event_customer_at"),
    ],
    ids=["days", "code", "actor", "customer"],
)
def test_each_filter_walks_its_index(filters: dict[str, object], index: str) -> None:
    now = timezone.now()
    for found in (of_partner(), of_partner().between(now - timedelta(days=200), now - timedelta(days=1))):
        said = plan(found.filter(**filters))
        assert index in said
        assert "Seq Scan on audit_auditevent " not in said


def test_negative_control_what_has_no_index_is_looked_for() -> None:
    assert "Filter" in plan(of_partner().filter(door="elsewhere"))
