"""Recording that a customer accepted: one way in for every door, and the way a record is taken back."""

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import (
    AgreementTemplate,
    AgreementType,
    Attestation,
    AttestationEvent,
    EventKind,
    Method,
    SupersedeReason,
)
from agreements.services.evidence import digests_of
from agreements.services.invitations import settle_invitations
from agreements.services.notices import announce_record
from agreements.services.records import Acceptance, add_event, append_event, log_event, write_record
from agreements.services.standing import refresh_standing
from customers.models import Customer, Tenant
from customers.services import lock_customer, lock_tenant
from portal.common.actor import Actor
from portal.common.errors import NotFound, RuleViolation
from portal.jobs.services import submit_once
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may
from portal.webhooks.rules import Event


@transaction.atomic
def confirm_acceptance(
    *,
    by: Actor,
    customer: Customer,
    acceptance: Acceptance,
    submit_key: str = "",
    agreement_type: AgreementType = AgreementType.MCA,
    approver: Actor | None = None,
) -> Attestation:
    """Record that the partner confirms the customer's acceptance (seeds 000, 002, 003; seed 004 option 1).

    The same submit_key again answers the first record. approver: the second person who was asked already. Raises
    NotPermitted, ApprovalRequired, or RuleViolation with the field concerned: a future date, missing evidence, or
    600061 when a covering record would only be repeated.
    """
    ensure_may(by=approver or by, partner=customer.partner, permission=Permission.AGREEMENTS_CONFIRM)
    return _record_for_partner(
        by=by,
        customer=customer,
        acceptance=acceptance,
        submit_key=submit_key,
        approver=approver,
        kept={"method": Method.CONFIRMED, "agreement_type": agreement_type},
    )


@transaction.atomic
def attest_on_behalf(
    *,
    by: Actor,
    customer: Customer,
    acceptance: Acceptance,
    scenario: int,
    submit_key: str = "",
    approver: Actor | None = None,
) -> Attestation:
    """Attest in the customer's name, in one of the two scenarios of seed 001. Raises as confirm_acceptance."""
    ensure_may(by=approver or by, partner=customer.partner, permission=Permission.AGREEMENTS_ATTEST)
    if scenario not in (1, 2):
        raise RuleViolation(_("Choose which of the two scenarios applies"), field="scenario")
    return _record_for_partner(
        by=by,
        customer=customer,
        acceptance=acceptance,
        submit_key=submit_key,
        approver=approver,
        kept={"method": Method.ON_BEHALF, "agreement_type": AgreementType.MCA, "scenario": scenario},
    )


@transaction.atomic
def record_direct_acceptance(
    *, by: Actor, tenant: Tenant, country: str, acceptance: Acceptance, time_zone: str = "UTC"
) -> Attestation:
    """Record the customer's own acceptance, which covers every partner. time_zone: of the inviting partner."""
    lock_tenant(tenant.pk)
    return write_record(
        by=by,
        tenant=tenant,
        partner=None,
        country=country,
        zone=ZoneInfo(time_zone),
        acceptance=acceptance,
        kept={"method": Method.CUSTOMER_DIRECT, "agreement_type": AgreementType.MCA},
    )


@transaction.atomic
def withdraw_acceptance(*, by: Actor, customer: Customer, attestation: Attestation, reason: str) -> AttestationEvent:
    """Take back a record that was made for the wrong customer. The record stays; it no longer covers.

    Raises NotPermitted, or RuleViolation when it is no longer the last of its line or not this partner's.
    """
    ensure_may(by=by, partner=customer.partner, permission=permission_to_withdraw(attestation))
    lock_tenant(customer.tenant_id)
    own = Attestation.objects.filter(partner_id=customer.partner_id, tenant_id=customer.tenant_id)
    lines = own.latest_of_line().with_state().select_related("person")
    last = lines.filter(pk=attestation.pk, is_withdrawn=False).first()
    if last is not None and last.dispute == EventKind.DISPUTED:
        raise RuleViolation(
            _("Somebody disputes this record. Resolve the dispute; that can withdraw the record too.")
        )
    if last is None:
        raise RuleViolation(_("This record was replaced or withdrawn meanwhile. Open the customer again."))
    if not reason.strip():
        raise RuleViolation(_("Say why the record is withdrawn"), field="reason")
    event = add_event(by, last, EventKind.WITHDRAWN, reason)
    refresh_standing(tenant_id=last.tenant_id)
    line = log_event(by, "agreements.acceptance_withdrawn", last, {})
    announce_record(last, Event.AGREEMENT_WITHDRAWN, line=line)
    append_event(by, event)
    return event


def permission_to_withdraw(attestation: Attestation) -> Permission:
    """Who may make such a record may take it back."""
    is_on_behalf = attestation.method == Method.ON_BEHALF
    return Permission.AGREEMENTS_ATTEST if is_on_behalf else Permission.AGREEMENTS_CONFIRM


def _record_for_partner(
    *,
    by: Actor,
    customer: Customer,
    acceptance: Acceptance,
    submit_key: str,
    kept: dict[str, Any],
    approver: Actor | None = None,
) -> Attestation:
    tenant = lock_tenant(customer.tenant_id)
    lock_customer(customer)
    if by.membership is not None and acceptance.correction_of is not None:
        seen = Attestation.objects.visible_to(by.membership).filter(reference=acceptance.correction_of)
        if not seen.exists():
            raise NotFound(_("There is no such record to correct."))

    made: list[Attestation] = []

    def effect() -> str:
        record = write_record(
            by=by,
            tenant=tenant,
            partner=customer.partner,
            country=str(customer.country),
            zone=customer.partner.zone,
            acceptance=acceptance,
            kept=kept,
            approver=approver,
        )
        if record.agreement_type == AgreementType.MCA and _counts(record):
            settle_invitations(by=by, customer=customer, attestation=record)
        made.append(record)
        return str(record.reference)

    if not submit_key:
        effect()
        return made[0]
    # Sent twice, a file has two ids.
    files = digests_of(acceptance.evidence)
    body = {"customer": str(tenant.pk), **asdict(acceptance), "evidence": files, **kept}
    reference, _was_repeated = submit_once(by=by, form="agreements.record", key=submit_key, body=body, effect=effect)
    return made[0] if made else Attestation.objects.get(reference=reference)


def _counts(record: Attestation) -> bool:
    """Whether a new record covers. Only a correction may state a day from before which acceptances are stale."""
    if record.supersede_reason != SupersedeReason.CORRECTION:
        return True
    stale_before = AgreementTemplate.objects.stale_before(today=record.recorded_on)
    return stale_before is None or record.agreed_on >= stale_before
