"""`manage.py serve`: what it starts, how it refuses, and that nothing outlives it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django.fixtures import Settings

from portal.env import EnvironmentMistake
from portal.jobs import guardian
from portal.jobs.management.commands import serve

PATIENCE = 20.0

# A supervisor with two children that note their process ids, as a program of its own.
PROGRAM = """
import sys
from portal.jobs.supervisor import Child, Supervisor

folder, essential, other = sys.argv[1:]

def child(name, code, **options):
    note = f"import os, signal, sys, time; open({folder!r} + '/{name}', 'a').write(f'{os_getpid}\\\\n'); "
    return Child(name, [sys.executable, "-c", note + code], **options)

os_getpid = "{os.getpid()}"
sys.exit(Supervisor(
    [child("essential", essential, is_essential=True), child("other", other)],
    notify=lambda line: print(line, flush=True),
    is_ready=lambda: True,
    announce=lambda: print("ready", flush=True),
    grace=1.0,
).run())
"""
SLEEP = "time.sleep(600)"


class Running:
    """A supervisor under test: its process, and the process ids its children noted."""

    def __init__(self, folder: Path, essential: str, other: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder), essential, other],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def pids(self, name: str) -> list[int]:
        note = self.folder / name
        return [int(line) for line in note.read_text().splitlines()] if note.exists() else []

    def all_pids(self) -> list[int]:
        return self.pids("essential") + self.pids("other")

    def output(self) -> str:
        return self.process.communicate(timeout=PATIENCE)[0]


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str, str], Running]]:
    started: list[Running] = []

    def start_one(essential: str = SLEEP, other: str = SLEEP) -> Running:
        started.append(Running(tmp_path, essential, other))
        return started[-1]

    yield start_one
    for running in started:
        running.process.kill()
        running.process.communicate()
        for pid in running.all_pids():
            guardian.send(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_every_child(start: Callable[..., Running], number: int) -> None:
    running = start()
    eventually(lambda: len(running.all_pids()) == 2)
    running.process.send_signal(number)
    assert running.output() == "ready\n"
    assert running.process.returncode == 0
    assert not any(guardian.is_alive(pid) for pid in running.all_pids())


def test_a_child_that_will_not_stop_is_killed_after_the_grace(start: Callable[..., Running]) -> None:
    running = start(other=f"signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}")
    eventually(lambda: len(running.all_pids()) == 2)
    time.sleep(0.2)  # the child ignores the signal only from its second statement on
    running.process.terminate()
    running.output()
    assert running.process.returncode == 0
    assert not any(guardian.is_alive(pid) for pid in running.all_pids())


def test_a_grandchild_goes_with_its_child(start: Callable[..., Running], tmp_path: Path) -> None:
    note = f"open({str(tmp_path / 'other')!r}, 'a').write(f'{{os.getpid()}}\\n')"
    running = start(other=f"os.fork() or {note}; {SLEEP}")
    eventually(lambda: len(running.pids("other")) == 2)
    running.process.terminate()
    running.output()
    eventually(lambda: not any(guardian.is_alive(pid) for pid in running.all_pids()))


def test_a_worker_that_ends_is_started_again_with_a_notice(start: Callable[..., Running]) -> None:
    running = start(other="sys.exit(3)")
    eventually(lambda: len(running.pids("other")) >= 2)
    running.process.terminate()
    assert "other ended with code 3: starting it again in 1 s." in running.output()


@pytest.mark.parametrize(
    ("how", "code"),
    [("sys.exit(7)", 7), ("sys.exit(0)", 1), ("os.kill(os.getpid(), signal.SIGKILL)", 128 + 9)],
)
def test_the_end_of_the_essential_child_ends_all_with_its_code(
    start: Callable[..., Running], how: str, code: int
) -> None:
    running = start(essential=how)
    assert "stopping everything" in running.output()
    assert running.process.returncode == code
    assert not any(guardian.is_alive(pid) for pid in running.all_pids())


def test_no_child_outlives_a_supervisor_that_was_killed(start: Callable[..., Running]) -> None:
    running = start()
    eventually(lambda: len(running.all_pids()) == 2)
    assert running.process.stdout is not None
    running.process.stdout.readline()
    running.process.kill()
    eventually(lambda: not any(guardian.is_alive(pid) for pid in running.all_pids()))


def test_the_guardian_forgets_children_that_are_gone() -> None:
    assert guardian.still_running(["+10\n", "+11\n", "-10\n"]) == {11}


def test_serve_starts_one_web_server_a_worker_for_each_queue_and_the_clock() -> None:
    web, *workers, clock = serve.children(8123)
    assert "127.0.0.1:8123" in web.command
    assert web.is_essential
    assert [worker.command[-1] for worker in workers] == ["mail", "bulk"]
    assert clock.command[-1] == "tick"
    assert not any(child.is_essential for child in (*workers, clock))


@pytest.mark.parametrize("value", ["web", "", "0", "65536", "-1", "٨٠٠٠"])
def test_a_wrong_port_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORT", value)
    with pytest.raises(EnvironmentMistake, match=r"^PORT: "):
        call_command("serve")


def test_a_port_in_use_is_refused_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setenv("PORT", str(other.getsockname()[1]))
        with pytest.raises(CommandError, match=r"^PORT: \d+ is in use"):
            call_command("serve", demo=True)


def test_static_files_are_collected_only_when_they_changed(settings: Settings, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "static"
    source.mkdir()
    (source / "sheet.css").write_text("a{}")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT, settings.VAR_DIR = target, tmp_path
    assert serve.collect_static_files()
    assert (target / "sheet.css").exists()
    assert not serve.collect_static_files()
    os.utime(source / "sheet.css", (1, 1))
    assert serve.collect_static_files()


def test_what_the_pages_do_not_use_is_not_collected(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = settings.VAR_DIR = tmp_path / "static"
    tmp_path.joinpath("static").mkdir()
    serve.collect_static_files()
    bootstrap = {path.name for path in (tmp_path / "static/js-lib-bootstrap5").rglob("*") if path.is_file()}
    assert bootstrap == {"bootstrap.min.css", "bootstrap.min.css.map"}
    assert {path.name for path in (tmp_path / "static/django_htmx").glob("htm*")} == {"htmx-2.min.js"}
