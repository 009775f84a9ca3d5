"""Sending what is due to one receiver. Nobody waits for this, and no transaction is open meanwhile."""

import time

import structlog
from django.db.models import F
from django.utils import timezone

from portal.webhooks import rules
from portal.webhooks.models import Delivery, DeliveryAttempt, DeliveryState, Registration
from portal.webhooks.notices import body_of, headers_of
from portal.webhooks.outgoing import Outcome, post

ROUND = 20.0
"""Seconds after which a receiver makes room for the others."""

log = structlog.get_logger(__name__)


def send_some(registration_id: int) -> bool:
    """Send what is due to this receiver, oldest first; answers whether anything is due still.

    A receiver that cannot be reached is left in peace for a while: the other notices lose no attempt over it.
    Harmless when two do so at once: each notice is claimed by one of them.
    """
    until = time.monotonic() + ROUND
    while (delivery := _claim(registration_id)) is not None:
        outcome = _send(delivery)
        _keep(delivery, outcome)
        if not outcome.is_reached:
            quiet_until = timezone.now() + rules.pause(delivery.attempt_count)
            Registration.objects.filter(pk=registration_id).update(quiet_until=quiet_until)
            return False
        if time.monotonic() > until:
            return True
    return False


def _claim(registration_id: int) -> Delivery | None:
    """The next one that is due, for this worker alone. One whose worker was killed is due again after the pause,
    with an attempt less.
    """
    due = Delivery.objects.filter(registration_id=registration_id).due(timezone.now())
    while (delivery := due.select_related("registration").order_by("pk").first()) is not None:
        seen, delivery.attempt_count = delivery.next_try_at, delivery.attempt_count + 1
        taken = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING, next_try_at=seen).update(
            attempt_count=F("attempt_count") + 1,
            next_try_at=timezone.now() + rules.pause(delivery.attempt_count),
        )
        if taken:
            return delivery
    return None


def _send(delivery: Delivery) -> Outcome:
    registration = delivery.registration
    body = body_of(delivery)
    return post(registration.url, body, headers_of(body, has_own_header=registration.has_own_header))


def _keep(delivery: Delivery, outcome: Outcome) -> None:
    """What came of it. A notice that was turned off meanwhile stays so."""
    DeliveryAttempt.objects.create(
        delivery=delivery,
        status_code=outcome.status_code,
        duration_ms=outcome.duration_ms,
        problem=outcome.problem[:200],
    )
    row = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING)
    ended = {"next_try_at": None, "ended_at": timezone.now()}
    if outcome.is_delivered:
        row.update(state=DeliveryState.DELIVERED, **ended)
    elif delivery.attempt_count >= rules.most_attempts(delivery.event):
        row.update(state=DeliveryState.GIVEN_UP, **ended)
    log.info("webhook", delivery=str(delivery.public_id), webhook_event=delivery.event, status=outcome.status_code)
