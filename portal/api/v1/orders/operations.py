"""Placing, reading and amending orders."""

from uuid import UUID, uuid4

from django.http import HttpResponse
from ninja import Router

from customers.models import Customer
from orders.models import Order
from orders.services import amend_order, order_lines
from portal.api.v1.access import needs
from portal.api.v1.answers import answer, out
from portal.api.v1.callers import ApiRequest
from portal.api.v1.faults import Fault
from portal.api.v1.fetching import customer_of
from portal.api.v1.orders.mapping import is_of_type, order_out, orders_out
from portal.api.v1.orders.pages import page_of
from portal.api.v1.orders.reading import amendment_of, asked_lines, check_customer, lines_in_order, reseller_of
from portal.api.v1.orders.schemas import BillingType, OrderIn, OrderOut
from portal.api.v1.subscriptions.reading import versions_of
from portal.api.v1.wire import Collection
from portal.partners.permissions import Permission

router = Router(tags=["Orders"])

ALL, ONE = "/customers/{customer_id}/orders", "/customers/{customer_id}/orders/{order_id}"
NEWEST_FIRST = ("-placed_at", "-id")
NO_ORDER = 20000


@router.post(ALL, response=out(OrderOut, 201), operation_id="createOrder")
@needs(Permission.ORDERS_PLACE)
def create_order(request: ApiRequest, customer_id: UUID, body: OrderIn) -> HttpResponse:
    """Order at today's prices. The customer's acceptance must be there (403/13605); the subscriptions are at once."""
    customer = customer_of(request, customer_id)
    check_customer(body, customer)
    lines = lines_in_order(body.line_items)
    order = order_lines(
        by=request.caller.actor,
        customer=customer,
        lines=asked_lines(request, customer, body, lines),
        is_attested=body.partner_on_record_attestation_accepted,
        reseller=reseller_of(request, customer, lines),
    )
    return answer(order_out(order_of(request, customer, order.number)), status=201)


@router.get(ALL, response=out(Collection[OrderOut]), operation_id="listOrders")
@needs(Permission.ORDERS_VIEW)
def list_orders(
    request: ApiRequest,
    customer_id: UUID,
    billingType: BillingType | None = None,
    include_price: str = "",
    size: int = 0,
) -> HttpResponse:
    """A customer's orders, the newest first."""
    customer = customer_of(request, customer_id)
    rows = Order.objects.visible_to(request.caller.membership).filter(customer=customer).with_wire()
    return page_of(
        request,
        rows if is_of_type(billingType) else rows.none(),
        NEWEST_FIRST,
        path=f"/customers/{customer_id}/orders",
        said={"billingType": billingType, "include_price": include_price, "size": size},
        show=lambda found: orders_out(found, has_price=is_yes(include_price)),
    )


@router.get(ONE, response=out(OrderOut), operation_id="getOrder")
@needs(Permission.ORDERS_VIEW)
def get_order(request: ApiRequest, customer_id: UUID, order_id: str, include_price: str = "") -> HttpResponse:
    """One order, with prices where include_price is true."""
    order = order_of(request, customer_of(request, customer_id), order_id)
    return answer(order_out(order, has_price=is_yes(include_price)))


@router.patch(ONE, response=out(OrderOut), operation_id="updateOrder")
@needs(Permission.ORDERS_PLACE)
def patch_order(request: ApiRequest, customer_id: UUID, order_id: str, body: OrderIn) -> HttpResponse:
    """Cancel a sandbox order, change licence counts, or buy add-ons, which make and answer an order of their own."""
    customer = customer_of(request, customer_id)
    order = order_of(request, customer, order_id)
    check_customer(body, customer)
    wanted = amendment_of(order, body)
    changed = amend_order(
        by=request.caller.actor,
        order=order,
        submit_key=uuid4().hex,
        versions=versions_of(request, body.attributes.etag),
        is_cancelled=wanted.is_cancelled,
        counts=wanted.counts,
        add_ons=asked_lines(request, customer, body, wanted.add_ons),
        is_attested=body.partner_on_record_attestation_accepted,
        reseller=reseller_of(request, customer, wanted.add_ons),
    )
    fresh = order_of(request, customer, changed.number)
    return answer(order_out(fresh, counts=wanted.counts if changed.pk == order.pk else None))


def order_of(request: ApiRequest, customer: Customer, number: str) -> Order:
    """The customer's order with this number; 404/20000 where there is none that the caller sees."""
    rows = Order.objects.visible_to(request.caller.membership).filter(customer=customer).with_wire()
    found = rows.filter(number=number.upper()).first()
    if found is None:
        raise Fault(404, NO_ORDER, "There is no such order.")
    return found


def is_yes(text: str) -> bool:
    """include_price comes as True, true, False and false."""
    return text.strip().lower() in ("true", "1")
