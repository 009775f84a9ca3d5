"""What somebody with a database shell would try."""

from typing import Any

from django.db import connection, transaction
from django.db.models import Model


def insert_like(row: Model, **changed: Any) -> None:
    """INSERT a copy of the row with some columns changed; deferred constraints are judged at its end."""
    table = row._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} WHERE id = %s", [row.pk])  # noqa: S608 - our own names
        found = dict(zip([each[0] for each in cursor.description], cursor.fetchone(), strict=True))
        found.pop("id")
        if "number" in found:
            found["number"] = "BYPLAINSQL"
        found.update(changed)
        places = ", ".join(["%s"] * len(found))
        cursor.execute(f"INSERT INTO {table} ({', '.join(found)}) VALUES ({places})", list(found.values()))  # noqa: S608 - our own names


def column(row: Model, name: str) -> Any:
    """A value as the engine keeps it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {row._meta.db_table} WHERE id = %s", [row.pk])  # noqa: S608 - our own names
        return cursor.fetchone()[0]
