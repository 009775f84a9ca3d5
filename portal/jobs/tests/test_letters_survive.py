"""Letters whose worker is killed while it sends them: at most one more, never none, always the same Message-ID."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from os import environ
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from portal.jobs import letters
from portal.jobs.letters import post
from portal.jobs.models import Letter, LetterState
from portal.jobs.tests.concurrency import shared_by_threads
from portal.jobs.tests.sample_tasks import busy_until_gone, send_sample
from portal.jobs.tests.smtp import MailServer
from portal.jobs.tests.workers import Forked, bury, forked, work
from portal.tests.scenario_plugin import scale

pytestmark = [pytest.mark.scenario("D9"), pytest.mark.django_db(transaction=True)]
PATIENCE = 30.0


@pytest.fixture(autouse=True)
def one_database(tmp_path: Path, transactional_db: None) -> Iterator[None]:
    """That several processes use."""
    with shared_by_threads(tmp_path):
        yield


@transaction.atomic
def queue() -> Letter:
    return post(kind="jobs.sample", about="A-1", task=send_sample)


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)


def killed_at(command: str, server: MailServer) -> None:
    """A worker runs what is due; it is killed when this command has come."""
    process: list[Forked] = []
    has_forked = threading.Event()

    def kill() -> None:
        has_forked.wait(PATIENCE)
        process[0].kill()

    server.at[command] = kill
    with forked() as worker:
        process.append(worker)
        has_forked.set()
        assert not worker.wait(), "it was not killed"
    del server.at[command]


@pytest.mark.parametrize(
    ("command", "count"),
    [
        pytest.param("EHLO", 1, id="before the message"),
        pytest.param("DATA", 2, id="with the message taken, before it hears so"),
        pytest.param("QUIT", 2, id="after it heard so, before marking"),
    ],
)
def test_a_killed_worker_costs_one_more_letter_at_most_and_never_loses_it(
    command: str, count: int, mail_server: MailServer
) -> None:
    for _ in range(scale(1, 25)):
        mail_server.received.clear()
        letter = queue()
        killed_at(command, mail_server)
        letter.refresh_from_db()
        assert letter.sent_at is None
        work()
        assert len(mail_server.received) == count - 1, "nobody takes over before the worker is presumed dead"
        assert bury() == 1
        work()
        assert [message["Message-ID"] for message in mail_server.received] == [letter.message_id] * count
        assert len({message["Date"] for message in mail_server.received}) == 1
        letter.refresh_from_db()
        assert letter.state == LetterState.SENT
        assert bury() == 0
        work()
        assert len(mail_server.received) == count


def test_negative_control_marking_before_sending_loses_the_letter(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = letters._send

    def mark_and_send(letter: Letter, *said: object) -> object:
        Letter.objects.filter(pk=letter.pk).update(sent_at=timezone.now())
        return send(letter, *said)

    monkeypatch.setattr(letters, "_send", mark_and_send)
    queue()
    killed_at("EHLO", mail_server)
    assert bury() == 1
    work()
    assert not mail_server.received


def deliver_twice_at_once(server: MailServer) -> int:
    """Two workers have a task each for the same letter; how many messages came of it."""
    letter = queue()
    send_sample.enqueue(letter.pk)
    is_sending, may_go_on = threading.Event(), threading.Event()

    def hold() -> None:
        is_sending.set()
        may_go_on.wait(PATIENCE)

    server.at["DATA"] = hold
    with forked() as first:
        assert is_sending.wait(PATIENCE)
        with forked() as second:
            # The second one is through with it, or hangs at the server as the first one does.
            eventually(lambda: second.is_over() or len(server.received) == 2)
            may_go_on.set()
            assert first.wait()
            assert second.wait()
    letter.refresh_from_db()
    assert letter.state == LetterState.SENT
    return len(server.received)


def test_two_workers_at_once_send_one_letter(mail_server: MailServer) -> None:
    assert deliver_twice_at_once(mail_server) == 1


def test_negative_control_without_the_claim_two_workers_send_two(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "_claim", lambda letter_id: Letter.objects.get(pk=letter_id))
    assert deliver_twice_at_once(mail_server) == 2


def test_writers_do_not_wait_for_the_mail_server(mail_server: MailServer) -> None:
    """No transaction is open while the mail server thinks."""
    queue()
    is_sending, may_go_on = threading.Event(), threading.Event()

    def hold() -> None:
        is_sending.set()
        may_go_on.wait(PATIENCE)

    mail_server.at["DATA"] = hold
    with forked() as worker:
        assert is_sending.wait(PATIENCE)
        began = time.monotonic()
        queue()
        assert time.monotonic() - began < 5
        may_go_on.set()
        assert worker.wait()
    assert len(mail_server.received) == 2


def test_mail_does_not_wait_behind_bulk_work(mail_server: MailServer, tmp_path: Path) -> None:
    busy = tmp_path / "busy"
    busy.touch()
    busy_until_gone.enqueue(str(busy))
    with forked(lambda: work("bulk")) as bulk:
        eventually(lambda: DBTaskResult.objects.get().status == TaskResultStatus.RUNNING)
        letter = queue()
        work()
        letter.refresh_from_db()
        assert letter.state == LetterState.SENT
        assert DBTaskResult.objects.get(queue_name="bulk").status == TaskResultStatus.RUNNING
        busy.unlink()
        assert bulk.wait()
    assert len(mail_server.received) == 1


def database_url() -> str:
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{config['NAME']}"
    who = f"{quote(config['USER'])}:{quote(config['PASSWORD'])}@" if config["USER"] else ""
    return f"postgres://{who}{config['HOST']}:{config['PORT'] or 5432}/{config['NAME']}"


def worker_of_the_portal(server: MailServer, folder: Path) -> "subprocess.Popen[bytes]":
    """As `manage.py serve` starts it; it knows the mail server by EMAIL_URL alone."""
    command = [sys.executable, "manage.py", "db_worker", "--queue-name", "mail", "--interval", "0.05"]
    said = {
        "DATABASE_URL": database_url(),
        "EMAIL_URL": server.url,
        "PORTAL_MODE": "local",
        "VAR_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    return subprocess.Popen([*command, "--no-startup-delay"], env={**environ, **said}, cwd=settings.BASE_DIR)


def test_the_portals_own_worker_is_killed_and_the_next_one_sends_it(mail_server: MailServer, tmp_path: Path) -> None:
    letter = queue()
    process = worker_of_the_portal(mail_server, tmp_path)
    mail_server.at["QUIT"] = process.kill
    assert process.wait(PATIENCE) < 0
    del mail_server.at["QUIT"]
    assert bury() == 1
    process = worker_of_the_portal(mail_server, tmp_path)
    try:
        eventually(lambda: Letter.objects.get().state == LetterState.SENT)
    finally:
        process.kill()
        process.wait(PATIENCE)
    assert [message["Message-ID"] for message in mail_server.received] == [letter.message_id] * 2
