"""Licence counts: up within the SKU's bounds, down by what can still be given back; both gated."""

from django.db import transaction
from django.utils import timezone

from agreements.services import require_acceptance
from customers.services import lock_tenant
from orders import rules
from orders.models import ChangeReason, LicenceChange, Subscription, SubscriptionEventKind, SubscriptionStatus
from orders.refunds import refundable_now
from orders.services.histories import about, note
from orders.services.ordering import basis, lock_approved, relied_on
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.jobs.services import submit_once
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@transaction.atomic
def change_licence_count(
    *,
    by: Actor,
    subscription: Subscription,
    quantity: int,
    submit_key: str,
    reason: ChangeReason = ChangeReason.CUSTOMER_ASKED,
) -> LicenceChange:
    """Set the licence count of a subscription, up or down.

    The same submit_key again answers the first change. Raises NotPermitted, AcceptanceRequired,
    RelationshipEnded, SubmissionConflict, RuleViolation (field quantity).
    """
    customer = subscription.customer
    ensure_may(by=by, partner=customer.partner, permission=Permission.ORDERS_CHANGE_LICENCES)
    lock_tenant(customer.tenant_id)

    made: list[LicenceChange] = []

    def effect() -> str:
        lock_approved(customer)
        locked = Subscription.objects.select_for_update(of=("self",)).with_line().get(pk=subscription.pk)
        _check(locked, quantity)
        clearance = require_acceptance(customer=locked.customer)
        change = LicenceChange.objects.create(
            subscription=locked,
            from_quantity=locked.quantity,
            to_quantity=quantity,
            reason=reason,
            changed_at=timezone.now(),
            changed_by_name=by.name,
            **relied_on(locked.customer, clearance),
        )
        locked.quantity = quantity
        locked.save(update_fields=["quantity"])
        kind = SubscriptionEventKind.LICENCES_CHANGED
        facts = {"from": change.from_quantity, "to": quantity, "reason": str(reason), **basis(clearance)}
        line = record_event(by=by, code="orders.licence_count_changed", **about(locked, **facts))
        note(
            locked,
            kind=kind,
            reason=reason,
            by=by,
            at=change.changed_at,
            licence_change=change,
            audit_id=line.event_id,
        )
        made.append(change)
        return str(change.pk)

    body = {"subscription": str(subscription.pk), "quantity": quantity, "reason": str(reason)}
    pk, _was_repeated = submit_once(by=by, form="orders.licences", key=submit_key, body=body, effect=effect)
    return made[0] if made else LicenceChange.objects.get(pk=pk)


def _check(subscription: Subscription, quantity: int) -> None:
    """Raise RuleViolation unless the subscription may have that many licences from now on."""
    is_sandbox = subscription.customer.partner.is_sandbox
    is_active = subscription.status == SubscriptionStatus.ACTIVE
    out_of_range = rules.why_not_quantity(subscription.order_line.sku, quantity)
    no_room = rules.why_not_in_sandbox(is_sandbox=is_sandbox and quantity > subscription.quantity, quantity=quantity)
    cannot = rules.why_cannot_change_licences(
        status=subscription.status,
        current=subscription.quantity,
        wanted=quantity,
        refundable=refundable_now(subscription),
    )
    reasons = {"quantity_range": out_of_range if is_active else None, _code_of(subscription): cannot}
    for code, why_not in (reasons | {"sandbox_full": no_room}).items():
        if why_not is not None:
            raise RuleViolation(why_not, field="quantity", code=code)


def _code_of(subscription: Subscription) -> str:
    """Which of Partner Center's errors it is that the licences cannot be changed (facts 3.5)."""
    return _NOT_ACTIVE.get(subscription.status, "quantity_decrease")


_NOT_ACTIVE: dict[str, str] = {
    SubscriptionStatus.SUSPENDED: "subscription_suspended",
    SubscriptionStatus.DELETED: "subscription_deleted",
    SubscriptionStatus.PENDING: "subscription_not_active",
    SubscriptionStatus.EXPIRED: "subscription_not_active",
    SubscriptionStatus.DISABLED: "subscription_not_active",
}
