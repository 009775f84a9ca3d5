"""Asks for pages in a language, and listens to what is looked up in its catalogues while they are drawn."""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation.trans_real import DjangoTranslation
from django_countries import countries

TRANSLATED = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def browser(language: str, **kwargs: Any) -> Client:
    """A browser that asks for this language."""
    return Client(headers={"accept-language": language}, **kwargs)


def heard(language: str, *pages: Any) -> None:
    """Each page is there, and speaks the language."""
    for page in pages:
        assert page.status_code < 500
        assert page["Content-Language"] == language
        assert not page.content or f'<html lang="{language}">' in page.content.decode()


@contextmanager
def words_left_in_english() -> Iterator[set[str]]:
    """What was said in another language than English, and is found in no catalogue of it: the portal's or a
    package's. Countries are no matter: what a new name lacks, its package says by the old one.
    """
    left: set[str] = set()
    with translation.override(settings.LANGUAGE_CODE):
        named = {str(name) for name in dict(countries).values()}

    def one(self: Any, text: str) -> str:
        if not self.language().startswith("en") and text not in self._catalog and text not in named:
            left.add(text)
        return gettext.GNUTranslations.gettext(self, text)

    def many(self: Any, text: str, plural: str, count: int) -> str:
        try:
            return str(self._catalog.plural(text, count))
        except KeyError:
            left.add(text)
            return plural

    with mock.patch.object(DjangoTranslation, "gettext", one), mock.patch.object(DjangoTranslation, "ngettext", many):
        yield left
