"""One record of an acceptance: the rules it must meet, the rows it makes, its entry in the chain."""

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import date, tzinfo
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import to_python

from agreements import rules
from agreements.facts import EventFacts, FileFacts, RecordFacts
from agreements.languages import DEFAULT_LANGUAGE
from agreements.models import (
    DIRECT_SCOPE,
    AgreementDocument,
    AgreementTemplate,
    AgreementType,
    Attestation,
    AttestationEvent,
    AttestationEventDetail,
    AttestationPerson,
    EventKind,
    Evidence,
    EvidenceKind,
    Method,
)
from agreements.services.evidence import check_evidence, evidence_policy_of, take_uploads
from agreements.services.notices import announce_record
from agreements.services.receipts import post_receipt
from agreements.services.standing import refresh_standing
from customers.models import Tenant
from portal.audit.models import AuditEvent
from portal.audit.services import append_to_chain, record_event
from portal.common.actor import Actor, ActorKind
from portal.common.errors import RuleViolation
from portal.partners.models import Partner
from portal.webhooks.rules import Event

# Partner Center's name of the refusal to repeat a confirmation.
ALREADY_CONFIRMED = "600061"
PORTAL_CHAIN = "portal"


class ApprovalRequired(RuleViolation):
    """The partner's policy asks for a second person before `record` is superseded for this reason."""

    default_code = "approval_required"

    def __init__(self, record: Attestation, reason_code: str) -> None:
        super().__init__(
            _("Your company's policy asks for a second person before this record is replaced. Ask for approval.")
        )
        self.record, self.reason_code = record, reason_code


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

    language: of the text that was accepted. authority: in what capacity a person says to accept by itself, "" where a
    partner states the acceptance. evidence: public ids of files sent for it. correction_of: reference of the record
    that this one puts right, with reason_note saying what was wrong.
    """

    person: Person
    agreed_on: date
    evidence_kind: str
    evidence_note: str = ""
    language: str = DEFAULT_LANGUAGE
    correction_of: UUID | None = None
    reason_note: str = ""
    authority: str = ""
    evidence: tuple[UUID, ...] = ()


def chain_of(attestation: Attestation) -> str:
    """One chain per partner, one of the portal's own for the customers' direct acceptances."""
    partner = attestation.partner
    return PORTAL_CHAIN if partner is None else f"partner:{partner.tenant_id}"


def write_record(
    *,
    by: Actor,
    tenant: Tenant,
    partner: Partner | None,
    country: str,
    zone: tzinfo,
    acceptance: Acceptance,
    kept: dict[str, Any],
    approver: Actor | None = None,
) -> Attestation:
    """Check the rules, then write record, person, files, facts, log and chain. The tenant is locked by the caller.

    approver: the second person where the partner's policy asks for one. Raises RuleViolation; ApprovalRequired where
    that person is missing.
    """
    acceptance = replace(acceptance, person=with_stored_number(acceptance.person))
    now = timezone.now()
    today = now.astimezone(zone).date()
    scope = partner.pk if partner else DIRECT_SCOPE
    _check(kept["agreement_type"], acceptance, today)
    document = _document(kept["agreement_type"], country, acceptance)
    records = Attestation.objects.latest_of_line().with_state().select_related("person")
    last = records.filter(tenant=tenant, scope=scope, agreement_type=kept["agreement_type"]).first()
    reason = _why_supersede(last, acceptance, today, method=kept["method"])
    policy = evidence_policy_of(partner) if partner is not None else None
    if policy is not None:
        check_evidence(policy=policy, evidence_kind=acceptance.evidence_kind, file_count=len(acceptance.evidence))
        if approver is None and last is not None and reason in policy.approved_reasons:
            raise ApprovalRequired(last, reason)
    salt = secrets.token_hex(32)
    details = {
        **asdict(acceptance.person),
        "evidence_note": acceptance.evidence_note,
        "reason_note": acceptance.reason_note,
        "authority": acceptance.authority,
    }
    digest = AttestationPerson.digest(salt, details)
    attestation = Attestation.objects.create(
        tenant=tenant,
        partner=partner,
        scope=scope,
        document=document,
        agreed_on=acceptance.agreed_on,
        evidence_kind=acceptance.evidence_kind,
        person_digest=digest,
        supersedes=last,
        supersede_reason=reason,
        recorded_at=now,
        recorded_on=today,
        time_zone=str(zone),
        request_id=by.request_id,
        approver_user_id=approver.user_id if approver else None,
        approver_name=approver.name if approver else "",
        **actor_columns(by),
        **kept,
    )
    named = by.name if by.kind == ActorKind.CUSTOMER else ""
    AttestationPerson.objects.create(attestation=attestation, salt=salt, recorded_by=named, **details)
    files = take_uploads(by=by, attestation=attestation, uploads=acceptance.evidence)
    if attestation.agreement_type == AgreementType.MCA:
        # What the letter tells, and how it lets the person object, is about what counts.
        post_receipt(attestation)
    refresh_standing(tenant_id=tenant.pk)
    line = log_event(by, "agreements.acceptance_recorded", attestation, asdict(acceptance.person))
    announce_record(attestation, Event.AGREEMENT_RECORDED, line=line)
    append_to_chain(
        chain=chain_of(attestation),
        kind="attestation",
        subject=str(attestation.reference),
        payload=chained_facts(attestation, salt, by.name),
    )
    for file in files:
        append_file(file)
    return attestation


def with_stored_number(person: Person) -> Person:
    """The number as it is stored, however it was written: that is what the digest must cover."""
    number = to_python(person.phone)
    return replace(person, phone=number.as_e164) if number and number.is_valid() else person


def _check(agreement_type: str, acceptance: Acceptance, today: date) -> None:
    """Raise RuleViolation, with its field, for what cannot be recorded by anybody."""
    versions = AgreementTemplate.objects.filter(type=agreement_type).order_by("effective_on")
    first = versions.first()
    # A correction puts an old record right; whatever is new must count.
    is_mca = agreement_type == AgreementType.MCA and acceptance.correction_of is None
    stale_before = AgreementTemplate.objects.stale_before(today=today) if is_mca else None
    refusals = {
        "agreed_on": rules.why_not_agreed_on(
            acceptance.agreed_on,
            today=today,
            effective_on=first.effective_on if first else None,
            stale_before=stale_before,
        ),
        **rules.why_not_a_person(asdict(acceptance.person)),
        "evidence_kind": rules.why_not_an_evidence_kind(acceptance.evidence_kind, EvidenceKind.values),
        "evidence_note": rules.why_not_enough_evidence(kind=acceptance.evidence_kind, note=acceptance.evidence_note),
    }
    for field, reason in refusals.items():
        if reason is not None:
            raise RuleViolation(reason, field=field)


def _document(agreement_type: str, country: str, acceptance: Acceptance) -> AgreementDocument:
    """The text in force on the date of acceptance, in the country's and the chosen language, else en-US."""
    template = AgreementTemplate.objects.in_force(on=acceptance.agreed_on, type=agreement_type)
    texts = (
        AgreementDocument.objects.for_customer(template, country) if template else AgreementDocument.objects.none()
    )
    wanted = texts.filter(language__in=[acceptance.language, DEFAULT_LANGUAGE]).select_related("template")
    found: dict[str, AgreementDocument] = {text.language: text for text in wanted}
    document = found.get(acceptance.language) or found.get(DEFAULT_LANGUAGE)
    if document is None:
        raise RuleViolation(
            _("No document of the agreement is on file for this country. Ask the portal's staff to add it."),
            field="language",
        )
    return document


def _why_supersede(last: Attestation | None, acceptance: Acceptance, today: date, *, method: str) -> str:
    """The reason code for following `last`, empty for a first record. Raises RuleViolation (600061).

    Who attests on behalf does not see confirmed records: where one covers, nothing is left to attest.
    """
    if last is None:
        return ""
    if last.dispute == EventKind.DISPUTED and not last.is_withdrawn:
        raise RuleViolation(
            _("Somebody disputes the present record. Resolve the dispute first; nothing is recorded over it."),
            code="disputed",
        )
    if acceptance.correction_of is not None and acceptance.correction_of != last.reference:
        raise RuleViolation(_("The record you correct was replaced meanwhile. Check the history and try again."))
    # A renewal is asked for of what covers; a legacy record never does.
    is_mca = last.agreement_type == AgreementType.MCA
    stale_before = AgreementTemplate.objects.stale_before(today=today) if is_mca else None
    is_withdrawn = last.is_withdrawn
    covers = not is_withdrawn and (stale_before is None or last.agreed_on >= stale_before)
    is_correction = acceptance.correction_of is not None
    if method == Method.ON_BEHALF and last.method == Method.CONFIRMED and covers and not is_correction:
        raise RuleViolation(
            _("The customer's acceptance is on record already, so there is nothing to attest."),
            code=ALREADY_CONFIRMED,
        )
    if not is_correction:
        person = getattr(last, "person", None)
        why_not = rules.why_cannot_reconfirm(
            person=asdict(acceptance.person),
            recorded=person.contact_fields if person else None,
            covers=covers,
        )
        if why_not is not None:
            raise RuleViolation(why_not, code=ALREADY_CONFIRMED)
    elif not acceptance.reason_note.strip():
        raise RuleViolation(_("Say what was wrong with the present record"), field="reason_note")
    return rules.supersede_reason(is_correction=is_correction, is_withdrawn=is_withdrawn, covers=covers)


def chained_facts(attestation: Attestation, salt: str, recorded_by: str) -> dict[str, Any]:
    """What the chain proves of a record: every fact, the people behind digests with the salt of the record's person.

    recorded_by: the name of who recorded it.
    """
    document, partner = attestation.document, attestation.partner
    facts = RecordFacts(
        reference=str(attestation.reference),
        tenant=str(attestation.tenant_id),
        partner=str(partner.tenant_id) if partner else None,
        type=attestation.agreement_type,
        template=str(document.template.template_id),
        version=document.template.version,
        country=str(document.country),
        language=document.language,
        document=document.sha256,
        method=attestation.method,
        scenario=attestation.scenario,
        person=attestation.person_digest,
        agreed_on=attestation.agreed_on.isoformat(),
        evidence=attestation.evidence_kind,
        supersedes=str(attestation.supersedes.reference) if attestation.supersedes else None,
        supersede_reason=attestation.supersede_reason,
        recorded_at=attestation.recorded_at.isoformat(),
        recorded_on=attestation.recorded_on.isoformat(),
        time_zone=attestation.time_zone,
        roles=attestation.roles,
        door=attestation.door,
    )
    approver_id = attestation.approver_user_id
    return facts.chained(
        salt=salt,
        actor=(attestation.actor_kind, attestation.actor_user_id, recorded_by),
        approver=None if approver_id is None else (approver_id, attestation.approver_name),
    )


def append_file(file: Evidence) -> None:
    """Put a record's file into its chain, by its digest."""
    record = file.attestation
    append_to_chain(
        chain=chain_of(record),
        kind="evidence",
        subject=str(record.reference),
        payload=FileFacts(
            attestation=str(record.reference),
            file=str(file.public_id),
            sha256=file.sha256,
            size=file.size,
            type=file.media_type,
            added_at=file.added_at.isoformat(),
            door=file.door,
            roles=file.roles,
        )._asdict(),
    )


def add_event(by: Actor, record: Attestation, kind: EventKind, reason: str) -> AttestationEvent:
    """Write what happened to a record, in the words of whoever says so; `append_event` puts it into the chain."""
    event = AttestationEvent.objects.create(attestation=record, kind=kind, at=timezone.now(), **actor_columns(by))
    AttestationEventDetail.objects.create(
        event=event,
        reason=reason[:500],
        actor_name=by.name if by.kind == ActorKind.CUSTOMER else "",
        salt=secrets.token_hex(32),
    )
    return event


def append_event(by: Actor, event: AttestationEvent) -> None:
    """Put what happened to a record into its chain: what was said behind a digest with the detail's salt."""
    record, detail = event.attestation, event.detail
    facts = EventFacts(attestation=str(record.reference), at=event.at.isoformat(), door=by.door, roles=list(by.roles))
    append_to_chain(
        chain=chain_of(record),
        kind=f"attestation.{event.kind}",
        subject=str(record.reference),
        payload=facts.chained(salt=detail.salt, reason=detail.reason, actor=(by.kind, by.user_id, by.name)),
    )


def actor_columns(by: Actor) -> dict[str, Any]:
    return {
        "actor_kind": by.kind,
        "actor_user_id": by.user_id,
        # A customer's own person is named where it can be erased.
        "actor_name": "" if by.kind == ActorKind.CUSTOMER else by.name,
        "roles": list(by.roles),
        "door": by.door,
    }


def log_event(by: Actor, code: str, attestation: Attestation, person: dict[str, str]) -> AuditEvent:
    return record_event(
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
