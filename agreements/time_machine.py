"""How a customer stood at the end of a day of the past: decided from what is never changed.

Records and what happened to them are append-only. What rows forget is read from where it stays: an invitation that
expired and was renewed, from the activity log. What is kept nowhere, docs/evidence.md says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.models import DIRECT_SCOPE, AgreementTemplate, AgreementType, Attestation, EventKind, Invitation
from agreements.querysets import DISPUTES, events_with_detail
from customers.models import Customer
from customers.rules import Standing, standing
from portal.audit.models import AuditEvent

EXPIRED, RENEWED = "agreements.invitation_expired", "agreements.invitation_renewed"


class RecordState(StrEnum):
    CURRENT = "current"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    DISPUTED = "disputed"


STATE_WORDS: dict[RecordState, str | Promise] = {
    RecordState.CURRENT: _("Current"),
    RecordState.REPLACED: _("Replaced"),
    RecordState.WITHDRAWN: _("Withdrawn"),
    RecordState.DISPUTED: _("Disputed"),
}
STATE_TONES = {
    RecordState.CURRENT: "ok",
    RecordState.REPLACED: "neutral",
    RecordState.WITHDRAWN: "bad",
    RecordState.DISPUTED: "bad",
}


class Happened(NamedTuple):
    """kind: an EventKind."""

    kind: str
    at: datetime


@dataclass(frozen=True)
class Seen:
    """A record as it then was. disputed_at: when the dispute was opened that was open then."""

    record: Attestation
    state: RecordState
    disputed_at: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """What a customer's row said then (customers.rules.AgreementFacts)."""

    attested_on: date | None
    direct_on: date | None
    disputed_at: datetime | None
    invited_at: datetime | None


@dataclass(frozen=True)
class StandingOn:
    """until: the moment after the day; standing: None before the customer was one; relied_on: the record that an
    order would have relied on; line: every record known then, newest first; stale_before: acceptances before it did
    not cover then.
    """

    day: date
    until: datetime
    standing: Standing | None
    relied_on: Attestation | None
    line: list[Seen]
    stale_before: date | None


def standing_on(customer: Customer, day: date) -> StandingOn:
    """At the end of this day on the partner's calendar; of today, as it is now. The same few queries for any day."""
    until = end_of(day, customer.partner.zone)
    stale_before = _stale_before(day, until)
    line = [seen for record in _records(customer) if (seen := seen_at(record, until)) is not None]
    accepted_at = customer.relationship_accepted_at
    counting = [
        seen
        for seen in line
        if seen.record.agreement_type == AgreementType.MCA
        and (seen.record.scope != DIRECT_SCOPE or (accepted_at is not None and accepted_at < until))
    ]
    facts = facts_of(counting, invited_at=_invited_at(customer, until))
    where = standing(facts, has_agreement=customer.partner.has_agreement, stale_before=stale_before)
    return StandingOn(
        day=day,
        until=until,
        standing=where if customer.created_at < until else None,
        relied_on=covering_then(counting, stale_before) if where == Standing.COVERED else None,
        line=line,
        stale_before=stale_before,
    )


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which the next day begins there."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)


def seen_at(record: Attestation, until: datetime) -> Seen | None:
    """The record as it was before this moment, None when it was not there yet. It comes with events and successor."""
    if record.recorded_at >= until:
        return None
    successor: Attestation | None = getattr(record, "superseded_by", None)
    replaced_at = successor.recorded_at if successor else None
    happened = [Happened(event.kind, event.at) for event in record.events.all()]
    state, disputed_at = state_at(replaced_at, happened, until)
    return Seen(record, state, disputed_at)


def state_at(
    replaced_at: datetime | None, happened: Sequence[Happened], until: datetime
) -> tuple[RecordState, datetime | None]:
    """What a record was before this moment, and since when it was disputed. happened: in the order of time."""
    then = [each for each in happened if each.at < until]
    if replaced_at is not None and replaced_at < until:
        return RecordState.REPLACED, None
    if any(each.kind == EventKind.WITHDRAWN for each in then):
        return RecordState.WITHDRAWN, None
    disputes = [each for each in then if each.kind in DISPUTES]
    if disputes and disputes[-1].kind == EventKind.DISPUTED:
        return RecordState.DISPUTED, disputes[-1].at
    return RecordState.CURRENT, None


def facts_of(counting: Iterable[Seen], *, invited_at: datetime | None) -> Facts:
    """What the customer's row said, from the records that counted for it. Each scope has one line."""
    seen = list(counting)
    current = {each.record.scope: each.record.agreed_on for each in seen if each.state == RecordState.CURRENT}
    own = [on for scope, on in current.items() if scope != DIRECT_SCOPE]
    disputed = [each.disputed_at for each in seen if each.disputed_at is not None]
    return Facts(
        attested_on=own[0] if own else None,
        direct_on=current.get(DIRECT_SCOPE),
        disputed_at=max(disputed, default=None),
        invited_at=invited_at,
    )


def covering_then(counting: Iterable[Seen], stale_before: date | None) -> Attestation | None:
    """The partner's own before the direct one, as the gate chooses."""
    covers = [
        each.record
        for each in counting
        if each.state == RecordState.CURRENT and (stale_before is None or each.record.agreed_on >= stale_before)
    ]
    return max(covers, key=lambda record: (record.scope, record.pk), default=None)


def _records(customer: Customer) -> QuerySet[Attestation]:
    found = Attestation.objects.filter(
        tenant_id=customer.tenant_id, scope__in=[DIRECT_SCOPE, customer.partner_id]
    ).select_related("person", "document__template", "superseded_by")
    return found.prefetch_related(events_with_detail()).newest_first()


def _stale_before(day: date, until: datetime) -> date | None:
    """As AgreementTemplate.objects.stale_before said on that day: a version that was not there yet asked nothing."""
    enforced = AgreementTemplate.objects.filter(
        type=AgreementType.MCA, renewal_enforced_on__lte=day, created_at__lt=until
    )
    return max((each for each in enforced.values_list("renew_before", flat=True) if each), default=None)


def _invited_at(customer: Customer, until: datetime) -> datetime | None:
    """When the customer was asked what was open then."""
    invitations = list(Invitation.objects.of_customer(customer).filter(created_at__lt=until))
    said: dict[str, list[tuple[str, datetime]]] = {}
    if invitations:
        told = AuditEvent.objects.filter(
            subject__in=[str(each.public_id) for each in invitations],
            partner_id=customer.partner_id,
            code__in=(EXPIRED, RENEWED),
            at__lt=until,
        )
        for subject, code, at in told.order_by("at", "id").values_list("subject", "code", "at"):
            said.setdefault(subject, []).append((code, at))
    times = [opened_at(each, said.get(str(each.public_id), []), until) for each in invitations]
    return max((at for at in times if at is not None), default=None)


def opened_at(invitation: Invitation, said: Sequence[tuple[str, datetime]], until: datetime) -> datetime | None:
    """Since when the invitation was open before this moment, None where it was not. said: (code, at) of when it
    expired and was renewed before then, in the order of time.
    """
    # A request begins a relationship; it asks a customer for the agreement once it was left to the partner.
    start = invitation.created_at if invitation.request_id is None else invitation.to_confirm_at
    if start is None or start >= until:
        return None
    if invitation.closed_at is not None and invitation.closed_at < until:
        return None
    if said and said[-1][0] == EXPIRED:
        return None
    return said[-1][1] if said else start
