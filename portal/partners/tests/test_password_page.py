from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from portal.audit.models import AuditEvent
from portal.partners.mail import password_link, password_reset
from portal.partners.models import Membership, User
from portal.partners.tasks import send_password_reset
from portal.partners.tests.factories import PASSWORD, UserFactory

NEW = "orbital-teapot-weather"


@pytest.fixture
def user(db: None) -> User:
    user = UserFactory(name="Zoë Ångström", email="zoe.angstrom@partner.example")
    user.set_unusable_password()
    user.must_change_password = True
    user.save()
    return user


def opened(client: Client, user: User) -> str:
    """Follow the mailed link; the address of the page it leads to."""
    response = client.get(password_link(user))
    assert response.status_code == 302
    return response.url


def test_the_link_leads_to_a_page_without_the_token(user: User, client: Client) -> None:
    link = password_link(user)
    address = opened(client, user)
    token = link.rstrip("/").rpartition("/")[2]
    page = client.get(address)
    assert token not in address
    assert token not in page.content.decode()
    assert user.email in page.content.decode()


def test_looking_uses_nothing_up(user: User, client: Client) -> None:
    link = password_link(user)
    for _ in range(3):
        assert Client().get(link).status_code == 302
    assert client.get(opened(client, user)).status_code == 200


def test_the_password_works_and_the_link_does_not_any_more(user: User, client: Client) -> None:
    link = password_link(user)
    response = client.post(opened(client, user), {"password1": NEW, "password2": NEW}, follow=True)
    assert response.redirect_chain[-1][0] == reverse("account_login")
    assert "Your password is saved" in response.content.decode()
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert not user.must_change_password
    used = client.get(link)
    assert used.status_code == 410
    assert "no longer works" in used.content.decode()
    assert reverse("account_reset_password") in used.content.decode()


def test_the_invited_person_can_sign_in_then(user: User, client: Client) -> None:
    client.post(opened(client, user), {"password1": NEW, "password2": NEW})
    response = client.post(reverse("account_login"), {"login": user.email, "password": NEW})
    assert response.status_code == 302
    assert response.url == reverse("dashboard:home")


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (NEW, "other-teapot-weather", "same password in both"),
        ("tea9pot", "tea9pot", "too short"),
        ("password123", "password123", "too common"),
        ("", "", "Enter the new password"),
        ("zoe.angstrom", "zoe.angstrom", "too similar"),
    ],
)
def test_a_weak_or_mistyped_password_is_told_and_the_link_stays_good(
    first: str, second: str, message: str, user: User, client: Client
) -> None:
    address = opened(client, user)
    response = client.post(address, {"password1": first, "password2": second})
    assert response.status_code == 200
    assert message in response.content.decode()
    assert f'value="{first}"' not in response.content.decode(), "passwords are never sent back"
    assert client.get(address).status_code == 200


def test_nobody_gets_in_with_a_wrong_link(user: User, client: Client) -> None:
    wrong = [
        reverse("partners:password", args=[user.public_id, "choose"]),
        reverse("partners:password", args=[user.public_id, "abc-def"]),
        reverse("partners:password", args=["00000000-0000-0000-0000-000000000000", "choose"]),
    ]
    pages = [client.get(address) for address in wrong]
    assert [page.status_code for page in pages] == [410] * 3
    assert client.post(wrong[0], {"password1": NEW, "password2": NEW}).status_code == 410


def test_one_persons_link_is_not_anothers(user: User, client: Client) -> None:
    opened(client, user)
    other = UserFactory()
    response = client.post(
        reverse("partners:password", args=[other.public_id, "choose"]), {"password1": NEW, "password2": NEW}
    )
    assert response.status_code == 410
    other.refresh_from_db()
    assert other.check_password(PASSWORD)


def test_a_deactivated_persons_link_is_dead(user: User, client: Client) -> None:
    link = password_link(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(link).status_code == 410


def test_choosing_ends_the_persons_other_sessions(
    sales_agent: Membership, client_of: Callable[[Membership], Client], client: Client
) -> None:
    elsewhere = client_of(sales_agent)
    client.post(opened(client, sales_agent.user), {"password1": NEW, "password2": NEW})
    assert elsewhere.get(reverse("partners:profile")).status_code == 302


def test_it_is_in_the_log_without_the_password(user: User, client: Client) -> None:
    client.post(opened(client, user), {"password1": NEW, "password2": NEW})
    event = AuditEvent.objects.get(code="partners.password_chosen")
    assert event.actor_name == user.name
    assert NEW not in str(vars(event))


def test_the_reset_message_has_the_link_in_both_parts(user: User) -> None:
    message = password_reset(user)
    path = f"/settings/password/{user.public_id}/"
    assert message.to == [user.email]
    assert path in message.body
    assert path in str(message.alternatives[0][0])
    assert "Zoë Ångström" in message.body


def test_the_reset_message_speaks_as_the_page_on_which_it_was_asked_for(user: User, client: Client) -> None:
    asked = {"email": user.email}
    client.post(reverse("account_reset_password"), asked, headers={"accept-language": "pl-PL,pl;q=0.9"})
    queued = DBTaskResult.objects.get().args_kwargs
    send_password_reset.func(*queued["args"], **queued["kwargs"])
    (message,) = mail.outbox
    assert message.extra_headers["Content-Language"] == "pl"
    assert message.subject == "Hasło do Portalu partnerskiego"


def test_the_librarys_own_change_of_password_is_logged_too(
    sales_agent: Membership, client_of: Callable[[Membership], Client]
) -> None:
    client = client_of(sales_agent)
    answers = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post(reverse("account_change_password"), answers).status_code == 302
    assert AuditEvent.objects.filter(code="partners.password_chosen").count() == 1
    assert client.get(reverse("partners:profile")).status_code == 200, "this session goes on"
