"""Decisions about orders and licences: pure, over values only. Each answers a reason or None."""

from collections.abc import Collection
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class QuantityRange(Protocol):
    min_quantity: int
    max_quantity: int


def why_not_quantity(sku: QuantityRange, quantity: int) -> str | Promise | None:
    """Licences of one line or subscription stay between the SKU's bounds (Partner Center error 2002)."""
    if quantity < sku.min_quantity:
        return _("Enter %(count)d or more licences") % {"count": sku.min_quantity}
    if quantity > sku.max_quantity:
        return _("Enter %(count)d or fewer licences") % {"count": sku.max_quantity}
    return None


def why_not_in_market(*, market: str, country: str) -> str | Promise | None:
    """Both ISO 3166 codes: a price holds in one market only, the customer's own."""
    if market != country:
        return _("This is not sold in the customer's country")
    return None


def why_not_currency(*, currency: str, others: Collection[str]) -> str | Promise | None:
    """One order has one currency; others: ISO 4217 codes of what else is in the cart."""
    if any(other != currency for other in others):
        return _("This is sold in another currency than the rest of the cart. Order it separately.")
    return None


def why_cannot_change_licences(*, status: str, current: int, wanted: int) -> str | Promise | None:
    if status != "active":
        return _("Only the licences of an active subscription can be changed. Reactivate it first.")
    if wanted == current:
        return _("Enter a licence count that differs from the present one")
    return None
