"""What the clock does to subscriptions: the steps whose moment has come, each in a transaction of its own."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import structlog
from django.db.models import Q
from django.utils import timezone

from orders.models import Subscription
from orders.services import advance_subscription
from portal.common.actor import Actor, ActorKind, Door

log = structlog.get_logger("portal.orders")

BATCH = 100
MOST_STEPS = 2000

CLOCK = Actor(kind=ActorKind.JOB, name="Portal", door=Door.JOB)


def advance_due(*, limit: int = MOST_STEPS) -> int:
    """Take every step whose moment has come; answers how many were taken, about `limit` at most.

    However many clocks run, a step is taken once. A subscription whose step fails is passed over, looked at again
    in the next round, and stops no other.
    """
    now, taken = timezone.now(), 0
    for subscription_id in _due(now):
        taken += _advance(subscription_id, now)
        if taken >= limit:
            break
    return taken


def _advance(subscription_id: UUID, now: datetime) -> int:
    """All steps that one subscription is behind; answers how many."""
    taken = 0
    try:
        while advance_subscription(by=CLOCK, subscription_id=subscription_id, now=now):
            taken += 1
    except Exception:
        # Its message may quote the row; the log keeps the exception's type and where it happened.
        log.exception("subscription_step_failed", subscription=str(subscription_id))
    return taken


def _due(now: datetime) -> Iterator[UUID]:
    """The longest overdue first, a small batch at a time, each behind the last one seen."""
    rows = Subscription.objects.due(at=now).values_list("due_at", "id")
    batch = list(rows[:BATCH])
    while batch:
        yield from (subscription_id for _due_at, subscription_id in batch)
        due_at, last = batch[-1]
        # The first filter is redundant, but lets both engines walk the index instead of scanning an OR.
        behind = Q(due_at__gt=due_at) | Q(due_at=due_at, id__gt=last)
        batch = list(rows.filter(due_at__gte=due_at).filter(behind)[:BATCH])
