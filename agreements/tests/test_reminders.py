"""Reminders: each at most once, on the days that the partner chose, until the customer has answered."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.letters import send_staff_reminder
from agreements.models import Audience, Invitation, InvitationReminder, Place
from agreements.services import (
    accept_invitation,
    ask_partner_to_confirm,
    decline_invitation,
    look_after_invitations,
    renew_invitation,
    revoke_invitation,
    send_invitation,
    set_policy,
)
from agreements.services import reminders as reminding
from agreements.tests.factories import confirmed, invited
from agreements.tests.invitation_factories import THE_PERSON, statement
from customers.models import Customer
from customers.rules import Standing, standing
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.jobs.models import Letter
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership, Partner

Act = Callable[..., Actor]


@pytest.fixture
def waiting(customer: Customer, sales_agent: Membership, actor_for: Act) -> Invitation:
    """Sent by the portal, and arrived as far as anybody knows."""
    by = actor_for(sales_agent)
    invitation = send_invitation(by=by, invitation=invited(customer, by))
    Letter.objects.filter(pk=invitation.letter_id).update(sent_at=timezone.now())
    return invitation


def after(invitation: Invitation, **passed: float) -> None:
    """As if that much time had passed since it was sent."""
    row = Invitation.objects.get(pk=invitation.pk)
    ago = timezone.now() - timedelta(**passed)
    length = row.expires_at - row.renewed_at
    Invitation.objects.filter(pk=row.pk).update(created_at=ago, renewed_at=ago, expires_at=ago + length)
    Letter.objects.filter(pk=row.letter_id).update(queued_at=ago)


def sent() -> list[tuple[str, int]]:
    return list(InvitationReminder.objects.order_by("id").values_list("audience", "days"))


def test_nothing_is_due_before_its_day(waiting: Invitation) -> None:
    after(waiting, days=2.9)
    assert look_after_invitations() == 0
    assert sent() == []


def test_each_goes_out_once_on_its_day(waiting: Invitation) -> None:
    for day in range(1, 30):
        after(waiting, days=day + 0.1)
        look_after_invitations()
        assert look_after_invitations() == 0
    assert sorted(sent()) == [("customer", 3), ("customer", 7), ("customer", 14), ("staff", 14)]
    assert Letter.objects.filter(kind="agreements.reminder").count() == 4
    assert AuditEvent.objects.filter(code="agreements.reminder_sent").count() == 4


def test_after_a_pause_only_the_latest_goes_out(waiting: Invitation) -> None:
    after(waiting, days=20)
    assert look_after_invitations() == 2
    assert sorted(sent()) == [("customer", 14), ("staff", 14)]


def test_a_renewed_invitation_begins_anew(waiting: Invitation, sales_agent: Membership, actor_for: Act) -> None:
    after(waiting, days=4)
    assert look_after_invitations() == 1
    by = actor_for(sales_agent)
    again = send_invitation(by=by, invitation=renew_invitation(by=by, invitation=waiting))
    Letter.objects.filter(pk=again.letter_id).update(sent_at=timezone.now())
    assert look_after_invitations() == 0
    after(waiting, days=4)
    assert look_after_invitations() == 1
    assert list(InvitationReminder.objects.values_list("generation", flat=True).order_by("id")) == [1, 2]


def accepted(invitation: Invitation, customer: Customer, by: Actor) -> None:
    accept_invitation(by=THE_PERSON, invitation=invitation, statement=statement(customer))


def declined(invitation: Invitation, customer: Customer, by: Actor) -> None:
    decline_invitation(by=THE_PERSON, invitation=invitation, reason="Not now")


def revoked(invitation: Invitation, customer: Customer, by: Actor) -> None:
    revoke_invitation(by=by, invitation=invitation)


def settled(invitation: Invitation, customer: Customer, by: Actor) -> None:
    confirmed(customer, by)


def left_to_the_partner(invitation: Invitation, customer: Customer, by: Actor) -> None:
    Customer.objects.filter(pk=customer.pk).update(bought_at=timezone.now())
    ask_partner_to_confirm(by=THE_PERSON, customer=customer, email="zofia@customer.example")


@pytest.mark.parametrize("ending", [accepted, declined, revoked, settled, left_to_the_partner])
def test_once_it_is_answered_nobody_is_reminded(
    waiting: Invitation,
    customer: Customer,
    sales_agent: Membership,
    actor_for: Act,
    ending: Callable[[Invitation, Customer, Actor], None],
) -> None:
    ending(waiting, customer, actor_for(sales_agent))
    after(waiting, days=20)
    assert look_after_invitations() == 0
    assert sent() == []


@pytest.mark.parametrize("lost", [{"sent_at": None}, {"bounced_at": timezone.now()}])
def test_only_what_arrived_is_reminded_of_by_mail(waiting: Invitation, lost: dict[str, Any]) -> None:
    Letter.objects.filter(pk=waiting.letter_id).update(**lost)
    after(waiting, days=20)
    look_after_invitations()
    assert sent() == [("staff", 14)]


def test_the_partners_own_days_count(
    waiting: Invitation, partner: Partner, global_admin: Membership, actor_for: Act
) -> None:
    other = invited(CustomerFactory(partner__name="With the usual days"))
    set_policy(
        by=actor_for(global_admin),
        partner=partner,
        place=Place.PORTAL,
        valid_days=30,
        customer_days=[5],
        staff_days=[],
    )
    for invitation in (waiting, other):
        after(invitation, days=6)
    assert look_after_invitations() == 1
    assert sent() == [("customer", 5)]


def test_the_agent_is_reminded_while_at_work(waiting: Invitation, sales_agent: Membership) -> None:
    after(waiting, days=15)
    look_after_invitations()
    letter = InvitationReminder.objects.get(audience=Audience.STAFF).letter
    sales_agent.is_active = False
    sales_agent.save()
    send_staff_reminder.call(letter.pk)
    assert mail.outbox == []
    letter.refresh_from_db()
    assert letter.state == "withdrawn"


def test_the_end_clears_being_invited(waiting: Invitation, customer: Customer) -> None:
    after(waiting, days=31)
    assert look_after_invitations() == 1
    waiting.refresh_from_db()
    customer.refresh_from_db()
    assert waiting.outcome == "expired"
    assert customer.invited_at is None
    assert standing(customer, has_agreement=True, stale_before=None) == Standing.MISSING
    assert look_after_invitations() == 0


def test_a_round_reads_what_is_due_not_what_is_open(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one query more for many invitations, nor a row that has had its reminder."""
    monkeypatch.setattr(reminding, "MOST_AT_ONCE", 3)

    def add(count: int) -> None:
        for _each in range(count):
            invitation = invited(CustomerFactory(partner=partner))
            Invitation.objects.filter(pk=invitation.pk).update(letter=Letter.objects.create(kind="x", about="x"))
        Letter.objects.update(sent_at=timezone.now())

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert look_after_invitations() == 0
        return len(seen)

    add(1)
    few = queries()
    add(9)
    assert queries() == few
    for invitation in Invitation.objects.all():
        after(invitation, days=4)
    assert [look_after_invitations() for _each in range(5)] == [3, 3, 3, 1, 0]
    assert queries() == few


@pytest.mark.scenario("D9")
@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_remind_once(waiting: Invitation, tmp_path: Path) -> None:
    """reminders: two clocks in the same moment send each reminder once"""
    after(waiting, days=15)
    with shared_by_threads(tmp_path):
        done, errors = together(4, lambda number: look_after_invitations())
        assert errors == []
        assert sum(done) == 2
        assert Letter.objects.filter(kind="agreements.reminder").count() == 2


@pytest.mark.scenario("D9")
@pytest.mark.django_db(transaction=True)
def test_negative_control_without_the_row_a_clock_reminds_again(
    waiting: Invitation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """negative control: where the row that makes a reminder unique is forgotten, every round sends one more"""
    after(waiting, days=15)
    monkeypatch.setattr(InvitationReminder, "save", lambda self: None)
    assert [look_after_invitations() for _each in range(3)] == [2, 2, 2]
    assert Letter.objects.filter(kind="agreements.reminder").count() == 6
