"""Agreement texts and acceptances. Records are made by the services: nothing else may write them."""

from datetime import date
from uuid import UUID

import factory
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from factory.django import DjangoModelFactory

from agreements import evidence_store
from agreements.models import (
    AgreementDocument,
    AgreementTemplate,
    AgreementType,
    Attestation,
    Evidence,
    EvidenceUpload,
    Invitation,
)
from agreements.services import (
    Acceptance,
    Invitee,
    Person,
    confirm_acceptance,
    invite_customer,
    record_direct_acceptance,
    stage_upload,
)
from agreements.services.records import append_file
from customers.models import Customer
from portal.common.actor import Actor, ActorKind, Door
from portal.partners.models import Partner

MCA_TEMPLATE_ID = UUID("117a77b0-9360-443b-8795-c6dedc750cf9")


class TemplateFactory(DjangoModelFactory[AgreementTemplate]):
    class Meta:
        model = AgreementTemplate

    type = AgreementType.MCA
    template_id = MCA_TEMPLATE_ID
    version = factory.Sequence(lambda n: f"v{n}")
    effective_on = date(2019, 10, 1)


class DocumentFactory(DjangoModelFactory[AgreementDocument]):
    class Meta:
        model = AgreementDocument

    template = factory.SubFactory(TemplateFactory)
    country = "PL"
    language = "en-US"
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    file = factory.Sequence(lambda n: f"agreements/{n:064x}.txt")


def person(**changed: str) -> Person:
    details = {
        "first_name": "Zofia",
        "last_name": "Wiśniewska",
        "email": "zofia@customer.example",
        "phone": "",
    }
    return Person(**{**details, **changed})


def acceptance(**changed: object) -> Acceptance:
    """A statement that every rule accepts, dated today (in UTC), with the given parts changed."""
    details: dict[str, object] = {
        "person": person(),
        "agreed_on": timezone.now().date(),
        "evidence_kind": "email",
        "evidence_note": "",
    }
    return Acceptance(**{**details, **changed})


def job_actor() -> Actor:
    return Actor(kind=ActorKind.JOB, name="Test", door=Door.JOB)


def confirmed(customer: Customer, by: Actor | None = None, **changed: object) -> Attestation:
    """A confirmation by the customer's partner, on the record."""
    return confirm_acceptance(by=by or job_actor(), customer=customer, acceptance=acceptance(**changed))


def accepted_directly(customer: Customer, **changed: object) -> Attestation:
    """The customer's own acceptance, on the record."""
    by = Actor(kind=ActorKind.CUSTOMER, name="Customer", door=Door.CUSTOMER_PAGE)
    return record_direct_acceptance(
        by=by, tenant=customer.tenant, country=str(customer.country), acceptance=acceptance(**changed)
    )


def invited(customer: Customer, by: Actor | None = None, **changed: str) -> Invitation:
    """The customer's invitation to accept by itself, not sent yet."""
    who = {"first_name": "Zofia", "last_name": "Wiśniewska", "email": "zofia@customer.example", "language": "pl-PL"}
    return invite_customer(by=by or job_actor(), customer=customer, invitee=Invitee(**{**who, **changed}))


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def uploaded(by: Actor, partner: Partner, name: str = "contract.pdf", data: bytes = PDF) -> EvidenceUpload:
    """A file that a person sent for this partner, on no record yet."""
    return stage_upload(by=by, partner=partner, file=SimpleUploadedFile(name, data))


@transaction.atomic
def file_of(record: Attestation, name: str = "contract.pdf", data: bytes = PDF) -> Evidence:
    """A file on a partner's record, put there by a program; its bytes are stored, the chain has its entry."""
    assert record.partner is not None
    by = job_actor()
    file = Evidence.objects.create(
        attestation=record,
        tenant=record.tenant,
        partner=record.partner,
        name=name,
        sha256=evidence_store.store(record.partner.tenant_id, data),
        size=len(data),
        media_type="application/pdf",
        added_at=timezone.now(),
        actor_kind=by.kind,
        actor_name=by.name,
        door=by.door,
    )
    append_file(file)
    return file
