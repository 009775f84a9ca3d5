"""Which charsets of a request are believed."""

from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from portal.common.charsets import only_usual_charsets


def served(content_type: str) -> str:
    """What the request's query becomes behind the wrapper."""
    found = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        found.append(WSGIRequest(environ).GET.get("q", ""))
        return []

    environ = RequestFactory().get("/", {"q": "a\\u0000"}).environ
    only_usual_charsets(application)({**environ, "CONTENT_TYPE": content_type}, lambda *args: None)
    return found[0]


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        'application/json; charset="UTF-8"',
        "text/plain; charset=iso-8859-1",
        "application/json; charset=hex",
        "application/json; charset=idna",
        "application/json; charset=unicode_escape",
        "application/json; charset=utf-16",
        "application/json; charset=nonsense",
        "text/plain; a*=nonsense''%41",
    ],
)
def test_no_charset_breaks_or_changes_a_query(content_type: str) -> None:
    assert served(content_type) == "a\\u0000"


def test_the_boundary_of_a_form_stays() -> None:
    told = []
    wrapped = only_usual_charsets(lambda environ, _start: told.append(environ["CONTENT_TYPE"]) or [])
    wrapped({"CONTENT_TYPE": "multipart/form-data; boundary=x; charset=utf-8"}, lambda *args: None)
    assert told == ["multipart/form-data; boundary=x; charset=utf-8"]
