"""Lists of orders and subscriptions, page by page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponse

from portal.api.v1.answers import answer, collection
from portal.api.v1.callers import ApiRequest
from portal.api.v1.paging import keyset, size_of


def page_of(
    request: ApiRequest,
    rows: QuerySet[Any],
    fields: Sequence[str],
    *,
    path: str,
    said: Mapping[str, object],
    show: Callable[[list[Any]], list[Any]],
) -> HttpResponse:
    """The page of `rows` that the request's continuation token asks for, else the first.

    fields: as `keyset` takes them; said: the query as it came, "size" among it; what narrows the list is part of what
    a token is good for. show: the rows in wire form.
    """
    size = said.get("size")
    query = urlencode({name: value for name, value in said.items() if value})
    narrowed = urlencode({name: value for name, value in said.items() if value and name != "size"})
    found, onward = keyset(
        rows,
        fields,
        size=size_of(size if isinstance(size, int) else None),
        token=request.headers.get("MS-ContinuationToken", ""),
        purpose=f"{path}?{narrowed}",
    )
    more = f"{query}&seekOperation=Next" if query else "seekOperation=Next"
    self_uri = f"{path}?{query}" if query else path
    return answer(collection(show(found), self_uri=self_uri, next_uri=f"{path}?{more}", token=onward))
