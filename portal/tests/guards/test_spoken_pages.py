"""Sign-in, passwords and errors are drawn in every language, and nothing in them stays English.

The customer's own pages and its messages: test_spoken_answers.py.
"""

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from customers.models import CustomerUser
from customers.tests.factories import TenantFactory
from portal.partners import mail
from portal.partners.models import User
from portal.partners.tests.factories import PASSWORD, UserFactory
from portal.tests.guards.helpers import report
from portal.tests.guards.listening import TRANSLATED, browser, heard, words_left_in_english

pytestmark = pytest.mark.parametrize("language", TRANSLATED)


@pytest.fixture
def administrator(db: None) -> User:
    """Of a customer, with the password that the partner passed on."""
    user = UserFactory(must_change_password=True)
    CustomerUser.objects.create(tenant=TenantFactory(), user=user, is_admin=True)
    return user


def test_signing_in(language: str, administrator: User) -> None:
    ask = browser(language)
    with words_left_in_english() as left:
        heard(language, ask.get("/accounts/login/"), ask.post("/accounts/login/", {}))
        heard(language, ask.post("/accounts/login/", {"login": administrator.email, "password": "wrong"}))
        for path in ("password/reset/", "password/reset/done/", "password/reset/key/done/", "inactive/", "signup/"):
            heard(language, ask.get(f"/accounts/{path}"))
        heard(language, ask.post("/accounts/password/reset/", {"email": "x"}), ask.get("/accounts/nowhere/"))
        heard(language, ask.get("/accounts/password/reset/key/1-wrong/"))
        ask.post("/accounts/login/", {"login": administrator.email, "password": PASSWORD})
        heard(language, ask.get("/accounts/password/change/"), ask.post("/accounts/password/change/", {}))
        short = {"oldpassword": PASSWORD, "password1": "123", "password2": "1234"}
        heard(language, ask.post("/accounts/password/change/", short), ask.get("/accounts/logout/"))
    assert not left, report(sorted(left))


def test_choosing_a_password(language: str, administrator: User) -> None:
    ask, token = browser(language), default_token_generator.make_token(administrator)
    path = f"/settings/password/{administrator.public_id}/"
    with words_left_in_english() as left:
        heard(language, ask.get(f"{path}wrong/"), ask.get(f"{path}{token}/", follow=True))
        heard(language, ask.post(f"{path}choose/", {}))
        heard(language, ask.post(f"{path}choose/", {"password1": "short", "password2": "other"}))
        heard(language, ask.post(f"{path}choose/", {"password1": administrator.email, "password2": "x"}))
        heard(language, ask.post(f"{path}choose/", dict.fromkeys(("password1", "password2"), "A-new-1"), follow=True))
    assert not left, report(sorted(left))


def test_refusals_and_accidents(language: str, administrator: User) -> None:
    strict = browser(language, enforce_csrf_checks=True)
    with words_left_in_english() as left:
        heard(language, strict.post("/accounts/login/", {"login": "x"}, headers={"origin": "http://testserver"}))
        for name in ("400.html", "404.html", "429.html", "500.html", "503.html"):
            request = RequestFactory().get("/accounts/login/")
            with translation.override(language):
                render_to_string(name, {"reason": "x"}, request=request)
        for name in ("session_ended.html", "signed_in_again.html"):
            with translation.override(language):
                fields = [("reason", "x")]
                context = {"kept": fields, "typed": fields, "has_files": True, "action": "/accept/"}
                render_to_string(name, context, request=request)
        ask = browser(language)
        ask.post("/accounts/login/", {"login": administrator.email, "password": PASSWORD})
        User.objects.update(must_change_password=False)
        heard(language, ask.get("/customers/"))
        CustomerUser.objects.all().delete()
        heard(language, ask.get("/"))
    assert not left, report(sorted(left))


def test_messages_about_passwords(language: str, administrator: User) -> None:
    with words_left_in_english() as left:
        message = mail.password_reset(administrator, language)
    assert not left, report(sorted(left))
    assert f'<html lang="{language}">' in message.alternatives[0][0]
