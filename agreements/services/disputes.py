"""Disputes: the named person says "this was not me". The record does not cover until somebody answers for it."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from agreements import rules
from agreements.letters import send_dispute_closed, send_dispute_opened
from agreements.models import Attestation, AttestationEvent, EventKind, Method, Receipt
from agreements.services.notices import announce_record
from agreements.services.records import add_event, append_event, log_event
from agreements.services.standing import refresh_standing
from customers.models import Customer
from customers.services import lock_tenant
from portal.audit.services import record_event
from portal.common.actor import Actor, ActorKind
from portal.common.errors import NotPermitted, RuleViolation
from portal.jobs.letters import post
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may
from portal.webhooks.rules import Event

MOST_A_DAY = 3
# Stored as it stands, in the language of the agents; told to the customer in its own.
TAKEN_BACK = gettext_noop("Taken back by the person named in the record.")
SAID_ANEW = gettext_lazy("The person took it back and said something else since. Read it, then decide.")


@transaction.atomic
def dispute_acceptance(*, by: Actor, receipt: Receipt, reason: str) -> AttestationEvent:
    """Open a dispute, as who holds the receipt's link. Again while it is open answers the first one.

    Raises RuleViolation: without a reason (field "reason"), once the record is withdrawn, and for the fourth time
    within a day, as each one stays on record for ever and mails somebody.
    """
    record = _lock(receipt.attestation)
    disputes = AttestationEvent.objects.filter(attestation=record, kind=EventKind.DISPUTED)
    opened: AttestationEvent | None = disputes.last()
    if opened is not None and record.dispute == EventKind.DISPUTED:
        return opened
    if record.is_withdrawn:
        raise RuleViolation(_("This record was withdrawn already. It counts for nothing."))
    if disputes.filter(at__gt=timezone.now() - timedelta(days=1)).count() >= MOST_A_DAY:
        raise RuleViolation(_("You disputed this several times today. Try again tomorrow, or contact your partner."))
    if not reason.strip():
        raise RuleViolation(_("Say what is wrong"), field="reason")
    by = _as_known(by, record)
    event = _say(by, record, EventKind.DISPUTED, reason.strip())
    _log(by, "agreements.acceptance_disputed", record, told_as=Event.AGREEMENT_DISPUTED)
    post(kind="agreements.dispute_opened", about=str(receipt.public_id), task=send_dispute_opened)
    return event


@transaction.atomic
def take_dispute_back(*, by: Actor, receipt: Receipt) -> AttestationEvent:
    """Whoever disputed says that the record is right after all; it covers again. Raises RuleViolation
    if none is open.
    """
    record = _lock(receipt.attestation)
    _check_disputed(record)
    by = _as_known(by, record)
    event = _say(by, record, EventKind.DISPUTE_RESOLVED, TAKEN_BACK)
    _log(by, "agreements.dispute_retracted", record, told_as=Event.DISPUTE_RESOLVED)
    return event


@transaction.atomic
def resolve_dispute(
    *, by: Actor, attestation: Attestation, is_upheld: bool, reason: str, opened_at: datetime | None = None
) -> AttestationEvent:
    """Answer a dispute with a reason, which the person who opened it is told.

    is_upheld: the person is right, so the record is withdrawn along; else it covers again. An Admin agent of the
    record's partner resolves it, though not whoever made the record; of the customer's own record, the portal's
    staff. opened_at: of the dispute that was read, None for whichever is open. Raises NotPermitted; RuleViolation: no
    open dispute or another one, or no reason (field "reason").
    """
    _check_may_resolve(by, attestation)
    record = _lock(attestation)
    _check_disputed(record)
    disputes = AttestationEvent.objects.filter(attestation=record, kind=EventKind.DISPUTED)
    if opened_at is not None and disputes.latest("at").at != opened_at:
        raise RuleViolation(SAID_ANEW)
    if not reason.strip():
        raise RuleViolation(_("Say how you decided, and why; the person who disputes reads it"), field="reason")
    event = _say(by, record, EventKind.DISPUTE_RESOLVED, reason.strip())
    if is_upheld:
        _say(by, record, EventKind.WITHDRAWN, reason.strip())
        _log(by, "agreements.dispute_upheld", record, told_as=Event.AGREEMENT_WITHDRAWN)
    else:
        _log(by, "agreements.dispute_rejected", record, told_as=Event.DISPUTE_RESOLVED)
    receipt = Receipt.objects.filter(attestation=record).first()
    if receipt is not None:
        post(kind="agreements.dispute_closed", about=str(receipt.public_id), task=send_dispute_closed)
    return event


def why_cannot_resolve(by: Actor, attestation: Attestation) -> str | Promise | None:
    """Why this actor does not decide about this record, or None."""
    return rules.why_cannot_resolve(
        recorded_by=attestation.actor_user_id,
        resolver=by.user_id,
        is_partners=attestation.method != Method.CUSTOMER_DIRECT,
        is_staff=by.kind == ActorKind.STAFF,
    )


def _check_may_resolve(by: Actor, attestation: Attestation) -> None:
    if attestation.partner is not None:
        ensure_may(by=by, partner=attestation.partner, permission=Permission.AGREEMENTS_RESOLVE)
    reason = why_cannot_resolve(by, attestation)
    if reason is not None:
        raise NotPermitted(reason)


def _lock(attestation: Attestation) -> Attestation:
    """The record with its state, under its tenant's lock."""
    lock_tenant(attestation.tenant_id)
    records = Attestation.objects.with_state().select_related("person", "partner")
    found: Attestation = records.get(pk=attestation.pk)
    return found


def _as_known(by: Actor, record: Attestation) -> Actor:
    """Without the name of a person who was erased while this waited: nobody could erase it once more."""
    return by if getattr(record, "person", None) is not None else replace(by, name="")


def _check_disputed(record: Attestation) -> None:
    if record.dispute != EventKind.DISPUTED or record.is_withdrawn:
        raise RuleViolation(_("There is no open dispute about this record any more."))


def _say(by: Actor, record: Attestation, kind: EventKind, reason: str) -> AttestationEvent:
    event = add_event(by, record, kind, reason)
    refresh_standing(tenant_id=record.tenant_id)
    append_event(by, event)
    return event


def _log(by: Actor, code: str, record: Attestation, *, told_as: Event) -> None:
    """In the log of whose record it is; of the company's own one, in that of each partner that it covers. Their
    programs are told.
    """
    line = log_event(by, code, record, {})
    announce_record(record, told_as, line=line)
    if record.partner_id is not None:
        return
    known = Customer.objects.active().filter(tenant_id=record.tenant_id, relationship_accepted_at__isnull=False)
    for partner_id in known.order_by("partner_id").values_list("partner_id", flat=True):
        record_event(
            by=by,
            code=code,
            partner_id=partner_id,
            customer_id=record.tenant_id,
            subject=str(record.reference),
            facts={"method": record.method, "agreed_on": record.agreed_on.isoformat()},
        )
