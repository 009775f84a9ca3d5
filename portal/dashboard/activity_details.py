"""What a line of the activity log is made of, for who unfolds it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.audit.models import AuditEvent
from portal.common.actor import DOOR_LABELS, Door
from portal.dashboard.wording import Entry

Words = str | Promise
# Of whom a subject of this form speaks, only the portal itself knows.
INTERNAL = "user:"


@dataclass(frozen=True)
class Change:
    """A changed field. before, after: as people read them; both "" where the values are erased or not shown."""

    name: str
    before: str = ""
    after: str = ""
    is_erased: bool = False
    is_hidden: bool = False


@dataclass(frozen=True)
class Details:
    """door: where it was done; about: public id of the thing; facts: (name, value); ip_address, browser: "" unless
    the partner kept them.
    """

    door: Words
    about: str
    changes: list[Change] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    ip_address: str = ""
    browser: str = ""


def details_of(entry: Entry, *, sees_records: bool) -> Details:
    """sees_records: whether the reader may see acceptance records, and thus whom they name."""
    event, detail = entry.event, getattr(entry.event, "detail", None)
    return Details(
        door=door_of(event),
        about="" if event.subject.startswith(INTERNAL) else event.subject,
        changes=_changes(entry, is_shown=sees_records or not event.code.startswith("agreements.")),
        facts=facts_of(event),
        ip_address=(detail.ip_address or "") if detail else "",
        browser=detail.user_agent if detail else "",
    )


def door_of(event: AuditEvent) -> Words:
    known = event.door in [door.value for door in Door]
    return DOOR_LABELS[Door(event.door)] if known else event.door


def facts_of(event: AuditEvent) -> list[tuple[str, str]]:
    """Name and value of what the event says, in the order of the names; what it does not say is left out."""
    return [
        (name.replace("_", " "), said(value))
        for name, value in sorted(event.facts.items())
        if value not in (None, "", [], {})
    ]


def said(value: Any) -> str:
    """A value as people read it; "" for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {said(each)}" for name, each in sorted(value.items()))
    if isinstance(value, list):
        return ", ".join(said(each) for each in value)
    return value if isinstance(value, str) else json.dumps(value)


def _changes(entry: Entry, *, is_shown: bool) -> list[Change]:
    return [
        _change(name, entry.values.get(field), is_shown=is_shown)
        for field, name in zip(entry.event.changed, entry.changed, strict=True)
    ]


def _change(name: str, pair: Any, *, is_shown: bool) -> Change:
    if not isinstance(pair, list) or len(pair) != 2:
        return Change(name, is_erased=True)
    if not is_shown:
        return Change(name, is_hidden=True)
    return Change(name, before=said(pair[0]), after=said(pair[1]))
