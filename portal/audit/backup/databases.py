"""One consistent copy of the database while the portal serves, and what it must be equal to once restored."""

import os
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction
from psycopg2.extensions import make_dsn

from portal.audit.backup.parts import BackupError, State, read_state

UNMIGRATED = "The database has no tables of this version: run `manage.py migrate` first, or look at DATABASE_URL."


def copy_database(path: Path) -> State:
    """Write the database into the file `path`; the answer is of the very moment that the copy is of."""
    return _copy_sqlite(path) if connection.vendor == "sqlite" else _dump_postgresql(path)


def _copy_sqlite(path: Path) -> State:
    connection.ensure_connection()
    try:
        with closing(sqlite3.connect(path)) as copy:
            # In one go: page by page it would begin anew with every write in between.
            connection.connection.backup(copy, pages=-1)
            # Constraints call functions that only Django's connections have.
            copy.execute("PRAGMA ignore_check_constraints = ON")
            (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise BackupError(f"The database is damaged: {verdict.splitlines()[-1]}. Restore an older backup.")
            return read_state(copy.cursor())
    except sqlite3.DatabaseError as error:
        if "no such table" in str(error):
            raise BackupError(UNMIGRATED) from None
        raise BackupError(f"SQLite cannot copy the database: {error}.") from None


def _dump_postgresql(path: Path) -> State:
    said, environment = _connected_how()
    _refuse_old_program(environment)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            state = read_state(cursor)
            # The snapshot is there as long as this transaction is.
            command = ["pg_dump", "--format=custom", "--no-comments", f"--snapshot={snapshot}", f"--file={path}"]
            done = subprocess.run([*command, f"--dbname={said}"], env=environment, capture_output=True, text=True)  # noqa: S603 - our own words
    except DatabaseError as error:
        if "does not exist" in str(error):
            raise BackupError(UNMIGRATED) from None
        raise BackupError(f"PostgreSQL refused: {str(error).strip()}") from None
    if done.returncode:
        raise BackupError(_why_failed(done.stderr))
    return state


def _connected_how() -> tuple[str, dict[str, str]]:
    """How a program connects as the portal does: what may stand on a command line, and its environment."""
    known: dict[str, Any] = connection.get_connection_params()
    for ours in ("cursor_factory", "client_encoding", "password"):
        known.pop(ours, None)
    secret = connection.settings_dict["PASSWORD"]
    # Its words are read below, whatever language the machine speaks.
    environment = {**os.environ, "LC_ALL": "C", "PGHOST": str(known.get("host", ""))}
    return make_dsn(**known), environment | ({"PGPASSWORD": str(secret)} if secret else {})


def _refuse_old_program(environment: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        server = int(cursor.fetchone()[0]) // 10_000
    package = f"Install the package postgresql-client-{server}."
    try:
        said = subprocess.run(["pg_dump", "--version"], env=environment, capture_output=True, text=True).stdout  # noqa: S607 - wherever it is installed
    except FileNotFoundError:
        raise BackupError(f"The program pg_dump is missing. {package}") from None
    found = re.search(r"\) (\d+)", said)
    if found is None or int(found[1]) < server:
        version = found[1] if found else "of no known version"
        raise BackupError(f"The program pg_dump is {version} and the server {server}. {package}")


def _why_failed(said: str) -> str:
    lines = [line.removeprefix("pg_dump: ").strip() for line in said.splitlines() if line.strip()]
    advice = " Back up as a role that may read everything, see docs/backup.md." if "permission denied" in said else ""
    return f"pg_dump did not succeed: {lines[0] if lines else 'it does not say why'}.{advice}"
