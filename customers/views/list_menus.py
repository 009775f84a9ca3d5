"""The filters of the list as links with counts, its sortable heads, and the addresses they lead to."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from customers.facets import NO_FILTER, Facets, Value
from customers.listing import Column, ListQuery, Relationship
from customers.models import Tag
from customers.rules import STANDING_LABELS, Standing
from customers.services.lists import OFFERED
from customers.views.list_rows import country_name
from portal.common.menus import Choice, Menu, Words
from portal.partners.models import Membership, Partner


@dataclass(frozen=True)
class Heading:
    """A column's head. url: sorts by it, "" where that cannot be; order: aria-sort."""

    code: str
    label: Words
    url: str
    order: str


@dataclass(frozen=True)
class Links:
    """Addresses of the list that differ from the shown one in parts of the question. view_id: the opened view."""

    query: ListQuery
    view_id: str = ""

    def to(self, **changes: Any) -> str:
        asked = self.query.changed(**changes).as_params()
        return f"?{urlencode({**asked, 'view': self.view_id} if self.view_id else asked)}"

    @property
    def shown(self) -> str:
        return self.to()

    @property
    def active(self) -> str:
        return self.to(relationship=Relationship.ACTIVE)

    @property
    def removed(self) -> str:
        return self.to(relationship=Relationship.REMOVED)

    @property
    def without_text(self) -> str:
        return self.to(text="")


def headings(columns: Sequence[Column], query: ListQuery, links: Links) -> list[Heading]:
    return [_heading(column, query, links) for column in columns]


def _heading(column: Column, query: ListQuery, links: Links) -> Heading:
    if not column.sort:
        return Heading(column.code, column.label, "", "")
    is_sorted = column.code == query.sort or (column.code == "name" and not query.sort and not query.text)
    order = ("descending" if query.descending else "ascending") if is_sorted else ""
    url = links.to(sort=column.code, descending=is_sorted and not query.descending)
    return Heading(column.code, column.label, url, order)


def menus(membership: Membership, query: ListQuery, facets: Facets, links: Links) -> Iterator[Menu]:
    """Agreement first, which wide screens show as chips; a filter that nothing differs in is left out."""
    counted = {value.code: value for value in facets.values.get("standing", ())}
    standings = [
        counted.get(each, Value(each, "", 0)) for each in Standing if each in counted or each == query.standing
    ]
    yield _menu("standing", _("Agreement"), standings, query, links)
    facets_of = [("country", _("Country"))]
    if not membership.partner.is_reseller:
        facets_of += [("reseller", _("Reseller")), ("tag", _("Tag"))]
    for code, label in facets_of:
        values = _offered(code, query, facets.values.get(code, []), membership)
        if values:
            yield _menu(code, label, values, query, links)


def _offered(code: str, query: ListQuery, values: list[Value], membership: Membership) -> list[Value]:
    """The most frequent values, and the chosen one."""
    chosen = str(getattr(query, code) or "")
    offered = values[:OFFERED]
    if not chosen or any(value.code == chosen for value in offered):
        return offered
    known = next((value for value in values if value.code == chosen), None)
    return [*offered, known or Value(chosen, _name(code, chosen, membership), None)]


def _name(code: str, chosen: str, membership: Membership) -> str:
    """What the chosen value is called, which no row has."""
    if code == "country":
        return ""
    if code == "tag":
        tag = Tag.objects.visible_to(membership).filter(public_id=chosen).first()
        return tag.name if tag else _("Unknown")
    reseller = Partner.objects.resellers_of(membership.partner).filter(tenant_id=chosen).first()
    return reseller.name if reseller else _("Unknown")


def _menu(code: str, label: Words, values: Sequence[Value], query: ListQuery, links: Links) -> Menu:
    chosen = str(getattr(query, code) or "")
    numbers = [value.number for value in values]
    # Every customer has one standing, so these numbers add up; of the other filters only some values are offered.
    every = sum(number or 0 for number in numbers) if code == "standing" and None not in numbers else None
    choices = [Choice(_("All"), links.to(**{code: NO_FILTER[code]}), not chosen, every)]
    choices += [
        Choice(_label(code, value), links.to(**{code: _meant(code, value)}), value.code == chosen, value.number)
        for value in values
    ]
    return Menu(code, label, next((each.label for each in choices[1:] if each.is_chosen), ""), choices)


def _meant(code: str, value: Value) -> Standing | str | uuid.UUID:
    if code == "standing":
        return Standing(value.code)
    return value.code if code == "country" else uuid.UUID(value.code)


def _label(code: str, value: Value) -> Words:
    if code == "standing":
        return STANDING_LABELS[Standing(value.code)]
    return country_name(value.code, get_language() or "") if code == "country" else value.label
