"""What every answer carries, errors included, so that a browser protects the person."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from customers.models import Customer
from portal.partners.models import Membership
from portal.partners.tests.factories import PASSWORD
from portal.tests.guards.helpers import report

Sign = Callable[[Membership], Client]


def mistakes(response: Any) -> list[str]:
    """A complaint for each header that is missing or too generous."""
    policy = {
        name: values
        for name, *values in (part.split() for part in response.get("Content-Security-Policy", "").split(";") if part)
    }
    complaints = [
        f"Content-Security-Policy: {name} allows {value}; keep code and style in files of our own"
        for name, values in policy.items()
        for value in values
        if "unsafe" in value or value in ("*", "http:", "https:") or (value == "data:" and name != "img-src")
    ]
    for name, value in (
        ("default-src", "'self'"),
        ("object-src", "'none'"),
        ("base-uri", "'none'"),
        ("frame-ancestors", "'none'"),
        ("form-action", "'self'"),
    ):
        if policy.get(name) != [value]:
            complaints.append(f"Content-Security-Policy: {name} must be {value}")
    for header, wanted in (
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ):
        if response.get(header) != wanted:
            complaints.append(f"{header} is {response.get(header)!r}, must be {wanted}")
    if "no-store" not in response.get("Cache-Control", ""):
        complaints.append("Cache-Control must say no-store: what one person saw is not for the next one")
    if "camera=()" not in response.get("Permissions-Policy", ""):
        complaints.append("Permissions-Policy must switch off what the portal does not use")
    return complaints


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/customers/", 200),
        ("/customers/new/", 200),
        ("/orders/", 200),
        ("/agreements/", 200),
        ("/settings/members/", 403),
        ("/nowhere/", 404),
        (f"/customers/{UUID(int=7)}/account/", 404),
        ("/settings/switch/", 405),
    ],
)
def test_pages_and_errors_are_protected(sales_agent: Membership, client_of: Sign, path: str, status: int) -> None:
    response = client_of(sales_agent).get(path)
    assert response.status_code == status
    complaints = mistakes(response)
    assert not complaints, report(complaints)


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/accounts/password/reset/", "/healthz", "/readyz", "/customers/"]
)
def test_public_pages_are_protected(db: None, client: Client, path: str) -> None:
    response = client.get(path)
    assert not mistakes(response), report(mistakes(response))


def test_a_page_about_a_customer_is_protected(customer: Customer, sales_agent: Membership, client_of: Sign) -> None:
    response = client_of(sales_agent).get(f"/customers/{customer.tenant_id}/account/")
    assert response.status_code == 200
    assert not mistakes(response), report(mistakes(response))


def test_a_stale_form_is_protected(sales_agent: Membership) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(sales_agent.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.post(
        "/customers/new/", {"company-company_name": "Zażółć"}, headers={"origin": "http://testserver"}
    )
    assert response.status_code == 403
    assert "Zażółć" in response.content.decode()
    assert not mistakes(response), report(mistakes(response))


def test_an_accident_is_protected_and_tells_nothing(
    sales_agent: Membership, client_of: Sign, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*args: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("portal.dashboard.views.home.overview_of", crash)
    client = client_of(sales_agent)
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert "secret detail" not in response.content.decode()
    assert not mistakes(response), report(mistakes(response))


def test_missing_pages_all_look_the_same(
    customer: Customer, stranger: Membership, sales_agent: Membership, client_of: Sign
) -> None:
    theirs = client_of(stranger).get(f"/customers/{customer.tenant_id}/account/")
    none = client_of(sales_agent).get(f"/customers/{uuid4()}/account/")
    unknown = client_of(sales_agent).get("/nowhere/")
    assert theirs.content == none.content == unknown.content
    page = theirs.content.decode()
    for telling in ("<form", "csrf", "nonce", "Stan Stranger", "Sam Sales"):
        assert telling not in page


def test_the_session_cookie_is_out_of_reach_for_scripts(sales_agent: Membership, client: Client) -> None:
    client.post("/accounts/login/", {"login": sales_agent.user.email, "password": PASSWORD})
    cookie = client.cookies["portal_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_the_guard_complains() -> None:
    assert len(mistakes(HttpResponse())) >= 9
    good = {
        "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self'; img-src 'self' data:",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Permissions-Policy": "camera=()",
    }
    assert mistakes(HttpResponse(headers=good)) == []
    for worse in ("style-src 'self' 'unsafe-inline'", "script-src *", "script-src data:"):
        policy = f"{good['Content-Security-Policy']}; {worse}"
        assert len(mistakes(HttpResponse(headers={**good, "Content-Security-Policy": policy}))) == 1
    for header in good:
        assert mistakes(HttpResponse(headers={name: v for name, v in good.items() if name != header})), header
