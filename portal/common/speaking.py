"""Which language a page speaks: customers' pages the one of their reader, agents' pages English."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

from portal.common.languages import interface_language

# Where customers answer, and where everybody signs in.
CUSTOMERS_PAGES = ("/accept/", "/receipt/", "/hosted/")
SIGN_IN_PAGES = ("/accounts/", "/settings/password/")
SESSION_KEY = "language"


class SpeakingMiddleware(LocaleMiddleware):
    """Django's, except that only the pages that customers see are offered in every language of the interface."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A thread that answered in Polish goes back to English.
        with translation.override(settings.LANGUAGE_CODE):
            response: HttpResponse = super().__call__(request)
            return response

    def process_request(self, request: HttpRequest) -> None:
        _speak(request, is_chosen=request.path_info.startswith((*CUSTOMERS_PAGES, *SIGN_IN_PAGES)))

    def process_view(self, request: HttpRequest, view: Callable[..., Any], *args: Any) -> None:
        """Who is signed in and works for no partner is a customer, wherever they got to; all others know English."""
        if request.user.is_authenticated:
            works_here = getattr(request, "membership", None) is not None or getattr(request.user, "is_staff", False)
            _speak(request, is_chosen=not works_here or request.path_info.startswith(CUSTOMERS_PAGES))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if offers_languages(request):
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", translation.get_language())
        return response


def _speak(request: HttpRequest, *, is_chosen: bool) -> None:
    translation.activate(language_of(request) if is_chosen else settings.LANGUAGE_CODE)
    request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]  # as Django's own middleware
    request.offers_languages = is_chosen  # type: ignore[attr-defined]  # the house's own attribute


def offers_languages(request: HttpRequest) -> bool:
    """Whether the page asked for exists in every language of the interface."""
    return bool(getattr(request, "offers_languages", False))


def language_of(request: HttpRequest) -> str:
    """What the person chose, else the language of the link that it came by, else what its browser asks for."""
    known = dict(settings.LANGUAGES)
    if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) not in known:
        first = request.session.get(SESSION_KEY)
        if first in known:
            return str(first)
    return translation.get_language_from_request(request)


def speak_first(request: HttpRequest, locale: str) -> None:
    """Speak to who came by this link as its message did, unless the person chose, or chooses, another language.

    locale: of the message, such as "pl-PL". Counts from the next page on.
    """
    request.session[SESSION_KEY] = interface_language(locale)


@dataclass(frozen=True)
class LanguageChoice:
    """name: of the language, in its own words."""

    code: str
    name: str
    is_current: bool


def language_choices(request: HttpRequest) -> list[LanguageChoice]:
    """The languages to choose from on this page; none where it speaks one only, or where it answers a form.

    A form that was refused holds what a person typed, and another language would begin it anew.
    """
    if not offers_languages(request) or request.method not in ("GET", "HEAD"):
        return []
    current = translation.get_language()
    return [LanguageChoice(code, str(name), code == current) for code, name in settings.LANGUAGES]
