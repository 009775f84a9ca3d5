"""Which licences of a subscription can still be given back."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from orders import rules
from orders.models import Subscription, SubscriptionEvent, SubscriptionEventKind

_NEW_TERM = (SubscriptionEventKind.PURCHASED, SubscriptionEventKind.RENEWED)
_COUNTED = (*_NEW_TERM, SubscriptionEventKind.LICENCES_CHANGED)


def refundable_now(subscription: Subscription) -> list[rules.Refundable]:
    """What runs out first first (facts 3.4: 7 days from purchase, renewal or increase). One query."""
    events = SubscriptionEvent.objects.filter(subscription=subscription, kind__in=_COUNTED).newest_first()
    return _refundable(events.iterator())


def refundable_of(subscriptions: Sequence[Subscription]) -> Mapping[UUID, list[rules.Refundable]]:
    """The same for many, by their ids; nothing for those of which nothing can be given back. Two queries for all."""
    since = timezone.now() - rules.REFUND_WINDOW
    counted = SubscriptionEvent.objects.filter(
        subscription__in=[each.pk for each in subscriptions], kind__in=_COUNTED
    )
    recent = set(counted.filter(at__gte=since).order_by().values_list("subscription_id", flat=True))
    if not recent:
        return {}
    histories: dict[UUID, list[SubscriptionEvent]] = defaultdict(list)
    # Nothing before the present term counts any more.
    for event in counted.filter(subscription__in=recent, at__gte=F("subscription__term_started_at")).newest_first():
        histories[event.subscription_id].append(event)
    return {key: found for key, events in histories.items() if (found := _refundable(events))}


def _refundable(events: Iterable[SubscriptionEvent]) -> list[rules.Refundable]:
    """events: the newest first."""
    history: list[rules.CountChange] = []
    for event in events:
        is_new_term = event.kind in _NEW_TERM
        history.append(rules.CountChange(event.at, event.quantity, is_new_term))
        if is_new_term:
            break
    return rules.refundable(reversed(history), now=timezone.now())
