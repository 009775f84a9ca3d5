"""Backup while somebody writes, and restore into nothing by the very commands that docs/backup.md names."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from agreements.evidence_store import store
from agreements.models import AgreementDocument, AgreementTemplate
from agreements.tests.factories import confirmed, person
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.backup import differences
from portal.audit.models import ChainHead
from portal.common.actor import Actor
from portal.jobs.tests.concurrency import shared_by_threads
from portal.partners.models import Membership
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.chained import add_records
from portal.tests.scenarios.support import add_customers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.scenario("D7")]
TITLES = {"postgresql": "### PostgreSQL", "sqlite": "### SQLite"}
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
# Tenants of the records, apart from those of the customers.
RECORDS_FROM = 50_000_000


def documented(vendor: str) -> list[str]:
    """The lines of the second block of the engine's chapter: the first one only says where things are."""
    text = (Path(settings.BASE_DIR) / "docs" / "backup.md").read_text()
    chapter = text.partition(f"{TITLES[vendor]}\n")[2].partition("\n###")[0]
    return re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)[1].splitlines()


def test_the_documented_commands_are_found() -> None:
    """negative control: both restores end with both checks, so that a change of the text cannot empty them"""
    for vendor in TITLES:
        assert [line.split()[-2:] for line in documented(vendor)[-2:]] == [
            ['"$BACKUP"', "--restored"],
            ["manage.py", "verify_evidence"],
        ]


class Writer:
    """Somebody who goes on recording acceptances for one customer, until told to stop."""

    def __init__(self, customer: Customer, by: Actor) -> None:
        self.customer, self.by, self.count = customer, by, 0
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self) -> None:
        try:
            while not self.is_over.is_set():
                confirmed(self.customer, self.by, person=person(first_name=f"Zofia {self.count}"))
                self.count += 1
        finally:
            connections.close_all()

    def wait_for(self, count: int) -> None:
        deadline = time.monotonic() + 60
        while self.count < count:
            assert self.thread.is_alive(), "Nobody writes any more."
            assert time.monotonic() < deadline, "Nobody gets anything written."
            time.sleep(0.01)

    def __enter__(self) -> "Writer":
        self.thread.start()
        self.wait_for(2)
        return self

    def __exit__(self, *said: object) -> None:
        self.is_over.set()
        self.thread.join(timeout=60)


def environment(folder: Path, database: str) -> dict[str, str]:
    """Of a portal whose data is in `folder`, with a database of that name (PostgreSQL) in the tests' server."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ours = {**kept, "PORTAL_MODE": "local", "VAR_DIR": str(folder), "OWNER": ""}
    if connection.vendor == "sqlite":
        return ours
    said = {name: str(connection.settings_dict[name] or "") for name in ("HOST", "PORT", "USER", "PASSWORD")}
    address = f"{said['HOST']}:{said['PORT'] or 5432}/{database}"
    return ours | {
        **{f"PG{name}": value for name, value in said.items() if value},
        "PGDATABASE": database,
        "OWNER": said["USER"],
        "DATABASE_URL": f"postgres://{quote(said['USER'])}:{quote(said['PASSWORD'])}@{address}",
    }


def run(line: str, within: dict[str, str]) -> str:
    """What a line of the shell prints, run where the portal is; a failure is the test's, with all that was said."""
    line = line.replace(".venv/bin/python", sys.executable)
    shell = ["bash", "-euc", line]
    done = subprocess.run(shell, env=within, cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def rows_of(folder: Path, within: dict[str, str]) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    """Ask the restored database, past the portal."""
    if connection.vendor == "sqlite":
        opened: Any = sqlite3.connect(folder / "db.sqlite3")
    else:
        opened = psycopg2.connect(within["DATABASE_URL"])

    def ask(sql: str) -> list[tuple[Any, ...]]:
        with closing(opened.cursor()) as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

    with closing(opened):
        yield ask
        opened.commit()


@pytest.fixture
def emptied() -> Iterator[str]:
    """The name of a database that is not there, and is gone afterwards."""
    name = f"restored_{WORKER}"
    yield name
    if connection.vendor == "postgresql":
        run(f"dropdb --if-exists {name}", environment(Path(), "postgres"))


def test_a_restore_is_equal_to_its_backup(
    admin_agent: Membership,
    actor_for: Callable[..., Actor],
    template: AgreementTemplate,
    tmp_path: Path,
    emptied: str,
) -> None:
    """Backup while a writer records, restore into nothing as documented: heads, rows, files equal, verifier passes"""
    count, partner = scale(200, 100_000), admin_agent.partner
    add_customers(partner, count)
    document = AgreementDocument.objects.get(country="US")
    chain = add_records(partner, document, count, first=RECORDS_FROM)
    store(partner.tenant_id, b"signed")
    customer = CustomerFactory(partner=partner)
    backups, restored = tmp_path / "backups", tmp_path / "restored"
    backups.mkdir()
    with shared_by_threads(tmp_path):
        with Writer(customer, actor_for(admin_agent)) as writer:
            first, began = ChainHead.objects.get(chain=chain).seq, time.monotonic()
            call_command("backup", str(backups), stdout=StringIO())
            backup_took, written = time.monotonic() - began, writer.count
            writer.wait_for(written + 1)
        last = ChainHead.objects.get(chain=chain).seq
    (backup,) = backups.iterdir()
    manifest = json.loads((backup / "manifest.json").read_text())
    (head,) = manifest["heads"]
    assert first <= head["seq"] < last

    within = environment(restored, emptied) | {"BACKUP": str(backup)}
    took = {}
    for line in documented(connection.vendor):
        began = time.monotonic()
        run(line, within)
        took[line] = time.monotonic() - began
    with rows_of(restored, within) as ask:
        assert ask("SELECT chain, seq, digest FROM audit_chainhead") == [(chain, head["seq"], head["digest"])]
        assert ask("SELECT count(*), max(seq) FROM audit_chainentry") == [(head["seq"], head["seq"])]
        found = {table: ask(f"SELECT count(*) FROM {table}")[0][0] for table in manifest["rows"]}  # noqa: S608 - the backup's own names
        assert found == manifest["rows"]
    assert found["customers_customer"] == count + 1
    *restoring, checking, verifying = took.values()
    sys.stdout.write(
        f"{connection.vendor}, {count} customers, {head['seq']} entries, {last - first} written meanwhile: backup "
        f"{backup_took:.1f} s, restore {sum(restoring):.1f} s, check {checking:.1f} s, verify {verifying:.1f} s, "
        f"back after {sum(took.values()):.1f} s\n"
    )
    lose_an_entry(backup, restored, within)


def lose_an_entry(backup: Path, restored: Path, within: dict[str, str]) -> None:
    """Negative control: where one entry is gone from the restore, the check names the table."""
    with rows_of(restored, within) as ask:
        guards = "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit_chainentry'"
        free = ["SET session_replication_role = replica"]
        if connection.vendor == "sqlite":
            free = [f"DROP TRIGGER {name}" for (name,) in ask(guards)]
        for sql in (*free, "DELETE FROM audit_chainentry WHERE seq = 100"):
            ask(sql)
    with looking_at(str(restored / "db.sqlite3") if connection.vendor == "sqlite" else within["PGDATABASE"]):
        (sentence,) = differences(backup)
    assert re.fullmatch(r"audit_chainentry: [\d,]+ rows here, [\d,]+ in the backup.", sentence)


@contextmanager
def looking_at(name: str) -> Iterator[None]:
    """Within, this process's database is the one of that name."""
    aside, said = connection.connection, connection.settings_dict
    known = said["NAME"]
    connection.connection, said["NAME"] = None, name
    try:
        yield
    finally:
        connection.close()
        connection.connection, said["NAME"] = aside, known
