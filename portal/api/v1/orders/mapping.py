"""Orders in Partner Center's form."""

from collections.abc import Iterable, Mapping, Sequence

from orders import rules
from orders.models import Order, OrderLine, OrderStatus
from portal.api.v1.catalog.names import currency_symbol, cycle_of, offer_id
from portal.api.v1.orders.schemas import LineProvisioningOut, OrderLineOut, OrderOut, Pricing, QuantityProvisioning
from portal.api.v1.wire import Attributes, Links, link


def path_of(order: Order) -> str:
    return f"/customers/{order.tenant_id}/orders/{order.number}"


def orders_by_numbers(numbers: Sequence[str]) -> list[OrderOut]:
    """In the order of the numbers."""
    found = {order.number: order for order in Order.objects.with_wire().filter(number__in=numbers)}
    return orders_out([found[number] for number in numbers if number in found])


def orders_out(orders: Iterable[Order], *, has_price: bool = False) -> list[OrderOut]:
    """orders: read by `with_wire`."""
    return [order_out(order, has_price=has_price) for order in orders]


def order_out(order: Order, *, has_price: bool = False, counts: Mapping[int, int] | None = None) -> OrderOut:
    """counts: line number -> the licence count that was just set through this order."""
    lines = list(order.lines.all())
    own = path_of(order)
    return OrderOut.model_construct(
        id=order.number,
        reference_customer_id=order.tenant_id,
        billing_cycle=_cycle(lines),
        line_items=[_line_out(order, line, has_price, (counts or {}).get(line.number)) for line in lines],
        currency_code=order.currency,
        currency_symbol=currency_symbol(order.currency),
        creation_date=order.placed_at,
        status=str(order.status),
        total_price=order.total if has_price else None,
        partner_on_record_attestation_accepted=bool(order.transacted_as),
        links={
            "self": link(own),
            "provisioningStatus": link(f"{own}/provisioningstatus"),
            "patchOperation": link(own, "PATCH"),
        },
        attributes=Attributes.model_construct(object_type="Order", etag=order.version),
    )


def _cycle(lines: Sequence[OrderLine]) -> str:
    """That of all lines; unknown where they differ."""
    cycles = {cycle_of(line.billing_plan) for line in lines}
    return cycles.pop() if len(cycles) == 1 else "unknown"


def _line_out(order: Order, line: OrderLine, has_price: bool, count: int | None) -> OrderLineOut:
    subscription = line.subscription
    reseller = order.reseller
    return OrderLineOut.model_construct(
        line_item_number=line.number,
        offer_id=offer_id(line.sku),
        subscription_id=subscription.pk,
        parent_subscription_id=subscription.parent_id,
        term_duration=str(line.term),
        transaction_type=_kind_of(line, count),
        promotion_id=str(line.said.get("promotionId") or "") or None,
        friendly_name=subscription.name,
        quantity=line.quantity if count is None else count,
        pricing=_pricing(line) if has_price else None,
        partner_id_on_record=(reseller.mpn_id or None) if reseller else None,
        provisioning_context={},
        links=_links(order, line),
    )


def _kind_of(line: OrderLine, count: int | None) -> str:
    if count is None or count == line.quantity:
        return "New"
    return "addQuantity" if count > line.quantity else "removeQuantity"


def _pricing(line: OrderLine) -> Pricing:
    each, whole = line.unit_price, rules.amount(line.unit_price, line.quantity)
    return Pricing.model_construct(list_price=each, price=each, extended_price=whole)


def _links(order: Order, line: OrderLine) -> Links:
    own, sku = f"{path_of(order)}/lineitems/{line.number}", line.sku
    return {
        "subscription": link(f"/customers/{order.tenant_id}/subscriptions/{line.subscription.pk}"),
        "product": link(f"/products/{sku.product.code}?country={order.customer.country}"),
        "sku": link(f"/products/{sku.product.code}/skus/{sku.code}?country={order.customer.country}"),
        "provisioningStatus": link(f"{path_of(order)}/provisioningstatus"),
        "activationLinks": link(f"{own}/activationlinks"),
    }


def provisioning_out(order: Order) -> list[LineProvisioningOut]:
    """Licences are there as soon as an order is completed."""
    status = "PrefulfillmentPending" if order.status == OrderStatus.PENDING else "Fulfilled"
    return [
        LineProvisioningOut(
            line_item_number=line.number,
            status=status,
            quantity_provisioning_information=[QuantityProvisioning(quantity=line.quantity, status=status)],
            attributes=Attributes(object_type="OrderLineItemProvisioningStatus"),
        )
        for line in order.lines.all()
    ]


def is_of_type(billing_type: str | None) -> bool:
    """Whether the portal's orders are of this billing type: all are licences, none is paid by use."""
    return billing_type in (None, "license")
