"""What people make of a subscription beside its licence count. None of it is gated: no licence is added
(architecture, section 6).
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.services import lock_customer, lock_tenant
from orders import rules
from orders.models import ChangeReason, Subscription, SubscriptionEvent, SubscriptionEventKind, SubscriptionStatus
from orders.refunds import refundable_now
from orders.services.histories import about, note
from orders.services.ordering import keep_count
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

KIND = {
    SubscriptionStatus.SUSPENDED: SubscriptionEventKind.SUSPENDED,
    SubscriptionStatus.ACTIVE: SubscriptionEventKind.REACTIVATED,
    SubscriptionStatus.EXPIRED: SubscriptionEventKind.EXPIRED,
    SubscriptionStatus.DISABLED: SubscriptionEventKind.DISABLED,
    SubscriptionStatus.DELETED: SubscriptionEventKind.DELETED,
}


@transaction.atomic
def suspend_subscription(
    *, by: Actor, subscription: Subscription, reason: ChangeReason = ChangeReason.CUSTOMER_ASKED
) -> Subscription:
    """Stop a subscription and its add-ons; licence counts stay. Suspending it again changes nothing.

    Raises NotPermitted, RelationshipEnded, RuleViolation where it is neither active nor suspended.
    """
    locked = lock_subscription(by=by, subscription=subscription)
    if locked.status != SubscriptionStatus.SUSPENDED:
        line = record_event(by=by, code="orders.subscription_suspended", **about(locked, reason=str(reason)))
        become(locked, SubscriptionStatus.SUSPENDED, by=by, reason=reason, audit_id=line.event_id)
    return locked


@transaction.atomic
def reactivate_subscription(
    *, by: Actor, subscription: Subscription, reason: ChangeReason = ChangeReason.CUSTOMER_ASKED
) -> Subscription:
    """Let a suspended subscription run again with the licences it had, and the add-ons that stopped with it.

    Raises NotPermitted, RelationshipEnded, RuleViolation where it is neither suspended nor active, or where it is
    an add-on whose base is not active (Partner Center error 27009).
    """
    locked = lock_subscription(by=by, subscription=subscription)
    if locked.status == SubscriptionStatus.ACTIVE:
        return locked
    if locked.parent is not None and locked.parent.status != SubscriptionStatus.ACTIVE:
        raise RuleViolation(
            _("Reactivate the subscription that this add-on belongs to first."), code="parent_inactive"
        )
    line = record_event(by=by, code="orders.subscription_reactivated", **about(locked, reason=str(reason)))
    _run_again(locked, by=by, reason=reason, audit_id=line.event_id)
    return locked


@transaction.atomic
def set_auto_renew(*, by: Actor, subscription: Subscription, is_on: bool) -> Subscription:
    """Whether the subscription goes on when its term ends. Saying the same again changes nothing.

    Raises NotPermitted, RelationshipEnded, RuleViolation where no further term can follow.
    """
    locked = lock_subscription(by=by, subscription=subscription)
    why_not = rules.why_cannot_set_auto_renew(status=locked.status)
    if why_not is not None:
        raise RuleViolation(why_not, code="no_further_term")
    if locked.auto_renew != is_on:
        locked.auto_renew = is_on
        locked.save(update_fields=["auto_renew"])
        kind = SubscriptionEventKind.AUTO_RENEW_ON if is_on else SubscriptionEventKind.AUTO_RENEW_OFF
        line = record_event(by=by, code="orders.auto_renew_changed", **about(locked, is_on=is_on))
        note(locked, kind=kind, reason=ChangeReason.CUSTOMER_ASKED, by=by, audit_id=line.event_id)
    return locked


@transaction.atomic
def cancel_subscription(
    *, by: Actor, subscription: Subscription, reason: ChangeReason = ChangeReason.CUSTOMER_ASKED
) -> Subscription:
    """End a subscription and its add-ons at once, within 7 days of purchase or renewal; in the sandbox always.

    Cancelling it again changes nothing. Raises NotPermitted, RelationshipEnded, RuleViolation.
    """
    locked = lock_subscription(by=by, subscription=subscription)
    if locked.status == SubscriptionStatus.DELETED:
        return locked
    why_not = rules.why_cannot_cancel(
        status=locked.status,
        quantity=locked.quantity,
        refundable=refundable_now(locked),
        is_sandbox=locked.customer.partner.is_sandbox,
    )
    if why_not is not None:
        is_late = rules.may_go(locked.status, SubscriptionStatus.DELETED)
        raise RuleViolation(why_not, code="cancellation_window" if is_late else "no_such_way")
    line = record_event(by=by, code="orders.subscription_cancelled", **about(locked, reason=str(reason)))
    become(locked, SubscriptionStatus.DELETED, by=by, reason=reason, audit_id=line.event_id)
    keep_count(locked.customer)
    return locked


def become(
    subscription: Subscription,
    status: SubscriptionStatus,
    *,
    by: Actor,
    reason: ChangeReason,
    due_at: datetime | None = None,
    audit_id: UUID | None = None,
) -> None:
    """Take the one step to that status, with its line in the history; active add-ons stop along.

    due_at: when the scheduled job looks again, where that is not the end of the term; audit_id: of the activity log's
    line about what caused the step. The caller holds the tenant's lock and the row's. Raises RuleViolation where no
    way leads there (error 800040).
    """
    if not rules.may_go(subscription.status, status):
        words = {"before": subscription.get_status_display(), "after": SubscriptionStatus(status).label}
        raise RuleViolation(
            _("A subscription that is “%(before)s” cannot become “%(after)s”.") % words, code="no_such_way"
        )
    if status == SubscriptionStatus.SUSPENDED and _awaits_renewal(subscription):
        raise RuleViolation(
            _("The term of “%(title)s” has just ended; its renewal is under way. Try again in a few minutes.")
            % {"title": subscription.title},
            code="renewal_due",
        )
    subscription.status = status
    goes_on = status in (SubscriptionStatus.ACTIVE, SubscriptionStatus.SUSPENDED)
    subscription.due_at = subscription.term_ends_at if goes_on else due_at
    subscription.save(update_fields=["status", "due_at"])
    note(subscription, kind=KIND[status], reason=reason, by=by, audit_id=audit_id)
    if status != SubscriptionStatus.ACTIVE:
        for add_on in _locked_add_ons(subscription, lambda each: rules.may_go(each.status, status)):
            become(add_on, status, by=by, reason=ChangeReason.PARENT_ENDED, due_at=due_at, audit_id=audit_id)


def _awaits_renewal(subscription: Subscription) -> bool:
    """Whether the scheduled job is about to renew it. Suspended before that, it would count as suspended to the end
    of its term and be disabled, from where no way leads back.
    """
    return subscription.auto_renew and subscription.term_ends_at <= timezone.now()


def end_all(
    subscriptions: QuerySet[Subscription], *, by: Actor, reason: ChangeReason, audit_id: UUID | None = None
) -> None:
    """Delete each of them at once, where a way leads there from its status. The caller holds the tenant's lock."""
    for subscription in subscriptions.select_for_update(of=("self",)).select_related("customer").order_by("pk"):
        # An add-on may have ended a moment ago, along with its base.
        subscription.refresh_from_db(fields=["status"])
        if rules.may_go(subscription.status, SubscriptionStatus.DELETED):
            become(subscription, SubscriptionStatus.DELETED, by=by, reason=reason, audit_id=audit_id)


def _locked_add_ons(subscription: Subscription, wanted: Callable[[Subscription], bool]) -> list[Subscription]:
    rows = Subscription.objects.select_for_update(of=("self",)).filter(parent=subscription).select_related("customer")
    rows = rows.order_by("pk")
    return [each for each in rows if wanted(each)]


def _run_again(subscription: Subscription, *, by: Actor, reason: ChangeReason, audit_id: UUID) -> None:
    become(subscription, SubscriptionStatus.ACTIVE, by=by, reason=reason, audit_id=audit_id)
    for add_on in _stopped_along(subscription):
        _run_again(add_on, by=by, reason=reason, audit_id=audit_id)


def _stopped_along(subscription: Subscription) -> list[Subscription]:
    """The suspended add-ons that nobody suspended for themselves."""

    def stopped_along(add_on: Subscription) -> bool:
        last = SubscriptionEvent.objects.filter(subscription=add_on, kind=SubscriptionEventKind.SUSPENDED).first()
        is_suspended = add_on.status == SubscriptionStatus.SUSPENDED
        return is_suspended and last is not None and last.reason == ChangeReason.PARENT_ENDED

    return _locked_add_ons(subscription, stopped_along)


def lock_subscription(*, by: Actor, subscription: Subscription) -> Subscription:
    """The subscription as it is now, with its tenant, customer and row locked in this order.

    Raises NotPermitted, RelationshipEnded.
    """
    customer = subscription.customer
    ensure_may(by=by, partner=customer.partner, permission=Permission.ORDERS_CHANGE_LICENCES)
    lock_tenant(customer.tenant_id)
    lock_customer(customer)
    return Subscription.objects.select_for_update(of=("self",)).with_line().get(pk=subscription.pk)
