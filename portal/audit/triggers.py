"""Append-only and immutability in the database, on SQLite and PostgreSQL.

Installed after every migrate by one idempotent step: SQLite drops a table's triggers silently when a
migration remakes the table. `expected()` is what the guard compares the catalogue of the engine with.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from portal.audit.appendonly import AppendOnlyModel, ErasableModel

PREFIX = "guard_"


@dataclass(frozen=True)
class Trigger:
    """before: INSERT, UPDATE, DELETE or TRUNCATE; when: SQL over OLD and NEW, valid on both engines, or always;
    kind: tells two triggers of one table and moment apart.
    """

    table: str
    before: str
    message: str
    when: str = ""
    kind: str = ""

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.table}_{self.before.lower()}{self.kind}"


def for_model(model: type[ErasableModel], vendor: str) -> list[Trigger]:
    table = model._meta.db_table
    triggers = [Trigger(table, "UPDATE", f"{table} rows are never changed")]
    if issubclass(model, AppendOnlyModel):
        triggers.append(Trigger(table, "DELETE", f"{table} rows are never deleted"))
    if issubclass(model, AppendOnlyModel) and vendor == "postgresql":
        triggers.append(Trigger(table, "TRUNCATE", f"{table} is never emptied"))
    if vendor == "sqlite":
        # SQLite's REPLACE removes the row in the way without asking UPDATE and DELETE triggers.
        taken = " OR ".join(f"({' AND '.join(f'{c} = NEW.{c}' for c in key)})" for key in unique_keys(model))
        when = f"EXISTS (SELECT 1 FROM {table} WHERE {taken})"  # noqa: S608 - our own tables and columns
        triggers.append(Trigger(table, "INSERT", f"{table} rows are never replaced", when=when, kind="_replace"))
    return triggers


def unique_keys(model: type[ErasableModel]) -> list[list[str]]:
    """The columns of every key by which a new row could push an old one out."""
    fields = model._meta.concrete_fields
    keys = [[field.column] for field in fields if field.unique]
    for constraint in model._meta.total_unique_constraints:
        keys.append([model._meta.get_field(name).column for name in constraint.fields])  # type: ignore[union-attr]  # a concrete field
    return keys


def expected(connection: BaseDatabaseWrapper) -> list[Trigger]:
    """Every trigger that the installed models ask for and whose table exists.

    A model asks by being erasable or append-only, or by a class attribute `guards: tuple[Trigger, ...]`.
    """
    tables = set(connection.introspection.table_names())
    wanted: list[Trigger] = []
    for model in apps.get_models():
        if issubclass(model, ErasableModel):
            wanted += for_model(model, connection.vendor)
        wanted += getattr(model, "guards", ())
    return [trigger for trigger in wanted if trigger.table in tables]


def installed(connection: BaseDatabaseWrapper) -> set[str]:
    """Names of the guard triggers that the engine's own catalogue lists as enabled."""
    sql = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgname LIKE %s"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [f"{PREFIX}%"])
        return {row[0] for row in cursor.fetchall()}


def install(connection: BaseDatabaseWrapper) -> None:
    """Create or replace every expected trigger."""
    create = _create_on_postgres if connection.vendor == "postgresql" else _create_on_sqlite
    with connection.cursor() as cursor:
        for trigger in expected(connection):
            create(cursor, trigger)


def _create_on_sqlite(cursor: CursorWrapper, trigger: Trigger) -> None:
    when = f"WHEN {trigger.when} " if trigger.when else ""
    cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger.name}"')
    cursor.execute(
        f'CREATE TRIGGER "{trigger.name}" BEFORE {trigger.before} ON "{trigger.table}" FOR EACH ROW '
        f"{when}BEGIN SELECT RAISE(ABORT, '{trigger.message}'); END"
    )


def _create_on_postgres(cursor: CursorWrapper, trigger: Trigger) -> None:
    each = "STATEMENT" if trigger.before == "TRUNCATE" else "ROW"
    refuse = f"RAISE EXCEPTION '{trigger.message}' USING ERRCODE = 'restrict_violation';"
    body = f"IF {trigger.when} THEN {refuse} END IF;" if trigger.when else refuse
    row = {"DELETE": "RETURN OLD;", "TRUNCATE": "RETURN NULL;"}.get(trigger.before, "RETURN NEW;")
    cursor.execute(
        f'CREATE OR REPLACE FUNCTION "{trigger.name}"() RETURNS trigger LANGUAGE plpgsql AS '
        f"$guard$ BEGIN {body} {row} END $guard$"
    )
    cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger.name}" ON "{trigger.table}"')
    cursor.execute(
        f'CREATE TRIGGER "{trigger.name}" BEFORE {trigger.before} ON "{trigger.table}" '
        f'FOR EACH {each} EXECUTE FUNCTION "{trigger.name}"()'
    )


def make_way_for_migration(connection: BaseDatabaseWrapper) -> None:
    """SQLite refuses to remake a table or drop a column that a trigger reads; such triggers go until after it."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for trigger in expected(connection):
            if trigger.when:  # it reads columns, perhaps of the table that is remade
                cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger.name}"')


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without the guards: for emptying a test database, nothing else."""
    with connection.cursor() as cursor:
        for trigger in expected(connection):
            on = f' ON "{trigger.table}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger.name}"{on}')
    try:
        yield
    finally:
        install(connection)


@contextmanager
def lifted_to_migrate(connection: BaseDatabaseWrapper, *tables: str) -> Iterator[None]:
    """Without the guards of these tables, for a migration that moves personal data to where it can be erased.

    Within the migration's transaction. On SQLite the guards come back with the step after `migrate`, as they do
    whenever a table is remade.
    """
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_postgres:
            # Foreign keys still to be checked hold up any change of their table.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            if is_postgres:
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
                continue
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        if is_postgres:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in tables:
                cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
