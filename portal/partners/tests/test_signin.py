from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from portal.jobs.models import Letter
from portal.partners.models import Membership, User
from portal.partners.tests.factories import PASSWORD, UserFactory

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def no_attempts_yet(db: None) -> None:
    cache.clear()


def attempt(client: Client, email: str, password: str = PASSWORD, **more: str) -> tuple[int, str]:
    response = client.post(LOGIN, {"login": email, "password": password, **more})
    return response.status_code, response.content.decode()


def test_a_member_signs_in_by_email_in_any_case(sales_agent: Membership, client: Client) -> None:
    assert attempt(client, sales_agent.user.email.upper())[0] == 302
    assert client.get(reverse("dashboard:home")).context["membership"] == sales_agent


def test_after_sign_in_one_is_where_one_wanted_to_go(sales_agent: Membership, client: Client) -> None:
    response = client.get("/settings/roles/")
    assert response.url == "/accounts/login/?next=/settings/roles/"
    landed = client.post(response.url, {"login": sales_agent.user.email, "password": PASSWORD})
    assert landed.url == "/settings/roles/"


def test_after_several_wrong_passwords_the_right_one_is_refused_too(sales_agent: Membership, client: Client) -> None:
    for _ in range(5):
        assert attempt(client, sales_agent.user.email, "wrong")[0] == 200
    status, page = attempt(client, sales_agent.user.email)
    assert status == 200
    assert "Too many failed login attempts" in page
    assert client.get("/settings/").status_code == 302


def test_another_account_is_not_affected(sales_agent: Membership, admin_agent: Membership, client: Client) -> None:
    for _ in range(6):
        attempt(client, sales_agent.user.email, "wrong")
    assert attempt(client, admin_agent.user.email)[0] == 302


def test_the_throttle_counts_addresses_that_do_not_exist_the_same_way(client: Client) -> None:
    for _ in range(5):
        attempt(client, "nobody@partner.example", "wrong")
    assert "Too many failed login attempts" in attempt(client, "nobody@partner.example")[1]


def test_capital_letters_do_not_get_around_the_throttle(sales_agent: Membership, client: Client) -> None:
    for n in range(5):
        email = sales_agent.user.email
        attempt(client, email[:n].upper() + email[n:], "wrong")
    assert "Too many failed login attempts" in attempt(client, sales_agent.user.email.title())[1]


def words(page: str, email: str) -> str:
    """The page without what differs anyway: the token and the address that was typed."""
    lines = [line for line in page.replace(email, "").splitlines() if "csrfmiddlewaretoken" not in line]
    return "\n".join(lines)


def test_sign_in_does_not_tell_whether_an_address_exists(sales_agent: Membership) -> None:
    known, unknown, inactive = sales_agent.user.email, "nobody@partner.example", "off@partner.example"
    UserFactory(email=inactive, is_active=False)
    pages = [words(attempt(Client(), email, "wrong")[1], email) for email in (known, unknown, inactive)]
    assert pages[0] == pages[1] == pages[2]
    assert "not correct" in pages[0]


def test_reset_does_not_tell_whether_an_address_exists(sales_agent: Membership) -> None:
    url = reverse("account_reset_password")
    answers = []
    for email in (sales_agent.user.email, "nobody@partner.example"):
        response = Client().post(url, {"email": email}, follow=True)
        answers.append((response.status_code, response.redirect_chain, words(response.content.decode(), email)))
    assert answers[0] == answers[1]
    assert DBTaskResult.objects.count() == 1
    assert [letter.about for letter in Letter.objects.all()] == [str(sales_agent.user.public_id)]


def test_who_never_used_the_invitation_can_ask_for_a_new_link(client: Client) -> None:
    invited = UserFactory()
    invited.set_unusable_password()
    invited.save()
    client.post(reverse("account_reset_password"), {"email": invited.email})
    assert DBTaskResult.objects.get().task_path == "portal.partners.tasks.send_password_reset"


def test_a_person_switched_off_does_not_get_in(client: Client) -> None:
    user = UserFactory(is_active=False)
    attempt(client, user.email)
    assert client.get("/settings/").status_code == 302


def test_there_is_no_sign_up(client: Client) -> None:
    url = reverse("account_signup")
    assert "come by invitation" in client.get(url).content.decode()
    client.post(url, {"email": "new@partner.example", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.exists()


def test_staff_sign_in_at_the_same_throttled_door(client: Client) -> None:
    response = client.get("/admin/", follow=True)
    assert response.request["PATH_INFO"] == LOGIN
    staff = UserFactory(is_staff=True, is_superuser=True)
    landed = client.post(f"{LOGIN}?next=/admin/", {"login": staff.email, "password": PASSWORD})
    assert landed.url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_agents_do_not_get_into_the_staff_site(
    admin_agent: Membership, client_of: Callable[[Membership], Client]
) -> None:
    client = client_of(admin_agent)
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
    assert "Site administration" not in response.content.decode()


def test_signing_out_needs_a_click(sales_agent: Membership, client_of: Callable[[Membership], Client]) -> None:
    client = client_of(sales_agent)
    client.get(reverse("account_logout"))
    assert client.get("/settings/").status_code == 200
    client.post(reverse("account_logout"))
    assert client.get("/settings/").status_code == 302
