"""What a client orders or changes, read from what it sends."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from customers.models import Customer
from orders.api_lines import CartItem, refuse_wishes, sold_for
from orders.models import Order, OrderLine, Subscription
from orders.refusing import Unfit
from orders.services import AskedLine, named_reseller
from portal.api.v1.callers import ApiRequest
from portal.api.v1.carts.schemas import moment_text
from portal.api.v1.catalog.names import cycle_of, offer_id, plans_of
from portal.api.v1.faults import APP_ONLY, INVALID, Fault
from portal.api.v1.orders.schemas import OrderIn, OrderLineIn
from portal.api.v1.subscriptions.fetching import NO_SUBSCRIPTION
from portal.common.errors import RuleViolation
from portal.common.ids import parse_uuid
from portal.common.text import why_not_a_name
from portal.partners.models import Partner

LINE_NUMBERS, BILLING_CYCLE, NOT_SUPPORTED, BAD_LINES = 800071, 6001, 800042, 800009
CANCELLED = ("cancelled", "canceled")


@dataclass(frozen=True)
class Amendment:
    """What an order is to become; see `orders.services.amend_order`."""

    is_cancelled: bool
    counts: dict[int, int]
    add_ons: list[OrderLineIn] = field(default_factory=list)


def check_customer(body: OrderIn, customer: Customer) -> None:
    """Raises Fault 400 where the body names another customer than the path."""
    said = body.reference_customer_id.strip()
    if said and parse_uuid(said) != customer.tenant_id:
        raise Fault(
            400, INVALID, "referenceCustomerId is not the customer of this path.", data=["referenceCustomerId"]
        )


def lines_in_order(lines: Sequence[OrderLineIn]) -> list[OrderLineIn]:
    """By lineItemNumber, which counts from 0; as they came where none is numbered. Raises Fault 400/800071."""
    if not lines:
        raise Fault(400, BAD_LINES, "Name what is ordered in lineItems.", data=["lineItems"])
    numbers = [line.line_item_number for line in lines]
    if all(number is None for number in numbers):
        return list(lines)
    placed = sorted(lines, key=lambda line: -1 if line.line_item_number is None else line.line_item_number)
    if [line.line_item_number for line in placed] != list(range(len(lines))):
        raise Fault(400, LINE_NUMBERS, "Number the line items from 0, each once.", data=["lineItemNumber"])
    return placed


def asked_lines(
    request: ApiRequest, customer: Customer, body: OrderIn, lines: Sequence[OrderLineIn]
) -> list[AskedLine]:
    """What the lines name, in their order. Raises RuleViolation for what is not sold, Fault for unknown parents."""
    items = [_item(place, line, body) for place, line in enumerate(lines)]
    parents = _parents(request, customer, lines)
    asked = []
    found = sold_for(customer, [item.wanted for item in items])
    for line, item, sold in zip(lines, items, found, strict=True):
        if isinstance(sold, Unfit):
            raise RuleViolation(sold.reason, field="lineItems", code=sold.code)
        if (unfit := refuse_wishes(item, sold)) is not None:
            raise RuleViolation(unfit.reason, field="lineItems", code=unfit.code)
        parent = parents.get(line.parent_subscription_id.strip())
        name = item.friendly_name
        asked.append(AskedLine(availability=sold, quantity=item.quantity, parent=parent, friendly_name=name))
    return asked


def _item(place: int, line: OrderLineIn, body: OrderIn) -> CartItem:
    name = line.friendly_name.strip()
    why_not = why_not_a_name(name) if name else None
    if why_not is not None:
        raise RuleViolation(why_not, field="friendlyName")
    renews_to = line.renews_to[:1] if isinstance(line.renews_to, list) else [line.renews_to]
    return CartItem(
        number=place,
        name=line.offer_id.strip(),
        quantity=line.quantity or 0,
        term=line.term_duration or "",
        plans=plans_of(body.billing_cycle),
        currency=body.currency_code.strip(),
        friendly_name=name,
        promotion=line.promotion_id.strip(),
        renewal_term=next((each.term_duration for each in renews_to if each and each.term_duration), ""),
        ends_on=moment_text(line.custom_term_end_date) if line.custom_term_end_date else "",
    )


def _parents(request: ApiRequest, customer: Customer, lines: Sequence[OrderLineIn]) -> dict[str, Subscription]:
    named = {text for line in lines if (text := line.parent_subscription_id.strip())}
    if not named:
        return {}
    ids = {text: parse_uuid(text) for text in named}
    rows = Subscription.objects.visible_to(request.caller.membership).filter(customer=customer)
    known = rows.in_bulk([each for each in ids.values() if each is not None])
    parents = {text: known[each] for text, each in ids.items() if each is not None and each in known}
    if missing := sorted(named - parents.keys()):
        raise Fault(
            404, NO_SUBSCRIPTION, f"There is no subscription {missing[0][:80]}.", data=["parentSubscriptionId"]
        )
    return parents


def reseller_of(request: ApiRequest, customer: Customer, lines: Sequence[OrderLineIn]) -> Partner | None:
    """The indirect reseller that the lines name, None where they name none or the partner itself.

    Raises RuleViolation for an unknown one, Fault 400 where the lines name several, Fault 403 to a program by itself
    (facts, 6.2).
    """
    named = {line.partner_id_on_record.strip() for line in lines} - {"", customer.partner.mpn_id}
    if len(named) > 1:
        raise Fault(400, BAD_LINES, "One order has one partner on record.", data=["partnerIdOnRecord"])
    if named and request.caller.user is None:
        raise Fault(403, APP_ONLY, "An order for a reseller needs a member's own token (App+User).")
    return named_reseller(customer.partner, named.pop()) if named else None


def amendment_of(order: Order, body: OrderIn) -> Amendment:
    """How what came differs from the order, read by `with_wire`. Raises Fault 400 for what cannot change."""
    status = body.status.strip().lower()
    is_cancelled = status in CANCELLED
    if status and not is_cancelled and status != order.status:
        raise Fault(400, NOT_SUPPORTED, "The status of an order can be set to cancelled only.", data=["status"])
    known = list(order.lines.all())
    cycles = {cycle_of(line.billing_plan) for line in known}
    if body.billing_cycle not in (None, "unknown") and len(cycles) == 1 and body.billing_cycle not in cycles:
        raise Fault(400, BILLING_CYCLE, "The billing cycle of an order stays. Order anew with another one.")
    counts: dict[int, int] = {}
    add_ons: list[OrderLineIn] = []
    for line in body.line_items:
        same = next((each for each in known if _is_same(line, each)), None)
        if same is None and not line.parent_subscription_id.strip():
            text = "The order has no such line. Add-ons name their parentSubscriptionId."
            raise Fault(400, LINE_NUMBERS, text, data=["lineItems"])
        if same is None:
            add_ons.append(line)
        elif line.quantity not in (None, same.quantity):
            counts[same.number] = line.quantity
    return Amendment(is_cancelled, counts, add_ons)


def _is_same(said: OrderLineIn, line: OrderLine) -> bool:
    """Whether the line that came is this one of the order: by its subscription, else by its number and offer."""
    if said.subscription_id.strip():
        return parse_uuid(said.subscription_id.strip()) == line.subscription.pk
    parent = parse_uuid(said.parent_subscription_id.strip()) if said.parent_subscription_id.strip() else None
    is_offer = not said.offer_id or f"{said.offer_id}:".startswith(f"{offer_id(line.sku)}:")
    return is_offer and said.line_item_number == line.number and parent == line.subscription.parent_id
