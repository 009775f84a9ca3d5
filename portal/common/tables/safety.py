"""What a cell may hold, why a file is refused, and how text stays text in a spreadsheet."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from django.utils.functional import Promise

from portal.common.errors import RuleViolation

# A datetime shows the time of its own clock: bring it into the reader's zone first.
Cell: TypeAlias = str | int | Decimal | date | datetime | None

MAX_COLUMNS = 200
MAX_CELL = 10_000  # characters

# What spreadsheets take for a formula (OWASP, ASVS 1.2.10), also behind spaces and in full width.
_FORMULA = re.compile(r"[\s'\x00-\x1f\u200b-\u200d\u2060\ufeff]*[=+\-@＝＋－＠]")
_BREAK = re.compile(r"'*[\t\r\n]")
_PARTS = re.compile(r"([;\r\n])")


class TableRefused(RuleViolation):
    """The uploaded file cannot be used; the message says what to do about it."""

    default_code = "table_refused"

    def __init__(self, message: str | Promise, *, code: str = "") -> None:
        super().__init__(message, code=code, field="file")


def is_risky(text: str) -> bool:
    """Whether a spreadsheet may run this text, or take it for something else than text."""
    return bool(_FORMULA.match(text) or _BREAK.match(text))


def guard(text: str) -> str:
    """The text as a CSV cell that no spreadsheet runs: an apostrophe before what looks like a formula.

    Each part between semicolons is looked at, as Excel splits lines there in much of Europe, whatever the file
    says, and each line: a quotation mark in the middle of a line says nothing there. `unguard` gives the text back
    exactly.
    """
    first, *others = _PARTS.split(text)
    guarded = ["'" + part if _FORMULA.match(part) else part for part in others]
    return "".join(["'" + first if is_risky(text) else first, *guarded])


def unguard(text: str) -> str:
    """The text without the apostrophes that `guard` put in."""
    if "'" not in text:
        return text
    first, *others = _PARTS.split(text)
    bare = [part[1:] if part[:1] == "'" and _FORMULA.match(part, 1) else part for part in others]
    return "".join([first[1:] if first[:1] == "'" and is_risky(text[1:]) else first, *bare])
