"""Django admin of this room: texts are added through the services, records are looked at."""

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.admin import texts as room
from agreements.models import (
    AgreementDocument,
    AgreementTemplate,
    Attestation,
    AttestationEvent,
    AttestationPerson,
)
from agreements.services import withdraw_acceptance
from agreements.tests.factories import MCA_TEMPLATE_ID, DocumentFactory, TemplateFactory, confirmed, job_actor
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent
from portal.common.errors import RuleViolation
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import UserFactory

TEXTS, RECORDS = ("agreementtemplate", "agreementdocument"), ("attestation", "attestationperson", "attestationevent")
MODELS = {
    "agreementtemplate": AgreementTemplate,
    "agreementdocument": AgreementDocument,
    "attestation": Attestation,
    "attestationperson": AttestationPerson,
    "attestationevent": AttestationEvent,
}


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    user = UserFactory(is_staff=True, is_superuser=True, name="Stefan Staff")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def record(customer: Customer) -> Attestation:
    """A withdrawn record, so that there is a row of every model."""
    record = confirmed(customer)
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=record, reason="Wrong customer")
    return record


def url_of(name: str, view: str, *args: object) -> str:
    return reverse(f"admin:agreements_{name}_{view}", args=args)


def used(name: str, record: Attestation) -> Any:
    """A row that a record relies on, or is part of one."""
    template = record.document.template
    rows = {"agreementtemplate": template, "agreementdocument": record.document, "attestation": record}
    return rows.get(name) or MODELS[name].objects.get()


def template_data(**changed: str) -> dict[str, str]:
    data = {
        "type": "MicrosoftCustomerAgreement",
        "template_id": str(MCA_TEMPLATE_ID),
        "version": "2023-04",
        "effective_on": "2023-04-01",
        "renew_before": "2023-04-01",
        "renewal_enforced_on": "2025-10-07",
    }
    return {**data, **changed}


def document_data(template: AgreementTemplate, content: bytes = b"Umowa", **changed: str) -> dict[str, Any]:
    file = SimpleUploadedFile("umowa.txt", content)
    return {"template": str(template.pk), "country": "SE", "language": "sv-SE", "file": file, **changed}


@pytest.mark.parametrize("name", MODELS)
def test_staff_can_list_search_and_look(name: str, staff: Client, record: Attestation) -> None:
    assert staff.get(url_of(name, "changelist")).context["cl"].result_count >= 1
    assert staff.get(url_of(name, "changelist"), {"q": "nothing-like-it"}).context["cl"].result_count == 0
    assert staff.get(url_of(name, "change", used(name, record).pk)).status_code == 200


@pytest.mark.parametrize("name", MODELS)
def test_what_is_used_is_neither_changed_nor_deleted(name: str, staff: Client, record: Attestation) -> None:
    row = used(name, record)
    assert staff.post(url_of(name, "change", row.pk), template_data()).status_code == 403
    assert staff.post(url_of(name, "delete", row.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    staff.post(url_of(name, "changelist"), chosen)
    assert MODELS[name].objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("name", RECORDS)
def test_records_are_never_added_here(name: str, staff: Client, record: Attestation) -> None:
    assert staff.get(url_of(name, "add")).status_code == 403
    assert staff.post(url_of(name, "add"), {}).status_code == 403


def test_the_salt_of_a_person_is_not_shown(staff: Client, record: Attestation) -> None:
    page = staff.get(url_of("attestationperson", "change", record.person.pk))
    assert record.person.salt not in page.content.decode()


def test_a_template_is_added_through_the_service(staff: Client) -> None:
    answer = staff.post(url_of("agreementtemplate", "add"), template_data())
    assert answer.status_code == 302
    template = AgreementTemplate.objects.get()
    assert (template.version, template.renew_before) == ("2023-04", date(2023, 4, 1))
    event = AuditEvent.objects.get(code="agreements.template_created")
    assert (event.actor_name, event.actor_kind, event.door) == ("Stefan Staff", "staff", "admin_site")


@pytest.mark.parametrize(
    "changed",
    [
        {"version": "2019-10"},
        {"effective_on": "2019-10-01"},
        {"renew_before": ""},
        {"effective_on": "soon"},
        {"template_id": "none"},
    ],
)
def test_a_template_that_does_not_fit_comes_back(
    changed: dict[str, str], staff: Client, template: AgreementTemplate
) -> None:
    answer = staff.post(url_of("agreementtemplate", "add"), template_data(**changed))
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert AgreementTemplate.objects.count() == 1


@pytest.mark.parametrize(
    "error",
    [RuleViolation("No.", field="version"), RuleViolation("No."), ValidationError("No."), IntegrityError()],
)
def test_a_refusal_by_the_service_is_an_error_of_the_form(
    error: Exception, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**given: object) -> None:
        raise error

    monkeypatch.setattr(room, "create_template", refuse)
    answer = staff.post(url_of("agreementtemplate", "add"), template_data())
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert answer.context["adminform"].form["version"].value() == "2023-04"
    assert not AgreementTemplate.objects.exists()


def test_a_document_is_added_through_the_service(staff: Client, template: AgreementTemplate) -> None:
    answer = staff.post(url_of("agreementdocument", "add"), document_data(template))
    assert answer.status_code == 302
    document = AgreementDocument.objects.get(country="SE")
    assert document.sha256 == sha256(b"Umowa").hexdigest()
    assert document.file.read() == b"Umowa"
    event = AuditEvent.objects.get(code="agreements.document_added")
    assert event.subject == str(document.public_id)
    document.file.close()


@pytest.mark.parametrize(
    "changed",
    [
        {"country": "PL", "language": "pl-PL"},
        {"language": "nl-NL"},
        {"country": "CN", "language": "en-US"},
        {"country": "", "language": ""},
        {"file": SimpleUploadedFile("umowa.html", b"<p>")},
        {"file": SimpleUploadedFile("umowa.txt", b"")},
        {"file": ""},
    ],
)
def test_a_document_that_does_not_fit_comes_back(
    changed: dict[str, Any], staff: Client, template: AgreementTemplate
) -> None:
    before = AgreementDocument.objects.count()
    answer = staff.post(url_of("agreementdocument", "add"), document_data(template, **changed))
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert AgreementDocument.objects.count() == before


def test_a_document_has_a_bound(staff: Client, template: AgreementTemplate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_MEGABYTES", 0)
    answer = staff.post(url_of("agreementdocument", "add"), document_data(template))
    assert "file" in answer.context["adminform"].form.errors


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_unused_can_be_deleted_and_the_log_knows(name: str, staff: Client) -> None:
    row = TemplateFactory() if name == "agreementtemplate" else DocumentFactory()
    answer = staff.post(url_of(name, "delete", row.pk), {"post": "yes"})
    assert answer.status_code == 302
    assert not MODELS[name].objects.filter(pk=row.pk).exists()
    assert AuditEvent.objects.filter(code__endswith="_deleted", actor_name="Stefan Staff").count() == 1


@pytest.mark.parametrize("name", MODELS)
def test_lists_cost_the_same_for_many_rows(name: str, staff: Client, partner: Partner, record: Attestation) -> None:
    def more(count: int) -> None:
        for number in range(count):
            customer = CustomerFactory(partner=partner)
            attestation = confirmed(customer)
            withdraw_acceptance(by=job_actor(), customer=customer, attestation=attestation, reason="Wrong")
            on = date(2015, 1, 1 + AgreementTemplate.objects.count())
            DocumentFactory(template=TemplateFactory(effective_on=on), country="FR", language=f"x-{number}")

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(url_of(name, "changelist")).status_code == 200
        return len(queries)

    more(2)
    few = cost()
    more(5)
    assert cost() == few


def test_agents_do_not_get_in(client_of: Callable[[Membership], Client], admin_agent: Membership) -> None:
    assert client_of(admin_agent).get(url_of("attestation", "changelist")).status_code == 302
