"""Keyset pages: the next page starts after the last row shown, so every page costs the same at any depth.

A page's address names that row by its public id alone: primary keys never leave the server, and what a row
holds (a company's name, say) has no place in browser histories and logs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import IntegerField, Model, Q, QuerySet, Value
from django.http import HttpRequest, QueryDict

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 50
# UUIDs and order numbers.
PUBLIC_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """rows in reading order; the URLs are empty where there is no such page."""

    rows: list[Row]
    next_url: str
    previous_url: str


def keyset_page(
    request: HttpRequest,
    rows: QuerySet[Row],
    *,
    field: str,
    public: str,
    descending: bool = False,
    size: int = PAGE_SIZE,
) -> Page[Row]:
    """The page after the row that the request's `after` names, or the one before its `before`.

    rows: those that the member may see, filtered as asked. field: a column that every row has; ties are broken
    by primary key. public: the column of the rows' public id, a UUID or letters and digits. The first page is
    shown where no such row is among them: a crafted id, another partner's, one that is filtered out by now.
    """
    return tiered_page(request, [rows], field=field, public=public, descending=descending, size=size)


def tiered_page(
    request: HttpRequest,
    parts: Sequence[QuerySet[Row]],
    *,
    field: str,
    public: str,
    descending: bool = False,
    size: int = PAGE_SIZE,
) -> Page[Row]:
    """As `keyset_page`, over several parts without a common row: after the last row of one comes the next one.

    Each part that the page touches costs one query; one more finds where to go on.
    """
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    cursor = _find(parts, before or after, field, public)
    backwards = bool(before) and cursor is not None
    falling = descending != backwards
    sign = "-" if falling else ""
    found: list[Row] = []
    for place in range(len(parts))[:: -1 if backwards else 1]:
        rows = parts[place]
        if cursor is not None and cursor.part == place:
            rows = _beyond(rows, cursor, field, falling)
        elif cursor is not None and (place > cursor.part) == backwards:
            continue
        found += rows.order_by(f"{sign}{field}", f"{sign}pk")[: size + 1 - len(found)]
        if len(found) > size:
            break
    has_more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next = backwards or has_more
    has_previous = has_more if backwards else cursor is not None
    return Page(
        rows=found,
        next_url=_url(request.GET, "after", found[-1], public) if found and has_next else "",
        previous_url=_url(request.GET, "before", found[0], public) if found and has_previous else "",
    )


class _Cursor(NamedTuple):
    """The row that a page starts from: its value in the field, its primary key, the place of its part."""

    value: Any
    pk: Any
    part: int


def _find(parts: Sequence[QuerySet[Row]], public_id: str, field: str, public: str) -> _Cursor | None:
    if not PUBLIC_ID.fullmatch(public_id):
        return None
    try:
        named = [
            rows.filter(**{public: public_id})
            .order_by()
            .annotate(cursor_part=Value(place, output_field=IntegerField()))
            .values_list(field, "pk", "cursor_part")
            for place, rows in enumerate(parts)
        ]
        union = named[0].union(*named[1:], all=True) if len(named) > 1 else named[0]
        first = next(iter(union[:1]), None)
    except ValidationError:
        return None
    return _Cursor(*first) if first is not None else None


def _beyond(rows: QuerySet[Row], cursor: _Cursor, field: str, falling: bool) -> QuerySet[Row]:
    way = "lt" if falling else "gt"
    # The first filter is redundant, but lets both engines walk the index instead of scanning an OR.
    return rows.filter(**{f"{field}__{way}e": cursor.value}).filter(
        Q(**{f"{field}__{way}": cursor.value}) | Q(**{field: cursor.value, f"pk__{way}": cursor.pk})
    )


def _url(query: QueryDict, way: str, row: Model, public: str) -> str:
    kept = [(k, v) for k, vs in query.lists() if k not in ("after", "before") for v in vs]
    return "?" + urlencode([*kept, (way, getattr(row, public))])
