"""A live gunicorn with four workers over the tests' PostgreSQL database, and browsers that talk to it."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from customers.tests.forms_on_page import form_of
from portal.jobs.management.commands.serve import HOST, children, is_in_use

WORKERS, THREADS = 4, 4


@dataclass(frozen=True)
class Answer:
    """What a browser was answered; named as by Django's test client. worker: which process answered."""

    status_code: int
    content: bytes
    url: str
    worker: str


@dataclass(frozen=True)
class Live:
    """port: where it answers; folder: of its faults and its log."""

    port: int
    folder: Path

    def kill_after_next_answer(self) -> None:
        """The worker that has done the next POST dies before its answer is sent."""
        (self.folder / "die").touch()

    def was_killed(self) -> bool:
        return not (self.folder / "die").exists()

    def browser(self, client: Client) -> "Browser":
        """Signed in as this client of Django's is."""
        return Browser(self.port, {name: morsel.value for name, morsel in client.cookies.items()})


@dataclass
class Browser:
    """Sends forms as they stand on a page. Its cookies stay as they were: many threads share it."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def filled(self, path: str, having: str, **typed: str) -> dict[str, str]:
        """The form of that page that has the field `having`, with what was typed into it."""
        page = self.get(path)
        assert page.status_code == 200, f"{path} answered {page.status_code} {page.url}"
        return {**form_of(page, having=having), **typed}

    def post(self, path: str, form: dict[str, str]) -> Answer:
        return self.send("POST", path, form)

    def send(self, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
        with closing(HTTPConnection(HOST, self.port, timeout=120)) as server:
            server.request(method, path, *self._parts(form))
            answer = server.getresponse()
            location, worker = answer.getheader("Location") or "", answer.getheader("X-Worker") or ""
            return Answer(answer.status, answer.read(), location, worker)

    def send_and_vanish(self, path: str, form: dict[str, str]) -> None:
        """Send everything and close without listening."""
        with closing(HTTPConnection(HOST, self.port, timeout=10)) as server:
            server.request("POST", path, *self._parts(form))

    def _parts(self, form: dict[str, str] | None) -> tuple[str | None, dict[str, str]]:
        # The token of the form is that of the cookie, as a browser's is.
        token = "c" * 32
        cookies = {**self.cookies, settings.CSRF_COOKIE_NAME: token}
        headers = {"Cookie": "; ".join(f"{name}={quote(value)}" for name, value in cookies.items())}
        if form is None:
            return None, headers
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return urlencode({**form, "csrfmiddlewaretoken": token}), headers


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def database_url() -> str:
    """The tests' own database, as DATABASE_URL says it."""
    said: dict[str, Any] = connection.settings_dict
    host = said["HOST"] or said["OPTIONS"].get("host", "")
    return f"postgres://{quote(said['USER'])}:{quote(said['PASSWORD'])}@{host}:{said['PORT']}/{said['NAME']}"


@contextmanager
def serving(folder: Path, *, without: str = "") -> Iterator[Live]:
    """Within, the portal answers; without: see `served`."""
    if connection.vendor != "postgresql":
        pytest.skip("Needs PostgreSQL: the tests' SQLite database is in this process's memory.")
    port = free_port()
    command = [part.replace("portal.wsgi", "portal.tests.scenarios.served") for part in children(port)[0].command]
    command[command.index("--workers") + 1], command[command.index("--threads") + 1] = str(WORKERS), str(THREADS)
    # What comes at once is shared out: on a busy machine the first worker awake would take it all.
    command += ["--preload", "--worker-connections", str(THREADS + 1)]
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "portal.tests.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "VAR_DIR": str(folder),
        "FAULT_DIR": str(folder),
        "WITHOUT": without,
    }
    with (folder / "server.log").open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            _wait(process, port, folder)
            yield Live(port, folder)
        finally:
            # At once: nobody waits for an answer any more.
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=30)


def _wait(process: "subprocess.Popen[bytes]", port: int, folder: Path) -> None:
    deadline = time.monotonic() + 60
    while not is_in_use(port):
        gone = process.poll() is not None or time.monotonic() > deadline
        assert not gone, f"The server did not start:\n{(folder / 'server.log').read_text()[-2000:]}"
        time.sleep(0.05)
