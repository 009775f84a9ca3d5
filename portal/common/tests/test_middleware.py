"""What the log says of a request, and what it keeps to itself."""

import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from portal.common.errors import RuleViolation
from portal.common.middleware import RequestLogMiddleware


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [record.msg for record in caplog.records if isinstance(record.msg, dict)]


@pytest.mark.django_db
def test_a_line_names_the_route_and_neither_path_nor_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    token = "very-secret-token"
    Client().get(f"/settings/password/00000000-0000-0000-0000-000000000000/{token}/", {"email": "zofia@x.example"})
    said = str(lines(caplog))
    assert "settings/password/<uuid:user_id>/<str:token>/" in said
    assert token not in said
    assert "zofia" not in said


@pytest.mark.parametrize(
    ("problem", "is_logged"),
    [
        (Http404(), False),
        (PermissionDenied(), False),
        (RuleViolation("no"), False),
        (ValueError("zofia@x.example"), True),
    ],
)
def test_only_the_unexpected_is_an_error_and_its_words_stay_out(
    caplog: pytest.LogCaptureFixture, problem: Exception, is_logged: bool
) -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    RequestLogMiddleware(answer).process_exception(RequestFactory().get("/"), problem)
    errors = [line for line in lines(caplog) if line["event"] == "unhandled"]
    assert bool(errors) is is_logged
    assert "zofia" not in str(errors)
