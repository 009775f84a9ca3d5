"""Whatever goes wrong is answered in the envelope, and only with the statuses that no client repeats for ever."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import Customer
from portal.partners.models import Membership
from portal.tests.guards.api_operations import operations
from portal.tokens.models import Consent

Api = Callable[..., Any]
WELL_KNOWN = {"code", "description", "data", "source"}


def assert_envelope(response: Any, status: int, code: int | None = None) -> None:
    assert response.status_code == status, response.content[:300]
    assert response["Content-Type"] == "application/json; charset=utf-8"
    body = response.json()
    assert set(body) >= WELL_KNOWN
    assert isinstance(body["code"], int)
    assert 0 < len(body["description"]) <= 1024
    assert isinstance(body["data"], list)
    assert code is None or body["code"] == code
    assert response["MS-RequestId"]
    assert response["MS-CorrelationId"]


def test_every_path_answers_methods_that_it_does_not_have_with_404(api: Api, admin_agent: Membership) -> None:
    session = api(admin_agent)
    served: dict[str, set[str]] = {}
    for operation in operations().values():
        served.setdefault(operation.path, set()).add(operation.method)
    for path, methods in served.items():
        there = path.removeprefix("/v1")
        for name in ("customer_id", "subscription_id"):
            there = there.replace(f"{{{name}}}", "00000000-0000-4000-8000-000000000000")
        for method in {"PUT", "DELETE", "PROPFIND", "OPTIONS"} - methods:
            assert_envelope(session.call(method, there.replace("{", "").replace("}", "")), 404)


@pytest.mark.parametrize("wrong", ["1", "not-an-id", "0" * 400, "{}", "%F0%9F%92%A9", "..%2f..%2fadmin", "a b"])
def test_an_id_that_is_none_is_named(api: Api, admin_agent: Membership, wrong: str) -> None:
    response = api(admin_agent).get(f"/customers/{wrong}")
    assert response.status_code in (400, 404)
    assert_envelope(response, response.status_code, 900118 if response.status_code == 400 else None)


@pytest.mark.parametrize(
    "path", ["", "/", "/nothing", "/customers/", "/Customers/x/y/z", "/openapi.jsonx", "/a%0d%0ab"]
)
def test_what_is_not_there_is_said_so(api: Api, admin_agent: Membership, path: str) -> None:
    response = api(admin_agent).get(path)
    assert response.status_code in (200, 404)
    if response.status_code == 404:
        assert_envelope(response, 404)


def test_a_body_that_is_too_long_is_refused(api: Api, admin_agent: Membership, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = api(admin_agent).post("/customers", {"companyProfile": {"domain": "x" * 2000}})
    assert_envelope(response, 400)


def test_with_an_id_of_the_request_as_well(api: Api, admin_agent: Membership, settings: Any) -> None:
    """The key of a repetition is made of the body, which is read before the operation is."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    mine = "7d2456d0-2128-4a62-9b7f-8cc92b6d7f1f"
    response = api(admin_agent).post("/customers", {"companyProfile": {"domain": "x" * 2000}}, MS_RequestId=mine)
    assert_envelope(response, 400)


def forged(token: str, **claims: Any) -> str:
    """The token with other claims, and the signature that it had."""
    header, body, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(body + "=="))
    written = base64.urlsafe_b64encode(json.dumps(said | claims).encode()).decode().rstrip("=")
    return f"{header}.{written}.{signature}"


def unsigned(token: str) -> str:
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    return f"{none}.{token.split('.')[1]}."


@pytest.mark.parametrize("change", ["longer", "other partner", "unsigned", "cut", "doubled", "no signature"])
def test_a_token_that_was_tampered_with_opens_nothing(
    api: Api, admin_agent: Membership, stranger: Membership, customer: Customer, change: str
) -> None:
    session = api(admin_agent)
    token = session.token
    session.token = {
        "longer": forged(token, exp=4_000_000_000),
        "other partner": forged(api(stranger).token, tid=str(admin_agent.partner.tenant_id)),
        "unsigned": unsigned(token),
        "cut": token[:-4],
        "doubled": token + token,
        "no signature": token.rpartition(".")[0],
    }[change]
    assert_envelope(session.get(f"/customers/{customer.tenant_id}"), 401, 401)


def test_a_token_ends(api: Api, admin_agent: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    assert api(admin_agent).get("/customers").status_code == 200
    monkeypatch.setattr("portal.tokens.services.access_tokens.LIFETIME", -timedelta(minutes=10))
    assert_envelope(api(admin_agent).get("/customers"), 401, 401)


@pytest.mark.parametrize("end", ["consent", "membership", "client", "person"])
def test_a_token_ends_with_what_it_stands_on(api: Api, admin_agent: Membership, customer: Customer, end: str) -> None:
    session = api(admin_agent)
    assert session.get("/customers").status_code == 200
    if end == "consent":
        Consent.objects.filter(user=admin_agent.user).update(revoked_at=timezone.now())
    elif end == "membership":
        Membership.objects.filter(pk=admin_agent.pk).update(is_active=False)
    elif end == "client":
        type(session.client).objects.filter(pk=session.client.pk).update(is_active=False)
    else:
        type(admin_agent.user).objects.filter(pk=admin_agent.user_id).update(is_active=False)
    assert_envelope(session.get("/customers"), 401, 401)


def test_pages_outside_the_api_are_not_its_envelope(client: Client, db: None) -> None:
    assert "text/html" in client.get("/v2/customers")["Content-Type"]
