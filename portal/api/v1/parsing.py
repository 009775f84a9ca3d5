"""Bodies as clients send them, read so that nothing in them can break anything behind."""

import json
from typing import Any, cast

from django.http import HttpRequest
from ninja.parser import Parser
from ninja.types import DictStrAny

from portal.api.v1.faults import INVALID, Fault

DEEPEST = 30


class WireParser(Parser):
    """JSON with or without a byte-order mark; no body at all is an empty object."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """Raises Fault 400 for what is not JSON, is nested too deep or holds characters that no text has."""
        try:
            text = request.body.decode("utf-8-sig")
            value = json.loads(text, parse_constant=_refuse) if text.strip() else {}
            _check(value)
        except (ValueError, RecursionError) as mistake:
            raise Fault(400, INVALID, f"The body cannot be read as JSON: {mistake}"[:300]) from None
        return cast(DictStrAny, value)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _check(value: Any, depth: int = 0) -> None:
    """Raises ValueError for nesting beyond reason, NUL and halves of surrogate pairs."""
    if depth > DEEPEST:
        raise ValueError("it is nested too deep")
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= ch <= "\udfff" for ch in value):
            raise ValueError("it holds characters that cannot be stored")
    elif isinstance(value, dict):
        for key, each in value.items():
            _check(key, depth + 1)
            _check(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _check(each, depth + 1)
