"""A program goes on in a person's name without them: for 90 days, unless somebody ends it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.test import Client
from django.utils import timezone

from portal.partners.models import Membership
from portal.tokens.models import ApiClient, Consent, RefreshToken
from portal.tokens.services import read_access_token, remove_expired_tokens, revoke_consent
from portal.tokens.services.secrecy import new_secret
from portal.tokens.tests.factories import ApiClientFactory, ApiSecretFactory, ConsentFactory

API = "https://api.partnercenter.microsoft.com"
Ask = Callable[..., Any]


@pytest.fixture
def held(sales_agent: Membership) -> str:
    consent = ConsentFactory(client__partner=sales_agent.partner, user=sales_agent.user)
    ApiSecretFactory(client=consent.client, text="the-one-secret")
    text, digest = new_secret()
    RefreshToken.objects.create(
        consent=consent,
        digest=digest,
        audience=API,
        password_hash=sales_agent.user.get_session_auth_hash(),
        expires_at=timezone.now() + timedelta(days=90),
    )
    return text


@pytest.fixture
def ask(held: str) -> Ask:
    client = ApiClient.objects.get()

    def send(path: str = "v2.0/token", **changed: str | None) -> Any:
        body = {
            "grant_type": "refresh_token",
            "client_id": str(client.client_id),
            "client_secret": "the-one-secret",
            "refresh_token": held,
            **changed,
        }
        sent = {name: value for name, value in body.items() if value is not None}
        return Client().post(f"/{client.partner.tenant_id}/oauth2/{path}", sent)

    return send


def number_of(response: Any) -> int:
    assert response.status_code in (400, 401)
    (number,) = response.json()["error_codes"]
    return int(number)


def test_the_bridge_gets_what_msal_needs(ask: Ask, sales_agent: Membership) -> None:
    """Wire contract, section 1: without client_info and id_token MSAL throws."""
    body = ask(scope=f"{API}/.default offline_access openid profile", client_info="1").json()
    assert {"access_token", "refresh_token", "id_token", "client_info", "token_type", "expires_in"} <= set(body)
    assert f"{API}/.default" in body["scope"].split()
    assert read_access_token(body["access_token"]).membership == sales_agent


def test_node_asks_without_openid_and_v1_by_resource(ask: Ask) -> None:
    v2 = ask(scope=f"{API}/.default").json()
    assert v2["refresh_token"]
    assert "id_token" not in v2
    v1 = ask("token", resource=API).json()
    assert (v1["resource"], v1["expires_in"]) == (API, "3600")
    assert jwt.decode(v1["access_token"], options={"verify_signature": False})["ver"] == "1.0"
    assert ask(scope=None).status_code == 200


def test_the_old_token_stays_good_beside_the_new_one(ask: Ask) -> None:
    """Scripts go on with the one that they stored."""
    fresh = ask().json()["refresh_token"]
    assert ask().status_code == 200
    assert ask(refresh_token=fresh).status_code == 200
    assert RefreshToken.objects.count() == 4
    assert RefreshToken.objects.order_by("pk")[0].last_used_at is not None


def test_it_ends_after_90_days(ask: Ask) -> None:
    RefreshToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert number_of(ask()) == 700082
    assert remove_expired_tokens() == 0
    RefreshToken.objects.update(expires_at=timezone.now() - timedelta(days=31))
    assert remove_expired_tokens() == 1
    assert number_of(ask()) == 70000


def test_it_is_the_clients_alone(ask: Ask, partner: Any) -> None:
    other = ApiSecretFactory(client=ApiClientFactory(partner=partner), text="the-other-secret").client
    told = number_of(ask(client_id=str(other.client_id), client_secret="the-other-secret"))
    assert told == number_of(ask(refresh_token="no-such-token")) == 70000
    assert number_of(ask(client_secret="wrong")) == 7000215
    assert number_of(ask(client_secret=None)) == 7000218
    assert number_of(ask(refresh_token=None)) == 900144


@pytest.mark.parametrize("what", ["consent", "program", "membership", "user", "password"])
def test_it_needs_the_person_as_they_were(ask: Ask, sales_agent: Membership, actor_for: Any, what: str) -> None:
    user = sales_agent.user
    if what == "consent":
        revoke_consent(by=actor_for(sales_agent), consent=Consent.objects.get())
    elif what == "program":
        ApiClient.objects.update(redirect_uris=[])
    elif what == "membership":
        sales_agent.is_active = False
        sales_agent.save()
    elif what == "user":
        user.is_active = False
        user.save()
    else:
        user.set_password("a wholly new password")
        user.save()
    numbers = {"consent": 65001, "program": 501051, "membership": 50020, "user": 50057, "password": 50173}
    assert number_of(ask()) == numbers[what]


def test_agreeing_again_does_not_bring_old_tokens_back(ask: Ask, sales_agent: Membership, actor_for: Any) -> None:
    consent = Consent.objects.get()
    revoke_consent(by=actor_for(sales_agent), consent=consent)
    ConsentFactory(client=consent.client, user=sales_agent.user)
    assert number_of(ask()) == 65001
