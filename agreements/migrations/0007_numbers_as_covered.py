"""Numbers of primary contacts were covered as they are shown, and stored in E.164: put back what the digest covers."""

from typing import Any

from django.db import migrations
from phonenumber_field.phonenumber import to_python

from agreements.models import AttestationPerson
from portal.audit.triggers import lifted_to_migrate

TABLE = "agreements_attestationperson"
COVERED = ("first_name", "last_name", "email", "evidence_note", "reason_note", "authority")


def restore(apps: Any, schema_editor: Any) -> None:
    Person = apps.get_model("agreements", "AttestationPerson")
    people = Person.objects.exclude(phone="").select_related("attestation").only(
        *COVERED, "phone", "salt", "attestation__person_digest"
    )
    shown = [(number, person.pk) for person in people.iterator() if (number := _covered_number(person))]
    with lifted_to_migrate(schema_editor.connection, TABLE), schema_editor.connection.cursor() as cursor:
        cursor.executemany("UPDATE agreements_attestationperson SET phone = %s WHERE id = %s", shown)


def _covered_number(person: Any) -> str:
    """The number as it is shown, where the digest covers that rather than E.164; else ""."""
    number = to_python(person.phone)
    details = {name: getattr(person, name) for name in COVERED}

    def fits(text: str) -> bool:
        digest = AttestationPerson.digest(person.salt, details | {"phone": text})
        return bool(digest == person.attestation.person_digest)

    return number.as_international if not fits(number.as_e164) and fits(number.as_international) else ""


class Migration(migrations.Migration):
    dependencies = [("agreements", "0006_reason_moved")]
    operations = [migrations.RunPython(restore, migrations.RunPython.noop)]
