"""A session that ends while somebody types: the form comes back, whole, and only to a page of ours."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from portal.partners.models import Membership

DJANGOS = "django.contrib.auth.middleware.LoginRequiredMiddleware"
OURS = "portal.common.signin_required.KeepInputLoginRequiredMiddleware"
TYPED = {
    "company_name": 'Żółć "& Co"',
    "password": "never-shown",
    "csrfmiddlewaretoken": "old",
    "submit_key": "key-1",
}
HERE = {"Origin": "http://testserver"}


@pytest.fixture(autouse=True)
def keep_input(settings: Any) -> None:
    settings.MIDDLEWARE = [OURS if name == DJANGOS else name for name in live_settings.MIDDLEWARE]


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [HERE, {"Referer": "http://testserver/customers/new/"}])
def test_a_form_that_does_not_say_whose_it_is_comes_back(headers: dict[str, str]) -> None:
    response = Client().post("/customers/new/?from=home", TYPED, headers=headers)
    page = response.content.decode()
    assert response.status_code == 403
    assert 'name="company_name" value="Żółć &quot;&amp; Co&quot;"' in page
    assert 'name="submit_key" value="key-1"' in page
    assert 'action="/customers/new/?from=home"' in page
    assert f'href="{reverse("account_login")}" target="_blank" rel="noopener"' in page
    assert "never-shown" not in page
    assert 'value="old"' not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Referer": "http://testserver/"},
        {"Origin": "http://[testserver"},
    ],
)
def test_everything_else_is_sent_to_sign_in(headers: dict[str, str]) -> None:
    response = Client().post("/customers/new/", TYPED, headers=headers)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["HX-Request", "X-Validate-Field", "X-Autosave"])
def test_scripts_are_told_and_the_page_stays_as_it_is(header: str) -> None:
    client = Client()
    response = client.post("/customers/new/", TYPED, headers={**HERE, header: "1"})
    assert response.status_code == 401
    assert "kept_forms" not in client.session


@pytest.mark.django_db
def test_pages_asked_for_are_sent_to_sign_in() -> None:
    assert Client().get("/customers/", headers=HERE).status_code == 302


def test_signed_in_people_pass(
    client_of: Callable[[Membership], Client], sales_agent: Membership, customer: Customer
) -> None:
    url = reverse("agreements:confirm", args=[customer.tenant_id])
    assert client_of(sales_agent).post(url, {"agreed_on": ""}, headers=HERE).status_code == 200
