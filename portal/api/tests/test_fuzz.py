"""Whatever is sent, the answer is JSON, a refusal is in the envelope, and nothing of it is the portal's fault."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.api.tests import hostile
from portal.api.v1.callers import Callers
from portal.tests.guards.api_operations import Operation, address, filled, operations, send, token_of, values_of
from portal.tests.guards.api_table import API_TABLE
from portal.tests.guards.world import ACTORS, build
from portal.tests.scenario_plugin import IN_FULL, scale

ALLOWED = {200, 201, 202, 204, 400, 401, 403, 404, 409, 429}
UNSAFE = [each for each in operations().values() if each.method not in ("GET", "HEAD")]
ASKED = [each for each in operations().values() if each.method == "GET"]
# Tested area by area: each needs a world of its own, which takes longer than its requests.
AREAS = sorted({each.area for each in operations().values()})
Asking = Callable[..., Any]


def problem(response: Any) -> str:
    """What is wrong with this answer, "" for nothing."""
    text = response.content.decode()
    if response.status_code not in ALLOWED:
        return f"status {response.status_code}"
    if not text:
        is_head = response.request["REQUEST_METHOD"] == "HEAD"
        return "" if is_head or response.status_code in (202, 204) else "no body"
    if response["Content-Type"] != "application/json; charset=utf-8":
        return f"content type {response['Content-Type']}"
    body = json.loads(text)
    if response.status_code >= 400 and not (isinstance(body.get("code"), int) and body.get("description")):
        return f"no envelope: {text[:200]}"
    return ""


@pytest.fixture
def asking(db: None, settings: Any) -> Asking:
    """Send as a member, or where only programs may, as a program, that has every role; nothing stays of it."""
    settings.API_REQUESTS_PER_MINUTE = 10**9
    world = build("admin agent")
    world.member.roles = ACTORS["stranger with all roles"][0]
    world.member.save()
    tokens = {each: token_of(world, each) for each in (Callers.APP, Callers.USER)}
    values = values_of(world)

    def ask(
        operation: Operation, body: Any, *, query: str = "", sent: dict[str, str] | None = None, **ids: str
    ) -> Any:
        mine = tokens[Callers.APP if operation.callers == Callers.APP else Callers.USER]
        with transaction.atomic():
            response = send(mine, operation, address(operation, values | ids, query), body, **(sent or {}))
            transaction.set_rollback(True)
        return response

    ask.values = values  # type: ignore[attr-defined]  # what the right bodies name
    return ask


def examples(small: int, full: int) -> Any:
    """The same ones each time in small, others each time in full."""
    return settings(
        max_examples=scale(small, full),
        deadline=None,
        database=None,
        derandomize=not IN_FULL,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("area", AREAS)
def test_no_body_is_the_portals_fault(asking: Asking, area: str) -> None:
    for operation in (each for each in UNSAFE if each.area == area):
        _fuzz_bodies(asking, operation)


def _fuzz_bodies(asking: Asking, operation: Operation) -> None:
    rule = API_TABLE[operation.key]

    @examples(12, 400)
    @given(hostile.bodies(filled(rule.body, asking.values)))  # type: ignore[attr-defined]  # as above
    def ask(body: str) -> None:
        response = asking(operation, body, query=rule.query)
        assert not problem(response), (
            f"{problem(response)} for {operation.method} {operation.path} with {body[:2000]}"
        )

    ask()


@pytest.mark.parametrize("area", AREAS)
def test_no_query_and_no_header_is_the_portals_fault(asking: Asking, area: str) -> None:
    for operation in (each for each in ASKED if each.area == area):
        _fuzz_query(asking, operation)


def _fuzz_query(asking: Asking, operation: Operation) -> None:
    rule = API_TABLE[operation.key]
    names = tuple(each["name"] for each in operation.described.get("parameters", []) if each["in"] == "query")

    @examples(6, 300)
    @given(hostile.queries(names), hostile.headers())
    def ask(query: str, sent: dict[str, str]) -> None:
        both = "&".join(part for part in (rule.query, query) if part)
        response = asking(operation, "", query=both, sent=sent)
        assert not problem(response), f"{problem(response)} for {operation.path}?{both} with {sent}"

    ask()


def test_no_id_is_the_portals_fault(asking: Asking) -> None:
    complaints = []
    for operation in operations().values():
        for name in operation.parameters:
            for wrong in hostile.IDS[: scale(3, 99)]:
                response = asking(operation, filled(API_TABLE[operation.key].body, asking.values), **{name: wrong})
                # An id of a product, an offer or a domain may look like anything, and is then one that is not there.
                if problem(response) or (response.status_code < 300 and name == "customer_id"):
                    complaints.append(f"{operation.method} {operation.path}, {name}={wrong}: {response.status_code}")
    assert not complaints, "\n".join(complaints)


@examples(60, 2000)
@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60))
def test_no_token_is_the_portals_fault(db: None, text: str) -> None:
    for scheme in ("", "Bearer ", "bearer a.b.", "Basic "):
        response = Client().get("/v1/customers", headers={"Authorization": f"{scheme}{text}"})
        assert response.status_code == 401
        assert not problem(response)


def test_a_sample_that_is_wrong_is_seen() -> None:
    class Broken(dict[str, str]):
        status_code, content, request = 400, b'{"detail": "not the envelope"}', {"REQUEST_METHOD": "GET"}

    broken = Broken({"Content-Type": "application/json; charset=utf-8"})
    assert "envelope" in problem(broken)
    broken.content = b""
    assert problem(broken) == "no body"
    broken.status_code = 500
    assert problem(broken) == "status 500"
