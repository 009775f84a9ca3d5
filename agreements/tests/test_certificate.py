"""The certificate as PDF: who gets it, in which language, and that nothing typed breaks it or gets lost in it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
import typst
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from agreements.certificates import certificate_pdf
from agreements.links import receipt_path
from agreements.models import Attestation, AttestationPerson
from agreements.proofs import proof_of
from agreements.services import attest_on_behalf, dispute_acceptance
from agreements.services.records import chain_of
from agreements.tests.answering import accept, administrator, asked, at_partner, opened
from agreements.tests.certificate_texts import digested_in, says, squeezed, text_of
from agreements.tests.factories import acceptance, accepted_directly, confirmed, job_actor, person
from agreements.tests.invitation_factories import THE_PERSON
from agreements.views import certificates
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.checkpoints import take_checkpoint
from portal.common import typesetting
from portal.common.typesetting import NotTypeset
from portal.partners.models import Membership

Sign = Callable[[Membership], Client]
MADE_AT = datetime(2026, 5, 12, 9, 30, tzinfo=UTC)
# Of markup and scripts, of letters joined and turned round, and of those that no font has.
ODD = (
    '#import "x": y',
    "] } ) $ $x^2$ \\ `raw` *b* _c_ <label> @ref // no /* not */ = -- ... \"q\" 'q'",
    "x" * 200,
    "ż" * 120 + "  two  blanks",
    "שלום עולם, مرحبا بالعالم",
    "🙂 👩‍👩‍👧 \ue000 \u202eback\u202c e\u0301\u200b",
    "one\ntwo\r\nthree\tfour\x07",
)


def pdf_of(record: Attestation, language: str = "en", company_name: str = "Żabka") -> bytes:
    return certificate_pdf(record, company_name=company_name, language=language, made_at=MADE_AT)


def path_of(record: Attestation) -> str:
    return f"/customers/{record.tenant_id}/agreement/{record.reference}/certificate/"


def shown(answer: Any) -> str:
    """The text of the certificate that was answered, as an attachment that nobody keeps."""
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith('attachment; filename="certificate-')
    assert answer["Cache-Control"] == "no-store"
    return text_of(answer.content)


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without any font but those that Typst brings along."""
    alone = typst.Fonts(include_system_fonts=False)
    monkeypatch.setattr(typesetting, "_fonts", lambda: alone)
    typesetting.can_show.cache_clear()
    yield
    typesetting.can_show.cache_clear()


def test_it_is_an_accessible_pdf_with_title_and_language(customer: Customer) -> None:
    record = confirmed(customer)
    for language, spoken in (("en", "en"), ("pl", "pl"), ("zh-hans", "zh-CN")):
        pdf = PdfReader(BytesIO(pdf_of(record, language)))
        root, about = pdf.root_object, pdf.metadata
        assert root["/Lang"] == spoken
        assert root["/MarkInfo"]["/Marked"]
        assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()
        assert about is not None
        assert about.title
        assert pdf.pages[0].mediabox.width == pytest.approx(595, abs=1)
        assert len(pdf.pages) == 2


def test_the_same_record_and_moment_make_the_same_bytes(customer: Customer) -> None:
    record = confirmed(customer)
    assert pdf_of(record) == pdf_of(record)


@pytest.mark.parametrize("typed", ODD, ids=range(len(ODD)))
def test_whatever_is_typed_stays_text(customer: Customer, typed: str) -> None:
    record = confirmed(customer, person=person(first_name="伟", last_name="O'Brien #1 $"), evidence_note=typed)
    text = text_of(pdf_of(record, company_name=typed))
    digested = digested_in(text)
    assert len(digested) == 4
    assert all(each.is_right for each in digested)
    if typed.isprintable() and not any("\u0590" < letter < "\u0700" or letter > "\ud7ff" for letter in typed):
        assert says(text, "Company", typed)
        assert says(text, "What was noted", typed)


def test_letters_that_turn_others_round_are_shown(customer: Customer) -> None:
    text = text_of(pdf_of(confirmed(customer, evidence_note="paid \u202eton\u202c yet")))
    assert says(text, "What was noted", "paid [U+202E]ton[U+202C] yet")


def test_no_hyphen_is_set_twice(customer: Customer) -> None:
    name = " ".join(["Bielsko-Biała"] * 20)
    assert squeezed(name) in squeezed(text_of(pdf_of(confirmed(customer), "pl", name)))


def test_the_newest_checkpoint_that_covers_it_is_on_it(customer: Customer) -> None:
    record = confirmed(customer)
    assert says(text_of(pdf_of(record)), "Checkpoint", "None covers this record yet.")
    checkpoint = take_checkpoint(chain=chain_of(record))
    assert checkpoint is not None
    later = confirmed(CustomerFactory(partner=customer.partner))
    text = text_of(pdf_of(record))
    assert says(text, "Entries", "1")
    assert says(text, "Statement that was signed", checkpoint.statement)
    assert says(text, "Signature (Ed25519)", checkpoint.signature)
    assert says(text, "Key", checkpoint.key.key_id)
    assert says(text_of(pdf_of(later)), "Checkpoint", "None covers this record yet.")


def test_letters_that_no_font_has_are_written_as_code_points(customer: Customer, bare_machine: None) -> None:
    record = confirmed(customer, person=person(first_name="伟", last_name="Wiśniewska"))
    text = text_of(pdf_of(record))
    assert says(text, "Accepted by", "[U+4F1F] Wiśniewska")
    assert "written as their code points" in text
    assert all(each.is_right for each in digested_in(text))
    assert "written as their code points" not in text_of(pdf_of(confirmed(CustomerFactory(partner=customer.partner))))


def test_without_a_font_for_its_letters_a_language_is_not_spoken(
    customer: Customer, bare_machine: None, caplog: pytest.LogCaptureFixture
) -> None:
    record = confirmed(customer)
    assert text_of(pdf_of(record, "zh-hans")).startswith("Certificate of acceptance")
    assert "No font for the letters of zh-hans" in caplog.text
    assert text_of(pdf_of(record, "pl")).startswith("Zaświadczenie o akceptacji")


def test_what_happened_since_is_on_it(customer: Customer) -> None:
    record = confirmed(customer)
    dispute_acceptance(by=THE_PERSON, receipt=record.receipt, reason="I was on holiday")
    text = text_of(pdf_of(record))
    assert "Disputed on May 12, 2026" in text
    assert squeezed(f"{THE_PERSON.name}: I was on holiday") in squeezed(text)
    assert "Entry 2: Disputed" in text
    assert all(each.is_right for each in digested_in(text))


def test_a_person_who_was_put_in_anothers_place_is_noticed(customer: Customer) -> None:
    record = confirmed(customer)
    assert "does not fit" not in text_of(pdf_of(record))
    imposter = AttestationPerson.objects.get()
    imposter.last_name = "Nowak"
    whole = Attestation.objects.with_details().get(pk=record.pk)
    whole.person = imposter
    assert not proof_of(whole).is_whole


def test_an_agent_gets_it_as_the_record(
    customer: Customer, sales_agent: Membership, helpdesk_agent: Membership, stranger: Membership, client_of: Sign
) -> None:
    record = confirmed(customer)
    text = shown(client_of(sales_agent).get(path_of(record)))
    assert "Zofia Wiśniewska" in text
    assert says(text, "Company", customer.company_name)
    for member in (helpdesk_agent, stranger):
        assert client_of(member).get(path_of(record)).status_code == 404
    other = CustomerFactory(partner=customer.partner)
    attested = attest_on_behalf(by=job_actor(), customer=other, acceptance=acceptance(), scenario=1)
    assert "Zofia" in shown(client_of(helpdesk_agent).get(path_of(attested)))
    page = client_of(sales_agent).get(path_of(record).replace("certificate/", ""))
    assert path_of(record) in page.content.decode()


def test_the_named_person_gets_it_by_the_link_of_the_receipt(customer: Customer) -> None:
    record, other = confirmed(customer), accepted_directly(customer)
    browser = Client()
    assert browser.get("/receipt/certificate/").headers["Location"] == "/receipt/"
    for each in (record, other):
        browser.get(receipt_path(each.receipt))
    browser.post("/language/", {"language": "pl"})
    assert str(other.reference) in shown(browser.get("/receipt/certificate/"))
    about = {"about": str(record.receipt.public_id)}
    text = shown(browser.get("/receipt/certificate/", about))
    assert str(record.reference) in text
    assert text.startswith("Zaświadczenie o akceptacji")
    unopened = confirmed(CustomerFactory(partner=customer.partner)).receipt
    assert browser.get("/receipt/certificate/", {"about": str(unopened.public_id)}).status_code == 302


def test_the_company_gets_it_where_it_sees_its_receipt(customer: Customer) -> None:
    invitation = asked(customer)
    browser, other = opened(invitation), opened(invitation)
    path = at_partner(customer.partner, "certificate/")
    assert browser.get(path).status_code == 302
    page = browser.get(accept(browser, customer.partner).headers["Location"]).content.decode()
    assert path in page
    assert "Prezes zarządu" in shown(browser.get(path))
    assert other.get(path).headers["Location"] == at_partner(customer.partner, "receipt/")
    assert "Prezes zarządu" in shown(administrator(customer.tenant).get(path))
    assert administrator(CustomerFactory(partner=customer.partner).tenant).get(path).status_code == 302


def test_one_that_cannot_be_made_is_told_without_what_is_in_it(
    customer: Customer,
    sales_agent: Membership,
    client_of: Sign,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    record = confirmed(customer)

    def fail(*_args: object, **_kwargs: object) -> bytes:
        raise NotTypeset("x")

    monkeypatch.setattr(certificates, "certificate_pdf", fail)
    answer = client_of(sales_agent).get(path_of(record), follow=True)
    assert "The certificate could not be made." in answer.content.decode()
    assert f"The certificate of record {record.reference} could not be made." in caplog.text
    assert "Wiśniewska" not in caplog.text
    browser = Client()
    browser.get(receipt_path(record.receipt))
    assert "could not be made" in browser.get("/receipt/certificate/", follow=True).content.decode()


def test_it_asks_as_often_whatever_happened(customer: Customer) -> None:
    record = confirmed(customer)
    counted = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked_for:
            pdf_of(record)
        counted.append(len(asked_for))
        dispute_acceptance(by=THE_PERSON, receipt=record.receipt, reason="No")
    assert counted[0] == counted[1] <= 6
