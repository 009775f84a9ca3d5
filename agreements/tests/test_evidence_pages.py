"""The files of a record: listed, handed out, added to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import AgreementDocument, Attestation, Evidence, EvidenceUpload
from agreements.services import add_evidence, attest_on_behalf, erase_person
from agreements.tests.factories import PDF, acceptance, accepted_directly, confirmed, file_of, uploaded
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent, ChainEntry
from portal.common.actor import Actor
from portal.common.errors import NotPermitted, RuleViolation
from portal.partners.models import Membership

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], Client]
Act = Callable[..., Actor]


@pytest.fixture
def record(customer: Customer, template: Any) -> Attestation:
    return confirmed(customer)


def url_of(name: str, record: Attestation, *more: Any) -> str:
    return reverse(f"agreements:{name}", args=[record.tenant_id, record.reference, *more])


def add(client: Client, record: Attestation, *files: tuple[str, bytes], **more: str) -> Any:
    sent = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post(url_of("add_evidence", record), {"submit_key": "key", "files-evidence": sent, **more})


@pytest.mark.scenario("S7")
def test_a_file_is_only_ever_an_attachment(client_of: ClientOf, sales_agent: Membership, record: Attestation) -> None:
    file = file_of(record, 'a "quoted" Umowa.pdf', b"%PDF-1.7 <script>alert(1)</script>")
    answer = client_of(sales_agent).get(url_of("evidence_file", record, file.public_id))
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 <script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert answer["ETag"] == f'"{file.sha256}"'
    head = client_of(sales_agent).head(url_of("evidence_file", record, file.public_id))
    head.close()
    assert head.status_code == 200


def test_the_record_lists_its_files(client_of: ClientOf, sales_agent: Membership, record: Attestation) -> None:
    client = client_of(sales_agent)
    page = client.get(url_of("record", record)).content.decode()
    assert "No file is on this record." in page
    file = file_of(record)
    with CaptureQueriesContext(connection) as one:
        page = client.get(url_of("record", record)).content.decode()
    for shown in ("contract.pdf", file.sha256, url_of("evidence_file", record, file.public_id), "Add evidence"):
        assert shown in page
    for n in range(5):
        file_of(record, f"{n}.pdf", PDF + str(n).encode())
    with CaptureQueriesContext(connection) as six:
        client.get(url_of("record", record))
    assert len(six) == len(one)


def test_strangers_see_no_file(
    client_of: ClientOf,
    stranger: Membership,
    helpdesk_agent: Membership,
    sales_agent: Membership,
    record: Attestation,
) -> None:
    file = file_of(record)
    for member in (stranger, helpdesk_agent):
        assert client_of(member).get(url_of("evidence_file", record, file.public_id)).status_code == 404
        assert add(client_of(member), record, ("n.txt", b"At ten")).status_code in (403, 404)
    # By the address of another record it is not there either.
    other = confirmed(CustomerFactory(partner=sales_agent.partner))
    assert client_of(sales_agent).get(url_of("evidence_file", other, file.public_id)).status_code == 404
    assert not EvidenceUpload.objects.exists()


def test_a_missing_file_is_told(client_of: ClientOf, sales_agent: Membership, record: Attestation) -> None:
    file = file_of(record)
    [path] = [each for each in (Path(settings.MEDIA_ROOT) / "evidence").rglob("*") if each.is_file()]
    path.unlink()
    answer = client_of(sales_agent).get(url_of("evidence_file", record, file.public_id))
    assert answer.status_code == 404
    page = answer.content.decode()
    assert ("its store does not have the file any more" in page, file.sha256 in page) == (True, True)


def test_a_missing_text_is_told(client_of: ClientOf, sales_agent: Membership, template: Any) -> None:
    document = AgreementDocument.objects.first()
    assert document is not None
    answer = client_of(sales_agent).get(reverse("agreements:document", args=[document.public_id]))
    assert answer.status_code == 404
    assert "its store does not have the file any more" in answer.content.decode()


def test_files_are_added_once_with_their_entries(
    client_of: ClientOf, sales_agent: Membership, record: Attestation
) -> None:
    client = client_of(sales_agent)
    assert "Choose a file" in add(client, record).content.decode()
    for _click in range(2):
        answer = add(client, record, ("contract.pdf", PDF), ("n.txt", b"At ten"))
        assert answer["Location"] == url_of("record", record)
    assert [file.name for file in record.evidence.in_order()] == ["contract.pdf", "n.txt"]
    entries = ChainEntry.objects.filter(kind="evidence", subject=str(record.reference))
    digests = {json.loads(entry.payload)["sha256"] for entry in entries}
    assert digests == {file.sha256 for file in record.evidence.all()}
    event = AuditEvent.objects.get(code="agreements.evidence_added")
    assert event.facts["file_count"] == 2
    refused = add(client, record, ("program.exe", b"MZ")).content.decode()
    assert "program.exe" in refused
    assert "Choose a file" not in refused
    # Again by a form of its own, and with a file that is refused beside it.
    assert "has this file already" in add(client, record, ("again.pdf", PDF), submit_key="2").content.decode()
    page = add(client, record, ("new.txt", b"At noon"), ("bad.pdf", b"MZ"), submit_key="3").content.decode()
    assert ("new.txt" in page, "“bad.pdf” does not hold" in page) == (True, True)
    assert record.evidence.count() == 2


def test_replaced_and_withdrawn_records_take_files(
    client_of: ClientOf, sales_agent: Membership, record: Attestation, customer: Customer
) -> None:
    confirmed(customer, correction_of=record.reference, reason_note="Another day")
    assert add(client_of(sales_agent), record, ("contract.pdf", PDF)).status_code == 302


def test_nothing_is_added_to_the_customers_own_record(
    client_of: ClientOf, admin_agent: Membership, customer: Customer, template: Any, actor_for: Act
) -> None:
    record = accepted_directly(customer)
    page = client_of(admin_agent).get(url_of("record", record))
    assert "Add evidence" not in page.content.decode()
    assert add(client_of(admin_agent), record, ("contract.pdf", PDF)).status_code == 403
    by = actor_for(admin_agent)
    upload = uploaded(by, admin_agent.partner)
    with pytest.raises(RuleViolation, match="own record"):
        add_evidence(by=by, customer=customer, attestation=record, evidence=[upload.public_id], submit_key="k")
    assert not Evidence.objects.exists()


def test_nothing_is_added_once_the_person_is_erased(
    client_of: ClientOf, admin_agent: Membership, customer: Customer, record: Attestation, actor_for: Act
) -> None:
    by = actor_for(admin_agent)
    upload = uploaded(by, admin_agent.partner)
    file_of(record)
    erase_person(by=by, attestation=record, reason="Asked for it")
    assert add(client_of(admin_agent), record, ("n.txt", b"At ten")).status_code == 403
    with pytest.raises(RuleViolation, match="was erased"):
        add_evidence(by=by, customer=customer, attestation=record, evidence=[upload.public_id], submit_key="k")
    page = client_of(admin_agent).get(url_of("record", record)).content.decode()
    assert "went with the person" in page
    assert not Evidence.objects.exists()


def test_who_may_make_such_a_record_adds_to_it(
    customer: Customer, template: Any, helpdesk_agent: Membership, record: Attestation, actor_for: Act
) -> None:
    by = actor_for(helpdesk_agent)
    upload = uploaded(by, helpdesk_agent.partner)
    with pytest.raises(NotPermitted):
        add_evidence(by=by, customer=customer, attestation=record, evidence=[upload.public_id], submit_key="k")
    other = CustomerFactory(partner=customer.partner)
    on_behalf = attest_on_behalf(by=by, customer=other, acceptance=acceptance(), scenario=1)
    add_evidence(by=by, customer=other, attestation=on_behalf, evidence=[upload.public_id], submit_key="k")
    assert on_behalf.evidence.get().actor_name == "Hela Helpdesk"
