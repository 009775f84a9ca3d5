"""Where a partner wants to be told of changes: set, changed, turned off, tried."""

from collections.abc import Iterable
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import NotFound, RuleViolation
from portal.jobs.services import submit_once
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may
from portal.webhooks import rules
from portal.webhooks.models import Delivery, DeliveryState, Registration
from portal.webhooks.rules import Event
from portal.webhooks.tasks import send_due

TESTS = "/webhooks/v1/registration/validationEvents"


@transaction.atomic
def register(
    *, by: Actor, partner: Partner, url: str, events: Iterable[str], has_own_header: bool = False
) -> Registration:
    """Set the one address that the partner's notices go to, and which events it wants; again changes it.

    has_own_header: the signature is wanted in `x-ms-signature`. Raises NotPermitted, RuleViolation (field url or
    events).
    """
    ensure_may(by=by, partner=partner, permission=Permission.PARTNER_MANAGE_API_CLIENTS)
    wanted = rules.named(events)
    refusals = {"url": rules.why_not_url(url, is_local=settings.IS_LOCAL), "events": rules.why_not_events(wanted)}
    for field, reason in refusals.items():
        if reason is not None:
            raise RuleViolation(reason, field=field, code=f"webhook_{field}")
    # The partner's row is the lock: two first registrations at once are one, and its change.
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    found = Registration.objects.filter(partner=partner).first()
    registration = found or Registration(partner=partner)
    before = (registration.url, registration.events) if found is not None and found.is_active else None
    registration.url, registration.events, registration.has_own_header = url, wanted, has_own_header
    registration.is_active, registration.quiet_until = True, None
    registration.changed_at, registration.changed_by_name = timezone.now(), by.name
    registration.save()
    record_event(
        by=by,
        code="webhooks.registration_saved",
        partner_id=partner.pk,
        subject=str(registration.subscriber_id),
        facts={"events": wanted},
        # An address may hold a secret of the receiver's.
        changes={"url": (before[0] if before else None, url)},
    )
    return registration


@transaction.atomic
def turn_off(*, by: Actor, partner: Partner) -> None:
    """Send nothing any more, nor what still waits. Off already changes nothing. Raises NotPermitted."""
    ensure_may(by=by, partner=partner, permission=Permission.PARTNER_MANAGE_API_CLIENTS)
    registration = Registration.objects.select_for_update().active().filter(partner=partner).first()
    if registration is None:
        return
    registration.is_active = False
    registration.changed_at, registration.changed_by_name = timezone.now(), by.name
    registration.save(update_fields=["is_active", "changed_at", "changed_by_name"])
    waiting = Delivery.objects.filter(registration=registration, state=DeliveryState.PENDING)
    waiting.update(state=DeliveryState.GIVEN_UP, next_try_at=None, ended_at=timezone.now())
    record_event(
        by=by,
        code="webhooks.registration_removed",
        partner_id=partner.pk,
        subject=str(registration.subscriber_id),
    )


@transaction.atomic
def send_test(*, by: Actor, partner: Partner, submit_key: str = "") -> Delivery:
    """Send `test-created` to the partner's receiver, whichever events it wants; public_id finds what came of it.

    The same submit_key again answers the first test. Raises NotPermitted, NotFound without a registration.
    """
    ensure_may(by=by, partner=partner, permission=Permission.PARTNER_MANAGE_API_CLIENTS)
    registration = Registration.objects.active().filter(partner=partner).first()
    if registration is None:
        raise NotFound(_("No webhook is registered. Register one first."))

    def effect() -> str:
        # Whoever tests has put the receiver right, and wants to know now.
        Registration.objects.filter(pk=registration.pk).update(quiet_until=None)
        public_id = uuid4()
        Delivery.objects.create(
            registration=registration,
            public_id=public_id,
            event=Event.TEST_CREATED,
            resource_name="test",
            resource_uri=f"{TESTS}/{public_id}",
        )
        send_due.enqueue(registration.pk)
        return str(public_id)

    if not submit_key:
        return Delivery.objects.get(public_id=effect())
    body = {"registration": str(registration.subscriber_id)}
    made, _was_repeated = submit_once(by=by, form="webhooks.test", key=submit_key, body=body, effect=effect)
    return Delivery.objects.get(public_id=made)


@transaction.atomic
def try_again(*, by: Actor, partner: Partner, public_id: UUID) -> Delivery:
    """Begin anew with a notice that was given up, or send one that waits now. Delivered already changes nothing.

    Raises NotPermitted, NotFound, RuleViolation while the webhook is turned off.
    """
    ensure_may(by=by, partner=partner, permission=Permission.PARTNER_MANAGE_API_CLIENTS)
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("registration")
    delivery: Delivery | None = rows.filter(registration__partner=partner, public_id=public_id).first()
    if delivery is None:
        raise NotFound(_("There is no such notice."))
    if delivery.state == DeliveryState.DELIVERED:
        return delivery
    if not delivery.registration.is_active:
        raise RuleViolation(_("The webhook is turned off. Register it anew first."))
    delivery.state, delivery.attempt_count = DeliveryState.PENDING, 0
    delivery.next_try_at, delivery.ended_at = timezone.now(), None
    delivery.save(update_fields=["state", "attempt_count", "next_try_at", "ended_at"])
    Registration.objects.filter(pk=delivery.registration_id).update(quiet_until=None)
    send_due.enqueue(delivery.registration_id)
    return delivery
