"""The page for a form whose token is stale, and for one that another site sent."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from portal.partners.models import Membership

URL = "/settings/members/invite/"
TYPED = {"name": "Zażółć", "email": "a@b.example", "partner": "0000-tenant", "submit_key": "f00-key", "version": "77"}


@pytest.fixture
def client_with_checks(global_admin: Membership, client_of: Callable[[Membership], Client]) -> Client:
    client = client_of(global_admin)
    client.handler.enforce_csrf_checks = True
    return client


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://testserver"},
        {"referer": "http://testserver/settings/members/invite/"},
        {"origin": "http://testserver", "referer": "https://evil.example/"},
    ],
)
def test_what_was_typed_in_a_form_of_ours_comes_back(headers: dict[str, str], client_with_checks: Client) -> None:
    response = client_with_checks.post(URL, TYPED, headers=headers)
    page = response.content.decode()
    assert response.status_code == 403
    assert "<dt>Name</dt><dd>Zażółć</dd>" in page
    for name, value in TYPED.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    assert "csrfmiddlewaretoken" in page


@pytest.mark.parametrize(
    "name", ["partner", "submit_key", "draft_key", "draft_version", "version", "reviewed", "typed_by"]
)
def test_what_nobody_typed_is_not_listed(name: str, client_with_checks: Client) -> None:
    page = client_with_checks.post(
        URL, {"name": "Zoë", name: "technical"}, headers={"origin": "http://testserver"}
    ).content.decode()
    assert "<dd>Zoë</dd>" in page
    assert page.count("<dt>") == 1
    assert "<dd>technical</dd>" not in page


def test_the_rows_of_a_cart_are_listed_in_words(client_with_checks: Client) -> None:
    key = "455f6705-7dbd-47cf-9997-bca443cc9c37"
    sent = {
        **{f"quantity-{key}": "7", f"initial-quantity-{key}": "3", "add-CFQ7TTC0D017-0004": "5"},
        **{"plan-CFQ7TTC0D017-0004": key, "company-company_name": "Zoë", "continue": "1", "show": "first"},
    }
    page = client_with_checks.post(URL, sent, headers={"origin": "http://testserver"}).content.decode()
    listed = re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", page)
    assert listed == [("Quantity", "7"), ("Add CFQ7TTC0D017-0004", "5"), ("Company name", "Zoë")]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://testserver"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "http://testserver:8080"},
        {"referer": "https://evil.example/?http://testserver/"},
        {"origin": "https://evil.example", "referer": "http://testserver/"},
        {"origin": "http://[nonsense"},
    ],
)
def test_another_sites_form_is_not_made_good(headers: dict[str, str], client_with_checks: Client) -> None:
    """Sent back with a fresh token, one click of the person would do what the other site wants."""
    response = client_with_checks.post(URL, TYPED, headers=headers)
    page = response.content.decode()
    assert response.status_code == 403
    assert "load the page again" in page
    assert "<form" not in page
    assert "csrfmiddlewaretoken" not in page
    assert "a@b.example" not in page


def test_secrets_are_never_echoed(client: Client, db: None) -> None:
    client.handler.enforce_csrf_checks = True
    answers = {"login": "a@b.example", "password": "hunter22hunter22"}
    response = client.post("/accounts/login/", answers, headers={"origin": "http://testserver"})
    assert response.status_code == 403
    assert "a@b.example" in response.content.decode()
    assert "hunter22" not in response.content.decode()
