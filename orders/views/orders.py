"""One order, with the acceptance it relied on."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from orders.models import Order, OrderStatus
from orders.panels import ORDER_TONES
from orders.services import cancel_order
from orders.views.histories import visible_records
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.refusals import note_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission


def visible_order(membership: Membership, number: str) -> Order | None:
    orders = Order.objects.visible_to(membership).with_customer()
    orders = orders.select_related("acceptance__document__template", "acceptance__person", "reseller", "partner")
    return orders.filter(number=number.upper()).first()


@requires(Permission.ORDERS_VIEW, on=visible_order)
@require_safe
def order(request: MemberRequest, order: Order) -> HttpResponse:
    """What was ordered, what came of it, and why it was allowed."""
    customer, member = order.customer, request.membership
    context = {
        "order": order,
        "customer": customer,
        "tone": ORDER_TONES[OrderStatus(order.status)],
        "lines": order.lines.select_related("subscription__parent", "sku"),
        "records": visible_records(member, [order.acceptance_id]),
        "may_change": customer.is_active and member.can(Permission.ORDERS_CHANGE_LICENCES),
        "is_cancellable": member.can(Permission.ORDERS_PLACE) and _is_cancellable(order),
    }
    return render(request, "orders/order.html", context)


def _is_cancellable(order: Order) -> bool:
    customer = order.customer
    return customer.partner.is_sandbox and customer.is_active and order.status != OrderStatus.CANCELLED


@requires(Permission.ORDERS_PLACE, on=visible_order)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: MemberRequest, order: Order) -> HttpResponse:
    """Ask once, then cancel it: in the sandbox only."""
    if request.method == "POST":
        try:
            cancel_order(by=actor_of(request, Door.ORDER), order=order)
        except RuleViolation as refused:
            note_refusal(refused)
            messages.error(request, str(refused.message))
        else:
            messages.success(request, _("Order %(number)s is cancelled.") % {"number": order.number})
        return redirect("orders:order", order.number)
    context = {
        "order": order,
        "customer": order.customer,
        "back": reverse("orders:order", args=[order.number]),
        "lines": order.lines.select_related("subscription"),
        "is_cancellable": _is_cancellable(order),
    }
    return render(request, "orders/cancel_order.html", context)
