"""An import whose worker is killed again and again: every row once, none lost."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from agreements.models import Attestation
from agreements.proving import verify
from agreements.tasks import look_after_imports
from customers.models import Contact, Customer, CustomerImport, ImportStatus, RowStatus, Tenant
from customers.tests.import_factories import FULL, commit, full_row, map_columns, uploaded
from portal.audit.models import AuditEvent
from portal.jobs.tests.concurrency import shared_by_threads
from portal.partners.models import Membership
from portal.tests.scenario_plugin import IN_FULL, scale

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[[Membership], Client]
# Rows with an acceptance are far fewer than rows: each takes its place in the chain.
ACCEPTED_EVERY = 50
RUNNING = (ImportStatus.CHECKING, ImportStatus.COMMITTING)
# A worker that needs more has rows in its memory that it should not keep.
MOST_MEMORY_KB = 300_000


def rows(count: int, on: str, name: str) -> Iterator[list[str]]:
    for number in range(count):
        said = {"primary_domain_name": f"{name}{number}.example.com"}
        if number % ACCEPTED_EVERY == 0:
            said |= {"agreement_acceptance_date": on, "how_we_know": "email"}
        yield full_row(number, **said)


def database_url() -> str:
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{config['NAME']}"
    who = f"{quote(config['USER'])}:{quote(config['PASSWORD'])}@" if config["USER"] else ""
    return f"postgres://{who}{config['HOST']}:{config['PORT'] or 5432}/{config['NAME']}"


@dataclass
class Worker:
    """The portal's own worker as a process of its own. memory_kb: the most that any of them took."""

    folder: Path
    memory_kb: int = 0
    kills: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        command = [sys.executable, "manage.py", "db_worker", "--queue-name", "bulk", "--interval", "0.05"]
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "PORTAL_MODE": "local",
            "VAR_DIR": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        with (self.folder / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--no-startup-delay"], env=environment, cwd=settings.BASE_DIR, stdout=log, stderr=log
            )

    def look(self) -> None:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "worker.log").read_text()[-4000:]
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        self.memory_kb = max(self.memory_kb, int(peak.split()[1]))

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None
            self.kills += 1


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    started = Worker(tmp_path)
    yield started
    started.kill()


def progress(sheet: CustomerImport) -> int:
    sheet.refresh_from_db()
    return sheet.read_count + sheet.checked_count + sheet.done_count


def wait(sheet: CustomerImport, worker: Worker, until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + (3600 if IN_FULL else 120)
    while not until():
        assert time.monotonic() < deadline, (
            f"stands at {progress(sheet)}: {(worker.folder / 'worker.log').read_text()[-4000:]}"
        )
        worker.look()
        time.sleep(0.02)


def run(client: Client, sheet: CustomerImport, worker: Worker, kill_at: list[int]) -> float:
    """From the check to the last row; the worker is killed when so many rows have been read, checked or imported."""
    began, chance = time.monotonic(), random.Random(7)
    map_columns(client, sheet)
    worker.start()
    targets = list(kill_at)
    while True:
        wait(sheet, worker, partial(rests_or_stands_at, sheet, targets[0] if targets else None))
        if sheet.status == ImportStatus.CHECKED:
            commit(client, sheet)
        elif sheet.status not in RUNNING:
            return time.monotonic() - began
        if targets and progress(sheet) >= targets[0]:
            time.sleep(chance.random() * 0.4)
            worker.kill()
            targets = [target for target in targets if target > progress(sheet)]
            CustomerImport.objects.filter(status__in=RUNNING).update(
                lease_until=timezone.now() - timedelta(seconds=1)
            )
            look_after_imports()
            worker.start()


def rests_or_stands_at(sheet: CustomerImport, target: int | None) -> bool:
    stands_at = progress(sheet)
    return sheet.status not in RUNNING or (target is not None and stands_at >= target)


def every_row_once(sheet: CustomerImport, count: int, total: int) -> None:
    """count: rows of this sheet; total: of all sheets of this partner."""
    sheet.refresh_from_db()
    assert (sheet.status, sheet.problem) == (ImportStatus.DONE, "")
    assert (sheet.read_count, sheet.checked_count, sheet.valid_count) == (count, count, count)
    assert (sheet.done_count, sheet.created_count) == (count, count)
    assert sheet.rows.filter(status=RowStatus.CREATED, customer__isnull=False).count() == count
    assert sheet.rows.values("customer").distinct().count() == count
    assert Tenant.objects.count() == Customer.objects.count() == Contact.objects.count() == total
    assert AuditEvent.objects.filter(code="customers.customer_created").count() == total
    assert Attestation.objects.count() == Customer.objects.filter(attested_on__isnull=False).count()
    assert not verify(chain=f"partner:{sheet.partner.tenant_id}").findings


@pytest.mark.scenario("D3")
def test_a_worker_killed_at_random_points_loses_and_doubles_no_row(
    admin_agent: Membership, client_of: SignIn, template: Any, worker: Worker, tmp_path: Path
) -> None:
    count, kills = scale(300, 100_000), scale(3, 20)
    client, on = client_of(admin_agent), str(admin_agent.partner.today)
    chance = random.Random(3)
    points = sorted(chance.sample(range(1, 3 * count), kills))
    with shared_by_threads(tmp_path):
        undisturbed = 0.0
        if IN_FULL:
            quiet = uploaded(client, FULL, list(rows(count, on, "quiet")))
            undisturbed = run(client, quiet, worker, [])
            worker.kill()
            every_row_once(quiet, count, count)
            worker.kills = 0
        sheet = uploaded(client, FULL, list(rows(count, on, "killed")))
        took = run(client, sheet, worker, points)
        every_row_once(sheet, count, 2 * count if IN_FULL else count)
        accepted = len(range(0, count, ACCEPTED_EVERY))
        assert Attestation.objects.count() == accepted * (2 if IN_FULL else 1)
        assert worker.kills >= min(kills, 2)
        assert worker.memory_kb < MOST_MEMORY_KB
        ratio = f", {took / undisturbed:.2f} of the undisturbed run" if undisturbed else ""
        sys.stdout.write(
            f"{count} rows, {worker.kills} kills: {took:.0f} s{ratio}; at most {worker.memory_kb // 1024} MB\n"
        )
