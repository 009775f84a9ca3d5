"""What customers see is said in every language of the interface, and what is compiled is what is written."""

import re
from pathlib import Path

import polib
import pytest
from django.conf import settings

from portal.common.management.commands.makemessages import sources
from portal.tests.guards.helpers import ROOT, report, templates
from portal.tests.guards.phrases import (
    Phrase,
    catalogue,
    catalogue_folder,
    complaints_about,
    differences_when_compiled,
    phrases_in,
    phrases_of,
)

_PART = re.compile(r"{%\s*(?:include|extends)\s+['\"]([^'\"]+)['\"]")
TRANSLATED = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def wanted() -> set[Phrase]:
    return {phrase for paths in sources(ROOT).values() for path in paths for phrase in phrases_of(path)}


def test_every_line_of_the_list_names_a_file() -> None:
    stale = [line for line, paths in sources(ROOT).items() if not paths]
    assert not stale, report([f"locale/SOURCES: {line} names nothing any more; take it off" for line in stale])


@pytest.mark.parametrize("language", TRANSLATED)
def test_everything_that_customers_see_is_translated(language: str) -> None:
    """Run `make messages`, translate what is new in locale/, run it again."""
    complaints = complaints_about(wanted(), catalogue(ROOT, language))
    assert not complaints, report([f"{language}: {complaint}" for complaint in complaints])


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    """Run `make messages` after a change of a .po, and commit both."""
    different = differences_when_compiled(catalogue_folder(ROOT, language))
    assert not different, report(
        [f"{language}: {words!r} is compiled otherwise: run `make messages`" for words in different]
    )


def left_out(found: dict[str, str], listed: set[str]) -> list[str]:
    """Templates that a listed one draws, which say something and are not on the list. found: name -> text."""
    drawn = {
        (name, part)
        for name in listed
        for part in _PART.findall(found.get(name, ""))
        if part not in listed and phrases_in(found.get(part, ""))
    }
    return [f"{name} draws {part}: add templates/{part} to locale/SOURCES" for name, part in sorted(drawn)]


def test_what_customers_pages_are_made_of_is_translated_too() -> None:
    folder = ROOT / "templates"
    files = [path for paths in sources(ROOT).values() for path in paths if path.is_relative_to(folder)]
    complaints = left_out(templates(), {str(path.relative_to(folder)) for path in files})
    assert not complaints, report(complaints)


def test_the_guard_finds_what_is_left_out() -> None:
    found = {"page.html": '{% include "part.html" %}', "part.html": "{% load i18n %}{% translate 'A' %}"}
    assert left_out(found, {"page.html"})
    assert left_out(found, {"page.html", "part.html"}) == []
    assert left_out({**found, "part.html": "{{ word }}"}, {"page.html"}) == []


def po(*entries: polib.POEntry) -> polib.POFile:
    found = polib.POFile()
    found.metadata = {"Plural-Forms": "nplurals=2; plural=(n != 1);", "Content-Type": "text/plain; charset=UTF-8"}
    found.extend(entries)
    return found


ONE = Phrase("Read %(name)s")
MANY = Phrase("%(n)d day", "%(n)d days")


@pytest.mark.parametrize(
    ("phrase", "entry"),
    [
        (ONE, polib.POEntry(msgid="Read it", msgstr="Läs det")),
        (ONE, polib.POEntry(msgid=ONE.text, msgstr="")),
        (ONE, polib.POEntry(msgid=ONE.text, msgstr="Läs %(name)s", flags=["fuzzy"])),
        (ONE, polib.POEntry(msgid=ONE.text, msgstr="Läs")),
        (ONE, polib.POEntry(msgid=ONE.text, msgstr="Läs %(namn)s")),
        (ONE, polib.POEntry(msgid=ONE.text, msgstr="Läs %(name)s", obsolete=True)),
        (MANY, polib.POEntry(msgid=MANY.text, msgid_plural=MANY.plural, msgstr_plural={0: "%(n)d dag"})),
        (MANY, polib.POEntry(msgid=MANY.text, msgid_plural=MANY.plural, msgstr_plural={0: "%(n)d dag", 1: ""})),
        (MANY, polib.POEntry(msgid=MANY.text, msgid_plural=MANY.plural, msgstr_plural={0: "en dag", 1: "dagar"})),
    ],
)
def test_the_guard_complains(phrase: Phrase, entry: polib.POEntry) -> None:
    assert complaints_about({phrase}, po(entry))


def test_the_guard_complains_about_what_nobody_says() -> None:
    (complaint,) = complaints_about(set(), po(polib.POEntry(msgid="Gone", msgstr="Borta")))
    assert "nobody says 'Gone'" in complaint


def test_the_guard_knows_what_is_fine() -> None:
    one = polib.POEntry(msgid=ONE.text, msgstr="Läs %(name)s")
    many = polib.POEntry(msgid=MANY.text, msgid_plural=MANY.plural, msgstr_plural={0: "en dag", 1: "%(n)d dagar"})
    assert complaints_about({ONE, MANY}, po(one, many)) == []


def test_the_guard_finds_what_python_marks(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("_('A ' 'B')\ngettext_lazy('C')\nngettext('%(n)d D', '%(n)d Ds', n)\nlog('E')\n_(name)\n")
    assert phrases_of(module) == {Phrase("A B"), Phrase("C"), Phrase("%(n)d D", "%(n)d Ds")}


def test_the_guard_finds_what_templates_mark(tmp_path: Path) -> None:
    template = tmp_path / "page.html"
    template.write_text(
        """{% load i18n %}<a title='{% translate "It's" %}'>{{ name|default:_("None") }} {% translate "A" as b %}
        {% blocktranslate trimmed with n=x.n %}
            Hello {{ n }},
            100%
        {% endblocktranslate %}
        {% blocktranslate count n=x %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %} Bye"""
    )
    assert phrases_of(template) == {
        Phrase("It's"),
        Phrase("None"),
        Phrase("A"),
        Phrase("Hello %(n)s, 100%%"),
        Phrase("%(n)s day", "%(n)s days"),
    }


def test_the_guard_complains_about_a_stale_compilation(tmp_path: Path) -> None:
    written = po(polib.POEntry(msgid="A", msgstr="a"), polib.POEntry(msgid="B", msgstr="b"))
    written.save_as_mofile(str(tmp_path / "django.mo"))
    written.save(str(tmp_path / "django.po"))
    assert differences_when_compiled(tmp_path) == []
    written[1].msgstr = "c"
    written.save(str(tmp_path / "django.po"))
    assert differences_when_compiled(tmp_path) == ["B"]
