"""Recording that a customer accepted: one way in for every door, and the way a record is taken back."""

import secrets
from dataclasses import asdict, dataclass
from datetime import date, tzinfo
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import rules
from agreements.languages import DEFAULT_LANGUAGE
from agreements.models import (
    DIRECT_SCOPE,
    AgreementDocument,
    AgreementTemplate,
    AgreementType,
    Attestation,
    AttestationEvent,
    AttestationPerson,
    EventKind,
    Method,
)
from agreements.services.standing import refresh_standing
from customers.models import Customer, Tenant
from customers.services import keep_invitation, lock_tenant
from portal.audit.services import append_to_chain, record_event, salted_digest
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.jobs.services import submit_once
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

# Partner Center's name of the refusal to repeat a confirmation.
ALREADY_CONFIRMED = "600061"
PORTAL_CHAIN = "portal"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who accepted, as typed; phone in E.164 or empty."""

    first_name: str
    last_name: str
    email: str
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """What is stated: who accepted, on which date of the partner's calendar, and how we know.

    language: of the text that was accepted. correction_of: reference of the record that this one puts right,
    with reason_note saying what was wrong.
    """

    person: Person
    agreed_on: date
    evidence_kind: str
    evidence_note: str = ""
    language: str = DEFAULT_LANGUAGE
    correction_of: UUID | None = None
    reason_note: str = ""


@transaction.atomic
def confirm_acceptance(
    *,
    by: Actor,
    customer: Customer,
    acceptance: Acceptance,
    submit_key: str = "",
    agreement_type: AgreementType = AgreementType.MCA,
) -> Attestation:
    """Record that the partner confirms the customer's acceptance (seeds 000, 002, 003; seed 004 option 1).

    The same submit_key again answers the first record. Raises NotPermitted, or RuleViolation with the field
    concerned: a future date, missing evidence, or 600061 when a covering record would only be repeated.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.AGREEMENTS_CONFIRM)
    return _record_for_partner(
        by=by,
        customer=customer,
        acceptance=acceptance,
        submit_key=submit_key,
        kept={"method": Method.CONFIRMED, "agreement_type": agreement_type},
    )


@transaction.atomic
def attest_on_behalf(
    *, by: Actor, customer: Customer, acceptance: Acceptance, scenario: int, submit_key: str = ""
) -> Attestation:
    """Attest in the customer's name, in one of the two scenarios of seed 001. Raises as confirm_acceptance."""
    ensure_may(by=by, partner=customer.partner, permission=Permission.AGREEMENTS_ATTEST)
    if scenario not in (1, 2):
        raise RuleViolation(_("Choose which of the two scenarios applies."), field="scenario")
    return _record_for_partner(
        by=by,
        customer=customer,
        acceptance=acceptance,
        submit_key=submit_key,
        kept={"method": Method.ON_BEHALF, "agreement_type": AgreementType.MCA, "scenario": scenario},
    )


@transaction.atomic
def record_direct_acceptance(
    *, by: Actor, tenant: Tenant, country: str, acceptance: Acceptance, time_zone: str = "UTC"
) -> Attestation:
    """Record the customer's own acceptance, which covers every partner. time_zone: of the inviting partner."""
    lock_tenant(tenant.pk)
    return _record(
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
    by_permission = (
        Permission.AGREEMENTS_ATTEST if attestation.method == Method.ON_BEHALF else Permission.AGREEMENTS_CONFIRM
    )
    ensure_may(by=by, partner=customer.partner, permission=by_permission)
    lock_tenant(customer.tenant_id)
    own = Attestation.objects.filter(partner_id=customer.partner_id, tenant_id=customer.tenant_id)
    last = own.latest_of_line().with_state().filter(pk=attestation.pk, is_withdrawn=False).first()
    if last is None:
        raise RuleViolation(_("This record was replaced or withdrawn meanwhile. Open the customer again."))
    if not reason.strip():
        raise RuleViolation(_("Say why the record is withdrawn."), field="reason")
    event = AttestationEvent.objects.create(
        attestation=last, kind=EventKind.WITHDRAWN, reason=reason, at=timezone.now(), **_actor_columns(by)
    )
    refresh_standing(tenant_id=last.tenant_id)
    _log(by, "agreements.acceptance_withdrawn", last, {})
    append_to_chain(
        chain=chain_of(last),
        kind="attestation.withdrawn",
        subject=str(last.reference),
        payload={
            "attestation": str(last.reference),
            "at": event.at.isoformat(),
            "door": by.door,
            "roles": list(by.roles),
        },
    )
    return event


@transaction.atomic
def mark_invited(*, by: Actor, customer: Customer) -> None:
    """Note that the customer will be invited to accept by itself; its standing becomes pending."""
    ensure_may(by=by, partner=customer.partner, permission=Permission.AGREEMENTS_INVITE)
    lock_tenant(customer.tenant_id)
    keep_invitation(customer=customer, invited_at=timezone.now())
    record_event(
        by=by,
        code="agreements.customer_invited",
        partner_id=customer.partner_id,
        customer_id=customer.tenant_id,
    )


def chain_of(attestation: Attestation) -> str:
    """One chain per partner, one of the portal's own for the customers' direct acceptances."""
    partner = attestation.partner
    return PORTAL_CHAIN if partner is None else f"partner:{partner.tenant_id}"


def _record_for_partner(
    *, by: Actor, customer: Customer, acceptance: Acceptance, submit_key: str, kept: dict[str, Any]
) -> Attestation:
    tenant = lock_tenant(customer.tenant_id)

    def effect() -> str:
        made = _record(
            by=by,
            tenant=tenant,
            partner=customer.partner,
            country=str(customer.country),
            zone=customer.partner.zone,
            acceptance=acceptance,
            kept=kept,
        )
        return str(made.reference)

    if not submit_key:
        return Attestation.objects.get(reference=effect())
    body = {"customer": str(tenant.pk), **asdict(acceptance), **kept}
    reference, _was_repeated = submit_once(by=by, form="agreements.record", key=submit_key, body=body, effect=effect)
    return Attestation.objects.get(reference=reference)


def _record(
    *,
    by: Actor,
    tenant: Tenant,
    partner: Partner | None,
    country: str,
    zone: tzinfo,
    acceptance: Acceptance,
    kept: dict[str, Any],
) -> Attestation:
    """Check the rules, then write record, person, facts, log and chain. The tenant is locked by the caller."""
    now = timezone.now()
    today = now.astimezone(zone).date()
    scope = partner.pk if partner else DIRECT_SCOPE
    document = _document(kept["agreement_type"], country, acceptance, today)
    line = Attestation.objects.latest_of_line().with_state().select_related("person")
    last = line.filter(tenant=tenant, scope=scope, agreement_type=kept["agreement_type"]).first()
    reason = _why_supersede(last, acceptance, today)
    salt = secrets.token_hex(32)
    details = {
        **asdict(acceptance.person),
        "evidence_note": acceptance.evidence_note,
        "reason_note": acceptance.reason_note,
    }
    attestation = Attestation.objects.create(
        tenant=tenant,
        partner=partner,
        scope=scope,
        document=document,
        agreed_on=acceptance.agreed_on,
        evidence_kind=acceptance.evidence_kind,
        person_digest=salted_digest(salt, details),
        supersedes=last,
        supersede_reason=reason,
        recorded_at=now,
        recorded_on=today,
        time_zone=str(zone),
        request_id=by.request_id,
        **_actor_columns(by),
        **kept,
    )
    AttestationPerson.objects.create(attestation=attestation, salt=salt, **details)
    refresh_standing(tenant_id=tenant.pk)
    _log(by, "agreements.acceptance_recorded", attestation, asdict(acceptance.person))
    append_to_chain(
        chain=chain_of(attestation),
        kind="attestation",
        subject=str(attestation.reference),
        payload=chained_facts(attestation, salt),
    )
    return attestation


def _document(agreement_type: str, country: str, acceptance: Acceptance, today: date) -> AgreementDocument:
    """The text in force on the date of acceptance, in the country's and the chosen language, else en-US."""
    versions = AgreementTemplate.objects.filter(type=agreement_type).order_by("effective_on")
    first = versions.first()
    why_not = rules.why_not_agreed_on(
        acceptance.agreed_on, today=today, effective_on=first.effective_on if first else None
    )
    if why_not is not None:
        raise RuleViolation(why_not, field="agreed_on")
    why_not = rules.why_not_enough_evidence(kind=acceptance.evidence_kind, note=acceptance.evidence_note)
    if why_not is not None:
        raise RuleViolation(why_not, field="evidence_note")
    template = AgreementTemplate.objects.in_force(on=acceptance.agreed_on, type=agreement_type)
    texts = (
        AgreementDocument.objects.for_customer(template, country) if template else AgreementDocument.objects.none()
    )
    wanted = texts.filter(language__in=[acceptance.language, DEFAULT_LANGUAGE])
    found: dict[str, AgreementDocument] = {text.language: text for text in wanted}
    document = found.get(acceptance.language) or found.get(DEFAULT_LANGUAGE)
    if document is None:
        raise RuleViolation(
            _("No document of the agreement is on file for this country. Ask the portal's staff to add it."),
            field="language",
        )
    return document


def _why_supersede(last: Attestation | None, acceptance: Acceptance, today: date) -> str:
    """The reason code for following `last`, empty for a first record. Raises RuleViolation (600061)."""
    if last is None:
        return ""
    if acceptance.correction_of is not None and acceptance.correction_of != last.reference:
        raise RuleViolation(_("The record you correct was replaced meanwhile. Check the history and try again."))
    stale_before = AgreementTemplate.objects.stale_before(today=today)
    is_withdrawn, dispute = last.is_withdrawn, last.dispute
    covers = not is_withdrawn and dispute != EventKind.DISPUTED
    covers = covers and (stale_before is None or last.agreed_on >= stale_before)
    if acceptance.correction_of is None:
        person = getattr(last, "person", None)
        why_not = rules.why_cannot_reconfirm(
            person=asdict(acceptance.person),
            recorded={f: str(getattr(person, f)) for f in rules.PERSON_FIELDS} if person else None,
            covers=covers,
        )
        if why_not is not None:
            raise RuleViolation(why_not, code=ALREADY_CONFIRMED)
    elif not acceptance.reason_note.strip():
        raise RuleViolation(_("Say what was wrong with the present record."), field="reason_note")
    return rules.supersede_reason(
        is_correction=acceptance.correction_of is not None, is_withdrawn=is_withdrawn, covers=covers
    )


def chained_facts(attestation: Attestation, salt: str) -> dict[str, Any]:
    """What the chain proves of a record: every fact, the people behind salted digests."""
    document, partner = attestation.document, attestation.partner
    return {
        "reference": str(attestation.reference),
        "tenant": str(attestation.tenant_id),
        "partner": str(partner.tenant_id) if partner else None,
        "type": attestation.agreement_type,
        "template": str(document.template.template_id),
        "version": document.template.version,
        "country": str(document.country),
        "language": document.language,
        "document": document.sha256,
        "method": attestation.method,
        "scenario": attestation.scenario,
        "person": attestation.person_digest,
        "agreed_on": attestation.agreed_on.isoformat(),
        "evidence": attestation.evidence_kind,
        "supersedes": str(attestation.supersedes.reference) if attestation.supersedes else None,
        "supersede_reason": attestation.supersede_reason,
        "recorded_at": attestation.recorded_at.isoformat(),
        "recorded_on": attestation.recorded_on.isoformat(),
        "time_zone": attestation.time_zone,
        "recorded_by": salted_digest(
            salt, [attestation.actor_kind, attestation.actor_user_id, attestation.actor_name]
        ),
        "roles": attestation.roles,
        "door": attestation.door,
    }


def _actor_columns(by: Actor) -> dict[str, Any]:
    return {
        "actor_kind": by.kind,
        "actor_user_id": by.user_id,
        "actor_name": by.name,
        "roles": list(by.roles),
        "door": by.door,
    }


def _log(by: Actor, code: str, attestation: Attestation, person: dict[str, str]) -> None:
    record_event(
        by=by,
        code=code,
        partner_id=attestation.partner_id,
        customer_id=attestation.tenant_id,
        subject=str(attestation.reference),
        facts={
            "method": attestation.method,
            "agreed_on": attestation.agreed_on.isoformat(),
            "reason": attestation.supersede_reason,
        },
        changes={field: (None, value) for field, value in person.items() if value},
    )
