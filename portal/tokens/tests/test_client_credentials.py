"""A program asks for a token of its own: what it sends, what it gets, and every way to be refused."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.test import Client
from django.utils import timezone

from portal.partners.models import Partner
from portal.tokens.models import ApiClient, ApiSecret
from portal.tokens.services import TokenRefused, read_access_token
from portal.tokens.services.proving import MOST_WRONG
from portal.tokens.tests.factories import ApiClientFactory, ApiSecretFactory

API, GRAPH = "https://api.partnercenter.microsoft.com", "https://graph.windows.net"
Ask = Callable[..., Any]


@pytest.fixture
def program(partner: Partner) -> ApiClient:
    partner.domain = "northwind.example"
    partner.save()
    return ApiClientFactory(partner=partner, roles=["admin_agent", "sales_agent"])


@pytest.fixture
def secret(program: ApiClient) -> str:
    ApiSecretFactory(client=program, text="the-one-secret")
    return "the-one-secret"


@pytest.fixture
def ask(program: ApiClient, secret: str) -> Ask:
    """Sends a good request with some members changed; None leaves one out."""

    def send(path: str = "v2.0/token", tenant: object = None, headers: Any = None, **changed: str | None) -> Any:
        target = {"resource": API} if path == "token" else {"scope": f"{API}/.default"}
        body: dict[str, Any] = {
            "grant_type": "client_credentials",
            "client_id": str(program.client_id),
            "client_secret": secret,
            **target,
            **changed,
        }
        sent = {name: value for name, value in body.items() if value is not None}
        return Client().post(f"/{tenant or program.partner.tenant_id}/oauth2/{path}", sent, headers=headers or {})

    return send


def claims_of(response: Any) -> dict[str, Any]:
    return jwt.decode(response.json()["access_token"], options={"verify_signature": False})


def test_v2_gives_a_token_that_says_who_and_what(ask: Ask, program: ApiClient) -> None:
    response = ask()
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    assert "no-store" in response["Cache-Control"]
    claims = claims_of(response)
    own, tenant = str(program.client_id), str(program.partner.tenant_id)
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["nbf"] == claims["iat"]
    assert {k: claims[k] for k in ("aud", "tid", "appid", "azp", "oid", "sub", "idtyp", "roles", "ver")} == {
        "aud": API,
        "tid": tenant,
        "appid": own,
        "azp": own,
        "oid": own,
        "sub": own,
        "idtyp": "app",
        "roles": ["admin_agent", "sales_agent"],
        "ver": "2.0",
    }
    assert claims["iss"].endswith(f"/{tenant}/v2.0")
    assert "upn" not in claims
    assert jwt.get_unverified_header(body["access_token"])["alg"] == "RS256"


def test_v1_says_every_number_as_text(ask: Ask) -> None:
    body = ask("token").json()
    assert set(body) == {
        "token_type",
        "expires_in",
        "ext_expires_in",
        "expires_on",
        "not_before",
        "resource",
        "access_token",
    }
    assert (body["expires_in"], body["resource"]) == ("3600", API)
    assert int(body["expires_on"]) - int(body["not_before"]) == 3600


# As the public clients send it (wire contract, section 1).
@pytest.mark.parametrize(
    ("path", "changed", "audience"),
    [
        ("v2.0/token", {"scope": f"{API}/.default"}, API),
        ("v2.0/token", {"scope": f"{GRAPH}/.default"}, GRAPH),
        ("v2.0/token", {"scope": "https%3A%2F%2Fgraph.windows.net%2F.default"}, GRAPH),
        ("token", {"resource": GRAPH}, GRAPH),
        ("token", {"resource": f"{API}/"}, API),
        ("token", {"resource": API, "scope": "openid"}, API),
    ],
    ids=["node", "dotnet", "dotnet-encoded-twice", "python-adal", "slash", "v1-with-scope"],
)
def test_what_clients_send_is_understood(
    ask: Ask, path: str, changed: dict[str, str], audience: str, program: ApiClient
) -> None:
    response = ask(path, **changed)
    assert response.status_code == 200, response.content
    assert claims_of(response)["aud"] == audience
    assert read_access_token(response.json()["access_token"]).client == program


@pytest.mark.parametrize("named", ["id", "id in capitals", "domain", "domain in capitals"])
def test_the_tenant_goes_by_id_and_domain(ask: Ask, program: ApiClient, named: str) -> None:
    text = str(program.partner.tenant_id) if named.startswith("id") else "northwind.example"
    assert ask(tenant=text.upper() if named.endswith("capitals") else text).status_code == 200


def test_the_secret_may_come_by_http_basic(ask: Ask, program: ApiClient, secret: str) -> None:
    def basic(text: str) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}

    good = ask(client_id=None, client_secret=None, headers=basic(f"{program.client_id}:{secret}"))
    assert good.status_code == 200
    bad = ask(client_id=None, client_secret=None, headers=basic(f"{program.client_id}:wrong"))
    assert (bad.status_code, bad.json()["error_codes"]) == (401, [7000215])
    assert ask(client_id=None, headers={"Authorization": "Basic %%%"}).json()["error_codes"] == [9002313]
    assert ask(headers={"Authorization": "Bearer null"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "changed", "status", "error", "number"),
    [
        ("v2.0/token", {"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ("v2.0/token", {"client_secret": None}, 401, "invalid_client", 7000218),
        ("v2.0/token", {"client_secret": None, "client_assertion": "x.y.z"}, 401, "invalid_client", 7000218),
        ("v2.0/token", {"client_id": None}, 400, "invalid_request", 900144),
        ("v2.0/token", {"client_id": "app-1"}, 400, "unauthorized_client", 700016),
        ("v2.0/token", {"client_id": "00000000-0000-4000-8000-000000000001"}, 400, "unauthorized_client", 700016),
        ("v2.0/token", {"tenant": "nowhere.example"}, 400, "invalid_request", 90002),
        ("v2.0/token", {"tenant": "00000000-0000-4000-8000-000000000001"}, 400, "invalid_request", 90002),
        ("v2.0/token", {"tenant": "common"}, 400, "invalid_request", 50059),
        ("v2.0/token", {"grant_type": None}, 400, "invalid_request", 900144),
        ("v2.0/token", {"grant_type": "device_code"}, 400, "unsupported_grant_type", 70003),
        ("v2.0/token", {"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ("v2.0/token", {"scope": None}, 400, "invalid_request", 900144),
        ("v2.0/token", {"scope": f"{API}/user_impersonation"}, 400, "invalid_scope", 1002012),
        ("v2.0/token", {"scope": "User.Read"}, 400, "invalid_scope", 1002012),
        ("v2.0/token", {"scope": "https://management.azure.com/.default"}, 400, "invalid_resource", 500011),
        ("v2.0/token", {"scope": f"{API}/.default {GRAPH}/.default"}, 400, "invalid_request", 28000),
        ("v2.0/token", {"scope": None, "resource": API}, 400, "invalid_request", 901002),
        ("token", {"resource": None}, 400, "invalid_request", 900144),
        ("token", {"resource": "https://vault.azure.net"}, 400, "invalid_resource", 500011),
    ],
)
def test_refusals_have_azures_shape_and_number(
    ask: Ask, path: str, changed: dict[str, Any], status: int, error: str, number: int
) -> None:
    correlation = "6d2f4e10-8d83-4a35-9d12-0a4a3f2b1c00"
    response = ask(path, headers={"client-request-id": correlation}, **changed)
    body = response.json()
    assert (response.status_code, body["error"], body["error_codes"]) == (status, error, [number])
    assert set(body) == {"error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id"}
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert body["correlation_id"] == correlation
    assert "the-one-secret" not in response.content.decode()


def test_a_client_that_may_not_is_told_why(ask: Ask, program: ApiClient, partner: Partner) -> None:
    program.allows_app_only = False
    program.save()
    assert ask().json()["error_codes"] == [501051]
    program.is_active = False
    program.save()
    assert ask().json()["error_codes"] == [7000112]
    public = ApiClientFactory(partner=partner, public=True)
    own = {"client_id": str(public.client_id)}
    assert ask(**own).json()["error_codes"] == [700025]
    assert ask(**own, client_secret=None).json()["error_codes"] == [501051]


def test_a_secret_ends_by_its_time_and_by_being_revoked(ask: Ask) -> None:
    held = ApiSecret.objects.get()
    other = ApiSecretFactory(client=held.client, text="the-next-secret")
    ApiSecret.objects.filter(pk=held.pk).update(created_at=timezone.now() - timedelta(days=9))
    ApiSecret.objects.filter(pk=held.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    body = ask().json()
    assert (body["error"], body["error_codes"]) == ("invalid_client", [7000222])
    assert ask(client_secret="the-next-secret").status_code == 200
    assert ApiSecret.objects.get(pk=other.pk).last_used_at is not None
    other.revoked_at = timezone.now()
    other.save()
    assert ask(client_secret="the-next-secret").json()["error_codes"] == [7000215]


def test_anothers_secret_opens_nothing(ask: Ask, partner: Partner) -> None:
    ApiSecretFactory(client__partner=partner, text="of-another-client")
    assert ask(client_secret="of-another-client").json()["error_codes"] == [7000215]


def test_who_tries_secrets_out_waits_and_nobody_else(ask: Ask, secret: str, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    here, elsewhere = {"X-Forwarded-For": "192.0.2.7"}, {"X-Forwarded-For": "192.0.2.8"}
    told = [ask(client_secret=f"guess-{n}", headers=here).json()["error_codes"] for n in range(MOST_WRONG + 1)]
    assert told == [[7000215]] * MOST_WRONG + [[50196]]
    # Also with the right one: whoever guessed it learns nothing.
    assert ask(headers=here).status_code == 400
    assert ask(headers=elsewhere).status_code == 200


def test_other_methods_and_malformed_bodies_are_refused_in_the_same_shape(db: None) -> None:
    for response in (
        Client().get("/common/oauth2/v2.0/token"),
        Client().put("/common/oauth2/token"),
        Client().post("/common/oauth2/token", "{}", content_type="application/json"),
        Client().post("/common/oauth2/token", b"--x\r\nbroken", content_type="multipart/form-data; boundary=\xff"),
        Client().post(
            "/common/oauth2/token", b"client_id=%00&grant_type=%ff", content_type="application/x-www-form-urlencoded"
        ),
    ):
        assert response.status_code == 400
        assert response.json()["error_description"].startswith("AADSTS")


def test_using_it_is_noted(ask: Ask, program: ApiClient) -> None:
    assert program.last_used_at is None
    ask()
    program.refresh_from_db()
    assert program.last_used_at is not None


def test_a_token_for_graph_is_taken_only_where_the_setting_says_so(ask: Ask, settings: Any) -> None:
    text = ask(scope=f"{GRAPH}/.default").json()["access_token"]
    assert read_access_token(text).audience == GRAPH
    settings.API_ACCEPTS_GRAPH_AUDIENCE = False
    with pytest.raises(TokenRefused) as refused:
        read_access_token(text)
    assert refused.value.reason == "audience"
