"""S7: attacks on evidence: files that lie, ids of others, forms of other sites, what an export must not tell."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.models import Attestation, Evidence, EvidenceUpload
from agreements.services import erase_person, refuse_approval, uploads
from agreements.tests.approval_factories import waiting
from agreements.tests.exporting import EXPORT, accept_of, archive_of, unpacked
from agreements.tests.factories import PDF, confirmed, file_of, person, uploaded
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEventDetail
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner

pytestmark = [pytest.mark.scenario("S7"), pytest.mark.django_db]
ClientOf = Callable[[Membership], Client]
Act = Callable[..., Actor]
NAMES = (
    "../../../etc/passwd.pdf",
    "..\\..\\windows\\win.pdf",
    'a"\r\nSet-Cookie: x=1\r\n.pdf',
    "nul\0byte.pdf",
    "\u202efdp.exe.pdf",
    "x" * 300 + ".pdf",
    "; filename=evil.html; a.pdf",
    "<img src=x onerror=alert(1)>.pdf",
    "%0d%0aX-Evil: 1.pdf",
    ".pdf",
    "\u2028.pdf",
)


@pytest.fixture
def record(customer: Customer) -> Attestation:
    return confirmed(customer)


def url_of(name: str, record: Attestation, *more: Any) -> str:
    return reverse(f"agreements:{name}", args=[record.tenant_id, record.reference, *more])


def raw(names: tuple[str, ...]) -> tuple[bytes, str]:
    """A form as no browser sends it: the files' names stand in their headers as they are. The body, and its type."""
    key = f'--B\r\nContent-Disposition: form-data; name="submit_key"\r\n\r\n{uuid4().hex}\r\n'
    parts = [key.encode()]
    for name in names:
        head = f'--B\r\nContent-Disposition: form-data; name="files-evidence"; filename="{name}"\r\n'
        parts.append(head.encode() + b"Content-Type: text/html\r\n\r\n" + PDF + uuid4().bytes + b"\r\n")
    return b"".join(parts) + b"--B--\r\n", "multipart/form-data; boundary=B"


def test_no_name_leaves_its_header_or_its_folder(
    client_of: ClientOf, sales_agent: Membership, record: Attestation
) -> None:
    """11 hostile names: 0 headers, folders or elements of the page are made by one"""
    client = client_of(sales_agent)
    for name in NAMES:
        body, kind = raw((name,))
        assert client.post(url_of("add_evidence", record), body, content_type=kind).status_code in (200, 302), name
    files = Evidence.objects.filter(attestation=record)
    assert len(files) > len(NAMES) // 2
    for sent in files:
        assert not set(sent.name) & set("/\\\r\n\0\u2028\u202e")
        assert len(sent.name) <= 255
        answer = client.get(url_of("evidence_file", record, sent.public_id))
        assert b"".join(answer.streaming_content).startswith(PDF)
        assert answer["Content-Disposition"].startswith("attachment; ")
        assert answer["Content-Type"] == "application/octet-stream"
        assert not {"Set-Cookie", "X-Evil"} & set(answer.headers)
    page = client.get(url_of("record", record)).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_a_thousand_files_at_once_are_refused(
    client_of: ClientOf, sales_agent: Membership, record: Attestation
) -> None:
    body, kind = raw(("a.pdf",) * 1000)
    answer = client_of(sales_agent).post(url_of("add_evidence", record), body, content_type=kind)
    assert answer.status_code == 400
    assert not EvidenceUpload.objects.exists()


def test_nobody_fills_the_store_with_files_of_no_record(
    client_of: ClientOf, sales_agent: Membership, record: Attestation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent again and again and put to nothing: kept up to a number, told from then on"""
    monkeypatch.setattr(uploads, "MOST_WAITING", 3)
    client = client_of(sales_agent)
    for _again in range(5):
        body, kind = raw(("a.pdf", "b.exe"))
        # The question comes back for what is wrong with one file, and nothing is put to the record.
        page = client.post(url_of("add_evidence", record), body, content_type=kind).content.decode()
    assert EvidenceUpload.objects.count() == 3
    assert "wait for a record" in page


def test_nobody_uses_or_reads_another_ones_file(
    client_of: ClientOf,
    sales_agent: Membership,
    admin_agent: Membership,
    stranger: Membership,
    actor_for: Act,
    record: Attestation,
) -> None:
    """A colleague's, another partner's, and one that a record has: each id is refused and its name is not told"""
    partner = sales_agent.partner
    colleagues = uploaded(actor_for(admin_agent), partner, "SECRET-colleague.pdf")
    others = uploaded(actor_for(stranger), stranger.partner, "SECRET-other.pdf", PDF + b"o")
    taken = file_of(confirmed(CustomerFactory(partner=partner)), "SECRET-taken.pdf", PDF + b"t")
    client = client_of(sales_agent)
    for public_id in (colleagues.public_id, others.public_id, taken.public_id):
        said = {"evidence": str(public_id), "submit_key": public_id.hex}
        answer = client.post(url_of("add_evidence", record), said)
        assert answer.status_code == 200
        assert b"SECRET" not in answer.content
        assert client.get(url_of("evidence_file", record, public_id)).status_code == 404
    assert not Evidence.objects.filter(attestation=record).exists()


def test_who_removed_the_relationship_learns_nothing_of_later_acceptances(
    client_of: ClientOf, admin_agent: Membership, stranger: Membership, customer: Customer
) -> None:
    """Neither in the export nor on the record's page; what it knew before stays"""
    confirmed(customer)
    earlier = accept_of(customer, person=person(last_name="Earlier"))
    Customer.objects.filter(pk=customer.pk).update(removed_at=timezone.now())
    elsewhere = CustomerFactory(partner=stranger.partner, tenant=customer.tenant)
    signer = person(last_name="Canary", email="canary@customer.example")
    later = accept_of(elsewhere, person=signer)
    client = client_of(admin_agent)
    text = b"".join(unpacked(archive_of(client)).values())
    assert b"Earlier" in text
    assert b"anary" not in text
    seen = [client.get(url_of("record", each)).status_code for each in (earlier, later)]
    assert seen == [200, 404]
    assert client_of(stranger).get(url_of("record", later)).status_code == 200
    assert b"anary" not in client.get(reverse("customers:account", args=[customer.tenant_id])).content


def test_a_client_does_not_say_where_it_is(client_of: ClientOf, admin_agent: Membership, record: Attestation) -> None:
    """Forged addresses and a browser's name with markup, a formula and controls: kept harmless, or not at all"""
    Partner.objects.filter(pk=admin_agent.partner_id).update(logs_addresses=True)
    client, known = client_of(admin_agent), set()
    for address in ("fe80::1%eth0", "", "unix:", "999.1.1.1"):
        about = confirmed(CustomerFactory(partner=record.partner))
        said = {"reason": "Asked for it", "understood": "on"}
        headers = {"x-forwarded-for": "6.6.6.6", "user-agent": "=1+1<b>\r\n\x1b[2J" + "A" * 5000}
        answer = client.post(url_of("erase", about), said, headers=headers, REMOTE_ADDR=address)
        assert answer.status_code == 302
        known |= set(AuditEventDetail.objects.values_list("ip_address", "user_agent"))
    kept = {browser for _address, browser in known if browser}
    assert {address for address, _browser in known} <= {None, "fe80::1", "127.0.0.1"}
    assert [(len(each), each.isprintable()) for each in kept] == [(200, True)]
    assert b"=1+1<b>" not in client.get(reverse("dashboard:activity")).content
    sheet = b"".join(client.post(reverse("dashboard:export_activity")).streaming_content).decode()
    assert ",'=1+1<b>" in sheet
    assert ",=1+1" not in sheet


def test_erasing_takes_a_form_of_the_portals_own(
    client_of: ClientOf, admin_agent: Membership, record: Attestation
) -> None:
    """By GET and from another site's form: nobody is erased"""
    said = {"reason": "x", "understood": "on"}
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_agent.user)
    assert strict.post(url_of("erase", record), said).status_code == 403
    assert client_of(admin_agent).get(url_of("erase", record), said).status_code == 200
    assert Attestation.objects.get(pk=record.pk).person.last_name == "Wiśniewska"


def test_an_erased_person_is_in_no_refusal(
    sales_agent: Membership, admin_agent: Membership, customer: Customer, actor_for: Act
) -> None:
    asked = waiting(customer, actor_for(sales_agent))
    refuse_approval(by=actor_for(admin_agent), approval=asked, reason="Zofia Wiśniewska did not sign")
    erase_person(by=actor_for(admin_agent), attestation=asked.record, reason="Asked for it")
    asked.refresh_from_db()
    assert asked.reason == ""


def test_only_who_may_export_does(
    client_of: ClientOf, sales_agent: Membership, helpdesk_agent: Membership, reseller_agent: Membership
) -> None:
    today = sales_agent.partner.today.isoformat()
    for member in (sales_agent, helpdesk_agent, reseller_agent):
        answer = client_of(member).post(EXPORT, {"first": today, "last": today})
        assert answer.status_code == 403
        assert "Content-Disposition" not in answer.headers
