"""Keyset pages: the next page starts after the last row shown, so every page costs the same at any depth."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.timezone import is_naive

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 50


@dataclass(frozen=True)
class Page(Generic[Row]):
    """rows in reading order; the URLs are empty where there is no such page."""

    rows: list[Row]
    next_url: str
    previous_url: str


def keyset_page(
    request: HttpRequest, rows: QuerySet[Row], *, field: str, descending: bool = False, size: int = PAGE_SIZE
) -> Page[Row]:
    """The page that the request's `after` or `before` asks for; an unreadable one shows the first page.

    field: a column that every row has; ties are broken by primary key.
    """
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    cursor = _decode(before or after, rows.model, field)
    backwards = bool(before) and cursor is not None
    falling = descending != backwards
    if cursor is not None:
        value, pk = cursor
        way = "lt" if falling else "gt"
        # The first filter is redundant, but lets both engines walk the index instead of scanning an OR.
        rows = rows.filter(**{f"{field}__{way}e": value}).filter(
            Q(**{f"{field}__{way}": value}) | Q(**{field: value, f"pk__{way}": pk})
        )
    sign = "-" if falling else ""
    found = list(rows.order_by(f"{sign}{field}", f"{sign}pk")[: size + 1])
    has_more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next = bool(cursor) if backwards else has_more
    has_previous = has_more if backwards else cursor is not None
    return Page(
        rows=found,
        next_url=_url(request.GET, "after", found[-1], field) if found and has_next else "",
        previous_url=_url(request.GET, "before", found[0], field) if found and has_previous else "",
    )


def _url(query: QueryDict, way: str, row: Model, field: str) -> str:
    kept = [(k, v) for k, vs in query.lists() if k not in ("after", "before") for v in vs]
    return "?" + urlencode([*kept, (way, _encode(getattr(row, field), row.pk))])


def _encode(value: Any, pk: int) -> str:
    plain = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([plain, pk]).encode()).decode().rstrip("=")


def _decode(token: str, model: type[Model], field: str) -> tuple[Any, int] | None:
    """(value, primary key) of the row that the page starts from; None for a token that no page has made."""
    try:
        plain, pk = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        value = model._meta.get_field(field).to_python(plain)  # type: ignore[union-attr]  # a concrete column
    except (ValueError, TypeError, ValidationError):
        return None
    is_usable = isinstance(plain, str) and "\x00" not in plain and isinstance(pk, int) and abs(pk) < 2**63
    if isinstance(value, datetime) and is_naive(value):
        return None
    return (value, pk) if is_usable else None
