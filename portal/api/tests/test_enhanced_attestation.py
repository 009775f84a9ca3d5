"""/v1/attestations/enhanced: a program asks a signatory, the partner confirms with the answer (facts, 1.9)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from agreements.models import AgreementTemplate, Attestation, EnhancedAttestation
from agreements.proofs import proof_of
from agreements.services import decline_hosted, require_acceptance, set_evidence_policy
from agreements.tests.enhanced_factories import EnhancedAttestationFactory, accept
from agreements.tests.factories import MCA_TEMPLATE_ID, confirmed, job_actor
from customers.models import Customer
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

Api = Callable[..., Any]
AT = "/attestations/enhanced"
CONTACT = {"firstName": "Zofia", "lastName": "Wiśniewska", "email": "zofia@customer.example"}
ASKED = {
    "country": "PL",
    "language": "pl-PL",
    "companyName": "Żabka Nowa Sp. z o.o.",
    "signatoryFirstName": "Zofia",
    "signatoryLastName": "Wiśniewska",
    "signatoryEmail": "zofia@customer.example",
    "signatoryPhoneNumber": "512 345 678",
}


def confirmation(attestation_id: object, **changed: Any) -> dict[str, Any]:
    body = {"primaryContact": CONTACT, "templateId": str(MCA_TEMPLATE_ID), "type": "MicrosoftCustomerAgreement"}
    return {**body, "dateAgreed": "2021-03-01T00:00:00Z", "attestationId": str(attestation_id), **changed}


@pytest.fixture
def path(customer: Customer) -> str:
    return f"/customers/{customer.tenant_id}/agreements"


@pytest.fixture
def asked(partner: Partner, template: AgreementTemplate) -> EnhancedAttestation:
    return EnhancedAttestationFactory(partner=partner)


@pytest.fixture
def accepted(asked: EnhancedAttestation, template: AgreementTemplate) -> EnhancedAttestation:
    document = template.documents.get(country="PL", language="pl-PL")
    now = timezone.now()
    said = {"outcome": "accepted", "closed_at": now, "opened_at": now, "document": document}
    EnhancedAttestation.objects.filter(pk=asked.pk).update(**said)
    return EnhancedAttestation.objects.get(pk=asked.pk)


def test_from_the_question_to_the_record(
    api: Api, partner: Partner, sales_agent: Membership, customer: Customer, path: str
) -> None:
    program = api(partner=partner, roles=("sales_agent",))
    answer = program.post(AT, ASKED)
    assert answer.status_code == 201, answer.content
    said = answer.json()
    assert said["id"] == said["attestationId"]
    assert {name: said[name] for name in ASKED} == ASKED | {"signatoryPhoneNumber": "+48512345678"}
    assert (said["status"], said["isUsed"]) == ("pending", False)
    assert datetime.fromisoformat(said["expiresAt"]) > timezone.now() + timedelta(days=29)
    assert said["url"].startswith(f"{settings.PORTAL_URL}/hosted/")
    early = api(sales_agent).post(path, confirmation(said["id"]))
    assert (early.status_code, early.json()["code"]) == (400, 800002)
    assert "not accepted yet" in early.json()["description"]

    browser = Client()
    browser.get(urlsplit(said["url"]).path)
    browser.post("/hosted/", {"about": said["id"]})
    assert program.get(f"{AT}/{said['id']}").json()["status"] == "opened"
    accept(browser)
    told = program.get(f"{AT}/{said['id']}").json()
    assert (told["status"], told["language"]) == ("accepted", "pl-PL")
    assert "url" not in told

    done = api(sales_agent).post(path, confirmation(said["id"]))
    assert done.status_code == 201, done.content
    today = customer.partner.today
    assert done.json()["dateAgreed"] == f"{today}T00:00:00.000Z"
    assert done.json()["primaryContact"]["phoneNumber"] == "+48512345678"
    record = Attestation.objects.select_related("document", "person").get()
    assert (record.evidence_kind, record.agreed_on, record.document.language) == ("hosted", today, "pl-PL")
    assert said["id"] in record.person.evidence_note
    proof = proof_of(record)
    assert proof.is_whole
    require_acceptance(customer=customer)
    assert program.get(f"{AT}/{said['id']}").json()["isUsed"] is True
    again = api(sales_agent).post(path, confirmation(said["id"]))
    assert "used already" in again.json()["description"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"country": "pl"}, "country"),
        ({"country": "XX"}, "country"),
        ({"country": ""}, "country"),
        ({"companyName": " "}, "company"),
        ({"companyName": "x" * 201}, "200 characters"),
        ({"language": "x" * 16}, "language"),
        ({"signatoryFirstName": None}, "signatoryFirstName is missing"),
        ({"signatoryEmail": "x"}, "email"),
        ({"signatoryPhoneNumber": "call me"}, "signatoryPhoneNumber"),
    ],
    ids=range(9),
)
def test_whom_nobody_can_ask(
    api: Api, partner: Partner, template: AgreementTemplate, changed: dict[str, Any], told: str
) -> None:
    answer = api(partner=partner).post(AT, ASKED | changed)
    assert answer.status_code == 400, answer.content
    assert told in answer.json()["description"]
    assert not EnhancedAttestation.objects.exists()


def test_only_programs_ask(
    api: Api, sales_agent: Membership, partner: Partner, stranger: Membership, asked: EnhancedAttestation
) -> None:
    assert api(sales_agent).post(AT, ASKED).json()["code"] == 900329
    assert api(partner=partner, roles=("helpdesk_agent",)).post(AT, ASKED).json()["code"] == 900150
    assert api(partner=stranger.partner).get(f"{AT}/{asked.public_id}").status_code == 404
    abroad = MembershipFactory(partner__cloud="germany").partner
    assert api(partner=abroad).post(AT, ASKED).status_code == 403
    assert api(partner=partner).get(f"{AT}/nothing").json()["code"] == 900118


def test_states_that_end(
    api: Api, partner: Partner, asked: EnhancedAttestation, accepted: EnhancedAttestation
) -> None:
    program = api(partner=partner)
    EnhancedAttestation.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert program.get(f"{AT}/{asked.public_id}").json()["status"] == "expired"
    other = EnhancedAttestationFactory(partner=partner)
    decline_hosted(by=job_actor(), asked=other, reason="Not us")
    told = program.get(f"{AT}/{other.public_id}").json()
    assert (told["status"], told["declineReason"]) == ("declined", "Not us")
    assert "declinedAt" in told
    assert "acceptedAt" not in told


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"primaryContact": CONTACT | {"lastName": "Nowak"}}, "not the signatory"),
        ({"primaryContact": CONTACT | {"email": "other@customer.example"}}, "not the signatory"),
        ({"templateId": "998b88de-aa99-4388-a42c-1b3517d49490", "type": None}, "attestation"),
        ({"attestationId": str(uuid4())}, "no such attestation"),
    ],
    ids=range(4),
)
def test_what_does_not_fit(
    api: Api, sales_agent: Membership, accepted: EnhancedAttestation, path: str, changed: dict[str, Any], told: str
) -> None:
    answer = api(sales_agent).post(path, confirmation(accepted.public_id, **changed))
    assert answer.status_code == 400, answer.content
    assert told in answer.json()["description"]
    assert not Attestation.objects.exists()


@pytest.mark.parametrize(
    ("of_asked", "told"),
    [
        ({"company_name": "Contoso"}, "Contoso"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expired"),
        ({"outcome": "declined", "document": None}, "declined"),
        ({"phone": "+48511111111"}, "not the signatory"),
    ],
    ids=range(4),
)
def test_attestations_that_do_not_count(
    api: Api, sales_agent: Membership, accepted: EnhancedAttestation, path: str, of_asked: dict[str, Any], told: str
) -> None:
    EnhancedAttestation.objects.filter(pk=accepted.pk).update(**of_asked)
    contact = CONTACT | {"phoneNumber": "+48512345678"}
    answer = api(sales_agent).post(path, confirmation(accepted.public_id, primaryContact=contact))
    assert answer.status_code == 400
    assert told in answer.json()["description"]


def test_another_partners_attestation_does_not_exist(
    api: Api, sales_agent: Membership, accepted: EnhancedAttestation, path: str, stranger: Membership
) -> None:
    EnhancedAttestation.objects.update(partner=stranger.partner)
    answer = api(sales_agent).post(path, confirmation(accepted.public_id))
    assert "no such attestation" in answer.json()["description"]


def test_a_text_of_another_country(
    api: Api, sales_agent: Membership, accepted: EnhancedAttestation, template: AgreementTemplate, path: str
) -> None:
    EnhancedAttestation.objects.update(document=template.documents.get(country="US"))
    answer = api(sales_agent).post(path, confirmation(accepted.public_id))
    assert (answer.status_code, Attestation.objects.count()) == (400, 0)


def test_the_same_contact_again_is_refused_and_uses_nothing(
    api: Api, sales_agent: Membership, accepted: EnhancedAttestation, customer: Customer, path: str
) -> None:
    confirmed(customer, agreed_on=date(2021, 1, 1))
    answer = api(sales_agent).post(path, confirmation(accepted.public_id))
    assert answer.json()["code"] == 600061
    accepted.refresh_from_db()
    assert accepted.attestation is None


def test_the_page_is_evidence_enough(
    api: Api, sales_agent: Membership, partner: Partner, accepted: EnhancedAttestation, path: str
) -> None:
    """A policy asks for files with what partners state; this the portal saw itself."""
    kinds = ["other", "email"]
    set_evidence_policy(
        by=job_actor(), partner=partner, required_kinds=kinds, approved_reasons=[], checkpoint_mail="never"
    )
    assert api(sales_agent).post(path, confirmation(accepted.public_id)).status_code == 201


def test_sent_again_it_is_asked_once(api: Api, partner: Partner, template: AgreementTemplate) -> None:
    program, ids = api(partner=partner), {"MS_RequestId": str(uuid4())}
    assert program.post(AT, ASKED, **ids).json() == program.post(AT, ASKED, **ids).json()
    assert EnhancedAttestation.objects.count() == 1
