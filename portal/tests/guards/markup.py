"""Reading templates without rendering them: what is text, what is code, what browsers would run."""

import re
from html.parser import HTMLParser

_TRANSLATED = re.compile(r"{%-?\s*blocktrans(?:late)?\b.*?{%-?\s*endblocktrans(?:late)?\s*-?%}", re.DOTALL)
_COMMENT = re.compile(r"{%\s*comment\b.*?{%\s*endcomment\s*%}|{#.*?#}|<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
# Attributes that a person reads or hears.
SPOKEN = frozenset({"alt", "aria-description", "aria-label", "label", "placeholder", "summary", "title"})
_WORDS = re.compile(r"[^\W\d_]{2,}")


def without_code(template: str) -> str:
    """The template without what is translated, commented out or computed."""
    for pattern in (_TRANSLATED, _COMMENT, _CODE):
        template = pattern.sub(" ", template)
    return template


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.dangers: list[str] = []
        self.open_script = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and "src" not in given:
            self.dangers.append("<script> without src: move the code into static/js")
        if tag == "style":
            self.dangers.append("<style>: move the rules into static/css")
        for name, value in attrs:
            if name == "style":
                self.dangers.append(f'style="{value}": give it a class in static/css')
            if name.startswith("on") or name.startswith("hx-on"):
                self.dangers.append(f"{name}=: listen for the event in static/js")
            if (value or "").strip().lower().startswith(("javascript:", "js:")):
                self.dangers.append(f"{name}={value}: listen for the event in static/js")
            if name in SPOKEN and _WORDS.search(value or ""):
                self.words.append(value or "")

    def handle_data(self, data: str) -> None:
        if _WORDS.search(data):
            self.words.append(" ".join(data.split()))


def _read(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader


def inline_code(template: str) -> list[str]:
    """What a Content-Security-Policy without unsafe-inline would block."""
    # Code inside a tag's attributes must not hide the tag, so only comments and computed parts go.
    return _read(_CODE.sub("x", _COMMENT.sub(" ", template))).dangers


def untranslated(template: str, *, is_html: bool) -> list[str]:
    """Words in the template that no translation covers."""
    bare = without_code(template)
    if is_html:
        return _read(bare).words
    return [line.strip() for line in bare.splitlines() if _WORDS.search(line)]
