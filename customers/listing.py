"""What the list of customers can be asked for: filters, search, order and columns.

The list, its saved views and its export read the same question the same way, so an export holds exactly the
rows that were shown.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self, TypeVar

from django.db.models import Q, Subquery
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from customers import search_index
from customers.models import Customer
from customers.querysets import CustomerQuerySet, agreement_stands
from customers.rules import Standing
from portal.common.ids import parse_uuid
from portal.common.questions import Question, tidy
from portal.partners.models import Membership, Partner

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True)
class Column:
    """sort: the field that the list can be sorted by in this column, which no row has empty; "" for none.

    by_default: shown to whoever chose no columns.
    """

    code: str
    label: str | Promise
    sort: str = ""
    is_always_shown: bool = False
    by_default: bool = False


COLUMNS: dict[str, Column] = {
    column.code: column
    for column in (
        Column("name", _("Name"), sort="name_key", is_always_shown=True, by_default=True),
        Column("domain", _("Domain"), by_default=True),
        Column("country", _("Country"), by_default=True),
        Column("agreement", _("Agreement"), sort="agreed_on", by_default=True),
        Column("reseller", _("Reseller"), by_default=True),
        Column("subscriptions", _("Subscriptions"), sort="subscription_count", by_default=True),
        Column("updated", _("Updated"), sort="updated_at", by_default=True),
        Column("microsoft_id", _("Microsoft ID")),
        Column("tags", _("Tags")),
        Column("contact", _("Primary contact")),
        Column("registration_number", _("Registration number")),
        Column("account_status", _("Account status")),
        Column("qualification", _("Special qualification")),
        Column("created", _("Created")),
    )
}
DEFAULT_COLUMNS = tuple(code for code, column in COLUMNS.items() if column.by_default)


def known_columns(codes: Any) -> list[Column]:
    """The columns that these codes name, in the house's order; those always shown are always among them."""
    wanted = {code for code in codes if isinstance(code, str)} if isinstance(codes, list | tuple | set) else set()
    return [column for column in COLUMNS.values() if column.is_always_shown or column.code in wanted]


class Relationship(StrEnum):
    ACTIVE = "active"
    REMOVED = "removed"


@dataclass(frozen=True)
class ListQuery(Question):
    """A question to the list; what it does not say is not asked.

    reseller: its partner's tenant id; tag: its public id; sort: the code of a column, "" for the list's own
    order (best match first, else by name). token: the text, sealed for an address.
    """

    seal_purpose = "customers.search"

    standing: Standing | None = None
    country: str = ""
    reseller: uuid.UUID | None = None
    tag: uuid.UUID | None = None
    relationship: Relationship = Relationship.ACTIVE
    sort: str = ""
    descending: bool = False

    @classmethod
    def parse(cls, params: QueryDict) -> Self:
        """From an address or a form made of `as_params`; values that mean nothing (any more) fall away."""
        token = params.get("find", "")
        text = cls.unsealed(token)
        return cls._read({**params.dict(), "text": text}, token=token if text else "")

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        """From what `as_stored` answered."""
        return cls._read({name: value for name, value in stored.items() if isinstance(value, str)})

    @classmethod
    def _read(cls, said: Mapping[str, Any], token: str = "") -> Self:
        sort = said.get("sort", "")
        column = COLUMNS.get(sort.removeprefix("-"))
        country, text = said.get("country", ""), tidy(said.get("text", ""))
        return cls(
            text=text,
            standing=_one_of(Standing, said.get("standing", "")),
            country=country if country in countries else "",
            reseller=parse_uuid(said.get("reseller", "")),
            tag=parse_uuid(said.get("tag", "")),
            relationship=_one_of(Relationship, said.get("relationship", "")) or Relationship.ACTIVE,
            sort=column.code if column and column.sort else "",
            descending=bool(column and column.sort and sort.startswith("-")),
            token=token if text else "",
        )

    def as_stored(self) -> dict[str, str]:
        """For a saved view: only what is asked for, the text as it is."""
        said = {
            "text": self.text,
            "standing": self.standing or "",
            "country": self.country,
            "reseller": str(self.reseller or ""),
            "tag": str(self.tag or ""),
            "relationship": self.relationship if self.relationship != Relationship.ACTIVE else "",
            "sort": ("-" if self.descending else "") + self.sort,
        }
        return {name: str(value) for name, value in said.items() if value}

    @property
    def is_filtered(self) -> bool:
        """Whether a filter narrows the list; search and relationship choose what is filtered."""
        return bool(self.standing or self.country or self.reseller or self.tag)

    @property
    def sort_field(self) -> str:
        return COLUMNS[self.sort or "name"].sort

    @property
    def is_best_first(self) -> bool:
        """Whether what was searched for comes in parts, the best matches first."""
        return bool(self.text) and not self.sort


def _one_of(choices: type[Choice], value: str) -> Choice | None:
    return choices(value) if value in choices.__members__.values() else None


def reach(membership: Membership, query: ListQuery) -> Q:
    """What of the partner's customers a search looks through where it cannot look through all; empty for all."""
    return search_index.reach(Customer.objects.visible_to(membership)) if query.text else Q()


def listed(
    membership: Membership, query: ListQuery, *, stale_before: date | None, within: Q | None = None
) -> CustomerQuerySet:
    """Every customer that the member sees and the question means, in no order.

    within: the answer of `reach`, for who has asked for it already.
    """
    rows = _filtered(membership, query, stale_before, within)
    return rows.search(query.text) if query.text else rows


def tiers(
    membership: Membership, query: ListQuery, *, stale_before: date | None, within: Q | None = None
) -> list[CustomerQuerySet]:
    """The same customers in parts that share no row, best matches first; one part unless sorted by the search."""
    if not query.is_best_first:
        return [listed(membership, query, stale_before=stale_before, within=within)]
    return _filtered(membership, query, stale_before, within).search_tiers(query.text)


def _filtered(
    membership: Membership, query: ListQuery, stale_before: date | None, within: Q | None
) -> CustomerQuerySet:
    rows = Customer.objects.visible_to(membership)
    rows = rows.filter(removed_at__isnull=query.relationship == Relationship.ACTIVE)
    rows = rows.filter(reach(membership, query) if within is None else within)
    if query.standing is not None:
        rows = _of_standing(rows, membership, query.standing, stale_before)
    if query.country:
        rows = rows.filter(country=query.country)
    if query.reseller is not None:
        # A subquery: a joined table would keep the planner from the index on resellers.
        rows = rows.filter(reseller_id=Subquery(Partner.objects.filter(tenant_id=query.reseller).values("pk")))
    if query.tag is not None:
        rows = rows.filter(customer_tags__tag__public_id=query.tag, customer_tags__partner_id=membership.partner_id)
    return rows


def _of_standing(
    rows: CustomerQuerySet, membership: Membership, standing: Standing, stale_before: date | None
) -> CustomerQuerySet:
    """A partner's own customers share its cloud, so nothing has to be joined and indexes on the facts serve."""
    if membership.partner.is_reseller:
        return rows.of_standing(standing, stale_before=stale_before)
    is_contradiction = (standing == Standing.NOT_APPLICABLE) == membership.partner.has_agreement
    if is_contradiction or (standing == Standing.STALE and stale_before is None):
        return rows.none()
    if standing == Standing.NOT_APPLICABLE:
        return rows
    return rows.filter(agreement_stands(standing, stale_before))
