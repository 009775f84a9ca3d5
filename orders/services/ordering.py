"""Orders and licence counts. Whatever is gated takes the tenant's lock before it asks the gate."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.services import Clearance, require_acceptance
from customers.models import Customer
from customers.rules import why_cannot_transact
from customers.services import keep_subscription_count, lock_customer, lock_tenant, push_words
from orders import rules
from orders.models import (
    Cart,
    CartLine,
    LicenceChange,
    Order,
    OrderLine,
    OrderStatus,
    Subscription,
    SubscriptionStatus,
)
from orders.services.carts import check_line, lock_cart
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.jobs.services import submit_once
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@transaction.atomic
def place_order(*, by: Actor, cart: Cart, submit_key: str, reviewed: Sequence[tuple[str, int]]) -> Order:
    """Order what is in the cart. The order is complete and its subscriptions active at once.

    reviewed: (price id, quantity) of each line as the agent saw it. The same submit_key again, or another
    submit of the same cart, answers the order that is there. Raises NotPermitted, AcceptanceRequired,
    SubmissionConflict, RuleViolation (an empty cart; a cart that changed since it was reviewed).
    """
    customer = cart.customer
    ensure_may(by=by, partner=customer.partner, permission=Permission.ORDERS_PLACE)
    lock_tenant(customer.tenant_id)

    def effect() -> str:
        locked = lock_cart(cart)
        if locked.order is not None:
            return locked.order.number
        lines = list(locked.lines.select_related("price__sku"))
        if not lines:
            raise RuleViolation(_("The cart is empty. Add a product first."))
        if sorted(reviewed) != sorted((str(line.price.public_id), line.quantity) for line in lines):
            raise RuleViolation(_("The cart changed since you reviewed it. Check it and submit again."))
        for line in lines:
            _check_again(locked, line)
        _lock_approved(locked.customer)
        order = _create_order(by, locked, lines, require_acceptance(customer=locked.customer))
        return order.number

    body = {"cart": str(cart.pk), "lines": sorted(reviewed)}
    number, _was_repeated = submit_once(by=by, form="orders.place", key=submit_key, body=body, effect=effect)
    return Order.objects.get(number=number)


def _check_again(cart: Cart, line: CartLine) -> None:
    """What held when the line was put into the cart may not hold any more: the country, the SKU's bounds."""
    try:
        check_line(cart=cart, price=line.price, quantity=line.quantity)
    except RuleViolation as refused:
        named = _("%(product)s: %(reason)s") % {"product": line.price.sku, "reason": refused.message}
        raise RuleViolation(named) from None


@transaction.atomic
def change_licence_count(*, by: Actor, subscription: Subscription, quantity: int, submit_key: str) -> LicenceChange:
    """Set the licence count of a subscription, up or down.

    The same submit_key again answers the first change. Raises NotPermitted, AcceptanceRequired,
    SubmissionConflict, RuleViolation (field quantity).
    """
    customer = subscription.customer
    ensure_may(by=by, partner=customer.partner, permission=Permission.ORDERS_CHANGE_LICENCES)
    lock_tenant(customer.tenant_id)

    def effect() -> str:
        locked = Subscription.objects.select_for_update(of=("self",)).with_line().get(pk=subscription.pk)
        why_not = rules.why_cannot_change_licences(
            status=locked.status, current=locked.quantity, wanted=quantity
        ) or rules.why_not_quantity(locked.order_line.sku, quantity)
        if why_not is not None:
            raise RuleViolation(why_not, field="quantity")
        _lock_approved(locked.customer)
        clearance = require_acceptance(customer=locked.customer)
        change = LicenceChange.objects.create(
            subscription=locked,
            from_quantity=locked.quantity,
            to_quantity=quantity,
            changed_at=timezone.now(),
            changed_by_name=by.name,
            **relied_on(locked.customer, clearance),
        )
        locked.quantity = quantity
        locked.save(update_fields=["quantity"])
        record_event(
            by=by,
            code="orders.licence_count_changed",
            partner_id=locked.partner_id,
            customer_id=customer.tenant_id,
            subject=str(locked.pk),
            facts={"from": change.from_quantity, "to": quantity, **_basis(clearance)},
        )
        return str(change.pk)

    body = {"subscription": str(subscription.pk), "quantity": quantity}
    made, _was_repeated = submit_once(by=by, form="orders.licences", key=submit_key, body=body, effect=effect)
    return LicenceChange.objects.get(pk=made)


def _lock_approved(customer: Customer) -> None:
    """Raise RelationshipEnded, or RuleViolation while the customer's account is not approved, as it is now."""
    why_not = why_cannot_transact(lock_customer(customer).account_status)
    if why_not is not None:
        raise RuleViolation(why_not, code="account_not_approved")


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


def _create_order(by: Actor, cart: Cart, lines: Sequence[CartLine], clearance: Clearance) -> Order:
    now = timezone.now()
    order = Order.objects.create(
        status=OrderStatus.COMPLETED,
        currency=lines[0].price.currency,
        total=sum(line.amount for line in lines),
        placed_at=now,
        placed_by_id=by.user_id,
        placed_by_name=by.name,
        **relied_on(cart.customer, clearance),
    )
    for number, line in enumerate(lines):
        price, sku = line.price, line.price.sku
        sold = OrderLine.objects.create(
            order=order,
            number=number,
            sku=sku,
            title=sku.title,
            term=price.term,
            billing_plan=price.billing_plan,
            quantity=line.quantity,
            unit_price=price.unit_price,
        )
        Subscription.objects.create(
            partner=cart.partner,
            customer=cart.customer,
            order_line=sold,
            title=sku.title,
            quantity=line.quantity,
            status=SubscriptionStatus.ACTIVE,
            started_at=now,
        )
    cart.order = order
    cart.save(update_fields=["order", "updated_at"])
    push_words(customer=cart.customer, words=[order.number])
    keep_subscription_count(customer=cart.customer, count=Subscription.objects.filter(customer=cart.customer).count())
    record_event(
        by=by,
        code="orders.order_placed",
        partner_id=order.partner_id,
        customer_id=order.tenant_id,
        subject=order.number,
        facts={
            "lines": len(lines),
            "total": str(order.total),
            "currency": order.currency,
            **_basis(clearance),
        },
    )
    return order


def _basis(clearance: Clearance) -> dict[str, str | None]:
    return {"relied_on": str(clearance.acceptance.reference) if clearance.acceptance else None}
