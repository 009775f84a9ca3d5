"""Which orders and licence changes relied on which acceptance up to a moment: reads."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from customers.models import Customer
from orders.models import LicenceChange, Order
from portal.partners.models import Membership

NEWEST = 20


@dataclass
class Relied:
    """The newest of those that relied on one acceptance, and how many there were."""

    order_count: int = 0
    change_count: int = 0
    orders: list[Order] = field(default_factory=list)
    changes: list[LicenceChange] = field(default_factory=list)


def relied_until(membership: Membership, customer: Customer, until: datetime) -> dict[int | None, Relied]:
    """Primary key of the acceptance (None in clouds without the agreement) -> what relied on it before this moment.

    Of each the newest NEWEST; the same few queries however many there are.
    """
    orders = Order.objects.visible_to(membership).filter(customer=customer, placed_at__lt=until)
    changes = LicenceChange.objects.visible_to(membership).filter(customer=customer, changed_at__lt=until)
    found: dict[int | None, Relied] = {}
    for key, count in _counted(orders):
        found.setdefault(key, Relied()).order_count = count
    for key, count in _counted(changes):
        found.setdefault(key, Relied()).change_count = count
    newest = _numbered(orders, "placed_at").only("number", "placed_at", "status", "acceptance_id")
    for order in newest.order_by("-placed_at", "-pk"):
        found[order.acceptance_id].orders.append(order)
    for change in _numbered(changes.select_related("subscription"), "changed_at").order_by("-changed_at", "-pk"):
        found[change.acceptance_id].changes.append(change)
    return found


def _counted(rows: Any) -> Iterable[tuple[int | None, int]]:
    counted: Iterable[tuple[int | None, int]] = (
        rows.order_by().values("acceptance_id").annotate(number=Count("pk")).values_list("acceptance_id", "number")
    )
    return counted


def _numbered(rows: Any, field_name: str) -> Any:
    place = Window(RowNumber(), partition_by="acceptance_id", order_by=[F(field_name).desc(), F("pk").desc()])
    return rows.annotate(place=place).filter(place__lte=NEWEST)
