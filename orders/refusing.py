"""Why a line of a cart or an order cannot be: every rule about one, asked in one place."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from customers.models import Customer
from orders import rules
from orders.models import Availability, Subscription, SubscriptionStatus
from orders.pricing import price_day


@dataclass(frozen=True)
class Item:
    """What a line is about. parent: the subscription that an add-on is for."""

    availability: Availability
    parent: Subscription | None = None


class Unfit(NamedTuple):
    """Why a line cannot be. code: for programs; the reason is for people."""

    code: str
    reason: str | Promise


def refuse_line(
    customer: Customer, item: Item, quantity: int, *, currencies: Collection[str], base_sku: int | None = None
) -> Unfit | None:
    """Why so many of the item may not be ordered for this customer. currencies: of the other lines; base_sku: key of
    the SKU in the same order that the item is an add-on to.
    """
    sold, parent = item.availability, item.parent
    segments = rules.segments_of(
        qualification=customer.qualification, qualification_status=customer.qualification_status
    )
    if parent is not None and parent.customer_id == customer.pk:
        parent_sku, parent_status = parent.order_line.sku_id, parent.status
    else:
        parent_sku, parent_status = base_sku, SubscriptionStatus.ACTIVE if base_sku else None
    is_inactive = parent_sku is not None and parent_status != SubscriptionStatus.ACTIVE
    bases = [base.pk for base in sold.sku.add_on_to.all()]
    is_sandbox = customer.partner.is_sandbox
    reasons = {
        "not_in_market": rules.why_not_in_market(market=str(sold.market), country=str(customer.country)),
        "segment_closed": rules.why_not_segment(segment=sold.segment, segments=segments),
        "other_currency": rules.why_not_currency(currency=sold.currency, others=currencies),
        "parent_inactive" if is_inactive else "parent_unfit": rules.why_not_parent(
            add_on_to=bases, parent_sku=parent_sku, parent_status=parent_status
        ),
        "quantity_unavailable": rules.why_not_quantity(sold.sku, quantity),
        "sandbox_full": rules.why_not_in_sandbox(is_sandbox=is_sandbox, quantity=quantity),
    }
    for code, reason in reasons.items():
        if reason is not None:
            return Unfit(code, reason)
    if sold.price_for(quantity, on=price_day()) is None:
        return Unfit("quantity_unavailable", _("This is not sold in that quantity today. Try another quantity."))
    return None
