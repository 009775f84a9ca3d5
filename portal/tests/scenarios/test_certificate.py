"""E8 and what E4 asks of receipts: a certificate says what the record says, and anybody can compute its digests."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import formats

from agreements.certificates import certificate_pdf
from agreements.links import receipt_path
from agreements.mail import receipt as receipt_mail
from agreements.models import Attestation, EvidenceUpload
from agreements.services import attest_on_behalf
from agreements.services.erasing import erase_person
from agreements.tests.certificate_texts import Digested, digested_in, says, text_of
from agreements.tests.factories import acceptance, accepted_directly, confirmed, person
from customers.models import Customer
from portal.audit.models import ChainEntry
from portal.common.actor import DOOR_LABELS, Actor, Door
from portal.partners.models import Membership
from portal.partners.roles import LABELS

COMPANY = "Żabka Nowa Sp. z o.o."
MADE_AT = datetime(2026, 5, 12, 9, 30, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(admin_agent: Membership, actor_for: Callable[..., Actor]) -> Actor:
    return actor_for(admin_agent)


def printed(record: Attestation) -> str:
    return text_of(certificate_pdf(record, company_name=COMPANY, language="en", made_at=MADE_AT))


def shown(moment: datetime, zone: str) -> str:
    return f"{formats.date_format(moment.astimezone(ZoneInfo(zone)), 'DATETIME_FORMAT')} ({zone})"


def facts_of(record: Attestation) -> dict[str, str]:
    """Label -> value, as the row has it."""
    text, template, partner = record.document, record.document.template, record.partner
    facts = {
        "Company": COMPANY,
        "Microsoft ID of the company": str(record.tenant_id),
        "Agreement acceptance date": formats.date_format(record.agreed_on, "DATE_FORMAT"),
        "Version": template.version,
        "Template id": str(template.template_id),
        "Country of the text": str(text.country.name),
        "Language of the text": text.language_name,
        "SHA-256 of the text": text.sha256,
        "Method": record.get_method_display(),
        "Evidence": record.get_evidence_kind_display(),
        "Recorded by": record.recorded_by,
        "Roles held": ", ".join(str(LABELS[role]) for role in record.roles) or "None",
        "Recorded through": str(DOOR_LABELS[Door(record.door)]),
        "Recorded at": shown(record.recorded_at, record.time_zone),
        "Reference": str(record.reference),
    }
    if partner is not None:
        facts |= {"Partner": partner.name, "Microsoft ID of the partner": str(partner.tenant_id)}
    if record.scenario is not None:
        facts["Scenario"] = record.get_scenario_display()
    if record.supersedes is not None:
        facts["Replaces"] = str(record.supersedes.reference)
    signer = getattr(record, "person", None)
    if signer is not None:
        facts |= {"Accepted by": signer.full_name, "Email address": signer.email}
        facts |= {"Phone number": signer.phone.as_international} if signer.phone else {}
        facts |= {"What was noted": signer.evidence_note} if signer.evidence_note else {}
        facts |= {"Position in the company": signer.authority} if signer.authority else {}
    return facts


def check(record: Attestation) -> tuple[str, list[Digested]]:
    """Every fact is on the page as in the row, and every digest follows from the page's own text, which is given."""
    record = Attestation.objects.with_details().get(pk=record.pk)
    text = printed(record)
    for label, value in facts_of(record).items():
        assert says(text, label, value), (label, value, text)
    assert "does not fit" not in text
    digested = digested_in(text)
    assert all(each.is_right for each in digested)
    digests = {each.digest for each in digested}
    for entry in ChainEntry.objects.filter(subject=str(record.reference)):
        assert {entry.payload_digest, entry.digest} <= digests
        assert says(text, "Digest of the entry before", entry.prev)
        assert entry.payload in {each.text for each in digested}
    return text, digested


@pytest.mark.scenario("E8")
def test_a_confirmed_record_and_its_certificate_say_the_same(customer: Customer, by: Actor) -> None:
    signer = person(first_name="Świętosława", last_name="Żółć-Gęślą", phone="+48221234567")
    record = confirmed(customer, by, person=signer, evidence_note="Re: MCA, 12 May", language="pl-PL")
    _text, digested = check(record)
    assert record.person_digest in {each.digest for each in digested}
    covered = next(json.loads(each.text)["v"] for each in digested if each.digest == record.person_digest)
    assert (covered["first_name"], covered["phone"]) == ("Świętosława", "+48221234567")


@pytest.mark.scenario("E8")
def test_so_do_one_on_behalf_and_the_customers_own(customer: Customer, by: Actor) -> None:
    check(attest_on_behalf(by=by, customer=customer, acceptance=acceptance(), scenario=2))
    text, _digested = check(accepted_directly(customer, authority="Prezes zarządu"))
    assert says(text, "Chain", "portal")


@pytest.mark.scenario("E8")
def test_so_do_a_corrected_record_and_what_corrects_it(customer: Customer, by: Actor) -> None:
    wrong = confirmed(customer, by)
    signer = person(first_name="伟", last_name="张")
    right = confirmed(customer, by, correction_of=wrong.reference, reason_note="Pomyłka", person=signer)
    text, _digested = check(wrong)
    assert says(text, "Replaced by", str(right.reference))
    assert text.splitlines()[2].startswith("Replaced on May 12, 2026")
    text, _digested = check(right)
    assert says(text, "Reason", "Correction: Pomyłka")
    assert "伟 张" in text


@pytest.mark.scenario("E8")
def test_so_does_a_record_with_files(customer: Customer, by: Actor, admin_agent: Membership) -> None:
    upload = EvidenceUpload.objects.create(
        partner=customer.partner,
        owner=admin_agent.user,
        name="umowa – podpisana.pdf",
        sha256="ab" * 32,
        size=48213,
        media_type="application/pdf",
    )
    record = confirmed(customer, by, evidence=(upload.public_id,))
    text, digested = check(record)
    assert says(text, "File 1", "umowa – podpisana.pdf (application/pdf, 48213 bytes)")
    assert says(text, "SHA-256 of the file", "ab" * 32)
    assert any(json.loads(each.text).get("sha256") == "ab" * 32 for each in digested)


@pytest.mark.scenario("E4")
@pytest.mark.scenario("E8")
def test_so_does_an_erased_record_without_the_person(customer: Customer, by: Actor) -> None:
    record = confirmed(customer, by)
    person_digest = record.person_digest
    erase_person(by=by, attestation=record, reason="Art. 17")
    text, digested = check(record)
    assert says(text, "Accepted by", "The person's data was erased")
    assert "Person erased" in text
    assert "Wiśniewska" not in text
    assert "zofia@" not in text
    assert any(person_digest in each.text for each in digested)
    assert person_digest not in {each.digest for each in digested}


@pytest.mark.scenario("E8")
def test_negative_control_a_digit_changed_on_the_page_is_found(customer: Customer, by: Actor) -> None:
    text = printed(confirmed(customer, by))
    assert len(digested_in(text)) == 4
    changed = text.replace('"door":"account_info"', '"door":"order_prompt"')
    assert sum(not each.is_right for each in digested_in(changed)) == 1


@pytest.mark.scenario("E4")
def test_who_kept_the_receipt_proves_the_record_after_the_person_was_erased(customer: Customer, by: Actor) -> None:
    record = confirmed(customer, by, evidence_note="Zgoda – tel.")
    message = receipt_mail(record.receipt, company_name=COMPANY, language="en-US")
    assert message is not None
    kept = dict(line.partition(": ")[::2] for line in str(message.body).splitlines())
    browser = Client()
    browser.get(receipt_path(record.receipt))
    assert kept["Salt"] in browser.get("/receipt/").content.decode()
    erase_person(by=by, attestation=record, reason="Art. 17")
    page = browser.get("/receipt/").content.decode()
    assert "was erased" in page
    assert kept["Salt"] not in page
    for proof in ("Chain", "Digest of the entry", "Digest of the person's data", "Reference"):
        assert kept[proof] in page
    assert Digested(kept["Salt"], kept["Text"], kept["Digest of the person's data"]).is_right
    entry = ChainEntry.objects.get(kind="attestation", subject=kept["Reference"])
    assert (str(entry.seq), entry.digest) == (kept["Position in the chain"], kept["Digest of the entry"])
    assert json.loads(entry.payload)["person"] == kept["Digest of the person's data"]
    assert json.loads(kept["Text"])["v"]["evidence_note"] == "Zgoda – tel."
