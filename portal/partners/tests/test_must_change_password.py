"""A password that somebody else gave opens one page only: the one to choose another."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from portal.partners.mail import password_link
from portal.partners.models import Membership, User
from portal.partners.tests.factories import PASSWORD

ClientOf = Callable[[Membership], Client]
NEW = "orbital-teapot-weather"
CHANGE = "/accounts/password/change/"


@pytest.fixture
def given(global_admin: Membership) -> Membership:
    global_admin.user.must_change_password = True
    global_admin.user.save()
    return global_admin


@pytest.mark.parametrize("path", ["/", "/settings/members/", "/customers/?q=a&page=2", "/admin/", "/staff/mail/"])
def test_every_page_leads_to_the_change_and_back(path: str, given: Membership, client_of: ClientOf) -> None:
    User.objects.filter(pk=given.user_id).update(is_staff=True, is_superuser=True)
    response = client_of(given).get(path)
    assert response.status_code == 302
    assert response.url == f"{CHANGE}?next={quote(path, safe='')}"


def test_nothing_is_written_before(given: Membership, client_of: ClientOf) -> None:
    answers = {"email": "new@partner.example", "name": "New", "roles": ["sales_agent"]}
    response = client_of(given).post(reverse("partners:invite"), answers)
    assert (response.status_code, response.url) == (302, CHANGE)
    assert Membership.objects.count() == 1


def test_afterwards_the_work_goes_on(given: Membership, client_of: ClientOf) -> None:
    client = client_of(given)
    asked = client.get("/settings/roles/", follow=True)
    page = asked.content.decode()
    assert asked.status_code == 200
    assert "Choose one of your own" in page
    assert 'name="next" value="/settings/roles/"' in page
    answers = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW, "next": "/settings/roles/"}
    assert client.post(CHANGE, answers).url == "/settings/roles/"
    given.user.refresh_from_db()
    assert not given.user.must_change_password
    assert client.get("/settings/roles/").status_code == 200


def test_the_given_password_is_not_kept(given: Membership, client_of: ClientOf) -> None:
    answers = {"oldpassword": PASSWORD, "password1": PASSWORD, "password2": PASSWORD}
    response = client_of(given).post(CHANGE, answers)
    assert "other than the one you were given" in response.content.decode()
    given.user.refresh_from_db()
    assert given.user.must_change_password


def test_signing_out_and_public_pages_stay_open(given: Membership, client_of: ClientOf) -> None:
    client = client_of(given)
    assert client.get("/healthz").status_code == 200
    assert client.get(password_link(given.user)).url.startswith("/settings/password/")
    assert client.get("/no/such/page/").status_code == 404
    client.post(reverse("account_logout"))
    assert client.get("/settings/").url.startswith("/accounts/login/")


def test_everybody_else_is_let_through(global_admin: Membership, client_of: ClientOf) -> None:
    assert client_of(global_admin).get("/settings/").status_code == 200
