"""Disputes: the named person says "this was not me". The record does not cover until somebody answers for it."""

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from agreements import rules
from agreements.letters import send_dispute_closed, send_dispute_opened
from agreements.models import Attestation, AttestationEvent, EventKind, Method, Receipt
from agreements.services.records import actor_columns, append_event, log_event
from agreements.services.standing import refresh_standing
from customers.services import lock_tenant
from portal.common.actor import Actor, ActorKind
from portal.common.errors import NotPermitted, RuleViolation
from portal.jobs.letters import post
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

# Stored as it stands, in the language of the agents; told to the customer in its own.
TAKEN_BACK = gettext_noop("Taken back by the person named in the record.")


@transaction.atomic
def dispute_acceptance(*, by: Actor, receipt: Receipt, reason: str) -> AttestationEvent:
    """Open a dispute, as who holds the receipt's link. Again while it is open answers the first one.

    Raises RuleViolation: without a reason (field "reason"), or once the record is withdrawn.
    """
    record = _lock(receipt.attestation)
    opened: AttestationEvent | None = AttestationEvent.objects.filter(
        attestation=record, kind=EventKind.DISPUTED
    ).last()
    if opened is not None and record.dispute == EventKind.DISPUTED:
        return opened
    if record.is_withdrawn:
        raise RuleViolation(_("This record was withdrawn already. It counts for nothing."))
    if not reason.strip():
        raise RuleViolation(_("Say what is wrong; your partner reads it"), field="reason")
    event = _say(by, record, EventKind.DISPUTED, reason.strip())
    log_event(by, "agreements.acceptance_disputed", record, {})
    post(kind="agreements.dispute_opened", about=str(receipt.public_id), task=send_dispute_opened)
    return event


@transaction.atomic
def take_dispute_back(*, by: Actor, receipt: Receipt) -> AttestationEvent:
    """Whoever disputed says that the record is right after all; it covers again. Raises RuleViolation
    if none is open.
    """
    record = _lock(receipt.attestation)
    _check_disputed(record)
    event = _say(by, record, EventKind.DISPUTE_RESOLVED, TAKEN_BACK)
    log_event(by, "agreements.dispute_retracted", record, {})
    return event


@transaction.atomic
def resolve_dispute(*, by: Actor, attestation: Attestation, is_upheld: bool, reason: str) -> AttestationEvent:
    """Answer a dispute with a reason, which the person who opened it is told.

    is_upheld: the person is right, so the record is withdrawn along; else it covers again. An Admin agent of the
    record's partner resolves it, though not whoever made the record; of the customer's own record, the portal's
    staff. Raises NotPermitted; RuleViolation: no open dispute, or no reason (field "reason").
    """
    _check_may_resolve(by, attestation)
    record = _lock(attestation)
    _check_disputed(record)
    if not reason.strip():
        raise RuleViolation(_("Say how you decided, and why; the person who disputes reads it"), field="reason")
    event = _say(by, record, EventKind.DISPUTE_RESOLVED, reason.strip())
    if is_upheld:
        _say(by, record, EventKind.WITHDRAWN, reason.strip())
        log_event(by, "agreements.dispute_upheld", record, {})
    else:
        log_event(by, "agreements.dispute_rejected", record, {})
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


def _check_disputed(record: Attestation) -> None:
    if record.dispute != EventKind.DISPUTED or record.is_withdrawn:
        raise RuleViolation(_("There is no open dispute about this record any more."))


def _say(by: Actor, record: Attestation, kind: EventKind, reason: str) -> AttestationEvent:
    event = AttestationEvent.objects.create(
        attestation=record, kind=kind, reason=reason[:500], at=timezone.now(), **actor_columns(by)
    )
    refresh_standing(tenant_id=record.tenant_id)
    append_event(by, event)
    return event
