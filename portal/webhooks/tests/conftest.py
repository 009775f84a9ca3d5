"""A receiver of notices: a real HTTP server on loopback."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from portal.webhooks import signing
from portal.webhooks.models import WebhookKey


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """url: where it listens; received: the requests so far; answers: statuses to answer next, then 200.

    delay: seconds before it answers.
    """

    url: str
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    delay: float = 0
    location: str = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            there.received.append(Received(self.path, dict(self.headers), body))
            time.sleep(there.delay)
            self.send_response(there.answers.pop(0) if there.answers else 200)
            if there.location:
                self.send_header("Location", there.location)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    there = Receiver(f"http://127.0.0.1:{server.server_port}/hook?from=portal")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield there
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def key(db: None) -> WebhookKey:
    """A key in use, made once for all tests, as that takes a while."""
    row = signing.current_key() if not _MADE else None
    if row is not None:
        _MADE.update(private_sealed=row.private_sealed, certificate=row.certificate, expires_at=row.expires_at)
        return row
    return WebhookKey.objects.create(key_id="0123456789abcdef", **_MADE)


_MADE: dict[str, object] = {}
