"""Placing and cancelling orders. Whatever is gated takes the tenant's lock before it asks the gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.services import Clearance, require_acceptance
from customers.models import Customer
from customers.rules import why_cannot_transact
from customers.services import keep_subscription_count, lock_customer, lock_tenant, push_words
from orders import rules
from orders.models import Cart, MonthTotal, Order, OrderStatus, Subscription
from orders.pricing import PricedLine, Seen, price_day, priced, total
from orders.refusing import Item, Unfit, refuse_line
from orders.services.carts import lock_cart
from orders.services.order_rows import create_rows
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.jobs.services import body_digest, submit_once
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may
from portal.webhooks.rules import Event
from portal.webhooks.services import announce

# What fits the column: some currencies need many digits.
MOST = Decimal("999999999999.99")


@transaction.atomic
def place_order(
    *,
    by: Actor,
    cart: Cart,
    submit_key: str,
    reviewed: Sequence[Seen],
    is_attested: bool,
    purchase_order_number: str = "",
) -> Order:
    """Order what is in the cart. The order is complete and its subscriptions active at once.

    reviewed: each line as the agent saw it; is_attested: the partner-on-record statement, that the partner acts as
    the kind of partner it is. The same submit_key again, or the same content of the same cart, answers the order
    that is there. Raises NotPermitted, AcceptanceRequired, SubmissionConflict, RuleViolation (an empty cart; a
    cart that changed since it was reviewed, or was ordered with other content; no statement).
    """
    customer = cart.customer
    ensure_may(by=by, partner=customer.partner, permission=Permission.ORDERS_PLACE)
    if not is_attested:
        message = _("Confirm how your company acts in this order")
        raise RuleViolation(message, field="is_attested", code="partner_attestation_missing")
    lock_tenant(customer.tenant_id)
    body = {"cart": str(cart.pk), "lines": sorted(reviewed), "purchase_order_number": purchase_order_number}

    made: list[Order] = []

    def effect() -> str:
        locked = lock_cart(cart)
        if locked.order is not None:
            return _ordered_as(locked, locked.order, body_digest(body))
        locked.customer = lock_approved(locked.customer)
        today = price_day()
        rows = locked.lines.with_prices(on=today).select_related("parent__order_line")
        lines = priced(rows.prefetch_related("availability__sku__add_on_to"), on=today)
        _check_lines(locked.customer, lines, reviewed)
        locked.purchase_order_number, locked.ordered_as = purchase_order_number, body_digest(body)
        made.append(_create_order(by, locked, lines, require_acceptance(customer=locked.customer)))
        return made[0].number

    number, _was_repeated = submit_once(by=by, form="orders.place", key=submit_key, body=body, effect=effect)
    return made[0] if made else Order.objects.get(number=number)


def _ordered_as(cart: Cart, order: Order, digest: str) -> str:
    """The order's number, where the cart was ordered with the same content (Partner Center error 800065)."""
    if cart.ordered_as and cart.ordered_as != digest:
        message = _("This cart was ordered already, with other content, as order %(number)s. Start a new order.")
        raise RuleViolation(message % {"number": order.number}, code="cart_ordered")
    return order.number


class LineRefused(RuleViolation):
    """One line of an order cannot be. index: its place among the lines."""

    def __init__(self, refusal: Unfit, *, index: int, product: object) -> None:
        text = _("%(product)s: %(reason)s") % {"product": product, "reason": refusal.reason}
        super().__init__(text, code=refusal.code)
        self.index = index


def _check_lines(customer: Customer, lines: Sequence[PricedLine], reviewed: Sequence[Seen]) -> None:
    """What held when a line was put into the cart may not hold any more: the country, the price, a base."""
    if lines and sorted(reviewed) != sorted(line.seen for line in lines):
        raise RuleViolation(_("The cart or a price changed since you reviewed it. Check it and submit again."))
    check_lines(customer, lines)


def check_lines(customer: Customer, lines: Sequence[PricedLine]) -> None:
    """Raises LineRefused, or RuleViolation for the order as a whole."""
    if not lines:
        raise RuleViolation(_("The cart is empty. Add a product first."), code="no_lines")
    currencies = {line.line.availability.currency for line in lines}
    for index, each in enumerate(lines):
        line = each.line
        base_sku = None if each.base is None else lines[each.base].line.availability.sku_id
        item = Item(line.availability, line.parent)
        refusal = refuse_line(customer, item, line.quantity, currencies=currencies, base_sku=base_sku)
        if refusal is not None:
            raise LineRefused(refusal, index=index, product=line.availability.sku)
    if total(lines) > MOST:
        raise RuleViolation(
            _("This order comes to more than one order can. Order fewer licences, or in several orders."),
            code="order_too_large",
        )
    _check_room(customer, len(lines))


def _check_room(customer: Customer, count: int) -> None:
    is_sandbox = customer.partner.is_sandbox
    known = Subscription.objects.living(customer).count() if is_sandbox else 0
    why_not = rules.why_no_more_subscriptions(is_sandbox=is_sandbox, count=known + count)
    if why_not is not None:
        raise RuleViolation(why_not, code="sandbox_full")


def lock_approved(customer: Customer) -> Customer:
    """The customer as it is now, locked. Raises RelationshipEnded, or RuleViolation while it is not approved."""
    locked = lock_customer(customer)
    why_not = why_cannot_transact(locked.account_status)
    if why_not is not None:
        raise RuleViolation(why_not, code="account_not_approved")
    return locked


def relied_on(customer: Customer, clearance: Clearance) -> dict[str, Any]:
    """The columns in which an order or change keeps why it was allowed."""
    acceptance = clearance.acceptance
    return {
        "partner": customer.partner,
        "cloud": customer.partner.cloud,
        "customer": customer,
        "tenant_id": customer.tenant_id,
        "acceptance": acceptance,
        "acceptance_scope": acceptance.scope if acceptance else None,
    }


@dataclass(frozen=True, kw_only=True)
class Sale:
    """What an order says beside its lines. transacted_as: "" where the statement was not made; reseller_id: None
    for none; cart: of the screens, that becomes this order.
    """

    customer: Customer
    transacted_as: str
    reseller_id: int | None
    purchase_order_number: str = ""
    cart: Cart | None = None


def _create_order(by: Actor, cart: Cart, lines: Sequence[PricedLine], clearance: Clearance) -> Order:
    sale = Sale(
        customer=cart.customer,
        transacted_as=cart.customer.partner.kind,
        reseller_id=cart.customer.reseller_id,
        purchase_order_number=cart.purchase_order_number,
        cart=cart,
    )
    return write_order(by=by, sale=sale, lines=lines, clearance=clearance)


def write_order(*, by: Actor, sale: Sale, lines: Sequence[PricedLine], clearance: Clearance) -> Order:
    """The order with all that comes of it. The caller holds the locks, and has checked everything."""
    customer, now = sale.customer, timezone.now()
    order = Order.objects.create(
        status=OrderStatus.COMPLETED,
        currency=lines[0].line.availability.currency,
        total=total(lines),
        purchase_order_number=sale.purchase_order_number,
        transacted_as=sale.transacted_as,
        reseller_id=sale.reseller_id,
        placed_at=now,
        placed_by_id=by.user_id,
        placed_by_name=by.name,
        **relied_on(customer, clearance),
    )
    create_rows(by=by, order=order, lines=lines)
    if sale.cart is not None:
        sale.cart.order = order
        sale.cart.save(update_fields=["order", "ordered_as", "purchase_order_number", "updated_at"])
    count = Subscription.objects.living(customer).count()
    push_words(customer=customer, words=[order.number], subscription_count=count, bought_at=now)
    line = record_event(
        by=by,
        code="orders.order_placed",
        partner_id=order.partner_id,
        customer_id=order.tenant_id,
        subject=order.number,
        facts={
            "lines": len(lines),
            "total": str(order.total),
            "currency": order.currency,
            **basis(clearance),
        },
    )
    announce(
        partner_id=order.partner_id,
        event=Event.ORDER_CREATED,
        resource_name="order",
        resource_uri=f"/v1/customers/{order.tenant_id}/orders/{order.number}",
        audit_id=line.event_id,
    )
    _add_to_month(order)
    return order


def keep_count(customer: Customer) -> None:
    """Tell the customer's row how many subscriptions it has. The caller holds the tenant's lock."""
    keep_subscription_count(customer=customer, count=Subscription.objects.living(customer).count())


def basis(clearance: Clearance) -> dict[str, str | None]:
    """What the activity log says of why something was allowed."""
    return {"relied_on": str(clearance.acceptance.reference) if clearance.acceptance else None}


def month_of(moment: datetime) -> date:
    """The first day of the month (UTC) in which an order counts."""
    return price_day(moment).replace(day=1)


def _add_to_month(order: Order) -> None:
    """Last of all, because every order of the partner waits for this row until the transaction ends."""
    whose = {"partner_id": order.partner_id, "month": month_of(order.placed_at), "currency": order.currency}
    row = MonthTotal.objects.filter(**whose)
    more = {"order_count": F("order_count") + 1, "amount": F("amount") + order.total}
    if row.update(**more):
        return
    try:
        with transaction.atomic():
            MonthTotal.objects.create(**whose, order_count=1, amount=order.total)
    except IntegrityError:
        row.update(**more)
