"""Of the sign-in library's pages only those that the portal dresses and stands behind exist."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from portal.partners.mail import password_link
from portal.partners.models import Membership
from portal.partners.tests.factories import PASSWORD

ClientOf = Callable[[Membership], Client]
NEW = "orbital-teapot-weather"


@pytest.fixture(autouse=True)
def no_attempts_yet(db: None) -> None:
    cache.clear()


GONE = [
    "",
    "email/",
    "confirm-email/",
    "confirm-email/abc/",
    "reauthenticate/",
    "login/code/",
    "login/code/confirm/",
    "phone/change/",
    "signup/passkey/",
]


@pytest.mark.parametrize("path", GONE)
def test_the_librarys_other_pages_do_not_exist(
    path: str, sales_agent: Membership, client_of: ClientOf, client: Client
) -> None:
    for browser in (client_of(sales_agent), client):
        assert browser.get(f"/accounts/{path}").status_code == 404
        assert browser.post(f"/accounts/{path}", {"email": "victim@partner.example"}).status_code == 404


def test_nobody_takes_an_address_that_will_be_invited(sales_agent: Membership, client_of: ClientOf) -> None:
    client, before = client_of(sales_agent), sales_agent.user.email
    address = {"email": "victim@partner.example"}
    client.post("/accounts/email/", {**address, "action_add": ""})
    client.post("/accounts/email/", {**address, "action_primary": ""})
    sales_agent.user.refresh_from_db()
    assert sales_agent.user.email == before
    assert not EmailAddress.objects.filter(**address).exists()


def test_a_person_signs_in_changes_the_password_and_signs_out(sales_agent: Membership, client: Client) -> None:
    email = sales_agent.user.email
    assert client.post(reverse("account_login"), {"login": email, "password": PASSWORD}).status_code == 302
    page = client.get(reverse("account_change_password"))
    assert "Current password" in page.content.decode()
    answers = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    changed = client.post(reverse("account_change_password"), answers, follow=True)
    assert changed.redirect_chain == [(reverse("dashboard:home"), 302)]
    client.post(reverse("account_logout"))
    assert client.get("/settings/").status_code == 302
    assert client.post(reverse("account_login"), {"login": email, "password": NEW}).status_code == 302


def test_a_forgotten_password_is_reset(sales_agent: Membership, client: Client) -> None:
    answer = client.post(reverse("account_reset_password"), {"email": sales_agent.user.email}, follow=True)
    assert "Check your email" in answer.content.decode()
    form = client.get(password_link(sales_agent.user)).url
    client.post(form, {"password1": NEW, "password2": NEW})
    sales_agent.user.refresh_from_db()
    assert sales_agent.user.check_password(NEW)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("account_inactive", "switched off"),
        ("account_signup", "come by invitation"),
        ("account_reset_password_done", "Check your email"),
        ("account_reset_password_from_key_done", "Your password is changed"),
    ],
)
def test_the_small_pages_are_dressed(name: str, words: str, client: Client) -> None:
    response = client.get(reverse(name))
    assert words in response.content.decode()
    assert "bare.html" in [template.name for template in response.templates]


def test_a_dead_link_of_the_library_says_so(client: Client) -> None:
    response = client.get(reverse("account_reset_password_from_key", args=["1", "dead-key"]))
    assert "This link no longer works" in response.content.decode()


def test_who_has_no_password_yet_is_led_to_the_reset(sales_agent: Membership, client_of: ClientOf) -> None:
    sales_agent.user.set_unusable_password()
    sales_agent.user.save()
    response = client_of(sales_agent).get(reverse("account_change_password"), follow=True)
    assert response.redirect_chain[-1][0] == reverse("account_reset_password")
    assert response.status_code == 200
