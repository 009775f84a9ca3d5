"""Emptying the tests' database after a test that committed: what Django's flush does, in a fraction of its time.

Flush gives every table new files and lets every app begin anew (content types, permissions, guards, indexes): half a
second each time on PostgreSQL. Here what `migrate` wrote stays, and only tables that have rows are touched.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from portal.audit import triggers

# Written by `migrate`; no test changes them.
KEPT = {"django_content_type", "auth_permission"}
# Rows that are gone, rolled back or deleted, stay in a table's file, and every query reads over them. From this many
# bytes on the tables get new files.
LARGE = 4 * 1024 * 1024


def empty(connection: BaseDatabaseWrapper) -> None:
    """Remove every row of every model, guarded or not. On PostgreSQL the role must be a superuser."""
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT
    filled, size = measured(connection, tables)
    with unguarded(connection), connection.cursor() as cursor:
        if size > LARGE:
            cursor.execute(f"TRUNCATE {', '.join(sorted(tables))}")
            return
        for table in filled:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - our own tables


def measured(connection: BaseDatabaseWrapper, tables: set[str]) -> tuple[list[str], int]:
    """The tables that have rows, and the bytes of all; SQLite, which takes its space again at once, says 0."""
    size = "pg_relation_size('{0}')" if connection.vendor == "postgresql" else "0"
    look = f"SELECT '{{0}}', {size}, EXISTS (SELECT 1 FROM {{0}})"  # noqa: S608 - our own tables
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(look.format(table) for table in sorted(tables)))
        rows = cursor.fetchall()
    return [table for table, _size, has_rows in rows if has_rows], sum(size for _table, size, _has_rows in rows)


@contextmanager
def unguarded(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """One transaction in which nothing is refused: no guard, and no row that another one names."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield
    else:
        with triggers.lifted(connection), transaction.atomic():
            yield
