"""Reading the folder that mail goes into where no mail server is set up (EMAIL_URL=file://…)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

# How Django's file backend names its files, and what it writes between two messages of one connection.
_FILE_NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]+\.log")
_RULE = b"\n" + b"-" * 79 + b"\n"
# The others are between machines.
_SHOWN = ("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID")
MOST_SHOWN = 100


@dataclass(frozen=True)
class Letter:
    """One message. headers: pairs of those that people read; text: the plain part, "" when there is none."""

    name: str
    at: datetime
    subject: str
    to: str
    headers: list[tuple[str, str]]
    text: str


def folder() -> Path | None:
    """Where mail is kept on this machine, None when EMAIL_URL names a server instead."""
    path: str | None = settings.EMAIL_FILE_PATH
    return Path(path) if path and settings.EMAIL_BACKEND.endswith("filebased.EmailBackend") else None


def newest(mail: Path) -> list[Letter]:
    """The first message of each of the latest files, newest first."""
    files = sorted(_files(mail), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    return [letter for file in files[:MOST_SHOWN] for letter in _read(file)[:1]]


def letters(mail: Path, name: str) -> list[Letter]:
    """Every message of one file; empty when the folder has no such file. The name is compared, never joined."""
    return [letter for file in _files(mail) if file.name == name for letter in _read(file)]


def _files(mail: Path) -> list[Path]:
    if not mail.is_dir():
        return []
    return [file for file in mail.iterdir() if _FILE_NAME.fullmatch(file.name) and file.is_file()]


def _read(file: Path) -> list[Letter]:
    at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return [_letter(file.name, at, part) for part in file.read_bytes().split(_RULE) if part.strip()]


def _letter(name: str, at: datetime, raw: bytes) -> Letter:
    message = message_from_bytes(raw, policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise TypeError("The default policy makes EmailMessage objects.")
    body = message.get_body(preferencelist=("plain",))
    return Letter(
        name=name,
        at=at,
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        headers=[(key, str(message[key])) for key in _SHOWN if message[key]],
        text=body.get_content() if body is not None else "",
    )
