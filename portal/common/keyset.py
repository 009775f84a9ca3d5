"""Keyset pages: the next page starts after the last row shown, so every page costs the same at any depth.

A page's address names that row by its public id alone: primary keys never leave the server, and what a row
holds (a company's name, say) has no place in browser histories and logs.
"""

import re
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
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
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    cursor = _find(rows, before or after, field, public)
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
    has_next = backwards or has_more
    has_previous = has_more if backwards else cursor is not None
    return Page(
        rows=found,
        next_url=_url(request.GET, "after", found[-1], public) if found and has_next else "",
        previous_url=_url(request.GET, "before", found[0], public) if found and has_previous else "",
    )


def _find(rows: QuerySet[Row], public_id: str, field: str, public: str) -> tuple[Any, Any] | None:
    """(value, primary key) of the row that the page starts from; None where there is no such row."""
    if not PUBLIC_ID.fullmatch(public_id):
        return None
    try:
        return rows.filter(**{public: public_id}).order_by("pk").values_list(field, "pk").first()
    except ValidationError:
        return None


def _url(query: QueryDict, way: str, row: Model, public: str) -> str:
    kept = [(k, v) for k, vs in query.lists() if k not in ("after", "before") for v in vs]
    return "?" + urlencode([*kept, (way, getattr(row, public))])
