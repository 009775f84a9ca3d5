"""Pages by continuation token: the next page begins after the last row, however deep."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from portal.api.v1.faults import INVALID, Fault
from portal.common.sealed import seal, unseal

Row = TypeVar("Row", bound=Model)
LARGEST = 500


def size_of(size: int | None) -> int:
    """How many items a page has: as asked, at most 500. Clients that want everything send 0 (wire contract, 9)."""
    return size if size and 0 < size <= LARGEST else LARGEST


def keyset(
    rows: QuerySet[Row, Any], fields: Sequence[str], *, size: int, token: str, purpose: str
) -> tuple[list[Any], str | None]:
    """The page of `rows` that the token continues, and the token of the next one, None at the end.

    fields: what the rows are sorted by, "-" for falling, the last one unique; every row needs a value in each. rows
    may be values_list(..., named=True). purpose: what is listed and how it is filtered: a token of another list is
    refused with Fault 400.
    """
    if token:
        rows = rows.filter(_beyond(fields, _read(token, purpose, len(fields))))
    try:
        found = list(rows.order_by(*fields)[: size + 1])
    except (ValidationError, ValueError, TypeError):
        raise _unknown() from None
    if len(found) <= size:
        return found, None
    last = found[size - 1]
    values = [_text(getattr(last, field.lstrip("-"))) for field in fields]
    return found[:size], seal(json.dumps(values), purpose=f"api:{purpose}")


def _read(token: str, purpose: str, count: int) -> list[Any]:
    text = unseal(token, purpose=f"api:{purpose}")
    values = json.loads(text) if text is not None else None
    if values is None or len(values) != count:
        raise _unknown()
    return list(values)


def _unknown() -> Fault:
    return Fault(400, INVALID, "The continuation token is not one of this list. Begin again without it.")


def _beyond(fields: Sequence[str], values: Sequence[Any]) -> Q:
    """After the row with these values: greater in the first field, or equal there and greater in the next."""
    condition, same = Q(), Q()
    for field, value in zip(fields, values, strict=True):
        name, word = field.lstrip("-"), "lt" if field.startswith("-") else "gt"
        condition |= same & Q((f"{name}__{word}", value))
        same &= Q((name, value))
    # Said a second time, plainly, so that an index can begin there.
    first, word = fields[0].lstrip("-"), "lte" if fields[0].startswith("-") else "gte"
    return Q((f"{first}__{word}", values[0])) & condition


def _text(value: Any) -> Any:
    return (
        str(value) if isinstance(value, UUID) else value.isoformat() if isinstance(value, date | datetime) else value
    )
