"""A subscription: what it is, what becomes of it, its add-ons and its history."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from orders import rules
from orders.models import (
    Availability,
    Sku,
    Subscription,
    SubscriptionEvent,
    SubscriptionEventKind,
    SubscriptionStatus,
)
from orders.pricing import price_day
from orders.querysets import AvailabilityQuerySet
from orders.refunds import refundable_now
from orders.views.histories import history_of
from portal.partners.access import requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission

MOST_ADD_ONS = 50

#: What made the status what it is.
STATUS_KINDS = (
    SubscriptionEventKind.PURCHASED,
    SubscriptionEventKind.SUSPENDED,
    SubscriptionEventKind.REACTIVATED,
    SubscriptionEventKind.EXPIRED,
    SubscriptionEventKind.DISABLED,
    SubscriptionEventKind.DELETED,
)


def visible_subscription(membership: Membership, subscription_id: uuid.UUID) -> Subscription | None:
    rows = Subscription.objects.visible_to(membership).with_line()
    acceptance = "order_line__order__acceptance"
    rows = rows.select_related(f"{acceptance}__document__template", f"{acceptance}__person")
    return rows.filter(pk=subscription_id).first()


@requires(Permission.ORDERS_VIEW, on=visible_subscription)
@require_safe
def subscription(request: MemberRequest, subscription: Subscription) -> HttpResponse:
    """Everything about one subscription, and why each change of it was allowed."""
    add_ons = Subscription.objects.filter(parent=subscription).for_panel()
    context = {
        "subscription": subscription,
        "customer": subscription.customer,
        "since": SubscriptionEvent.objects.filter(subscription=subscription, kind__in=STATUS_KINDS).first(),
        "add_ons": add_ons[:MOST_ADD_ONS],
        "history": history_of(request, subscription, request.membership),
        **_what_can_be_done(request.membership, subscription),
    }
    return render(request, "orders/subscription.html", context)


def _what_can_be_done(member: Membership, subscription: Subscription) -> dict[str, Any]:
    """refundable, and for who may: is_cancellable, offers (add-on SKUs); the services decide again."""
    customer = subscription.customer
    is_active = subscription.status == SubscriptionStatus.ACTIVE
    may_change = customer.is_active and member.can(Permission.ORDERS_CHANGE_LICENCES)
    may_order = customer.is_active and is_active and member.can(Permission.ORDERS_PLACE)
    refundable = refundable_now(subscription)
    why_not = rules.why_cannot_cancel(
        status=subscription.status,
        quantity=subscription.quantity,
        refundable=refundable,
        is_sandbox=customer.partner.is_sandbox,
    )
    return {
        "may_change": may_change,
        "refundable": refundable if is_active else [],
        "is_cancellable": may_change and why_not is None,
        "offers": Sku.objects.offered(add_ons_sold(subscription))[:MOST_ADD_ONS] if may_order else [],
    }


def add_ons_sold(subscription: Subscription) -> AvailabilityQuerySet:
    """Where add-ons for it are available to its customer today."""
    sold = Availability.objects.sold_to(subscription.customer, on=price_day())
    return sold.filter(sku__add_on_to=subscription.order_line.sku_id)
