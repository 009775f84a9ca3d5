"""Documents as PDF, laid out by Typst from a template of the house. What people typed is data there, never markup."""

import json
import re
from collections.abc import Mapping, Set
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import typst

# Before all others, those of them that this machine has; Typst brings the first along.
FAMILIES = ("Libertinus Serif", "Droid Sans Fallback", "Noto Sans CJK SC")
# Accessible PDF. Typst refuses a text that no font has, so nothing is ever shown as an empty box.
STANDARD = "ua-1"
MOST_ROUNDS = 10
# What turns the letters after it round, so that a page would show another text than the one that is there.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MISSING = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-f]+)\}|(.))")
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
_ANY_TEXT = b"#set document(title: sys.inputs.text)\n#sys.inputs.text"


class NotTypeset(Exception):
    """A document could not be laid out. Says nothing of its data."""


def typeset(template: Path, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """The PDF of a template with this data, which it reads as JSON from `sys.inputs.data`.

    Beside its own the template gets `fonts`, families in order, `made`, the parts of `at`, and `is_escaped`: whether
    letters that no font has are written as their code points, such as [U+5F20]. The same data and moment make the
    same bytes. Raises NotTypeset.
    """
    markup = template.read_bytes()
    made = {part: getattr(at, part) for part in ("year", "month", "day", "hour", "minute", "second")}
    plain = _escaped(dict(data), TURNING)
    shown: dict[str, Any] = {**plain, "fonts": _families(), "made": made, "is_escaped": plain != data}
    for _round in range(MOST_ROUNDS):
        try:
            return _compile(markup, shown)
        except typst.TypstError as refused:
            missing = _missing(refused)
        if not missing:
            break
        shown = {**_escaped(shown, missing), "is_escaped": True}
    raise NotTypeset(f"{template.name} could not be laid out.") from None


@lru_cache(maxsize=64)
def can_show(text: str) -> bool:
    """Whether this machine has fonts for every letter of a text."""
    try:
        _compiled(_ANY_TEXT, {"text": text})
    except typst.TypstError:
        return False
    return True


@cache
def _fonts() -> typst.Fonts:
    """Looked for once in each process, as that takes much longer than laying out a page."""
    return typst.Fonts()


def _families() -> list[str]:
    known = set(_fonts().families())
    return [family for family in FAMILIES if family in known]


def _compile(markup: bytes, data: Mapping[str, Any]) -> bytes:
    return _compiled(markup, {"data": json.dumps(data, ensure_ascii=False)})


def _compiled(markup: bytes, inputs: dict[str, str]) -> bytes:
    compiler = typst.Compiler(input=markup, font_paths=_fonts(), sys_inputs=inputs)
    document = compiler.compile(format="pdf", pdf_standards=[STANDARD])
    if not isinstance(document, bytes):
        raise NotTypeset("A PDF is one file.")
    return document


def _missing(refused: typst.TypstError) -> set[str]:
    """The letters that no font has, of all that the compiler complains about; none where it is something else."""
    texts = (_ESCAPE.sub(_unescaped, found) for found in _MISSING.findall(str(refused.diagnostic)))
    letters = {letter for text in texts for letter in text}
    return {letter for letter in letters if not letter.isascii() or not letter.isprintable()}


def _unescaped(found: re.Match[str]) -> str:
    code, letter = found.groups()
    return chr(int(code, 16)) if code else _SHORT.get(letter, letter)


def _escaped(value: Any, missing: Set[str]) -> Any:
    """The same data with the letters that are missing written as their code points."""
    if isinstance(value, str):
        return "".join(f"[U+{ord(letter):04X}]" if letter in missing else letter for letter in value)
    if isinstance(value, dict):
        return {name: _escaped(each, missing) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_escaped(each, missing) for each in value)
    return value
