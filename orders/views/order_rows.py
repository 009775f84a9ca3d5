"""The rows of the list of orders. Fifty of them are most of the page, so what repeats is worked out once."""

from collections.abc import Sequence
from functools import lru_cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from orders.models import Order, OrderStatus
from orders.panels import ORDER_TONES
from orders.querysets import OrderQuerySet
from portal.common.templatetags.portal_tags import date_tag, money

SHOWN = ("number", "status", "currency", "total", "purchase_order_number", "placed_at", "placed_by_name")
# Stands for the number in an address; no order has it.
ANY = "NUMBER"


def with_columns(rows: OrderQuerySet) -> OrderQuerySet:
    """Read only what the rows show."""
    return rows.select_related("customer").only(*SHOWN, "acceptance_id", "customer__company_name")


def draw_rows(orders: Sequence[Order]) -> list[SafeString]:
    """The lines of the table, the head's order of columns."""
    address, language = reverse("orders:order", args=[ANY]), get_language() or ""
    labels = [
        escape(label)
        for label in (
            _("Customer"),
            _("PO number"),
            _("Status"),
            _("Total"),
            _("Placed"),
            _("By"),
            _("Agreement"),
        )
    ]
    why = escape(_("Why allowed?"))
    return [_row(order, address.replace(ANY, order.number), labels, why, language) for order in orders]


def _row(order: Order, url: str, labels: Sequence[str], why: str, language: str) -> SafeString:
    reason = f'<a href="{url}#why">{why}<span class="visually-hidden"> {order.number}</span></a>'
    cells = (
        f' lang="">{escape(order.customer.company_name)}',
        f' lang="">{escape(order.purchase_order_number) or "–"}',
        f">{badge(OrderStatus(order.status), language)}",
        f' class="number">{escape(money(order.total, order.currency))}',
        f">{date_tag(order.placed_at)}",
        f">{escape(order.placed_by_name)}",
        f">{reason if order.acceptance_id else '–'}",
    )
    drawn = "".join(f'<td data-label="{label}"{cell}</td>' for label, cell in zip(labels, cells, strict=True))
    head = f'<th scope="row" class="cell-title"><a href="{url}">{escape(order.number)}</a></th>'
    return mark_safe(f'<tr data-href="{url}">{head}{drawn}</tr>')  # noqa: S308 - every part is escaped


@lru_cache(maxsize=64)
def badge(status: OrderStatus, language: str) -> str:
    """The status with its icon and colour; language: the one that it is drawn in."""
    word = {"tone": ORDER_TONES[status], "word": status.label}
    return render_to_string("components/status.html", word).strip()
