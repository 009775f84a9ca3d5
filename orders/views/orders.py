"""Orders: the list, and one order with the acceptance it relied on."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agreements.models import Attestation
from customers.models import Customer
from orders.forms import OrderFilterForm
from orders.models import Order, OrderStatus
from orders.panels import ORDER_TONES
from portal.common.keyset import keyset_page
from portal.partners.access import requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission


@requires(Permission.ORDERS_VIEW)
@require_safe
def order_list(request: MemberRequest) -> HttpResponse:
    """Newest first; searched by number or company, filtered by customer and status."""
    chosen = OrderFilterForm(request.GET).chosen()
    orders = Order.objects.visible_to(request.membership).with_customer()
    search, customer, status = chosen.get("q", ""), chosen.get("customer"), chosen.get("status", "")
    if customer:
        orders = orders.filter(customer__tenant_id=customer)
    if status:
        orders = orders.filter(status=status)
    page = keyset_page(request, orders.search(search), field="placed_at", public="number", descending=True)
    context = {
        "page": page,
        "rows": [(order, ORDER_TONES[OrderStatus(order.status)]) for order in page.rows],
        "search": search,
        "customer": Customer.objects.visible_to(request.membership).find(customer) if customer else None,
        "status": status,
        "statuses": [("", None), *OrderStatus.choices],
        "is_filtered": bool(search or customer or status),
    }
    return render(request, "orders/list.html", context)


def visible_order(membership: Membership, number: str) -> Order | None:
    orders = Order.objects.visible_to(membership).with_customer().select_related("acceptance__document__template")
    return orders.filter(number=number.upper()).first()


@requires(Permission.ORDERS_VIEW, on=visible_order)
@require_safe
def order(request: MemberRequest, order: Order) -> HttpResponse:
    """What was ordered, what came of it, and why it was allowed."""
    context = {
        "order": order,
        "tone": ORDER_TONES[OrderStatus(order.status)],
        "lines": order.lines.select_related("subscription", "sku"),
        "sees_record": bool(visible_records(request.membership, [order.acceptance_id])),
        "may_change": request.membership.can(Permission.ORDERS_CHANGE_LICENCES),
    }
    return render(request, "orders/order.html", context)


def visible_records(membership: Membership, ids: list[int | None]) -> set[int]:
    """Those of these acceptances whose page the member may open."""
    return set(Attestation.objects.visible_to(membership).filter(pk__in=ids).values_list("pk", flat=True))
