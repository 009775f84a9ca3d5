"""A signed-in client over one kept-alive connection, as thin as http.client allows."""

import http.client
import re
import secrets
import string
import time
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode, urlsplit

from django.conf import settings


@dataclass(frozen=True)
class Answer:
    """seconds: from the first byte sent to the last one read; statements: of SQL, known in process only."""

    status: int
    body: bytes
    location: str
    seconds: float
    statements: int = 0

    @property
    def text(self) -> str:
        return self.body.decode()

    def hidden(self, name: str) -> str:
        """The value of a form's hidden field; "" where there is none."""
        tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', self.text)
        value = re.search(r'value="([^"]*)"', tag[0]) if tag else None
        return unescape(value[1]) if value else ""


class Browser:
    """One client of one server. Not shared by threads."""

    def __init__(self, port: int, session: str) -> None:
        self.port = port
        self.host = f"127.0.0.1:{port}"
        secret = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(32))
        cookies = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: secret}
        self.headers = {
            "Host": self.host,
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "Accept": "text/html",
            "User-Agent": "benchmark",
            # As behind the proxy that production stands behind.
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "127.0.0.1",
            "Origin": f"https://{self.host}",
            "X-CSRFToken": secret,
        }
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def reconnect(self) -> None:
        self.connection.close()
        self.connection.connect()

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, {**self.headers, **headers})

    def post(self, path: str, form: Mapping[str, str]) -> Answer:
        body = urlencode(form).encode()
        return self._ask("POST", path, body, {**self.headers, "Content-Type": "application/x-www-form-urlencoded"})

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        started = time.perf_counter()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        seconds = time.perf_counter() - started
        location = urlsplit(response.headers.get("Location", ""))
        where = location._replace(scheme="", netloc="").geturl()
        return Answer(response.status, content, where, seconds)
