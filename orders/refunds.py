"""Which licences of a subscription can still be given back."""

from django.utils import timezone

from orders import rules
from orders.models import Subscription, SubscriptionEvent, SubscriptionEventKind

_NEW_TERM = (SubscriptionEventKind.PURCHASED, SubscriptionEventKind.RENEWED)
_COUNTED = (*_NEW_TERM, SubscriptionEventKind.LICENCES_CHANGED)


def refundable_now(subscription: Subscription) -> list[rules.Refundable]:
    """What runs out first first (facts 3.4: 7 days from purchase, renewal or increase). One query."""
    history: list[rules.CountChange] = []
    events = SubscriptionEvent.objects.filter(subscription=subscription, kind__in=_COUNTED).newest_first()
    for event in events.iterator():
        is_new_term = event.kind in _NEW_TERM
        history.append(rules.CountChange(event.at, event.quantity, is_new_term))
        if is_new_term:
            break
    return rules.refundable(reversed(history), now=timezone.now())
