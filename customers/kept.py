"""What a member and their partner keep for the list of customers, read at once: views, columns, counts."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import JSONField, UUIDField, Value

from customers.listing import DEFAULT_COLUMNS, Column, known_columns
from customers.models import CustomerCounts, ListColumns, SavedView
from portal.partners.models import Membership

NO_ID, NOTHING = Value(None, output_field=UUIDField()), Value(None, output_field=JSONField())


@dataclass(frozen=True)
class KeptView:
    """A saved view as its tab needs it."""

    id: uuid.UUID
    name: str
    filters: dict[str, Any]
    columns: list[str]


@dataclass(frozen=True)
class KeptCounts:
    """facets: standing, country, reseller or tag -> the most frequent values as (code, label, number)."""

    total: int = 0
    counted_at: datetime | None = None
    facets: dict[str, list[tuple[str, str, int]]] = field(default_factory=dict)

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "KeptCounts":
        """From the JSON that `customers.services.count_customers` writes."""
        return cls(
            total=stored["total"],
            counted_at=datetime.fromisoformat(stored["counted_at"]),
            facets={name: [tuple(each) for each in values] for name, values in stored["facets"].items()},
        )


@dataclass(frozen=True)
class Kept:
    views: list[KeptView]
    columns: list[Column]
    counts: KeptCounts

    def opened(self, view_id: str) -> KeptView | None:
        """The view that an address names; None for none, and for one that is not the member's."""
        return next((view for view in self.views if str(view.id) == view_id), None)

    def shown_columns(self, view_id: str) -> list[Column]:
        """Those of the opened view, else those that the member chose."""
        view = self.opened(view_id)
        return known_columns(view.columns) if view else self.columns


def kept_for(membership: Membership) -> Kept:
    """One query, whatever there is."""
    own = {"partner_id": membership.partner_id, "owner_id": membership.user_id}
    views = SavedView.objects.filter(**own).values_list(Value("view"), "id", "name", "filters", "columns")
    columns = ListColumns.objects.filter(**own).values_list(Value("columns"), NO_ID, Value(""), NOTHING, "columns")
    counts = CustomerCounts.objects.filter(partner_id=membership.partner_id).values_list(
        Value("counts"), NO_ID, Value(""), "counts", NOTHING
    )
    rows = list(views.union(columns, counts, all=True))
    chosen = next((row[4] for row in rows if row[0] == "columns"), DEFAULT_COLUMNS)
    counted = next((KeptCounts.read(row[3]) for row in rows if row[0] == "counts"), KeptCounts())
    found = [KeptView(*row[1:]) for row in rows if row[0] == "view"]
    return Kept(sorted(found, key=lambda view: view.name.casefold()), known_columns(chosen), counted)
