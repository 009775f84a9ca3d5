"""A real SMTP server on loopback that refuses, hangs or has its client killed on request."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django.fixtures import Settings

HOST = "127.0.0.1"


class _Speaker(SMTP):
    """Takes requests for reports, which the library refuses as it does not know them."""

    async def smtp_MAIL(self, arg: str | None) -> None:
        await super().smtp_MAIL(self._without(arg, " RET="))

    async def smtp_RCPT(self, arg: str | None) -> None:
        await super().smtp_RCPT(self._without(arg, " NOTIFY="))

    def _without(self, arg: str | None, option: str) -> str | None:
        said, found, value = (arg or "").partition(option)
        if found:
            self.event_handler.server.asked.append(f"{found.strip()}{value}")
        return said or None


class _Listener(Controller):
    """On a port that the system chooses when it is asked for port 0."""

    def factory(self) -> SMTP:
        return _Speaker(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@dataclass
class MailServer:
    """received: every message that it took; answers: what it says to the next commands of that name instead of OK.

    options: what the library's server can be told, such as its certificate; counts from the next start on.
    knows_reports: whether it says that it can report deliveries; asked: requests for them, as the client made them.
    at: what happens when a command comes: "EHLO", "RCPT", "DATA" (the message is taken, nobody knows it yet) or
    "QUIT" (the client knows that it is taken).
    """

    received: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    at: dict[str, Callable[[], None]] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    knows_reports: bool = False
    asked: list[str] = field(default_factory=list)
    port: int = 0
    _listener: _Listener | None = None

    @property
    def url(self) -> str:
        """What EMAIL_URL is to say."""
        return f"smtp://{HOST}:{self.port}"

    def start(self) -> None:
        """Answer, on the same port as before if there was one."""
        self._listener = _Listener(_Handler(self), hostname=HOST, port=self.port, ready_timeout=20, **self.options)
        self._listener.start()
        self.port = self._listener.port

    def stop(self) -> None:
        if self._listener is not None:
            self._listener.stop()
            self._listener = None


@dataclass
class _Handler:
    server: MailServer

    async def _answer(self, command: str) -> str | None:
        """What happens at this command, then the answer to give instead of OK."""
        if happening := self.server.at.get(command):
            # Others are served meanwhile.
            await asyncio.to_thread(happening)
        answers = self.server.answers[command]
        return answers.pop(0) if answers else None

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        await self._answer("EHLO")
        return [responses[0], "250-DSN", *responses[1:]] if self.server.knows_reports else responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := await self._answer("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.server.answers["DATA"]:
            return self.server.answers["DATA"].pop(0)
        content: Any = envelope.original_content
        self.server.received.append(cast(EmailMessage, message_from_bytes(content, policy=policy.default)))
        await self._answer("DATA")
        return "250 OK"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return await self._answer("QUIT") or "221 Bye"


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    """A mail server that the portal's mail goes to while the test runs."""
    server = MailServer()
    server.start()
    settings.EMAIL_BACKEND = "portal.jobs.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield server
    server.stop()
