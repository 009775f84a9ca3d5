"""portal.common.mail and portal.common.languages: what every message has in common."""

from pathlib import Path

import pytest
from django.utils import translation
from pytest_django.fixtures import Settings

from portal.common.languages import interface_language
from portal.common.mail import compose

LANGUAGES = [("en", "English"), ("pl", "Polish"), ("zh-hans", "Simplified Chinese"), ("pt-br", "Brazilian")]
PARTS = {
    "subject.txt": "{% autoescape off %}About {{ name }}{% endautoescape %}",
    "txt": "{% load i18n %}{% get_current_language as now %}{{ now }} {{ link }}",
    "html": '{% load i18n %}{% get_current_language as now %}<html lang="{{ language }}">{{ now }} {{ name }}</html>',
}


@pytest.fixture
def template(settings: Settings, tmp_path: Path) -> str:
    (tmp_path / "mail").mkdir()
    for end, text in PARTS.items():
        (tmp_path / "mail" / f"news.{end}").write_text(text)
    settings.LANGUAGES = LANGUAGES
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    return "mail/news"


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("pl-PL", "pl"),
        ("PL", "pl"),
        ("pl", "pl"),
        ("zh-Hans", "zh-hans"),
        ("zh-CN", "zh-hans"),
        ("zh-SG", "zh-hans"),
        ("zh-TW", "en"),
        ("zh-HK", "en"),
        ("nb-NO", "en"),
        ("pt-PT", "pt-br"),
        ("en-GB", "en"),
        ("de-DE", "en"),
        ("", "en"),
        ("no such language", "en"),
        ("x" * 1000, "en"),
        ("\r\npl", "en"),
    ],
)
def test_the_language_of_the_interface_that_fits_best(code: str, language: str, settings: Settings) -> None:
    settings.LANGUAGES = LANGUAGES
    assert interface_language(code) == language


def test_a_message_speaks_its_readers_language_whatever_the_worker_speaks(template: str) -> None:
    with translation.override("en"):
        message = compose(template, to="z@customer.example", path="/x/", language="pl-PL", name="Z")
        assert translation.get_language() == "en"
    assert message.body == "pl http://127.0.0.1:8000/x/"
    assert message.alternatives[0][0] == '<html lang="pl">pl Z</html>'
    assert message.message()["Content-Language"] == "pl"


def test_without_a_language_it_is_english(template: str) -> None:
    with translation.override("pl"):
        message = compose(template, to="z@customer.example", path="/x/", name="Z")
    assert (message.body[:2], message.message()["Content-Language"]) == ("en", "en")


@pytest.mark.parametrize("between", ["\n", "\r\n", "\r", "\n\n\t", "\x85", "\u2028"])
def test_a_name_does_not_begin_a_header_of_its_own(between: str, template: str) -> None:
    message = compose(template, to="z@customer.example", path="/x/", name=f"Z{between}Bcc: all@customer.example")
    assert message.subject == "About Z Bcc: all@customer.example"
    sent = message.message()
    assert (sent["To"], sent["Bcc"]) == ("z@customer.example", None)
