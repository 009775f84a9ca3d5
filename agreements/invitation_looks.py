"""How an invitation is shown: its state as icon, word and what to do next, its history, its message."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.links import link_of
from agreements.mail import LINK, invitation_subject, invitation_words
from agreements.models import Audience, Invitation, InvitationReminder, InvitationState, Outcome, Place
from portal.common.languages import interface_language
from portal.jobs.models import Letter

Words = str | Promise


@dataclass(frozen=True)
class Look:
    """tone and icon of `components/status.html`; hint: what to do next."""

    tone: str
    icon: str
    hint: Words


LOOKS = {
    InvitationState.ACCEPTED: Look("ok", "circle-check", gettext_lazy("The acceptance is on record.")),
    InvitationState.DECLINED: Look(
        "bad", "circle-x", gettext_lazy("Talk to the customer. If it changes its mind, invite it anew.")
    ),
    InvitationState.EXPIRED: Look("warn", "hourglass", gettext_lazy("Renew it, and send it again.")),
    InvitationState.REVOKED: Look("neutral", "ban", gettext_lazy("It does not count any more. You can invite anew.")),
    InvitationState.SETTLED: Look(
        "neutral", "check-check", gettext_lazy("An acceptance came on record by another way.")
    ),
    InvitationState.TO_CONFIRM: Look(
        "warn", "user-check", gettext_lazy("The customer cannot accept by itself here: attest on its behalf.")
    ),
    InvitationState.REVIEWING: Look(
        "info", "book-open", gettext_lazy("Nothing to do; the customer says that it reads the agreement.")
    ),
    InvitationState.OPENED: Look("info", "mail-open", gettext_lazy("The customer has seen the agreement.")),
    InvitationState.BOUNCED: Look(
        "bad",
        "mail-x",
        gettext_lazy(
            "Check the address with the customer. If it is right, send the message again; if it is wrong, revoke "
            "this invitation and invite anew."
        ),
    ),
    InvitationState.DELIVERED: Look("info", "mail-check", gettext_lazy("The message is in the customer's mailbox.")),
    InvitationState.SENT: Look("info", "send", gettext_lazy("The mail server has taken the message.")),
    InvitationState.QUEUED: Look("info", "clock", gettext_lazy("The message goes out in a moment.")),
    InvitationState.CREATED: Look("neutral", "mail", gettext_lazy("Send the message below, or pass it on yourself.")),
}


def look_of(invitation: Invitation) -> Look:
    return LOOKS[invitation.state]


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    invitation: Invitation
    look: Look


def rows_of(invitations: list[Invitation]) -> list[Row]:
    return [Row(invitation, look_of(invitation)) for invitation in invitations]


@dataclass(frozen=True)
class Moment:
    at: datetime
    what: Words
    note: Words = ""


def timeline(invitation: Invitation) -> list[Moment]:
    """What happened, oldest first. Of the messages only the last one is remembered."""
    reminders = InvitationReminder.objects.filter(invitation=invitation).select_related("letter").order_by("pk")
    moments = [*_made(invitation), *_sent(invitation.letter), *map(_reminded, reminders), *_answered(invitation)]
    return sorted(moments, key=lambda moment: moment.at)


def _made(invitation: Invitation) -> Iterator[Moment]:
    by = _("by %(name)s") % {"name": invitation.invited_by_name}
    yield Moment(invitation.created_at, _("Invitation made"), by)
    if invitation.generation > 1:
        is_ours = invitation.place == Place.PORTAL
        note = _("With a new link; the one before stopped working.") if is_ours else ""
        yield Moment(invitation.renewed_at, _("Renewed"), note)


def _sent(letter: Letter | None) -> Iterator[Moment]:
    if letter is None:
        return
    yield Moment(letter.queued_at, _("Given to the mail service"))
    if letter.sent_at is not None:
        yield Moment(letter.sent_at, _("Sent"))
    if letter.delivered_at is not None:
        yield Moment(letter.delivered_at, _("Delivered"))
    if letter.bounced_at is not None:
        why = _("The mail server refused it (%(status)s).") % {"status": letter.bounce_status}
        yield Moment(letter.bounced_at, _("Could not be delivered"), why)
    if letter.given_up_at is not None:
        yield Moment(letter.given_up_at, _("Could not be sent"), _("The mail server could not be reached for long."))


def _reminded(reminder: InvitationReminder) -> Moment:
    is_customer = reminder.audience == Audience.CUSTOMER
    return Moment(reminder.made_at, _("The customer was reminded") if is_customer else _("The agent was reminded"))


def _answered(invitation: Invitation) -> Iterator[Moment]:
    if invitation.opened_at is not None:
        yield Moment(invitation.opened_at, _("Opened by the customer"))
    if invitation.reviewing_at is not None:
        yield Moment(invitation.reviewing_at, _("The customer is still reviewing the agreement"))
    if invitation.to_confirm_at is not None:
        why = str(invitation.get_scenario_display()) if invitation.scenario else ""
        yield Moment(invitation.to_confirm_at, _("The customer was told to contact you"), why)
    if invitation.closed_at is not None:
        note = ""
        if invitation.outcome == Outcome.DECLINED:
            note = _("Reason: %(reason)s") % {"reason": invitation.decline_reason}
        yield Moment(invitation.closed_at, Outcome(invitation.outcome).label, note)


@dataclass(frozen=True)
class Message:
    """What an open invitation says. mailto: opens it in the agent's own mail program; spoken: its language."""

    text: str
    subject: str
    link: str
    mailto: str
    spoken: str


def message_of(invitation: Invitation) -> Message | None:
    """None where its link cannot be made any more, so that it has to be renewed."""
    try:
        link = link_of(invitation)
    except ValueError:
        return None
    before, _mark, after = invitation_words(invitation).partition(LINK)
    text, subject = f"{before}{link}{after}", invitation_subject(invitation)
    body = text.replace("\n", "\r\n")
    mailto = (
        f"mailto:{quote(invitation.email, safe='@')}?subject={quote(subject, safe='')}&body={quote(body, safe='')}"
    )
    return Message(text, subject, link, mailto, interface_language(invitation.language))
