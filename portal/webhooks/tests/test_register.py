"""Where a partner is told: one registration, kept by its global admin."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.partners.models import Membership
from portal.webhooks.models import Delivery, Registration
from portal.webhooks.services import register, send_test, try_again, turn_off
from portal.webhooks.tests.factories import DeliveryFactory, RegistrationFactory

Act = Callable[..., Actor]
URL = "https://hooks.example.com/partner?key=of-the-receiver"


def test_registering_again_changes_the_one_there_is(global_admin: Membership, actor_for: Act) -> None:
    by, partner = actor_for(global_admin), global_admin.partner
    first = register(by=by, partner=partner, url=URL, events=["order-created", "order-created"])
    again = register(by=by, partner=partner, url=f"{URL}&v=2", events=["customer-created"], has_own_header=True)
    assert first.subscriber_id == again.subscriber_id
    kept = Registration.objects.get()
    assert (kept.url, kept.events, kept.has_own_header) == (f"{URL}&v=2", ["customer-created"], True)
    logged = AuditEvent.objects.filter(code="webhooks.registration_saved")
    assert logged.count() == 2
    # What a receiver may keep secret is not in the log itself.
    assert not any("of-the-receiver" in str([each.facts, each.changed]) for each in logged)


@pytest.mark.parametrize(
    ("url", "events", "field"),
    [
        ("http://hooks.example.com", ["order-created"], "url"),
        (URL, ["order-lost"], "events"),
        (URL, [], "events"),
    ],
)
def test_what_cannot_be_registered(
    url: str, events: list[str], field: str, global_admin: Membership, actor_for: Act
) -> None:
    with pytest.raises(RuleViolation) as refused:
        register(by=actor_for(global_admin), partner=global_admin.partner, url=url, events=events)
    assert refused.value.field == field
    assert not Registration.objects.exists()


def test_only_the_global_admin_may(admin_agent: Membership, actor_for: Act) -> None:
    by, partner = actor_for(admin_agent), admin_agent.partner
    delivery = DeliveryFactory(registration__partner=partner)
    with pytest.raises(NotPermitted):
        register(by=by, partner=partner, url=URL, events=["order-created"])
    with pytest.raises(NotPermitted):
        turn_off(by=by, partner=partner)
    with pytest.raises(NotPermitted):
        send_test(by=by, partner=partner)
    with pytest.raises(NotPermitted):
        try_again(by=by, partner=partner, public_id=delivery.public_id)


def test_turned_off_nothing_waits_any_more_and_what_was_sent_stays(global_admin: Membership, actor_for: Act) -> None:
    by, partner = actor_for(global_admin), global_admin.partner
    delivery = DeliveryFactory(registration__partner=partner)
    turn_off(by=by, partner=partner)
    turn_off(by=by, partner=partner)
    delivery.refresh_from_db()
    assert delivery.state == "given_up"
    assert AuditEvent.objects.filter(code="webhooks.registration_removed").count() == 1
    with pytest.raises(RuleViolation):
        try_again(by=by, partner=partner, public_id=delivery.public_id)
    with pytest.raises(NotFound):
        send_test(by=by, partner=partner)


def test_a_test_is_sent_whichever_events_are_wanted_once_for_a_key(global_admin: Membership, actor_for: Act) -> None:
    by, partner = actor_for(global_admin), global_admin.partner
    with pytest.raises(NotFound):
        send_test(by=by, partner=partner)
    RegistrationFactory(partner=partner, events=["order-created"], quiet_until=timezone.now())
    first = send_test(by=by, partner=partner, submit_key="k")
    assert send_test(by=by, partner=partner, submit_key="k") == first
    assert (first.event, first.resource_name) == ("test-created", "test")
    assert Delivery.objects.count() == 1
    assert Registration.objects.get().quiet_until is None


def test_try_again_begins_anew(global_admin: Membership, stranger: Membership, actor_for: Act) -> None:
    by, partner = actor_for(global_admin), global_admin.partner
    now = timezone.now()
    ended = {"state": "given_up", "attempt_count": 9, "next_try_at": None, "ended_at": now}
    delivery = DeliveryFactory(registration__partner=partner, **ended)
    again = try_again(by=by, partner=partner, public_id=delivery.public_id)
    assert (again.state, again.attempt_count) == ("pending", 0)
    with pytest.raises(NotFound):
        try_again(by=actor_for(stranger), partner=stranger.partner, public_id=delivery.public_id)
