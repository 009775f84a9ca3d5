"""What was said of a record, and the names of customers' people, move to where they can be erased."""

import secrets
from typing import Any

from django.db import migrations

from portal.audit.triggers import lifted_to_migrate

TABLES = ("agreements_attestation", "agreements_attestationperson", "agreements_attestationevent")
CUSTOMER = "customer"
ROWS = 1000


def move(apps: Any, schema_editor: Any) -> None:
    """The chain covers all of it with the salt of the record's person, where it was not erased: the detail keeps it."""
    Event = apps.get_model("agreements", "AttestationEvent")
    Detail = apps.get_model("agreements", "AttestationEventDetail")
    Person = apps.get_model("agreements", "AttestationPerson")
    salts = dict(Person.objects.filter(attestation__events__isnull=False).values_list("attestation_id", "salt"))
    details = [
        Detail(
            event=event,
            reason=event.reason,
            actor_name=event.actor_name if event.actor_kind == CUSTOMER else "",
            salt=salts.get(event.attestation_id) or secrets.token_hex(32),
        )
        for event in Event.objects.order_by("id").iterator()
    ]
    Detail.objects.bulk_create(details, batch_size=ROWS)
    with lifted_to_migrate(schema_editor.connection, *TABLES), schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "UPDATE agreements_attestationperson SET recorded_by = (SELECT a.actor_name FROM agreements_attestation a "
            "WHERE a.id = agreements_attestationperson.attestation_id) WHERE attestation_id IN "
            "(SELECT id FROM agreements_attestation WHERE actor_kind = %s)",
            [CUSTOMER],
        )
        cursor.execute("UPDATE agreements_attestation SET actor_name = '' WHERE actor_kind = %s", [CUSTOMER])
        cursor.execute("UPDATE agreements_attestationevent SET actor_name = '' WHERE actor_kind = %s", [CUSTOMER])


def move_back(apps: Any, schema_editor: Any) -> None:
    with lifted_to_migrate(schema_editor.connection, *TABLES), schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "UPDATE agreements_attestationevent SET reason = coalesce((SELECT d.reason FROM "
            "agreements_attestationeventdetail d WHERE d.event_id = agreements_attestationevent.id), '')"
        )
        cursor.execute(
            "UPDATE agreements_attestationevent SET actor_name = coalesce((SELECT d.actor_name FROM "
            "agreements_attestationeventdetail d WHERE d.event_id = agreements_attestationevent.id), '') "
            "WHERE actor_kind = %s",
            [CUSTOMER],
        )
        cursor.execute(
            "UPDATE agreements_attestation SET actor_name = coalesce((SELECT p.recorded_by FROM "
            "agreements_attestationperson p WHERE p.attestation_id = agreements_attestation.id), '') "
            "WHERE actor_kind = %s",
            [CUSTOMER],
        )


class Migration(migrations.Migration):
    dependencies = [("agreements", "0004_evidence")]
    operations = [migrations.RunPython(move, move_back)]
