"""What the passing of time does to subscriptions: renewal, and the steps after an end.

Renewal is not gated and relies on no acceptance: nobody orders anything (architecture, section 6).
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from customers.services import lock_tenant
from orders import rules
from orders.models import (
    Availability,
    ChangeReason,
    Price,
    Subscription,
    SubscriptionEventKind,
    SubscriptionStatus,
)
from orders.pricing import price_day
from orders.services.histories import about, note
from orders.services.ordering import keep_count
from orders.services.subscriptions import become
from portal.audit.services import record_event
from portal.common.actor import Actor


@transaction.atomic
def advance_subscription(*, by: Actor, subscription_id: UUID, now: datetime) -> bool:
    """Take the step whose moment has come, if it still has; answers whether one was taken.

    Two jobs at once take it once. A job that comes late takes one step after the other, each as of its own moment.
    """
    whose = Subscription.objects.values_list("customer__tenant_id", "parent_id")
    tenant_id, parent_id = whose.get(pk=subscription_id)
    lock_tenant(tenant_id)
    if parent_id is not None:
        _advance_base(by, subscription_id, parent_id, now)
    locked = _locked(subscription_id)
    if locked.due_at is None or locked.due_at > now:
        return False
    price = _price_of_next_term(locked, locked.due_at)
    step = rules.step_when_due(status=locked.status, auto_renew=locked.auto_renew, is_sold=price is not None)
    if step is None:
        locked.due_at = None
        locked.save(update_fields=["due_at"])
        return False
    if step.is_renewed and price is not None:
        _renew(by, locked, price)
    else:
        _end(by, locked, step, locked.due_at)
    return True


def _advance_base(by: Actor, add_on_id: UUID, base_id: UUID, now: datetime) -> None:
    """Whatever ends at the same moment, the base comes first: its add-ons are not renewed to end with it."""
    due_at = Subscription.objects.values_list("due_at", flat=True).get(pk=add_on_id)
    if due_at is None or due_at > now:
        return
    due_base = Subscription.objects.filter(pk=base_id, due_at__lte=due_at)
    while due_base.exists() and advance_subscription(by=by, subscription_id=base_id, now=now):
        pass


def _locked(subscription_id: UUID) -> Subscription:
    return Subscription.objects.select_for_update(of=("self",)).with_line().get(pk=subscription_id)


def _price_of_next_term(subscription: Subscription, begin: datetime) -> Price | None:
    """What so many licences cost on the day on which the term begins, however late the job is; None where they are
    not sold as they were.
    """
    day = price_day(begin)
    sold = Availability.objects.with_prices(on=day).filter(
        sku=subscription.order_line.sku_id,
        market=subscription.customer.country,
        currency=subscription.currency,
        segment=subscription.segment,
        term=subscription.term,
        billing_plan=subscription.billing_plan,
    )
    availability = sold.first()
    return availability.price_for(subscription.quantity, on=day) if availability else None


def _renew(by: Actor, subscription: Subscription, price: Price) -> None:
    before = subscription.term_ends_at
    subscription.term_started_at = before
    subscription.term_ends_at = rules.term_end(
        started_at=subscription.started_at, term=subscription.term, after=before
    )
    subscription.due_at, subscription.unit_price = subscription.term_ends_at, price.unit_price
    subscription.save(update_fields=["term_started_at", "term_ends_at", "due_at", "unit_price"])
    until = subscription.term_ends_at.isoformat()
    line = record_event(by=by, code="orders.subscription_renewed", **about(subscription, until=until))
    kind, reason = SubscriptionEventKind.RENEWED, ChangeReason.TERM_ENDED
    note(subscription, kind=kind, reason=reason, by=by, audit_id=line.event_id)


def _end(by: Actor, subscription: Subscription, step: rules.Step, since: datetime) -> None:
    was_active = subscription.status == SubscriptionStatus.ACTIVE
    reason = ChangeReason.GRACE_ENDED
    if subscription.status in (SubscriptionStatus.ACTIVE, SubscriptionStatus.SUSPENDED):
        reason = ChangeReason.NOT_SOLD if was_active and subscription.auto_renew else ChangeReason.TERM_ENDED
    due_at = since + step.stays_for if step.stays_for else None
    facts = {"status": step.status, "reason": str(reason)}
    line = record_event(by=by, code="orders.subscription_ended", **about(subscription, **facts))
    status = SubscriptionStatus(step.status)
    become(subscription, status, by=by, reason=reason, due_at=due_at, audit_id=line.event_id)
    if step.status == SubscriptionStatus.DELETED:
        keep_count(subscription.customer)
