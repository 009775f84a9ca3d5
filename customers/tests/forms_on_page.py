"""What a browser would send of a page's forms, so that tests post what people see and not what tests know."""

from html.parser import HTMLParser
from typing import Any

SKIPPED = ("submit", "button", "image", "reset", "file")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[dict[str, str]] = []
        self._select = ""
        self._is_first = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        elif not self.forms:
            return
        elif tag == "input" and said.get("name") and said.get("type", "text") not in SKIPPED:
            if said.get("type") not in ("radio", "checkbox") or "checked" in said:
                self.forms[-1][said["name"]] = said.get(
                    "value", "on" if said.get("type") in ("radio", "checkbox") else ""
                )
        elif tag == "select":
            self._select, self._is_first = said.get("name", ""), True
        elif tag == "option" and self._select and (self._is_first or "selected" in said):
            self.forms[-1][self._select] = said.get("value", "")
            self._is_first = False

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def form_of(response: Any, having: str = "version") -> dict[str, str]:
    """The answers of the page's form that has a field of this name, as they stand, without its token."""
    reader = _Reader()
    reader.feed(response.content.decode())
    form = next(form for form in reader.forms if having in form)
    return {name: value for name, value in form.items() if name != "csrfmiddlewaretoken"}
