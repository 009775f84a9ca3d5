"""A confirmation as a client states it, brought to the services."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from django.db import transaction

from agreements.legacy import CLOUD_AGREEMENT
from agreements.models import AgreementTemplate, AgreementType, Attestation, EvidenceKind
from agreements.services import Acceptance, Person, confirm_acceptance, confirm_hosted, ensure_legacy_template
from customers.models import Customer
from portal.api.v1.agreements.mapping import day_of, person_of
from portal.api.v1.agreements.schemas import CLOUD, MCA, AgreementIn
from portal.api.v1.callers import Caller
from portal.api.v1.faults import INVALID, Fault
from portal.common.errors import RuleViolation
from portal.common.ids import parse_uuid

# Codes of refusals that a client cannot do away with; what a person can do instead.
BY_HAND = {
    "evidence_required": (
        "The partner's policy asks for a file as evidence, and none can be sent through this API. "
        "Confirm the acceptance in the portal, under the customer's Account info."
    ),
    "approval_required": (
        "The partner's policy asks for a second person before the present record is replaced. "
        "Confirm the acceptance in the portal, under the customer's Account info; that asks for approval."
    ),
}


@contextmanager
def by_hand() -> Iterator[None]:
    """Refusals that ask for what cannot be sent become ones that say where it can be done."""
    try:
        yield
    except RuleViolation as refused:
        if refused.code not in BY_HAND:
            raise
        raise Fault(400, INVALID, BY_HAND[refused.code]) from refused


@transaction.atomic
def record_agreement(caller: Caller, customer: Customer, said: AgreementIn) -> Attestation:
    """Raises Fault, and what the services raise."""
    kind = type_of(said.template_id, said.type)
    person = person_of(said.primary_contact, country=str(customer.country))
    if said.attestation_id is not None:
        return _with_attestation(caller, customer, kind, said.attestation_id, person)
    day = day_of(said.date_agreed, zone=customer.partner.zone)
    if kind == CLOUD:
        ensure_legacy_template(by=caller.actor)
    return confirm(caller, customer, person, day, kind=AgreementType(kind))


def _with_attestation(caller: Caller, customer: Customer, kind: str, text: str, person: Person) -> Attestation:
    attestation_id = parse_uuid(text)
    if attestation_id is None:
        raise Fault(400, INVALID, "attestationId must be the id of an attestation.", data=["attestationId"])
    if kind != MCA:
        told = "An attestation is of the Microsoft Customer Agreement; name its template."
        raise Fault(400, INVALID, told, data=["templateId"])
    with by_hand():
        return confirm_hosted(by=caller.actor, customer=customer, attestation_id=attestation_id, person=person)


def confirm(
    caller: Caller, customer: Customer, person: Person, day: date, *, kind: AgreementType, is_direct: bool = False
) -> Attestation:
    """is_direct: the partner states that the customer accepted with Microsoft directly."""
    acceptance = Acceptance(
        person=person,
        agreed_on=day,
        evidence_kind=EvidenceKind.MICROSOFT if is_direct else EvidenceKind.OTHER,
        evidence_note=_note(caller, is_direct=is_direct),
    )
    with by_hand():
        return confirm_acceptance(by=caller.actor, customer=customer, acceptance=acceptance, agreement_type=kind)


def _note(caller: Caller, *, is_direct: bool) -> str:
    """The wire says nothing of how an acceptance is known; the record says that, and which program stated it."""
    how = "The customer accepted with Microsoft directly" if is_direct else "How it is known was not said"
    program = f"“{caller.client.name}” ({caller.client.client_id})"
    return f"{how}; stated through the API by the application {program}."[:500]


def type_of(template_id: str | None, kind: str | None) -> str:
    """The type of the template that is named. Raises Fault 400: missing, unknown, or of another type than said."""
    if not (template_id or "").strip():
        raise Fault(400, INVALID, "templateId is missing: take it from GET /agreements.", data=["templateId"])
    found = _known_type(parse_uuid(str(template_id).strip()))
    if found is None:
        raise Fault(
            400, INVALID, "templateId is no template of this portal: see GET /agreements.", data=["templateId"]
        )
    if kind is not None and kind != found:
        raise Fault(400, INVALID, f"type: this template is of type {found}.", data=["type"])
    return found


def _known_type(template_id: UUID | None) -> str | None:
    if template_id is None:
        return None
    kept = AgreementTemplate.objects.filter(template_id=template_id).values_list("type", flat=True).first()
    return kept or (CLOUD if template_id == CLOUD_AGREEMENT.template_id else None)
