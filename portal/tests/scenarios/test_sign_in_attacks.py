"""Guessing at the sign-in, and asking it who exists.

Five wrong tries at an account in five minutes, ten wrong tries from an address in a minute: after that nothing is
compared any more, so the right password does not get in either, and after thirty tries from an address the page says
so with status 429. The portal has no second factor, so there is none to replay.
"""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.internal import ratelimit
from django.contrib.auth.hashers import get_hasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from portal.partners import adapter
from portal.partners.models import Membership
from portal.partners.tests.factories import PASSWORD, UserFactory
from portal.tests.scenario_plugin import scale

pytestmark = [pytest.mark.django_db, pytest.mark.scenario("S3")]
ClientOf = Callable[[Membership], Client]
LOGIN, RESET, CHANGE = "/accounts/login/", "/accounts/password/reset/", "/accounts/password/change/"
PER_ACCOUNT, PER_ADDRESS, PAGES_PER_ADDRESS = 5, 10, 30


class Hashes:
    """How often a password was hashed, which is what takes the time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        hasher = type(get_hasher())
        encode = hasher.encode

        def counted(this: Any, *said: Any, **more: Any) -> Any:
            self.count += 1
            return encode(this, *said, **more)

        monkeypatch.setattr(hasher, "encode", counted)


@pytest.fixture(autouse=True)
def no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> Hashes:
    return Hashes(monkeypatch)


def address(n: int) -> str:
    return f"10.{n // 65025 % 255}.{n // 255 % 255}.{n % 255}"


def sign_in(email: str, password: str = PASSWORD, *, ip: str = "127.0.0.1", path: str = LOGIN, **headers: str) -> Any:
    return Client(REMOTE_ADDR=ip).post(path, {"login": email, "password": password}, headers=headers)


def got_in(response: Any) -> bool:
    return bool(response.wsgi_request.user.is_authenticated)


def minutes_later(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    now = ratelimit.time.time
    later = timedelta(minutes=minutes).total_seconds()

    class Later:
        sleep, monotonic = ratelimit.time.sleep, ratelimit.time.monotonic

        @staticmethod
        def time() -> float:
            return now() + later

    monkeypatch.setattr(ratelimit, "time", Later)


def test_wrong_tries_at_one_account(sales_agent: Membership, hashes: Hashes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong tries at one account from as many addresses: five are compared, the right one does not get in either"""
    email, before = sales_agent.user.email, hashes.count
    for n in range(scale(40, 1000)):
        # A letter's case, or blanks around it, make no other account of it.
        answer = sign_in(f" {email[: n % 5].upper()}{email[n % 5 :]}", "wrong", ip=address(n))
    assert hashes.count - before == PER_ACCOUNT
    assert not got_in(sign_in(email, ip=address(5000)))
    assert "Wait five minutes" in answer.content.decode()
    minutes_later(monkeypatch, 6)
    assert got_in(sign_in(email, ip=address(5000)))


def test_wrong_tries_from_one_address(sales_agent: Membership, hashes: Hashes) -> None:
    """Wrong tries from one address at as many accounts: ten are compared, then the page says what to do"""
    before, answers = hashes.count, Counter[int]()
    for n in range(scale(40, 1000)):
        answer = sign_in(f"person{n}@guessed.example", "wrong")
        answers[answer.status_code] += 1
    assert hashes.count - before == PER_ADDRESS
    assert answers[200] == PAGES_PER_ADDRESS
    assert answers[429] == sum(answers.values()) - PAGES_PER_ADDRESS
    page = answer.content.decode()
    assert "Wait five minutes" in page
    assert reverse("account_login") in page
    assert not got_in(sign_in(sales_agent.user.email))
    # Others are not held up.
    assert got_in(sign_in(sales_agent.user.email, ip=address(1)))


def test_an_address_is_a_network_for_those_who_have_many(sales_agent: Membership, hashes: Hashes) -> None:
    """Wrong tries from every address of an IPv6 subscriber count as from one"""
    before = hashes.count
    for n in range(20):
        sign_in(f"person{n}@guessed.example", "wrong", ip=f"2001:db8:1:2::{n:x}")
    assert hashes.count - before == PER_ADDRESS


SPOOFED = ("X-Forwarded-For", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "Forwarded", "X-Client-IP")


def compared_with_spoofed_headers(hashes: Hashes, spoof: Callable[[str], str]) -> int:
    before = hashes.count
    for n in range(20):
        said = {name: spoof(address(n)) for name in SPOOFED}
        sign_in(f"person{n}@guessed.example", "wrong", **said)
    return hashes.count - before


def test_no_header_makes_another_address(hashes: Hashes) -> None:
    """X-Forwarded-For and its kin do not get past the limit while no proxy is trusted"""
    assert compared_with_spoofed_headers(hashes, str) == PER_ADDRESS


def test_behind_a_proxy_only_what_the_proxy_says_counts(hashes: Hashes, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert compared_with_spoofed_headers(hashes, lambda ip: f"{ip}, 192.0.2.1") == PER_ADDRESS


def test_negative_control_a_proxy_that_is_trusted_is_believed(hashes: Hashes, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert compared_with_spoofed_headers(hashes, str) == 20


def crowd(count: int) -> None:
    for n in range(count):
        sign_in(f"person{n}@crowd.example", "wrong", ip=address(1000 + n))


def test_a_crowd_does_not_clear_a_limit(sales_agent: Membership, hashes: Hashes) -> None:
    """Tries from many addresses at many accounts do not push the limits of others out of the table"""
    for n in range(PER_ADDRESS):
        sign_in(f"person{n}@guessed.example", "wrong", ip="10.0.0.0")
    crowd(scale(105, 500))
    assert not got_in(sign_in(sales_agent.user.email, ip="10.0.0.0"))


def test_negative_control_of_the_crowd(sales_agent: Membership, settings: Any) -> None:
    """negative control: with Django's own bound on the table the same crowd clears the limit of an address"""
    kept = settings.CACHES["default"]
    settings.CACHES = {"default": {**kept, "OPTIONS": {"MAX_ENTRIES": 300}}}
    for n in range(PER_ADDRESS):
        sign_in(f"person{n}@guessed.example", "wrong", ip="10.0.0.0")
    crowd(105)
    assert got_in(sign_in(sales_agent.user.email, ip="10.0.0.0"))


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/", "/admin/login/?next=/admin/"])
def test_the_staffs_door_is_no_way_round(path: str, hashes: Hashes) -> None:
    """Credentials sent to the staff's site: nothing is compared there, right or wrong"""
    staff, client = UserFactory(is_staff=True), Client()
    before = hashes.count
    for password in ("wrong", PASSWORD):
        said = {"username": staff.email, "login": staff.email, "password": password}
        answer = client.post(path, said)
        assert answer.status_code == 302
        assert not got_in(answer)
    assert hashes.count == before
    assert client.get("/admin/").status_code == 302


def test_links_for_a_new_password_are_limited(sales_agent: Membership) -> None:
    """Asking for a new password: five mails a minute to an address, twenty requests from one, then 429"""
    email = sales_agent.user.email
    at_one = [Client(REMOTE_ADDR=address(n)).post(RESET, {"email": email.title()}) for n in range(scale(8, 100))]
    assert [answer.status_code for answer in at_one[:6]] == [302] * 5 + [429]
    assert DBTaskResult.objects.count() == 5
    assert "Wait five minutes" in at_one[-1].content.decode()
    from_one = [Client().post(RESET, {"email": f"{n}@guessed.example"}).status_code for n in range(22)]
    assert from_one == [302] * 20 + [429] * 2


def test_guessing_ones_own_password_is_limited(
    sales_agent: Membership, client_of: ClientOf, hashes: Hashes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong current passwords in a stolen session: five a minute, then the right one does not change it either"""
    client, new = client_of(sales_agent), "orbital-teapot-weather"
    said = {"password1": new, "password2": new}
    answers = [client.post(CHANGE, {**said, "oldpassword": f"wrong{n}"}) for n in range(scale(8, 100))]
    assert [answer.status_code for answer in answers[:6]] == [200] * 5 + [429]
    before = hashes.count
    assert client.post(CHANGE, {**said, "oldpassword": PASSWORD}).status_code == 429
    assert hashes.count == before
    minutes_later(monkeypatch, 2)
    assert client.post(CHANGE, {**said, "oldpassword": PASSWORD}).status_code == 302


# Who asks -> what there is of the address.
KNOWN = {
    "a member": {},
    "nobody": None,
    "switched off": {"is_active": False},
    "invited": {"without_password": True},
}


def person(kind: str) -> str:
    """Their address, always of the same length."""
    email = f"{len(kind):04}@portal-guess.example"
    said = KNOWN[kind]
    if said is not None:
        user = UserFactory(email=email, is_active=said.get("is_active", True))
        if "without_password" in said:
            user.set_unusable_password()
            user.save()
    return email


def told(path: str, email: str, hashes: Hashes) -> dict[str, Any]:
    """Everything that somebody outside can see or measure of the answer."""
    cache.clear()
    before, client = hashes.count, Client()
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(path, {"login": email, "email": email, "password": "wrong-password"})
    work = [re.match(r"(SELECT|INSERT INTO|UPDATE|DELETE)\b[^(]*", query["sql"]) for query in captured]
    landed = client.get(answer.url) if answer.status_code == 302 else answer
    lines = landed.content.decode().replace(email, "…").splitlines()
    return {
        "status": answer.status_code,
        # The address that was typed is in the page, and all are of one length.
        # When it expires is when it was made: the clock may go on by a second in between.
        "headers": {name: value for name, value in answer.items() if name != "Expires"},
        "cookies": {name: sorted(morsel.items()) for name, morsel in answer.cookies.items() if name != "portal_csrf"},
        "words": [line for line in lines if "csrfmiddlewaretoken" not in line],
        "hashes": hashes.count - before,
        "statements": Counter(found[1] for found in work if found),
    }


@pytest.mark.parametrize("path", [LOGIN, RESET])
def test_nobody_learns_who_exists(path: str, hashes: Hashes) -> None:
    """Sign-in and reset for a member, nobody, one switched off, one invited: the same words, headers, and work"""
    answers = {kind: told(path, person(kind), hashes) for kind in KNOWN}
    assert answers["a member"]["hashes"] == (1 if path == LOGIN else 0)
    for kind, answer in answers.items():
        assert answer == answers["a member"], kind


def test_negative_control_the_work_that_nobody_sees(hashes: Hashes, monkeypatch: pytest.MonkeyPatch) -> None:
    """negative control: without the work done for nobody's addresses they are told apart"""
    known = {path: told(path, person("a member"), hashes) for path in (LOGIN,)}
    known[RESET] = told(RESET, "0008@portal-guess.example", hashes)
    monkeypatch.setattr(AuthenticationBackend, "_mitigate_timing_attack", lambda *said: None)
    monkeypatch.setattr(adapter, "rehearse_password_reset", lambda **said: None)
    unknown = {path: told(path, "9999@portal-guess.example", hashes) for path in (LOGIN, RESET)}
    assert unknown[LOGIN]["hashes"] < known[LOGIN]["hashes"]
    assert unknown[RESET]["statements"] != known[RESET]["statements"]
    assert unknown[RESET]["words"] == known[RESET]["words"]


def test_an_invitation_does_not_tell_who_exists(
    global_admin: Membership, client_of: ClientOf, hashes: Hashes
) -> None:
    """Inviting a member, nobody, one switched off, one invited elsewhere: answer and list of members are the same"""
    client, seen = client_of(global_admin), {}
    for kind in KNOWN:
        email, before = person(kind), hashes.count
        said = {"email": email, "name": "Whoever", "roles": ["sales_agent"], "submit_key": ""}
        answer = client.post(reverse("partners:invite"), said)
        page = client.get(reverse("partners:members")).content.decode()
        (row,) = (row for row in page.split("<tr")[1:] if email in row)
        shown = re.sub(r"[0-9a-f-]{36}", "…", row.partition("</tr>")[0].replace(email, "…"))
        seen[kind] = (answer.status_code, answer.url, hashes.count - before, shown)
    assert len(set(seen.values())) == 1, seen
    assert "Invited" in seen["nobody"][-1]


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", r"/\evil.example", "https:evil.example", "javascript:alert(1)"],
)
def test_signing_in_leads_nowhere_else(sales_agent: Membership, elsewhere: str) -> None:
    said = {"login": sales_agent.user.email, "password": PASSWORD, "next": elsewhere}
    assert Client().post(LOGIN, said).url == reverse("dashboard:home")
