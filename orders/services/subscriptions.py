"""Suspending and reactivating a subscription. Neither is gated: no licence is added (architecture, section 6)."""

from typing import Any

from django.db import transaction

from customers.services import lock_customer, lock_tenant
from orders.models import Subscription, SubscriptionStatus
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@transaction.atomic
def suspend_subscription(*, by: Actor, subscription: Subscription) -> Subscription:
    """Stop a subscription; its licence count stays. Suspending it again changes nothing.

    Raises NotPermitted, RelationshipEnded.
    """
    locked = _lock(by, subscription)
    if locked.status != SubscriptionStatus.SUSPENDED:
        _set_status(locked, SubscriptionStatus.SUSPENDED)
        record_event(by=by, code="orders.subscription_suspended", **_about(locked))
    return locked


@transaction.atomic
def reactivate_subscription(*, by: Actor, subscription: Subscription) -> Subscription:
    """Let a suspended subscription run again, with the licences it had. Raises NotPermitted, RelationshipEnded."""
    locked = _lock(by, subscription)
    if locked.status != SubscriptionStatus.ACTIVE:
        _set_status(locked, SubscriptionStatus.ACTIVE)
        record_event(by=by, code="orders.subscription_reactivated", **_about(locked))
    return locked


def _lock(by: Actor, subscription: Subscription) -> Subscription:
    customer = subscription.customer
    ensure_may(by=by, partner=customer.partner, permission=Permission.ORDERS_CHANGE_LICENCES)
    lock_tenant(customer.tenant_id)
    lock_customer(customer)
    return Subscription.objects.select_for_update(of=("self",)).with_line().get(pk=subscription.pk)


def _set_status(subscription: Subscription, status: SubscriptionStatus) -> None:
    subscription.status = status
    subscription.save(update_fields=["status"])


def _about(subscription: Subscription) -> dict[str, Any]:
    return {
        "partner_id": subscription.partner_id,
        "customer_id": subscription.customer.tenant_id,
        "subject": str(subscription.pk),
        "facts": {"title": subscription.title},
    }
