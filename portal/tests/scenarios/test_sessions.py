"""Sessions, and links that stand for a password: what ends them ends them at once, and for good."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.forms import EmailAwarePasswordResetTokenGenerator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings as live_settings
from django.contrib.auth import tokens
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from portal.common.actor import Actor, ActorKind, Door
from portal.partners import services
from portal.partners.mail import password_link
from portal.partners.models import Membership, User
from portal.partners.services import change_member, change_user
from portal.partners.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], Client]
LOGIN, LOGOUT, CHANGE = "/accounts/login/", "/accounts/logout/", "/accounts/password/change/"
INSIDE = "/settings/"
NEW = "orbital-teapot-weather"
TWICE = {"password1": NEW, "password2": NEW}
STAFF = Actor(kind=ActorKind.STAFF, name="Staff", door=Door.ADMIN_SITE)


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


def sign_in(client: Client, user: User) -> None:
    assert client.post(LOGIN, {"login": user.email, "password": PASSWORD}).status_code == 302


def holding(key: str) -> Client:
    """A browser that has somebody's cookie."""
    client = Client()
    client.cookies[live_settings.SESSION_COOKIE_NAME] = key
    return client


def is_inside(client: Client) -> bool:
    return client.get(INSIDE).status_code == 200


@pytest.mark.scenario("S3")
def test_a_planted_session_is_not_the_one_that_is_signed_in(sales_agent: Membership) -> None:
    """Session fixation: the id before the sign-in opens nothing after it, and an invented one is not taken up"""
    victim = Client()
    victim.get(password_link(sales_agent.user))
    planted = victim.session.session_key
    assert planted
    sign_in(victim, sales_agent.user)
    assert victim.session.session_key != planted
    assert not Session.objects.filter(pk=planted).exists()
    assert not is_inside(holding(planted))
    invented = holding("a" * 32)
    sign_in(invented, sales_agent.user)
    assert invented.session.session_key != "a" * 32
    assert not is_inside(holding("a" * 32))
    assert is_inside(invented)


@pytest.mark.scenario("S3")
def test_a_session_that_was_signed_out_stays_out(sales_agent: Membership, client_of: ClientOf) -> None:
    """The cookie of a session is worth nothing after signing out"""
    client, other = client_of(sales_agent), client_of(sales_agent)
    stolen = client.session.session_key
    assert is_inside(holding(stolen))
    client.post(LOGOUT)
    assert not is_inside(holding(stolen))
    assert not Session.objects.filter(pk=stolen).exists()
    assert is_inside(other)


@pytest.mark.scenario("S3")
def test_a_new_password_ends_all_other_sessions(sales_agent: Membership, client_of: ClientOf) -> None:
    """After a change of password other sessions are dead, and this one has another id"""
    client, other = client_of(sales_agent), client_of(sales_agent)
    stolen = client.session.session_key
    client.post(CHANGE, {**TWICE, "oldpassword": PASSWORD})
    assert is_inside(client)
    assert not is_inside(other)
    assert not is_inside(holding(stolen))


def use(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    assert client.post(client.get(password_link(user)).url, TWICE).status_code == 302


def change_own(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    sign_in(client, user)
    assert client.post(CHANGE, {**TWICE, "oldpassword": PASSWORD}).status_code == 302


def come_in(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(Client(), user)


def have_another_address(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    User.objects.filter(pk=user.pk).update(email="other@partner.example")


def be_switched_off(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    change_user(by=STAFF, user=user, name=user.name, is_active=False)


def wait_three_days(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = tokens.PasswordResetTokenGenerator
    now = tokens.default_token_generator._now()
    monkeypatch.setattr(generator, "_now", lambda self: now + timedelta(days=3, seconds=1))


def nothing(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the negative control."""


ENDS = (use, change_own, come_in, have_another_address, be_switched_off, wait_three_days)


def result_of(user: User, event: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, int]:
    """Statuses after the event: of the link, of the page behind it, of the password sent from that page."""
    link, client = password_link(user), Client()
    page = client.get(link).url
    assert client.get(page).status_code == 200
    event(user, monkeypatch)
    again, shown = Client().get(link).status_code, client.get(page).status_code
    said = {"password1": "quite-another-kettle", "password2": "quite-another-kettle"}
    return again, shown, client.post(page, said).status_code


@pytest.mark.scenario("S3")
@pytest.mark.parametrize("event", ENDS, ids=lambda event: event.__name__)
def test_a_link_is_dead_after(event: Any, sales_agent: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link to choose a password is dead after use and after anything that changed: opened before, it is dead too"""
    assert result_of(sales_agent.user, event, monkeypatch) == (410, 410, 410)
    sales_agent.user.refresh_from_db()
    assert not sales_agent.user.check_password("quite-another-kettle")


@pytest.mark.scenario("S3")
def test_negative_control_of_dead_links(sales_agent: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    """negative control: where nothing happened the same link chooses the password"""
    assert result_of(sales_agent.user, nothing, monkeypatch) == (302, 200, 302)


@pytest.mark.scenario("S3")
def test_the_librarys_own_kind_of_link_works_once() -> None:
    """The portal sends none of these, but their page is there"""
    user, client = UserFactory(), Client()
    key = EmailAwarePasswordResetTokenGenerator().make_token(user)
    link = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
    page = client.get(link).url
    assert client.post(page, TWICE).status_code == 302
    for again in (client.post(page, {"password1": "x" * 12, "password2": "x" * 12}), Client().get(link)):
        assert again.status_code == 200
        assert "password1" not in again.content.decode()
    user.refresh_from_db()
    assert user.check_password(NEW)


# What happens to the member in the meantime -> what the next page says, and what an open form that is sent says.
def lose_role(member: Membership, by: Actor) -> None:
    change_member(by=by, membership=member, roles=["sales_agent"], is_active=True)


def leave_partner(member: Membership, by: Actor) -> None:
    change_member(by=by, membership=member, roles=member.roles, is_active=False)


def be_disabled(member: Membership, by: Actor) -> None:
    change_user(by=STAFF, user=member.user, name=member.user.name, is_active=False)


LOSSES: dict[Any, tuple[int, int]] = {lose_role: (403, 403), leave_partner: (404, 404), be_disabled: (302, 302)}


@pytest.fixture
def colleague(global_admin: Membership, actor_for: Callable[..., Actor]) -> Iterator[Actor]:
    return actor_for(global_admin)


@pytest.mark.scenario("T8")
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)
def test_rights_that_are_lost_are_lost_in_every_session(
    loss: Any, admin_agent: Membership, customer: Customer, colleague: Actor, client_of: ClientOf
) -> None:
    """Role removed, membership ended, person switched off while signed in: page and open form are refused"""
    sessions = [client_of(admin_agent), client_of(admin_agent)]
    path = reverse("customers:remove", args=[customer.tenant_id])
    open_form = sessions[0].get(path)
    assert open_form.status_code == 200
    said = {"partner": str(admin_agent.partner.tenant_id), "version": str(customer.version), "submit_key": "k" * 32}
    loss(admin_agent, colleague)
    for client in sessions:
        assert (client.get(path).status_code, client.post(path, said).status_code) == LOSSES[loss]
    customer.refresh_from_db()
    assert customer.deleted_at is None
    assert Customer.objects.get().partner_id == admin_agent.partner_id


@pytest.mark.scenario("T8")
def test_sessions_of_a_person_who_was_switched_off_do_not_come_back(
    admin_agent: Membership, sales_agent: Membership, client_of: ClientOf
) -> None:
    """Sessions of a person who is switched off are dead for good: not back when the person is"""
    sessions, other = [client_of(admin_agent), client_of(admin_agent)], client_of(sales_agent)
    for is_active in (False, True):
        change_user(by=STAFF, user=admin_agent.user, name=admin_agent.user.name, is_active=is_active)
    assert [is_inside(client) for client in sessions] == [False, False]
    assert is_inside(other)
    fresh = Client()
    sign_in(fresh, admin_agent.user)
    assert is_inside(fresh)


@pytest.mark.scenario("T8")
def test_negative_control_sessions_that_only_slept(
    admin_agent: Membership, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """negative control: without ending them, whoever holds a session has it back with the person's access"""
    monkeypatch.setattr(services, "_end_sessions", lambda user: None)
    client = client_of(admin_agent)
    for is_active in (False, True):
        change_user(by=STAFF, user=admin_agent.user, name=admin_agent.user.name, is_active=is_active)
    assert is_inside(client)


@pytest.mark.scenario("T8")
def test_staff_who_are_none_any_more_are_out_of_the_staffs_site() -> None:
    """Staff whose rights are taken away: the next page of the staff's site is refused"""
    user, client = UserFactory(is_staff=True), Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/admin/partners/user/").status_code == 200
    change_user(by=STAFF, user=user, name=user.name, is_active=True, is_staff=False)
    assert client.get("/admin/partners/user/").status_code in (302, 403)
    assert client.post("/admin/partners/user/add/", {"email": "x@portal.example", "name": "X"}).status_code in (
        302,
        403,
    )
    assert not User.objects.filter(email="x@portal.example").exists()
