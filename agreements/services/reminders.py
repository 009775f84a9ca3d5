"""What happens to invitations by itself: reminders, each once, and the end of those whose time is over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from agreements.letters import send_reminder, send_staff_reminder
from agreements.models import Audience, Invitation, InvitationPolicy, InvitationReminder, Outcome
from agreements.services.invitations import close, lock_invitation, log_invitation
from agreements.services.notices import announce_invitation
from portal.common.actor import Actor, ActorKind, Door
from portal.jobs.letters import post
from portal.webhooks.rules import Event

# What one round does at most; the rest waits for the next one.
MOST_AT_ONCE = 500
TASKS = {Audience.CUSTOMER: send_reminder, Audience.STAFF: send_staff_reminder}


def clock() -> Actor:
    return Actor(kind=ActorKind.JOB, name=gettext_noop("Scheduled work"), door=Door.JOB)


def look_after_invitations() -> int:
    """End what is over, remind where a reminder is due; answers how many of both. Harmless when two run at once."""
    return _expire_due() + _remind_due()


def _expire_due() -> int:
    over = Invitation.objects.open().filter(expires_at__lte=timezone.now(), to_confirm_at__isnull=True)
    return sum(_expire(invitation) for invitation in over.with_details().order_by("expires_at")[:MOST_AT_ONCE])


@transaction.atomic
def _expire(invitation: Invitation) -> bool:
    invitation = lock_invitation(invitation)
    if not invitation.is_expired:
        return False
    close(invitation, Outcome.EXPIRED)
    line = log_invitation(clock(), "agreements.invitation_expired", invitation)
    announce_invitation(invitation, Event.INVITATION_EXPIRED, line=line)
    return True


def _remind_due() -> int:
    sent = 0
    for invitation, audience, days in _due():
        sent += _remind(invitation, audience, days)
        if sent >= MOST_AT_ONCE:
            break
    return sent


@dataclass(frozen=True)
class Window:
    """Invitations made anew so many days ago, and not yet `until` days, when the next reminder takes its turn.

    partners: whose reminders go out on these days; None for all that have no policy of their own.
    """

    audience: Audience
    days: int
    until: int | None
    partners: frozenset[int] | None


def _due() -> Iterator[tuple[Invitation, Audience, int]]:
    """Of every open invitation the latest reminder that is due, where that has not gone out; a round's worth of each
    window, so that a hundred thousand open invitations are never read at once.
    """
    now = timezone.now()
    alive = Invitation.objects.alive().with_details().filter(to_confirm_at__isnull=True).order_by("id")
    for window in _windows():
        reminded = InvitationReminder.objects.filter(
            invitation=OuterRef("pk"),
            generation=OuterRef("generation"),
            audience=window.audience,
            days=window.days,
        )
        due_before = now - timedelta(days=window.days)
        within = alive.filter(_may_remind(window.audience, due_before), ~Exists(reminded), _sent_by(window))
        within = within.filter(renewed_at__lte=due_before)
        if window.until is not None:
            within = within.filter(renewed_at__gt=now - timedelta(days=window.until))
        for invitation in within[:MOST_AT_ONCE]:
            yield invitation, window.audience, window.days


def _windows() -> list[Window]:
    """As many as there are different answers to "on which days", not as many as there are partners."""
    partners: dict[tuple[Audience, int, int | None], set[int]] = {}
    for policy in InvitationPolicy.objects.all():
        for turn in _turns(policy):
            partners.setdefault(turn, set()).add(policy.partner_id)
    own = [Window(*turn, partners=frozenset(ids)) for turn, ids in partners.items()]
    return [Window(*turn, partners=None) for turn in _turns(InvitationPolicy())] + own


def _turns(policy: InvitationPolicy) -> Iterator[tuple[Audience, int, int | None]]:
    for audience, days in ((Audience.CUSTOMER, policy.customer_days), (Audience.STAFF, policy.staff_days)):
        turns = sorted(days)
        yield from ((audience, day, until) for day, until in zip_longest(turns, turns[1:]))


def _sent_by(window: Window) -> Q:
    if window.partners is None:
        return ~Q(Exists(InvitationPolicy.objects.filter(partner=OuterRef("partner"))))
    return Q(partner_id__in=window.partners)


def _may_remind(audience: Audience, due_before: datetime) -> Q:
    """What the portal mailed is reminded of by mail to the customer: nobody else knows the address to be right. Its
    days count from the message, which may have gone out long after the invitation was made.
    """
    if audience == Audience.STAFF:
        return Q(invited_by__isnull=False)
    sent = Q(letter__sent_at__isnull=False, letter__bounced_at__isnull=True)
    return sent & Q(letter__queued_at__lte=due_before)


@transaction.atomic
def _remind(invitation: Invitation, audience: Audience, days: int) -> bool:
    """False where another clock was faster, or the invitation ended or was renewed meanwhile."""
    invitation = lock_invitation(invitation)
    is_waiting = invitation.is_open and not invitation.is_expired and invitation.to_confirm_at is None
    if not is_waiting or not invitation.due_on(days, audience):
        return False
    try:
        with transaction.atomic():
            reminder = InvitationReminder(
                invitation=invitation, generation=invitation.generation, audience=audience, days=days
            )
            reminder.letter = post(kind="agreements.reminder", about=str(invitation.public_id), task=TASKS[audience])
            reminder.save()
    except IntegrityError:
        return False
    log_invitation(clock(), "agreements.reminder_sent", invitation)
    return True
