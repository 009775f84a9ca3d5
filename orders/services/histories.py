"""What happened to subscriptions: their history, and the activity log's line about one of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from orders.models import ChangeReason, LicenceChange, Subscription, SubscriptionEvent, SubscriptionEventKind
from portal.common.actor import Actor
from portal.webhooks.rules import Event
from portal.webhooks.services import announce

PURCHASED = SubscriptionEventKind.PURCHASED


def note(
    subscription: Subscription,
    *,
    kind: SubscriptionEventKind,
    reason: ChangeReason,
    by: Actor,
    at: datetime | None = None,
    licence_change: LicenceChange | None = None,
    audit_id: UUID | None = None,
) -> SubscriptionEvent:
    """Add one line to the history, about the subscription as it is by now, and tell the partner's programs.

    audit_id: of the activity log's line about what caused it.
    """
    row = _event(subscription, kind, reason, by, at or timezone.now())
    row.licence_change = licence_change
    row.save()
    announce_change(subscription, audit_id=audit_id)
    return row


def announce_change(subscription: Subscription, *, audit_id: UUID | None) -> None:
    """Tell the partner's programs that the subscription changed."""
    announce(
        partner_id=subscription.partner_id,
        event=Event.SUBSCRIPTION_UPDATED,
        resource_name="subscription",
        resource_uri=f"/v1/customers/{subscription.customer.tenant_id}/subscriptions/{subscription.pk}",
        audit_id=audit_id,
    )


def note_all(
    subscriptions: Sequence[Subscription],
    *,
    kind: SubscriptionEventKind,
    reason: ChangeReason,
    by: Actor,
    at: datetime,
) -> None:
    """The same line for each, in one query."""
    SubscriptionEvent.objects.bulk_create(_event(each, kind, reason, by, at) for each in subscriptions)


def _event(
    subscription: Subscription, kind: SubscriptionEventKind, reason: ChangeReason, by: Actor, at: datetime
) -> SubscriptionEvent:
    return SubscriptionEvent(
        partner_id=subscription.partner_id,
        subscription=subscription,
        kind=kind,
        reason=reason,
        at=at,
        actor_name=by.name,
        quantity=subscription.quantity,
        unit_price=subscription.unit_price,
        term_ends_at=subscription.term_ends_at,
    )


def about(subscription: Subscription, **facts: Any) -> dict[str, Any]:
    """What the activity log says of a subscription. facts: free of personal data."""
    return {
        "partner_id": subscription.partner_id,
        "customer_id": subscription.customer.tenant_id,
        "subject": str(subscription.pk),
        "facts": {"title": subscription.title, **facts},
    }
