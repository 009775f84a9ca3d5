"""What somebody typed while their session was lost: kept on the server until the same person has signed in again.

Every form of a signed-in person says in `typed_by` whose words it carries (see templatetags/typed_by.py), sealed,
so that nobody is handed what somebody else typed in the same browser.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from portal.common.sealed import seal, unseal

# What a form may carry back to the person who typed it; secrets are never echoed.
NEVER_ECHOED = ("csrfmiddlewaretoken", "password", "password1", "password2", "oldpassword")
# What forms carry for the portal's own use: it travels again, but nobody typed it.
TECHNICAL = (
    *("partner", "switch_partner", "submit_key", "draft_key", "version", "reviewed", "next", "typed_by", "action"),
    *("draft_version", "draft_window", "draft_turn", "seen_version", "continue", "show", "remove"),
    "files_lost",
)
# A row's key in the name of its field, and what a choice of rows sends: for the portal only.
_KEY = re.compile(r"-?\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
# The field of a product in the catalog: its name, and what the product is known by.
_OF_PRODUCT = re.compile(r"(?P<field>[a-z]+)-(?P<code>[A-Z0-9]+-[A-Z0-9]+)")
# What an autosave says it is.
AUTOSAVE_HEADER = "X-Autosave"
FIELD = "typed_by"
# Says of a form that is kept or comes back that files had come along.
LOST_FILES = "files_lost"
PURPOSE = "typed by"
SESSION_KEY = "kept_forms"
# What tells two forms of one address apart: two windows, each with a new customer.
OWN_TO_A_FORM = ("draft_key", "draft_window", "submit_key")
MOST_BYTES = 100 * 1024
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class KeptForm:
    """fields: pairs of name and value as they were sent; has_files: files came along, which are not kept."""

    path: str
    fields: list[tuple[str, str]]
    has_files: bool

    @property
    def values(self) -> dict[str, str]:
        """Name -> the last value sent under it."""
        return dict(self.fields)


def mark_of(user: Any) -> str:
    """What a form of this person carries in `typed_by`."""
    return seal(str(user.pk), purpose=PURPOSE)


def typist_of(request: HttpRequest) -> str | None:
    """The primary key, as text, of whoever typed the form that was sent; None when it does not say."""
    return unseal(request.POST.get(FIELD, ""), purpose=PURPOSE)


def is_of_another_person(request: HttpRequest) -> bool:
    """Whether the form that was sent says that somebody else than the signed-in person typed it."""
    by, user = typist_of(request), getattr(request, "user", None)
    return by is not None and user is not None and user.is_authenticated and by != str(user.pk)


def fields_of(request: HttpRequest) -> list[tuple[str, str]]:
    """Pairs of name and value of the form that was sent, for a page that sends it again: without its token and
    secrets, and without the mark of a signed-in person, which that page has anew.
    """
    user = getattr(request, "user", None)
    left_out = (*NEVER_ECHOED, FIELD) if user is not None and user.is_authenticated else NEVER_ECHOED
    typed = [(name, value) for name, values in request.POST.lists() if name not in left_out for value in values]
    return [*typed, (LOST_FILES, "1")] if request.FILES else typed


def keep_form(request: HttpRequest) -> bool:
    """Keep the form that nobody sent, for its typist. False, and nothing is kept, when it does not say who that
    is, asks for a password, is too large together with what is kept already, or would take the place of another
    form of the same address.
    """
    by = typist_of(request)
    if by is None or any(name in NEVER_ECHOED for name in request.POST if name != "csrfmiddlewaretoken"):
        return False
    store = request.session.get(SESSION_KEY)
    forms = dict(store["forms"]) if store and store["by"] == by else {}
    fields = [(name, value) for name, value in fields_of(request) if name != FIELD]
    if request.path in forms and _own(forms[request.path]["fields"]) != _own(fields):
        return False
    forms[request.path] = {"fields": fields, "has_files": bool(request.FILES)}
    kept = [
        text for path, form in forms.items() for text in (path, *(part for pair in form["fields"] for part in pair))
    ]
    if sum(len(text.encode()) for text in kept) > MOST_BYTES:
        return False
    request.session[SESSION_KEY] = {"by": by, "forms": forms}
    return True


def _own(fields: Iterable[Sequence[str]]) -> set[tuple[str, ...]]:
    return {tuple(pair) for pair in fields if pair[0] in OWN_TO_A_FORM}


def kept_form(request: HttpRequest) -> KeptForm | None:
    """What the signed-in person had typed at this path. What was another person's is thrown away on sight."""
    store = request.session.get(SESSION_KEY)
    if store is None:
        return None
    if store["by"] != str(request.user.pk):
        del request.session[SESSION_KEY]
        return None
    found = store["forms"].get(request.path)
    if found is None:
        return None
    return KeptForm(request.path, [(name, value) for name, value in found["fields"]], found["has_files"])


def forget_form(request: HttpRequest) -> None:
    """It was used, or is not wanted."""
    store = request.session.get(SESSION_KEY)
    if store is None:
        return
    forms = {path: form for path, form in store["forms"].items() if path != request.path}
    if forms:
        request.session[SESSION_KEY] = {**store, "forms": forms}
    else:
        del request.session[SESSION_KEY]


def shows_kept_form(view: View) -> View:
    """The view puts a kept form back into its own page; everywhere else a page asks to send it."""
    view.shows_kept_form = True  # type: ignore[attr-defined]  # read by is_shown_by
    return view


def shown(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a person typed, for reading: the last word of each field's name, and its value."""
    return [
        (_label(name), value)
        for name, value in fields
        if value and name not in TECHNICAL and not name.startswith("initial-") and not _is_keys(value)
    ]


def _is_keys(value: str) -> bool:
    return all(_KEY.fullmatch(part) for part in value.split(","))


def _label(name: str) -> str:
    name = _KEY.sub("", name)
    if product := _OF_PRODUCT.fullmatch(name):
        return f"{product['field'].capitalize()} {product['code']}"
    return name.rsplit("-", 1)[-1].replace("_", " ").capitalize()


def signed_in_again(request: HttpRequest, form: KeptForm) -> HttpResponse:
    """One button sends the form as it was."""
    context = {
        "kept": form.fields,
        "typed": shown(form.fields),
        "has_files": form.has_files,
        "action": request.get_full_path(),
    }
    return render(request, "signed_in_again.html", context)


def is_shown_by(view: View) -> bool:
    return bool(getattr(view, "shows_kept_form", False))


def is_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this host sent the request: in Origin, else in Referer."""
    said = request.headers.get("Origin") or request.headers.get("Referer", "")
    try:
        page = urlsplit(said)
        return (page.scheme, page.netloc) == (request.scheme, request.get_host())
    except (ValueError, DisallowedHost):
        return False
