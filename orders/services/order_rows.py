"""The rows of an order: its lines, and a subscription for each."""

from collections.abc import Sequence

from orders import rules
from orders.models import ChangeReason, Order, OrderLine, Subscription, SubscriptionStatus
from orders.pricing import PricedLine
from orders.services.histories import PURCHASED, note_all
from portal.common.actor import Actor


def create_rows(*, by: Actor, order: Order, lines: Sequence[PricedLine]) -> None:
    """The order's lines and a subscription for each, in as many queries for all as for one."""
    sold = [_order_line(order, number, line) for number, line in enumerate(lines)]
    OrderLine.objects.bulk_create(sold)
    made = [_subscription(order, row, each) for row, each in zip(sold, lines, strict=True)]
    for subscription, each in zip(made, lines, strict=True):
        if each.base is not None:
            subscription.parent = made[each.base]
    # A base before its add-ons: long orders are written in several statements.
    Subscription.objects.bulk_create(sorted(made, key=lambda each: each.parent_id is not None))
    note_all(made, kind=PURCHASED, reason=ChangeReason.ORDERED, by=by, at=order.placed_at)


def _order_line(order: Order, number: int, each: PricedLine) -> OrderLine:
    sold = each.line.availability
    return OrderLine(
        order=order,
        number=number,
        sku=sold.sku,
        title=sold.sku.title,
        term=sold.term,
        billing_plan=sold.billing_plan,
        segment=sold.segment,
        quantity=each.line.quantity,
        unit_price=each.price.unit_price if each.price else 0,
        said=dict(each.said),
    )


def _subscription(order: Order, sold: OrderLine, each: PricedLine) -> Subscription:
    ends_at = rules.term_end(started_at=order.placed_at, term=sold.term, after=order.placed_at)
    return Subscription(
        partner_id=order.partner_id,
        customer_id=order.customer_id,
        order_line=sold,
        parent=each.line.parent,
        title=sold.title,
        friendly_name=each.friendly_name,
        quantity=sold.quantity,
        status=SubscriptionStatus.ACTIVE,
        started_at=order.placed_at,
        term=sold.term,
        billing_plan=sold.billing_plan,
        segment=sold.segment,
        currency=order.currency,
        unit_price=sold.unit_price,
        term_started_at=order.placed_at,
        term_ends_at=ends_at,
        due_at=ends_at,
    )
