"""/v1: agreements' texts, confirmations, direct acceptance (facts, 1.1 to 1.6)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from agreements.models import AgreementDocument, AgreementTemplate, Attestation, Receipt
from agreements.services import (
    dispute_acceptance,
    erase_person,
    require_acceptance,
    set_evidence_policy,
    withdraw_acceptance,
)
from agreements.tests.factories import (
    MCA_TEMPLATE_ID,
    DocumentFactory,
    TemplateFactory,
    accepted_directly,
    confirmed,
    job_actor,
)
from agreements.time_machine import standing_on
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.common.actor import Actor
from portal.common.errors import AcceptanceRequired
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

MCA, CLOUD = "MicrosoftCustomerAgreement", "MicrosoftCloudAgreement"
CLOUD_TEMPLATE_ID = "998b88de-aa99-4388-a42c-1b3517d49490"
CONTACT = {"firstName": "Ada", "lastName": "Vinter", "email": "ada@example.org", "phoneNumber": "4255550100"}
Api = Callable[..., Any]


def confirmation(**changed: Any) -> dict[str, Any]:
    """The request of the facts."""
    said = {"primaryContact": CONTACT, "templateId": str(MCA_TEMPLATE_ID), "type": MCA}
    return {**said, "dateAgreed": "2021-03-01T00:00:00.000Z", **changed}


@pytest.fixture
def path(customer: Customer) -> str:
    return f"/customers/{customer.tenant_id}/agreements"


def items(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content
    body = response.json()
    assert body["totalCount"] == len(body["items"])
    found: list[dict[str, Any]] = body["items"]
    return found


def test_metadata(api: Api, sales_agent: Membership, template: AgreementTemplate) -> None:
    call = api(sales_agent)
    (cloud,) = items(call.get("/agreements"))
    assert cloud == {
        "templateId": CLOUD_TEMPLATE_ID,
        "agreementType": CLOUD,
        "agreementLink": "https://docs.microsoft.com/partner-center/agreements",
        "versionRank": 0,
    }
    answer = call.get(f"/agreements?agreementType={MCA}")
    assert items(answer) == [
        {
            "templateId": "117a77b0-9360-443b-8795-c6dedc750cf9",
            "agreementType": MCA,
            "agreementLink": "https://aka.ms/customeragreement",
            "versionRank": 0,
        }
    ]
    assert answer.json()["attributes"] == {"objectType": "Collection"}
    assert answer.json()["links"]["self"]["uri"] == "/agreements"
    TemplateFactory(version="newer", effective_on=date(2021, 1, 1))
    both = items(call.get("/agreements?agreementType=*"))
    assert [(each["agreementType"], each["versionRank"]) for each in both] == [(MCA, 1), (CLOUD, 0)]
    wrong = call.get("/agreements?agreementType=Lease")
    assert (wrong.status_code, wrong.json()["code"]) == (400, 900126)


def test_who_reads_metadata(api: Api, reseller_agent: Membership, template: AgreementTemplate) -> None:
    """Resellers read what there is; programs by themselves and national clouds do not."""
    assert api(reseller_agent).get("/agreements").status_code == 200
    assert api(partner=reseller_agent.partner).get("/agreements").json()["code"] == 900329
    abroad = MembershipFactory(partner__cloud="germany", roles=["admin_agent"])
    assert api(abroad).get("/agreements").status_code == 403


def test_links_to_a_text(api: Api, sales_agent: Membership, template: AgreementTemplate) -> None:
    text = AgreementDocument.objects.get(country="PL", language="pl-PL")
    text.file.storage.save(text.file.name, ContentFile(b"Tekst umowy"))
    call, at = api(sales_agent), f"/agreementtemplates/{MCA_TEMPLATE_ID}/document"
    one, two = (call.get(f"{at}?language=pl-PL&country=PL").json() for _ in range(2))
    assert {name: one[name] for name in ("language", "country")} == {"language": "pl-PL", "country": "PL"}
    assert len({one["displayUri"], one["downloadUri"], two["displayUri"], two["downloadUri"]}) == 4
    for link in (one["displayUri"], one["downloadUri"]):
        file = Client().get(urlsplit(link).path)
        assert b"".join(file.streaming_content) == b"Tekst umowy"
    fallen_back = call.get(f"{at}?language=tlh-KL&country=PL").json()
    assert (fallen_back["language"], fallen_back["country"]) == ("en-US", "PL")
    assert call.get(at).json()["country"] == "US"


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        (f"{MCA_TEMPLATE_ID}/document?country=pl", 400),
        (f"{MCA_TEMPLATE_ID}/document?country=KP", 400),
        (f"{str(MCA_TEMPLATE_ID).upper()}/document", 404),
        (f"{CLOUD_TEMPLATE_ID}/document", 404),
        ("nothing/document", 404),
    ],
)
def test_texts_that_there_are_not(
    api: Api, sales_agent: Membership, template: AgreementTemplate, wanted: str, status: int
) -> None:
    answer = api(sales_agent).get(f"/agreementtemplates/{wanted}")
    assert answer.status_code == status
    assert answer.json()["description"]


def test_a_confirmation(api: Api, sales_agent: Membership, customer: Customer, path: str) -> None:
    call = api(sales_agent)
    answer = call.post(path, confirmation(userId=str(uuid4())))
    assert answer.status_code == 201, answer.content
    expected = {**confirmation(), "userId": str(sales_agent.user.public_id)}
    assert answer.json() == {**expected, "agreementLink": "https://aka.ms/customeragreement"}
    record = Attestation.objects.select_related("person").get()
    assert (record.agreed_on, record.method, record.door) == (date(2021, 3, 1), "confirmed", "api")
    # Nobody said how it is known, so the record does not say more than that.
    assert record.evidence_kind == "other"
    assert call.client.name in record.person.evidence_note
    assert str(call.client.client_id) in record.person.evidence_note
    require_acceptance(customer=customer)
    assert items(call.get(path)) == []
    (listed,) = items(call.get(f"{path}?agreementType={MCA}"))
    assert listed == answer.json()


def test_as_dotnet_sends_it(api: Api, sales_agent: Membership, path: str) -> None:
    body = {
        "UserId": None,
        "PrimaryContact": {"FirstName": "Ada", "LastName": "Vinter", "Email": "ada@example.org", "PhoneNumber": None},
        "TemplateId": str(MCA_TEMPLATE_ID),
        "DateAgreed": "2021-03-01T00:00:00.0000000Z",
        "Type": MCA,
        "AgreementLink": None,
    }
    answer = api(sales_agent).post(path, body)
    assert answer.status_code == 201
    assert "phoneNumber" not in answer.json()["primaryContact"]


def test_as_kotlin_goes(api: Api, sales_agent: Membership, customer: Customer, path: str) -> None:
    """The first template without a filter, confirmed as what it is: a legacy record, which covers nothing."""
    call = api(sales_agent)
    (first,) = items(call.get("/agreements"))
    body = {
        "primaryContact": {"firstName": "Ada", "lastName": "Vinter", "email": "ada@example.org"},
        "templateId": first["templateId"],
        "dateAgreed": f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%dT%H:%M:%S}.123456789Z",
        "type": CLOUD,
    }
    answer = call.post(path, body)
    assert (answer.status_code, answer.json()["type"]) == (201, CLOUD)
    assert [each["type"] for each in items(call.get(path))] == [CLOUD]
    assert items(call.get(f"{path}?agreementType={MCA}")) == []
    with pytest.raises(AcceptanceRequired):
        require_acceptance(customer=customer)
    customer.refresh_from_db()
    assert customer.attested_on is None
    assert standing_on(customer, customer.partner.today).standing == "missing"
    assert not Receipt.objects.exists()
    text = AgreementDocument.objects.get(template__type=CLOUD)
    with text.file.open() as file:
        assert b"not the agreement" in file.read()
    again = call.post(path, body)
    assert (again.status_code, again.json()["code"]) == (400, 600061)
    # A further one of the other type is of another line.
    assert call.post(path, confirmation()).status_code == 201


def test_account_info_tells_a_legacy_record_apart(
    api: Api, sales_agent: Membership, customer: Customer, path: str, client_of: Callable[[Membership], Client]
) -> None:
    api(sales_agent).post(path, confirmation(templateId=CLOUD_TEMPLATE_ID, type=None))
    page = client_of(sales_agent).get(f"/customers/{customer.tenant_id}/account/").content.decode()
    assert "Microsoft Cloud Agreement" in page
    assert "Does not count" in page
    assert "Accepted by" not in page
    then = client_of(sales_agent).get(f"/customers/{customer.tenant_id}/agreement/on/").content.decode()
    assert "Microsoft Cloud Agreement" in then
    assert "Does not count" in then


def test_the_same_again(api: Api, sales_agent: Membership, path: str) -> None:
    call = api(sales_agent)
    call.post(path, confirmation())
    again = call.post(path, confirmation())
    assert again.status_code == 400
    body = again.json()
    assert body["message"] == body["description"]
    assert {
        name: body[name] for name in ("code", "errorName", "isRetryable", "parameters", "errorMessageExtended")
    } == {
        "code": 600061,
        "errorName": "PartnerConfirmedAgreementAlreadyExists",
        "isRetryable": False,
        "parameters": {},
        "errorMessageExtended": "InternalErrorCode=600061",
    }
    assert call.post(path, confirmation(primaryContact=CONTACT | {"lastName": "Winter"})).status_code == 201
    assert Attestation.objects.count() == 2


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"dateAgreed": "2999-01-01T00:00:00Z"}, "today or earlier"),
        ({"dateAgreed": "0001-01-01T00:00:00"}, "or later"),
        ({"dateAgreed": "9999-12-31T23:59:59Z"}, "today or earlier"),
        ({"dateAgreed": None}, "dateAgreed"),
        ({"dateAgreed": "soon"}, "dateAgreed"),
        ({"dateAgreed": "2021-02-30T00:00:00Z"}, "dateAgreed"),
        ({"templateId": None}, "templateId is missing"),
        ({"templateId": "x"}, "templateId"),
        ({"templateId": str(uuid4())}, "templateId"),
        ({"type": CLOUD}, "type"),
        ({"type": "Lease"}, "must be one of"),
        ({"primaryContact": None}, "primaryContact is missing"),
        ({"primaryContact": {"firstName": "A"}}, "lastName is missing"),
        ({"primaryContact": CONTACT | {"email": "x"}}, "email"),
        ({"primaryContact": CONTACT | {"lastName": "x" * 51}}, "characters"),
        ({"primaryContact": CONTACT | {"phoneNumber": "call me"}}, "phone number"),
        ({"attestationId": "x"}, "attestationId"),
    ],
    ids=range(17),
)
def test_what_is_wrong_is_told(
    api: Api, sales_agent: Membership, path: str, changed: dict[str, Any], told: str
) -> None:
    answer = api(sales_agent).post(path, confirmation(**changed))
    assert answer.status_code == 400, answer.content
    assert told in answer.json()["description"]
    assert not Attestation.objects.exists()


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2021-03-01T23:30:00Z", date(2021, 3, 2)),
        ("2021-03-01T23:30:00", date(2021, 3, 1)),
        ("2021-03-01T23:30:00+05:00", date(2021, 3, 1)),
        ("2021-03-01T12:00:00.123456789Z", date(2021, 3, 1)),
        ("2021-03-01", date(2021, 3, 1)),
    ],
)
def test_the_day_is_the_partners(api: Api, sales_agent: Membership, path: str, written: str, day: date) -> None:
    """In Warsaw. Without a zone it is a day of the calendar."""
    assert api(sales_agent).post(path, confirmation(dateAgreed=written)).status_code == 201
    assert Attestation.objects.get().agreed_on == day


@pytest.mark.parametrize("written", ["2021-03-01T00:00:00.000Z", "2021-03-01T00:00:00+00:00"])
def test_midnight_utc_is_that_day_west_of_greenwich_too(
    api: Api, sales_agent: Membership, path: str, written: str
) -> None:
    """What a confirmation answers can be sent again, and is the same day."""
    Partner.objects.filter(pk=sales_agent.partner_id).update(time_zone="America/Los_Angeles")
    answer = api(sales_agent).post(path, confirmation(dateAgreed=written)).json()
    assert answer["dateAgreed"] == "2021-03-01T00:00:00.000Z"


def test_who_confirms(
    api: Api, customer: Customer, path: str, helpdesk_agent: Membership, stranger: Membership, partner: Partner
) -> None:
    assert api(helpdesk_agent).post(path, confirmation()).json()["code"] == 900150
    assert api(helpdesk_agent).get(path).status_code == 403
    assert api(partner=partner).post(path, confirmation()).json()["code"] == 900329
    assert api(stranger).post(path, confirmation()).json()["code"] == 60003
    assert not Attestation.objects.exists()


def test_resellers_and_national_clouds_do_not(
    api: Api, reseller_agent: Membership, provider: Partner, template: AgreementTemplate
) -> None:
    theirs = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
    refused = api(reseller_agent).post(f"/customers/{theirs.tenant_id}/agreements", confirmation())
    assert (refused.status_code, refused.json()["code"]) == (403, 900150)
    abroad = MembershipFactory(partner__cloud="us_government", roles=["admin_agent"])
    theirs = CustomerFactory(partner=abroad.partner)
    for answer in (
        api(abroad).post(f"/customers/{theirs.tenant_id}/agreements", confirmation()),
        api(abroad).get(f"/customers/{theirs.tenant_id}/agreements"),
    ):
        assert answer.status_code == 403


@pytest.mark.parametrize("asks_for", [{"required_kinds": ["other"]}, {"approved_reasons": ["new_signer"]}], ids="fs")
def test_policies_hold_here_too(
    api: Api, sales_agent: Membership, partner: Partner, customer: Customer, path: str, asks_for: dict[str, list[str]]
) -> None:
    confirmed(customer)
    policy: dict[str, Any] = {"required_kinds": [], "approved_reasons": [], "checkpoint_mail": "never"}
    set_evidence_policy(by=job_actor(), partner=partner, **policy | asks_for)
    answer = api(sales_agent).post(path, confirmation(dateAgreed=timezone.now().isoformat()))
    assert (answer.status_code, answer.json()["code"]) == (400, 800002)
    assert "Account info" in answer.json()["description"]


def test_what_is_listed(
    api: Api, admin_agent: Membership, customer: Customer, path: str, actor_for: Callable[..., Actor]
) -> None:
    """Withdrawn and disputed records are not stated; a person who was erased has no name."""
    call, by = api(admin_agent), actor_for(admin_agent)
    call.post(path, confirmation())
    accepted_directly(customer)
    erase_person(by=by, attestation=Attestation.objects.get(partner=customer.partner), reason="Asked for")
    (erased,) = items(call.get(f"{path}?agreementType=*"))
    assert erased["primaryContact"] == {"firstName": "", "lastName": "", "email": ""}
    call.post(path, confirmation(primaryContact=CONTACT | {"lastName": "Winter"}))
    last = Attestation.objects.filter(partner=customer.partner).latest("id")
    assert [each["primaryContact"]["lastName"] for each in items(call.get(f"{path}?agreementType=*"))] == [
        "Winter",
        "",
    ]
    dispute_acceptance(by=job_actor(), receipt=last.receipt, reason="Not me")
    assert len(items(call.get(f"{path}?agreementType=*"))) == 1


def test_a_withdrawn_record_is_not_listed(
    api: Api, admin_agent: Membership, customer: Customer, path: str, actor_for: Callable[..., Actor]
) -> None:
    call = api(admin_agent)
    call.post(path, confirmation())
    record = Attestation.objects.get()
    withdraw_acceptance(by=actor_for(admin_agent), customer=customer, attestation=record, reason="Another company")
    assert items(call.get(f"{path}?agreementType={MCA}")) == []


def test_the_customers_own_acceptance(
    api: Api, admin_agent: Membership, customer: Customer, stranger: Membership
) -> None:
    at = f"/customers/{customer.tenant_id}/directSignedMicrosoftCustomerAgreementStatus"
    call = api(admin_agent)
    confirmed(customer)
    assert call.get(at).json() == {"isSigned": False}
    accepted_directly(customer)
    assert call.get(at).json() == {"isSigned": True}
    assert api(stranger).get(at).json()["code"] == 60003
    Customer.objects.update(removed_at=timezone.now())
    assert call.get(at).status_code == 404


def test_a_stale_acceptance_is_none(api: Api, admin_agent: Membership, customer: Customer) -> None:
    accepted_directly(customer, agreed_on=date(2021, 5, 1))
    template = TemplateFactory(
        version="newer",
        effective_on=date(2023, 4, 1),
        renew_before=date(2023, 4, 1),
        renewal_enforced_on=date(2025, 1, 1),
    )
    DocumentFactory(template=template, country="US")
    at = f"/customers/{customer.tenant_id}/directSignedMicrosoftCustomerAgreementStatus"
    assert api(admin_agent).get(at).json() == {"isSigned": False}
