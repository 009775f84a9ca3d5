"""Two people edited the same: the second one sees both versions, chooses field by field, and nothing is lost.

A form carries what it was drawn from (version and values). Where the row has moved on and the values that this
form shows are still the same, the edit goes on top; else both versions are shown, with a choice for each
difference: theirs where the second editor changed nothing, the own one elsewhere.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise

from customers.models import Customer
from customers.services import EditConflict
from portal.audit.models import AuditEvent

Values = dict[str, str]
# leader -> the fields that one choice decides together, once the leader differs
Together = Mapping[str, tuple[str, ...]]
CHOOSE, MINE, THEIRS = "choose-", "mine", "theirs"
LONGEST_DRAWN = 20_000


@dataclass(frozen=True)
class Difference:
    """One choice. mine, theirs: in words, "" for nothing; is_mine: whether the own version is proposed."""

    name: str
    label: str | Promise
    mine: str
    theirs: str
    is_mine: bool


def drawn(request: HttpRequest, version: int, values: Values) -> dict[str, Any]:
    """What a form's page needs to carry along: of the form as it was first drawn, however often it comes back."""
    if request.method != "POST":
        return {"version": version, "reviewed": json.dumps(values)}
    return {"version": sent_version(request), "reviewed": json.dumps(sent_values(request.POST))}


def sent_version(request: HttpRequest) -> int:
    """The version of the row that the form was made from; 0 is that of no row."""
    version = request.POST.get("version", "")
    return int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 0


def sent_values(posted: QueryDict) -> Values:
    """The values that the form was made from; empty where they do not come from our page."""
    text = posted.get("reviewed", "")
    try:
        values = json.loads(text) if len(text) <= LONGEST_DRAWN else {}
        json.dumps(values, ensure_ascii=False).encode()  # JSON may hold half a letter, which no database keeps
    except (ValueError, RecursionError):
        return {}
    is_ours = isinstance(values, dict) and all(isinstance(value, str) for value in values.values())
    return values if is_ours else {}


def chosen(posted: QueryDict, together: Together | None = None) -> QueryDict:
    """What was typed, with the other version in its place where the choice fell on that."""
    result, theirs = posted.copy(), sent_values(posted)
    for key, choice in posted.items():
        if key.startswith(CHOOSE) and choice == THEIRS:
            leader = key.removeprefix(CHOOSE)
            for name in (together or {}).get(leader, (leader,)):
                result[name] = theirs.get(name, posted.get(name, ""))
    return result


def save_on_top(request: HttpRequest, save: Callable[..., object], values_of: Callable[[Any], Values]) -> None:
    """Call save(version=…) on the version that the form was drawn from, or on the present one when nothing that the
    form shows has changed since. values_of: what the form shows of a row. Raises EditConflict otherwise.
    """
    try:
        save(version=sent_version(request))
    except EditConflict as conflict:
        current: Any = conflict.current
        if current is None or values_of(current) != sent_values(request.POST):
            raise
        save(version=current.version)


def differences(
    form: BaseForm,
    mine: Values,
    theirs: Values,
    drawn_from: Values,
    *,
    shown: Callable[[str, Values], str],
    labels: Mapping[str, str | Promise],
    together: Together | None = None,
) -> list[Difference]:
    """The choices, in the order of the values. shown: a field of such values in words."""
    differing = [name for name in mine if mine[name] != theirs[name]]
    groups = {leader: names for leader, names in (together or {}).items() if leader in differing}
    followers = {name for leader, names in groups.items() for name in names if name != leader}
    return [
        Difference(
            name=name,
            label=_label(form, labels, name),
            mine=shown(name, mine),
            theirs=shown(name, theirs),
            is_mine=any(mine[each] != drawn_from.get(each) for each in groups.get(name, (name,))),
        )
        for name in differing
        if name not in followers
    ]


def _label(form: BaseForm, labels: Mapping[str, str | Promise], name: str) -> str | Promise:
    if name in labels:
        return labels[name]
    return str(form.fields[name].label) if name in form.fields else name.replace("_", " ").capitalize()


def last_saved(customer: Customer, *codes: str, subject: str = "") -> AuditEvent | None:
    """Who saved last, and when. subject: of the event, where the customer has several such things."""
    events = AuditEvent.objects.filter(partner_id=customer.partner_id, customer_id=customer.tenant_id, code__in=codes)
    return (events.filter(subject=subject) if subject else events).newest_first().first()


def conflict_page(request: HttpRequest, customer: Customer, found: list[Difference], **context: Any) -> HttpResponse:
    """Both versions beside each other.

    context: title; form, whose answers travel along; version and theirs (values) of the row as it is now; saved
    (the event that says who and when, or None).
    """
    form, theirs = context.pop("form"), context.pop("theirs")
    carried = [(name, value) for name, values in form.data.lists() if name in form.fields for value in values]
    drawn_now = {"carried": carried, "reviewed": json.dumps(theirs), "choose": CHOOSE}
    page = {"customer": customer, "differences": found, **drawn_now, **context}
    return render(request, "customers/conflict.html", page)
