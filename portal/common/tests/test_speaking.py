"""portal.common.speaking: customers' pages in their reader's language, agents' pages in English."""

import re
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.sessions.backends.cache import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from portal.common.speaking import SpeakingMiddleware, language_choices, speak_first
from portal.common.templatetags.portal_tags import date_tag
from portal.partners.models import Membership
from portal.partners.tests.factories import PASSWORD, UserFactory

SIGN_IN = "/accounts/login/"
CHINESE_BROWSER = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}
POLISH_BROWSER = {"accept-language": "pl-PL,pl;q=0.9,en-US;q=0.8"}
Sign = Callable[[Membership], Client]


def lang(response: HttpResponse) -> str:
    """Of the page, as it says in its header and in its html element."""
    found = re.search(r'<html lang="([^"]+)"', response.content.decode())
    assert found is not None
    assert response["Content-Language"] == found[1]
    return found[1]


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("", "en"),
        ("pl-PL,pl;q=0.9,en;q=0.8", "pl"),
        ("nl-BE", "nl"),
        ("sv", "sv"),
        ("zh-CN,zh;q=0.9", "zh-hans"),
        ("de-DE,de;q=0.9,nl;q=0.5", "nl"),
        ("de-DE", "en"),
        (";;q=x,,*;q=9", "en"),
        ("x" * 600, "en"),
    ],
)
def test_the_sign_in_page_speaks_what_the_browser_asks_for(db: None, client: Client, asked: str, spoken: str) -> None:
    assert lang(client.get(SIGN_IN, headers={"accept-language": asked})) == spoken


def test_agents_pages_speak_english_whatever_is_asked_for(sales_agent: Membership, client_of: Sign) -> None:
    client = client_of(sales_agent)
    client.post("/language/", {"language": "pl"})
    for path in ("/customers/", "/nowhere/"):
        response = client.get(path, headers=POLISH_BROWSER)
        assert lang(response) == "en"
        assert "language-choice" not in response.content.decode()


def test_a_choice_counts_more_than_the_browser_and_leads_back(db: None, client: Client) -> None:
    response = client.post("/language/", {"language": "nl", "next": f"{SIGN_IN}?next=/accept/"})
    assert response["Location"] == f"{SIGN_IN}?next=/accept/"
    page = client.get(SIGN_IN, headers=POLISH_BROWSER)
    assert lang(page) == "nl"
    assert 'value="nl" lang="nl" aria-current="true"' in page.content.decode()
    cookie = client.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["max-age"] > 0


def test_a_choice_leads_to_no_other_site(db: None, client: Client) -> None:
    response = client.post("/language/", {"language": "nl", "next": "https://elsewhere.example/"})
    assert response["Location"] == "/"


@pytest.mark.parametrize("language", ["de", "tlh", "", "../pl", "x" * 500])
def test_what_is_no_language_of_the_interface_changes_nothing(db: None, client: Client, language: str) -> None:
    client.post("/language/", {"language": language, "next": SIGN_IN})
    assert lang(client.get(SIGN_IN, headers=POLISH_BROWSER)) == "pl"


def test_a_choice_needs_a_form_of_ours(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/language/", {"language": "pl"}, headers=POLISH_BROWSER)
    assert response.status_code == 403
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies
    assert client.get("/language/").status_code == 405


def test_the_chooser_keeps_what_the_page_shows(db: None, client: Client) -> None:
    page = client.get(f"{SIGN_IN}?next=/accept/%3Fa=1", headers=CHINESE_BROWSER).content.decode()
    assert f'name="next" value="{SIGN_IN}?next=/accept/%3Fa=1"' in page
    assert [*re.findall(r'name="language" value="([^"]+)"', page)] == ["en", "nl", "pl", "sv", "zh-hans"]


def test_a_form_that_was_refused_offers_no_language_that_would_lose_what_was_typed(db: None, client: Client) -> None:
    page = client.post(SIGN_IN, {"login": "z@customer.example", "password": "x"}, headers=POLISH_BROWSER)
    assert lang(page) == "pl"
    assert "z@customer.example" in page.content.decode()
    assert "language-choice" not in page.content.decode()


def test_answers_say_what_they_depend_on(sales_agent: Membership, client_of: Sign, client: Client) -> None:
    offered = client.get(SIGN_IN)["Vary"]
    assert "Accept-Language" in offered
    assert "Cookie" in offered
    assert "Accept-Language" not in client_of(sales_agent).get("/customers/").get("Vary", "")


def test_errors_of_customers_pages_speak_like_them(db: None, client: Client) -> None:
    response = client.get("/accounts/nowhere/", headers=POLISH_BROWSER)
    assert (response.status_code, lang(response)) == (404, "pl")


def test_who_works_for_no_partner_is_spoken_to_everywhere(db: None, client: Client) -> None:
    """A customer's administrator, on a page of the agents."""
    user = UserFactory()
    client.post(SIGN_IN, {"login": user.email, "password": PASSWORD})
    response = client.get("/customers/", headers=POLISH_BROWSER)
    assert (response.status_code, lang(response)) == (403, "pl")


def test_members_sign_in_in_polish_and_work_in_english(sales_agent: Membership, client: Client) -> None:
    assert lang(client.get(SIGN_IN, headers=POLISH_BROWSER)) == "pl"
    known = {"login": sales_agent.user.email, "password": PASSWORD}
    home = client.post(SIGN_IN, known, headers=POLISH_BROWSER, follow=True)
    assert lang(home) == "en"
    assert "Zalogowano" not in home.content.decode()
    assert lang(client.get("/accounts/password/change/", headers=POLISH_BROWSER)) == "en"
    assert lang(client.get("/accept/", headers=POLISH_BROWSER)) == "pl"


def test_a_thread_goes_back_to_english(db: None, client: Client) -> None:
    assert lang(client.get(SIGN_IN, headers=POLISH_BROWSER)) == "pl"
    assert translation.get_language() == "en"


def request_of(path: str, **cookies: str) -> HttpRequest:
    request = RequestFactory(headers=POLISH_BROWSER).get(path)
    request.session, request.COOKIES = SessionStore(), dict(cookies)
    request.user = SimpleNamespace(is_authenticated=False)
    return request


def spoken_to(request: HttpRequest) -> str:
    return str(SpeakingMiddleware(lambda _: HttpResponse())(request)["Content-Language"])


@pytest.mark.parametrize(("locale", "spoken"), [("sv-SE", "sv"), ("zh-Hans", "zh-hans"), ("de-DE", "en")])
def test_a_link_goes_on_in_the_language_of_its_message(locale: str, spoken: str) -> None:
    request = request_of("/accept/")
    speak_first(request, locale)
    assert spoken_to(request) == spoken


def test_a_choice_counts_more_than_the_links_language() -> None:
    request = request_of("/accept/", **{settings.LANGUAGE_COOKIE_NAME: "nl"})
    speak_first(request, "sv-SE")
    assert spoken_to(request) == "nl"


def test_a_language_that_is_gone_is_not_spoken() -> None:
    request = request_of("/accept/", **{settings.LANGUAGE_COOKIE_NAME: "tlh"})
    request.session["language"] = "tlh"
    assert spoken_to(request) == "pl"


def test_dates_are_told_as_the_reader_tells_them() -> None:
    told = {}
    for language in ("en", "pl", "zh-hans"):
        with translation.override(language):
            told[language] = re.sub("<[^>]+>", "", date_tag(date(2026, 11, 21)))
    assert told == {"en": "Nov. 21, 2026", "pl": "21 listopada 2026", "zh-hans": "2026年11月21日"}


def test_a_page_drawn_outside_of_a_request_for_it_offers_nothing() -> None:
    assert language_choices(HttpRequest()) == []
