"""An old program hands over a person's password: where a global admin let it, as often as the sign-in page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.audit.models import AuditEvent
from portal.partners.models import Membership
from portal.partners.tests.factories import PASSWORD
from portal.tokens.models import ApiClient, Consent
from portal.tokens.services import read_access_token
from portal.tokens.tests.factories import ApiClientFactory

API = "https://api.partnercenter.microsoft.com"
Ask = Callable[..., Any]


@pytest.fixture
def program(sales_agent: Membership) -> ApiClient:
    sales_agent.partner.domain = "northwind.example"
    sales_agent.partner.save()
    return ApiClientFactory(partner=sales_agent.partner, public=True, allows_password=True)


@pytest.fixture
def ask(program: ApiClient, sales_agent: Membership) -> Ask:
    """As cloudesire sends it (wire contract, section 1)."""

    def send(**changed: str) -> Any:
        body = {
            "client_id": str(program.client_id),
            "username": sales_agent.user.email,
            "password": PASSWORD,
            "resource": API,
            "grant_type": "password",
            "scope": "openid",
            **changed,
        }
        return Client().post("/northwind.example/oauth2/token", body, headers={"Authorization": "Bearer null"})

    return send


def test_cloudesire_gets_a_token_and_changes_it_for_another(ask: Ask, sales_agent: Membership) -> None:
    first = ask().json()
    assert read_access_token(first["access_token"]).membership == sales_agent
    assert AuditEvent.objects.filter(code="tokens.consent_granted", actor_name="Sam Sales").count() == 1
    assert AuditEvent.objects.filter(code="partners.session_started", door="api").count() == 1
    second = Client().post(
        "/generatetoken",
        {"grant_type": "jwt_token"},
        headers={"Authorization": f"Bearer {first['access_token']}"},
    )
    token = read_access_token(second.json()["access_token"])
    assert token.membership == sales_agent
    assert token.expires_at <= read_access_token(first["access_token"]).expires_at


def test_others_are_sent_to_the_sign_in_page(ask: Ask, program: ApiClient) -> None:
    program.allows_password = False
    program.save()
    body = ask().json()
    assert (body["error"], body["error_codes"]) == ("unsupported_grant_type", [70003])
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"password": "wrong"}, 50126),
        ({"username": "nobody@northwind.example"}, 50126),
        ({"username": "a\x00b"}, 50126),
        ({"username": ""}, 900144),
        ({"password": ""}, 900144),
    ],
)
def test_what_is_wrong_is_told_as_at_azure(ask: Ask, changed: dict[str, str], number: int) -> None:
    response = ask(**changed)
    assert (response.status_code, response.json()["error_codes"]) == (400, [number])


def test_people_of_elsewhere_and_with_a_given_password_are_refused(
    ask: Ask, sales_agent: Membership, stranger: Membership
) -> None:
    assert ask(username=stranger.user.email).json()["error_codes"] == [50020]
    sales_agent.user.must_change_password = True
    sales_agent.user.save()
    assert ask().json()["error_codes"] == [50055]
    sales_agent.user.is_active = False
    sales_agent.user.save()
    assert ask().json()["error_codes"] == [50057]


def test_trying_passwords_is_limited_as_at_the_sign_in_page(ask: Ask) -> None:
    told = [ask(password="wrong").json()["error_codes"][0] for _ in range(12)]
    assert told[0] == 50126
    assert told[-1] == 50053
    assert ask().json()["error_codes"] == [50053]


def test_who_took_it_back_is_asked_on_the_portals_page(ask: Ask) -> None:
    ask()
    Consent.objects.update(revoked_at=timezone.now())
    assert ask().json()["error_codes"] == [65001]
