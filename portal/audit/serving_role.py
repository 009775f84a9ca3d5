"""The role under which the portal serves on PostgreSQL: it owns nothing, and what is evidence it can only add to.

`statements()` makes such a role, `why_unsafe()` says what a role may too much. The triggers stop mistakes; a role
that owns a table, or is a superuser, could switch them off.
"""

from collections import defaultdict

from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from portal.audit.appendonly import AppendOnlyModel, ErasableModel

ORDINARY = ("SELECT", "INSERT", "UPDATE", "DELETE")
ERASABLE = ("SELECT", "INSERT", "DELETE")
APPEND_ONLY = ("SELECT", "INSERT")
NEVER_DELETED = ("SELECT", "INSERT", "UPDATE")
READ_ONLY = ("SELECT",)
# What would let a role take any other right.
POWERS = {
    "rolsuper": "is a superuser",
    "rolbypassrls": "has BYPASSRLS",
    "rolcreaterole": "may create roles",
}


def rights(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, ...]]:
    """Table -> what the role may do there, for every table of the portal that the database has."""
    there = set(connection.introspection.table_names())
    wanted = dict.fromkeys(connection.introspection.django_table_names(), ORDINARY)
    # Named in the settings; `createcachetable` makes them.
    stores = (caches[alias] for alias in settings.CACHES)
    wanted |= {store._table: ORDINARY for store in stores if isinstance(store, DatabaseCache)}  # type: ignore[attr-defined]  # Django's own name for it
    wanted |= {model._meta.db_table: NEVER_DELETED for model in apps.get_models() if _is_never_deleted(model)}
    wanted |= {model._meta.db_table: _of(model) for model in apps.get_models() if issubclass(model, ErasableModel)}
    wanted[MigrationRecorder.Migration._meta.db_table] = READ_ONLY
    return {table: may for table, may in sorted(wanted.items()) if table in there}


def _of(model: type[ErasableModel]) -> tuple[str, ...]:
    return APPEND_ONLY if issubclass(model, AppendOnlyModel) else ERASABLE


def _is_never_deleted(model: type[Model]) -> bool:
    """Whether a guard refuses to delete any of its rows."""
    return any(trigger.before == "DELETE" and not trigger.when for trigger in getattr(model, "guards", ()))


def statements(connection: BaseDatabaseWrapper, role: str) -> list[str]:
    """SQL that makes the role where it is missing and gives it its rights, those and no others; safe to repeat.

    role: a name that needs no escaping.
    """
    quoted, schema = connection.ops.quote_name(role), connection.ops.quote_name(_schema(connection))
    by_rights: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for table, may in rights(connection).items():
        by_rights[may].append(connection.ops.quote_name(table))
    return [
        f"DO $role$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN "
        f"CREATE ROLE {quoted} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS; END IF; END $role$",
        *_on_schema(connection, schema, quoted),
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {quoted}",
        *(f"GRANT {', '.join(may)} ON {', '.join(tables)} TO {quoted}" for may, tables in by_rights.items()),
    ]


def _schema(connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


def _on_schema(connection: BaseDatabaseWrapper, schema: str, role: str) -> list[str]:
    """Only the schema's owner can say who may make tables in it; elsewhere it stays as the administrator has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(current_user, nspowner, 'USAGE') FROM pg_namespace WHERE nspname = current_schema()"
        )
        if not cursor.fetchone()[0]:
            return []
    return [f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC", f"GRANT USAGE ON SCHEMA {schema} TO {role}"]


def why_unsafe(connection: BaseDatabaseWrapper, role: str = "") -> list[str]:
    """What the role may that a serving role must not, as sentences without a full stop; [] on SQLite.

    role: "" for the one that the connection acts as. What it could become by SET ROLE counts as its own.
    """
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(nullif(%s, ''), current_user)", [role])
        role = cursor.fetchone()[0]
        # The names of the columns are our own.
        cursor.execute(
            f"SELECT rolname, {', '.join(POWERS)} FROM pg_roles "  # noqa: S608 - our own words
            f"WHERE ({' OR '.join(POWERS)}) AND pg_has_role(%s, oid, 'MEMBER') ORDER BY rolname <> %s",
            [role, role],
        )
        powers = [
            f"{role} {says}" if name == role else f"{role} can become {name}, which {says}"
            for name, *has in cursor.fetchall()
            for says, is_so in zip(POWERS.values(), has, strict=True)
            if is_so
        ]
        # Who may everything may all that follows, too.
        return powers[:1] or [*_owned(cursor, role, connection), *_evidence(cursor, role, connection)]


def _owned(cursor: CursorWrapper, role: str, connection: BaseDatabaseWrapper) -> list[str]:
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND pg_table_is_visible(oid) "
        "AND pg_has_role(%s, relowner, 'MEMBER') ORDER BY relname",
        [list(rights(connection)), role],
    )
    tables = [name for (name,) in cursor.fetchall()]
    return [f"{role} owns {_listed(tables)}"] if tables else []


def _evidence(cursor: CursorWrapper, role: str, connection: BaseDatabaseWrapper) -> list[str]:
    """Where the role may change what can only be added."""
    found = []
    for right, ask in (
        ("UPDATE", "has_any_column_privilege(%s, oid, 'UPDATE')"),
        ("DELETE", "has_table_privilege(%s, oid, 'DELETE')"),
        ("TRUNCATE", "has_table_privilege(%s, oid, 'TRUNCATE')"),
    ):
        kept = [t for t, may in rights(connection).items() if may != ORDINARY and right not in may]
        # No text from outside is in it: the question is one of our own, above.
        cursor.execute(
            f"SELECT relname FROM pg_class WHERE relname = ANY(%s) AND pg_table_is_visible(oid) AND {ask} "  # noqa: S608
            "ORDER BY relname",
            [kept, role],
        )
        tables = [name for (name,) in cursor.fetchall()]
        found += [f"{role} may {right} in {_listed(tables)}"] if tables else []
    return found


def _listed(tables: list[str]) -> str:
    more = f" and {len(tables) - 2} more" if len(tables) > 2 else ""
    return f"{', '.join(tables[:2])}{more}"
