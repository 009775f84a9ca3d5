"""The forms of a page as somebody finds them who wants to send them: every field, and what it could hold."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

BAIT = "kanarek"
BUTTONS = ("button", "submit")
# Bait wherever something can be looked for.
SAMPLES = {
    "search": BAIT,
    "text": "Sample",
    "textarea": "Sample",
    "email": "a@customer.example",
    "date": "2026-01-15",
    "number": "3",
}
FREE = ("text", "textarea", "email", "tel", "url", "number", "date", "password", "search")


@dataclass
class Field:
    """value: what the page would send, None for nothing (a box without its tick); offered: what could be chosen."""

    kind: str
    value: str | None
    offered: str = ""

    @property
    def answer(self) -> str:
        """What stands there, else something that the field may take: forms are to get as far as they can."""
        return self.value or self.offered or SAMPLES.get(self.kind, "")


@dataclass
class Form:
    path: str
    method: str = "get"
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def filled(self) -> dict[str, str]:
        """What a browser would send after somebody filled in the rest and pressed the first button."""
        pressed = next((name for name, one in self.fields.items() if one.kind in BUTTONS), "")
        return {name: one.answer for name, one in self.fields.items() if one.kind not in BUTTONS or name == pressed}

    @property
    def key(self) -> tuple[str, str, frozenset[str]]:
        """Forms of the same page with the same fields are one: only what stands in them differs."""
        return view_name(self.path), self.method, frozenset(self.fields)


class Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path, self.forms, self.links = path, [Form(path)], list[str]()
        self._select, self._by_id = "", dict[str, Form]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        # Rows of a list may belong to a form that stands elsewhere on the page.
        of = self._by_id.setdefault(said["form"], Form(self.path)) if "form" in said else self.forms[-1]
        name, fields = said.get("name", ""), of.fields
        if tag == "form":
            form = self._by_id.setdefault(said["id"], Form(self.path)) if "id" in said else Form(self.path)
            form.path, form.method = said.get("action") or self.path, said.get("method", "get").lower()
            self.forms.append(form)
        elif tag == "a":
            self.links.append(said.get("href", ""))
        elif tag == "select" and name:
            self._select = name
            fields[name] = Field("select", None)
        elif tag == "option" and self._select:
            fields[self._select].offered = fields[self._select].offered or said.get("value", "")
            if "selected" in said:
                fields[self._select].value = said.get("value", "")
        elif tag in ("input", "textarea", "button") and name and name != "csrfmiddlewaretoken":
            self._input(fields, name, said.get("type", "text") if tag == "input" else tag, said)

    def _input(self, fields: dict[str, Field], name: str, kind: str, said: dict[str, str]) -> None:
        value = said.get("value", "on" if kind == "checkbox" else "")
        one = fields.setdefault(name, Field(kind, None, value))
        if kind not in ("radio", "checkbox", *BUTTONS, "file") or "checked" in said:
            one.value = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def view_name(path: str) -> str:
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return ""
