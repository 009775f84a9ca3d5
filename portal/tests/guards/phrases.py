"""Which words customers see, and what the catalogues of locale/ say in their place."""

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.utils.translation.template import templatize
from django.utils.translation.trans_real import to_locale

# Functions that translate -> how many of their first arguments are words.
MARKS = {"_": 1, **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop"), 1)}
MARKS |= dict.fromkeys(("ngettext", "ngettext_lazy"), 2)
_QUOTED = r"""[uU]?(?P<{0}>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
_CALL = re.compile(rf"\b(?:gettext|ngettext|_)\(\s*{_QUOTED.format('one')}(?:\s*,\s*{_QUOTED.format('many')})?")
# What stands for a value: %(name)s, {name} and the percent sign itself.
_PLACE = re.compile(r"%(?:\(\w+\))?[sd]|%%|{\w*}")


@dataclass(frozen=True)
class Phrase:
    """plural: "" where there is none."""

    text: str
    plural: str = ""


def phrases_of(path: Path) -> set[Phrase]:
    """Every phrase that the file marks for translation. path: a Python module or a template."""
    source = path.read_text()
    return set(_in_python(ast.parse(source))) if path.suffix == ".py" else phrases_in(source)


def _in_python(tree: ast.Module) -> Iterator[Phrase]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        words = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        count = MARKS.get(getattr(node.func, "id", getattr(node.func, "attr", "")), 0)
        if count and len(words) >= count:
            yield Phrase(*words[:count])


def phrases_in(template: str) -> set[Phrase]:
    """As xgettext sees it, so that what Django writes down and what it looks up are the same."""
    calls = _CALL.finditer(templatize(template))
    return {Phrase(*(ast.literal_eval(words) for words in (call["one"], call["many"]) if words)) for call in calls}


def catalogue_folder(root: Path, language: str) -> Path:
    return root / "locale" / to_locale(language) / "LC_MESSAGES"


def catalogue(root: Path, language: str) -> polib.POFile:
    return polib.pofile(str(catalogue_folder(root, language) / "django.po"))


def complaints_about(wanted: set[Phrase], found: polib.POFile) -> list[str]:
    """Where a catalogue does not say what it should: phrases that are missing, fuzzy, or told with other values."""
    entries = {Phrase(entry.msgid, entry.msgid_plural): entry for entry in found if not entry.obsolete}
    count = int((re.search(r"nplurals=(\d)", found.metadata.get("Plural-Forms", "")) or ["", "0"])[1])
    complaints = []
    for phrase in sorted(wanted, key=lambda each: each.text):
        entry = entries.get(phrase)
        said = _said(entry) if entry is not None else []
        if entry is None or not all(said) or len(said) != (count if phrase.plural else 1):
            complaints.append(f"translate {phrase.text!r}")
        elif entry.fuzzy:
            complaints.append(f"look at {phrase.text!r} again: its English changed; then take the word fuzzy away")
        elif any(not _places(phrase.text) <= _places(words) <= _allowed(phrase) for words in said[-1:]):
            complaints.append(f"keep the values of {phrase.text!r}")
        elif any(not _places(words) <= _allowed(phrase) for words in said):
            complaints.append(f"there is no such value in {phrase.text!r}")
    complaints += [f"nobody says {phrase.text!r}: run `make messages`" for phrase in entries if phrase not in wanted]
    return complaints


def _said(entry: polib.POEntry) -> list[str]:
    return [entry.msgstr_plural[at] for at in sorted(entry.msgstr_plural)] if entry.msgid_plural else [entry.msgstr]


def _places(words: str) -> set[str]:
    return set(_PLACE.findall(words))


def _allowed(phrase: Phrase) -> set[str]:
    return _places(phrase.text) | _places(phrase.plural)


def differences_when_compiled(folder: Path) -> list[str]:
    """Where django.mo does not say what django.po says."""
    with (folder / "django.mo").open("rb") as file:
        compiled = {key: words for key, words in gettext.GNUTranslations(file)._catalog.items() if key}
    written: dict[object, str] = {}
    for entry in polib.pofile(str(folder / "django.po")).translated_entries():
        if entry.msgid_plural:
            written |= {(entry.msgid, at): words for at, words in entry.msgstr_plural.items()}
        else:
            written[entry.msgid] = entry.msgstr
    return [str(key) for key in sorted({*compiled, *written}, key=str) if compiled.get(key) != written.get(key)]
