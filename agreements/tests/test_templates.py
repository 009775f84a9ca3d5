"""agreements.services.create_template and add_document; what was accepted is never changed."""

import hashlib
from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from agreements.models import AgreementDocument, AgreementTemplate, AgreementType
from agreements.services import add_document, create_template, delete_document, delete_template
from agreements.tests.factories import DocumentFactory, TemplateFactory, confirmed, job_actor
from customers.models import Customer
from portal.audit.models import AuditEvent
from portal.common.errors import RuleViolation


def create(**changed: object) -> AgreementTemplate:
    details: dict[str, object] = {
        "type": AgreementType.MCA,
        "template_id": uuid4(),
        "version": "1",
        "effective_on": date(2020, 1, 1),
    }
    return create_template(by=job_actor(), **{**details, **changed})


def test_a_version_is_added_and_logged(db: None) -> None:
    made = create()
    assert AgreementTemplate.objects.get() == made
    assert AuditEvent.objects.get(code="agreements.template_created").facts["version"] == "1"


@pytest.mark.parametrize(
    "dates",
    [
        {"renew_before": date(2025, 1, 1)},
        {"renewal_enforced_on": date(2025, 1, 1)},
        {"renew_before": date(2025, 1, 2), "renewal_enforced_on": date(2025, 1, 1)},
    ],
)
def test_renewal_dates_come_in_pairs_and_in_order(db: None, dates: dict[str, date]) -> None:
    with pytest.raises(ValidationError):
        create(**dates)


def test_one_version_a_day(db: None) -> None:
    create()
    with pytest.raises(ValidationError):
        create(version="2")


def test_a_document_keeps_the_digest_of_its_content(template: AgreementTemplate) -> None:
    content = "Przykład".encode()
    made = add_document(
        by=job_actor(), template=template, country="SE", language="sv-SE", content=content, filename="Avtal.TXT"
    )
    assert made.sha256 == hashlib.sha256(content).hexdigest()
    with made.file.open() as file:
        assert file.read() == content
    assert made.file.name == f"agreements/{made.sha256}.txt"
    assert AuditEvent.objects.get(code="agreements.document_added").facts["sha256"] == made.sha256


def test_refuses_an_empty_file_and_a_second_one(template: AgreementTemplate) -> None:
    said = {"by": job_actor(), "template": template, "country": "PL", "language": "pl-PL", "filename": "a.txt"}
    with pytest.raises(RuleViolation) as refused:
        add_document(content=b"", **said)
    assert refused.value.field == "file"
    with pytest.raises(RuleViolation) as refused:
        add_document(content=b"x", **said)
    assert refused.value.field == "language"


def test_once_accepted_text_and_version_never_change(customer: Customer, template: AgreementTemplate) -> None:
    document = template.documents.get(country="PL", language="en-US")
    unused = template.documents.get(country="US")
    AgreementDocument.objects.filter(pk=document.pk).update(sha256="0" * 64)
    confirmed(customer)
    for change in (
        lambda: AgreementDocument.objects.filter(pk=document.pk).update(sha256="1" * 64),
        lambda: AgreementTemplate.objects.filter(pk=template.pk).update(version="9"),
    ):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            change()
    AgreementDocument.objects.filter(pk=unused.pk).update(sha256="2" * 64)


def test_the_newest_in_force_on_a_day(db: None) -> None:
    old = TemplateFactory(version="a", effective_on=date(2019, 10, 1))
    new = TemplateFactory(version="b", effective_on=date(2024, 5, 1))
    TemplateFactory(version="c", effective_on=date(2015, 1, 1), type=AgreementType.CLOUD)
    in_force = AgreementTemplate.objects.in_force
    assert in_force(on=date(2019, 9, 30)) is None
    assert in_force(on=date(2024, 4, 30)) == old
    assert in_force(on=date(2024, 5, 1)) == new


def test_the_latest_enforced_renewal_counts(db: None) -> None:
    for year, enforced in ((2022, 2023), (2024, 2025)):
        TemplateFactory(
            version=str(year),
            effective_on=date(year, 1, 1),
            renew_before=date(year, 1, 1),
            renewal_enforced_on=date(enforced, 1, 1),
        )
    stale_before = AgreementTemplate.objects.stale_before
    assert stale_before(today=date(2022, 12, 31)) is None
    assert stale_before(today=date(2023, 1, 1)) == date(2022, 1, 1)
    assert stale_before(today=date(2026, 1, 1)) == date(2024, 1, 1)


def test_documents_of_the_country_else_of_the_us(template: AgreementTemplate) -> None:
    other = TemplateFactory(effective_on=date(2020, 2, 2))
    DocumentFactory(template=other, country="FR")
    for_customer = AgreementDocument.objects.for_customer
    assert {d.language for d in for_customer(template, "PL")} == {"pl-PL", "en-US"}
    assert {str(d.country) for d in for_customer(template, "FR")} == {"US"}


def test_an_unused_text_is_deleted_and_logged(db: None) -> None:
    document = DocumentFactory()
    delete_document(by=job_actor(), document=document)
    delete_template(by=job_actor(), template=document.template)
    assert not AgreementTemplate.objects.exists()
    codes = set(AuditEvent.objects.values_list("code", flat=True))
    assert {"agreements.document_deleted", "agreements.template_deleted"} <= codes


def test_a_used_text_stays(customer: Customer) -> None:
    document = confirmed(customer).document
    with pytest.raises(RuleViolation, match="It stays"):
        delete_document(by=job_actor(), document=document)
    with pytest.raises(RuleViolation, match="Delete them first"):
        delete_template(by=job_actor(), template=document.template)
    assert not AuditEvent.objects.filter(code__endswith="_deleted").exists()
