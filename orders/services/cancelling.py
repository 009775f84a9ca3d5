"""Cancelling an order: in the sandbox only (architecture, section 5; facts 3.3)."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from customers.services import lock_customer, lock_tenant
from orders.models import ChangeReason, MonthTotal, Order, OrderStatus, Subscription
from orders.services.ordering import keep_count, month_of
from orders.services.subscriptions import end_all
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@transaction.atomic
def cancel_order(*, by: Actor, order: Order) -> Order:
    """Cancel a sandbox order; its subscriptions and their add-ons end. Cancelling it again changes nothing.

    Raises NotPermitted, RelationshipEnded, RuleViolation outside the sandbox.
    """
    customer = order.customer
    ensure_may(by=by, partner=customer.partner, permission=Permission.ORDERS_PLACE)
    if not customer.partner.is_sandbox:
        raise RuleViolation(
            _("Only sandbox orders can be cancelled. Cancel its subscriptions within 7 days instead."),
            code="order_not_cancellable",
        )
    lock_tenant(customer.tenant_id)
    lock_customer(customer)
    locked = Order.objects.select_for_update(of=("self",)).with_customer().get(pk=order.pk)
    if locked.status == OrderStatus.CANCELLED:
        return locked
    line = record_event(
        by=by,
        code="orders.order_cancelled",
        partner_id=locked.partner_id,
        customer_id=locked.tenant_id,
        subject=locked.number,
    )
    ending = Subscription.objects.filter(order_line__order=locked)
    end_all(ending, by=by, reason=ChangeReason.ORDER_CANCELLED, audit_id=line.event_id)
    locked.status = OrderStatus.CANCELLED
    locked.save(update_fields=["status"])
    keep_count(customer)
    month = MonthTotal.objects.filter(
        partner_id=locked.partner_id, month=month_of(locked.placed_at), currency=locked.currency
    )
    month.update(order_count=F("order_count") - 1, amount=F("amount") - locked.total)
    return locked
