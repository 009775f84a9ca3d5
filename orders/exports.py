"""The orders as a sheet: one row for each line, with the acceptance that its order relied on.

A file leaves while it is written. What it says in words is therefore looked up before the first byte: later the
request's language is no longer in force.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.models import Method
from orders.models import BillingPlan, Order, OrderLine, OrderStatus, Segment, Term
from orders.querysets import OrderQuerySet
from portal.common.tables import Cell
from portal.partners.models import Membership
from portal.partners.permissions import Permission

# Orders that are in memory at once.
CHUNK = 500

LABELS: dict[str, str | Promise] = {
    "order": _("Order"),
    "customer": _("Customer"),
    "domain": _("Domain"),
    "microsoft_id": _("Microsoft ID"),
    "purchase_order": _("Purchase-order number"),
    "status": _("Status"),
    "placed_at": _("Placed at (UTC)"),
    "placed_by": _("Placed by"),
    "product": _("Product"),
    "sku": _("SKU"),
    "term": _("Term"),
    "billing_plan": _("Billing plan"),
    "segment": _("Segment"),
    "quantity": _("Quantity"),
    "unit_price": _("Unit price"),
    "amount": _("Amount"),
    "currency": _("Currency"),
    "agreed_on": _("Agreement acceptance date"),
    "acceptance": _("Acceptance record"),
    "method": _("Acceptance method"),
}
OF_RECORD = ("acceptance", "method")
SHOWN = ("number", "status", "currency", "purchase_order_number", "placed_at", "placed_by_name")
OF_OTHERS = (
    "customer__company_name",
    "tenant__domain",
    "acceptance__agreed_on",
    "acceptance__reference",
    "acceptance__method",
)


@dataclass(frozen=True)
class Row:
    order: Order
    line: OrderLine


def codes_of(membership: Membership) -> list[str]:
    """The sheet's columns. How an acceptance was recorded is for those who may see the records."""
    sees_records = membership.can(Permission.AGREEMENTS_VIEW_RECORDS)
    return [code for code in LABELS if sees_records or code not in OF_RECORD]


class OrderSheet:
    """A header and rows, made for the language of this moment."""

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = list(codes)
        self.header = [str(LABELS[code]) for code in codes]
        every = (OrderStatus, Term, BillingPlan, Segment, Method)
        self._words = {choices: {str(code): str(label) for code, label in choices.choices} for choices in every}
        readers = self._readers()
        self._cells = [readers[code] for code in codes]

    def rows(self, orders: OrderQuerySet) -> Iterator[list[Cell]]:
        """The newest order first, read some at a time: nothing is held between two chunks.

        An order that is placed meanwhile may be among them or not; of the others none is missed or comes twice.
        """
        found = orders.select_related("customer", "tenant", "acceptance").only(*SHOWN, *OF_OTHERS).newest_first()
        after: Order | None = None
        while True:
            chunk = list((found if after is None else found.filter(_behind(after)))[:CHUNK])
            lines = _lines(chunk)
            for order in chunk:
                for line in lines[order.pk]:
                    row = Row(order, line)
                    yield [cell(row) for cell in self._cells]
            if len(chunk) < CHUNK:
                return
            after = chunk[-1]

    def _readers(self) -> dict[str, Callable[[Row], Cell]]:
        words = self._words
        return {
            "order": lambda row: row.order.number,
            "customer": lambda row: row.order.customer.company_name,
            "domain": lambda row: row.order.tenant.domain,
            "microsoft_id": lambda row: str(row.order.tenant_id),
            "purchase_order": lambda row: row.order.purchase_order_number,
            "status": lambda row: words[OrderStatus][row.order.status],
            "placed_at": lambda row: row.order.placed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "placed_by": lambda row: row.order.placed_by_name,
            "product": lambda row: row.line.title,
            "sku": lambda row: row.line.sku.catalog_code,
            "term": lambda row: words[Term][row.line.term],
            "billing_plan": lambda row: words[BillingPlan][row.line.billing_plan],
            "segment": lambda row: words[Segment][row.line.segment],
            "quantity": lambda row: row.line.quantity,
            "unit_price": lambda row: row.line.unit_price,
            "amount": lambda row: row.line.amount,
            "currency": lambda row: row.order.currency,
            "agreed_on": lambda row: row.order.acceptance.agreed_on if row.order.acceptance else None,
            "acceptance": lambda row: str(row.order.acceptance.reference) if row.order.acceptance else None,
            "method": lambda row: words[Method][row.order.acceptance.method] if row.order.acceptance else None,
        }


def _lines(orders: Sequence[Order]) -> dict[int, list[OrderLine]]:
    """Order -> its lines."""
    found: dict[int, list[OrderLine]] = defaultdict(list)
    rows = OrderLine.objects.filter(order__in=orders).select_related("sku").defer("sku__description")
    for line in rows.order_by("order", "number") if orders else []:
        found[line.order_id].append(line)
    return found


def _behind(order: Order) -> Q:
    """What comes after this order; its first part is redundant and lets both engines walk the index."""
    earlier = Q(placed_at__lt=order.placed_at) | Q(placed_at=order.placed_at, pk__lt=order.pk)
    return Q(placed_at__lte=order.placed_at) & earlier
