"""The names of customers' own people move out of the log's lines to where they can be erased."""

import secrets
from typing import Any

from django.db import migrations

from portal.audit.triggers import lifted_to_migrate

CUSTOMER = "customer"
ROWS = 1000


def move(apps: Any, schema_editor: Any) -> None:
    Event, Detail = apps.get_model("audit", "AuditEvent"), apps.get_model("audit", "AuditEventDetail")
    own = Event.objects.filter(actor_kind=CUSTOMER)
    bare = own.filter(detail__isnull=True).exclude(actor_name="")
    details = [Detail(event=e, salt=secrets.token_hex(32), values={}) for e in bare.order_by("id").iterator()]
    Detail.objects.bulk_create(details, batch_size=ROWS)
    with (
        lifted_to_migrate(schema_editor.connection, "audit_auditevent", "audit_auditeventdetail"),
        schema_editor.connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE audit_auditeventdetail SET actor_name = (SELECT e.actor_name FROM audit_auditevent e "
            "WHERE e.id = audit_auditeventdetail.event_id) WHERE event_id IN (SELECT id FROM audit_auditevent WHERE actor_kind = %s)",
            [CUSTOMER],
        )
        cursor.execute("UPDATE audit_auditevent SET actor_name = '' WHERE actor_kind = %s", [CUSTOMER])


def move_back(apps: Any, schema_editor: Any) -> None:
    with (
        lifted_to_migrate(schema_editor.connection, "audit_auditevent"),
        schema_editor.connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE audit_auditevent SET actor_name = coalesce((SELECT d.actor_name FROM audit_auditeventdetail d "
            "WHERE d.event_id = audit_auditevent.id), '') WHERE actor_kind = %s",
            [CUSTOMER],
        )


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_evidence")]
    operations = [migrations.RunPython(move, move_back)]
