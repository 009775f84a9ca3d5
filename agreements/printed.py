"""What stands on a certificate, as plain data: words that are translated already, and values as they are shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import formats, timezone

# So many letters of a code fit on a line: beside the labels of facts, and beside those of texts with their digests.
WIDTH, WIDE = 76, 88


@dataclass(frozen=True)
class Fact:
    """value: words; lines: of a code instead, which is read letter by letter: joined without anything between."""

    label: str
    value: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Text:
    """A text with its digest, and the salt where there is one."""

    title: str
    rows: tuple[Fact, ...]


@dataclass(frozen=True)
class Entry:
    title: str
    facts: tuple[Fact, ...]
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Step:
    """How to verify: words, then commands, one a line."""

    words: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Certificate:
    """language: of the words; state: what counted at the moment it was made; warning: "" where all digests are right;
    escaped: said where letters are written as code points; page_of: with {page} and {pages}.
    """

    language: str
    title: str
    subtitle: str
    state: str
    is_current: bool
    warning: str
    escaped: str
    parts: tuple[Part, ...]
    proof_title: str
    proof_words: str
    entries: tuple[Entry, ...]
    verify_title: str
    steps: tuple[Step, ...]
    made_by: str
    portal: str
    page_of: str


def code(label: str, value: str, width: int = WIDTH) -> Fact:
    """A fact that is a digest, an id or a text of ASCII letters."""
    return Fact(label, lines=tuple(lines_of(value, width)))


def day(value: date) -> str:
    return formats.date_format(value, "DATE_FORMAT")


def moment(value: datetime, zone: str) -> str:
    """In this zone, which is named."""
    return f"{formats.date_format(timezone.localtime(value, ZoneInfo(zone)), 'DATETIME_FORMAT')} ({zone})"


def lines_of(text: str, width: int) -> Iterator[str]:
    """A text of ASCII letters in pieces of so many. No blank is the first or last of a line, where it would be
    lost.
    """
    while text:
        end = width
        while end > 1 and end < len(text) and " " in text[end - 1 : end + 1]:
            end -= 1
        yield text[:end]
        text = text[end:]
