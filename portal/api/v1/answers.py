"""Answers: dumped once, straight to JSON."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.http import HttpResponse
from pydantic import TypeAdapter

from portal.api.v1.faults import FAULTS, FaultBody
from portal.api.v1.wire import Attributes, Collection, Header, Links, Wire, link

JSON = "application/json; charset=utf-8"
Item = TypeVar("Item")
_LIST: TypeAdapter[list[Any]] = TypeAdapter(list[Any])


def answer(body: Wire | Sequence[Wire], status: int = 200) -> HttpResponse:
    """The body as Partner Center writes it: camelCase, members without a value left out."""
    if isinstance(body, Wire):
        text: str | bytes = body.model_dump_json(by_alias=True, exclude_none=True)
    else:
        text = _LIST.dump_json(list(body), by_alias=True, exclude_none=True)
    return HttpResponse(text, content_type=JSON, status=status)


def no_content() -> HttpResponse:
    return HttpResponse(status=204)


def out(schema: Any, status: int = 200, *more: int) -> dict[int, Any]:
    """What an operation may answer, for the description: this on success, the envelope on every fault.

    more: further statuses of success with the same body.
    """
    return {status: schema, **dict.fromkeys(more, schema), **dict.fromkeys(FAULTS, FaultBody)}


def collection(
    items: list[Item], *, self_uri: str, next_uri: str = "", token: str | None = None, total: int | None = None
) -> Collection[Item]:
    """A page of items; with a token its link to the next one (wire contract, points 7 and 8).

    self_uri, next_uri: relative, such as "/customers?size=40".
    """
    links: Links = {"self": link(self_uri)}
    if token:
        onward = link(next_uri or self_uri)
        onward.headers = [Header(key="MS-ContinuationToken", value=token)]
        links["next"] = onward
    return Collection[Any].model_construct(
        total_count=len(items) if total is None else total,
        items=items,
        continuation_token=token,
        links=links,
        attributes=Attributes(object_type="Collection"),
    )
