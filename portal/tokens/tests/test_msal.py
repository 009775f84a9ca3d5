"""MSAL for Python, unmodified, against the live server. It wants https, which the adapter below turns into http."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import msal
import pytest
import requests
from django.test import Client

from portal.partners.models import Membership
from portal.tokens.models import ApiClient
from portal.tokens.tests.factories import REDIRECT_URI, ApiClientFactory, ApiSecretFactory

SCOPES = ["https://api.partnercenter.microsoft.com/.default"]


class Plain:
    """MSAL's http_client over the test server, which speaks no TLS. Notes the paths."""

    def __init__(self, live: str) -> None:
        self.live, self.session, self.asked = live, requests.Session(), list[str]()

    def _here(self, url: str) -> str:
        parts = urlsplit(url)
        self.asked.append(parts.path)
        return f"{self.live}{parts.path}?{parts.query}"

    def get(self, url: str, **options: Any) -> Any:
        return self.session.get(self._here(url), **options)

    def post(self, url: str, **options: Any) -> Any:
        return self.session.post(self._here(url), **options)

    def close(self) -> None:
        self.session.close()


@pytest.fixture
def program(transactional_db: None, live_server: Any, settings: Any, sales_agent: Membership) -> ApiClient:
    settings.PORTAL_URL = live_server.url.replace("http://", "https://")
    client = ApiClientFactory(partner=sales_agent.partner)
    ApiSecretFactory(client=client, text="the-one-secret")
    return client


@pytest.fixture
def plain(live_server: Any) -> Iterator[Plain]:
    made = Plain(live_server.url)
    yield made
    made.close()


@pytest.fixture
def app(program: ApiClient, plain: Plain, settings: Any) -> Any:
    return msal.ConfidentialClientApplication(
        str(program.client_id),
        client_credential="the-one-secret",
        authority=f"{settings.PORTAL_URL}/{program.partner.tenant_id}",
        instance_discovery=False,
        http_client=plain,
    )


def reached(plain: Plain, got: dict[str, str], path: str) -> int:
    """What the API answers to a call with the token that MSAL got."""
    answer = plain.session.get(f"{plain.live}/v1{path}", headers={"Authorization": f"Bearer {got['access_token']}"})
    return int(answer.status_code)


def test_client_credentials(app: Any, plain: Plain, program: ApiClient) -> None:
    first = app.acquire_token_for_client(SCOPES)
    assert first.get("token_source") == "identity_provider", first
    assert (reached(plain, first, "/customers"), reached(plain, first, "/agreements")) == (200, 403)
    # MSAL keeps it, so a second call asks nobody.
    assert app.acquire_token_for_client(SCOPES)["access_token"] == first["access_token"]
    tenant = program.partner.tenant_id
    assert plain.asked == [
        f"/{tenant}/v2.0/.well-known/openid-configuration",
        f"/{tenant}/oauth2/v2.0/token",
    ]


def test_a_wrong_secret_is_told_in_msals_words(program: ApiClient, plain: Plain, settings: Any) -> None:
    wrong = msal.ConfidentialClientApplication(
        str(program.client_id),
        client_credential="wrong",
        authority=f"{settings.PORTAL_URL}/{program.partner.tenant_id}",
        instance_discovery=False,
        http_client=plain,
    )
    told = wrong.acquire_token_for_client(SCOPES)
    assert (told["error"], told["error_codes"]) == ("invalid_client", [7000215])


def test_authorization_code_with_pkce_then_refresh(
    app: Any, plain: Plain, sales_agent: Membership, client_of: Callable[[Membership], Client]
) -> None:
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=REDIRECT_URI, response_mode="form_post")
    parts = urlsplit(flow["auth_uri"])
    page = client_of(sales_agent).post(f"{parts.path}?{parts.query}", {"agree": "yes"}).content.decode()
    came = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', page)}
    got = app.acquire_token_by_auth_code_flow(flow, came)
    assert got.get("access_token"), got
    assert got["id_token_claims"]["name"] == "Sam Sales"
    (account,) = app.get_accounts()
    assert account["username"] == sales_agent.user.email
    kept = app.acquire_token_silent(SCOPES, account=account)
    assert kept["access_token"] == got["access_token"]
    fresh = app.acquire_token_silent(SCOPES, account=account, force_refresh=True)
    assert fresh["access_token"] != got["access_token"]
    again = app.acquire_token_by_refresh_token(got["refresh_token"], SCOPES)
    for token in (got, fresh, again):
        assert (reached(plain, token, "/customers"), reached(plain, token, "/agreements")) == (200, 200)
