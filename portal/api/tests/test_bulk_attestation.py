"""/v1/partners/customeragreementrecords and /v1/CreateBulkReAttestation (facts, 1.7), without that tool's defects."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.models import AgreementTemplate, Attestation
from agreements.tests.factories import MCA_TEMPLATE_ID, accepted_directly, confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.api.v1 import paging
from portal.partners.models import Membership, Partner

Api = Callable[..., Any]
RECORDS, BULK = "/partners/customeragreementrecords", "/CreateBulkReAttestation"


def row(customer: Customer, **changed: Any) -> dict[str, Any]:
    """As the tool sends it, but with the day on which the customer did accept."""
    contact = {"firstName": "Ada", "lastName": "Vinter", "email": "ada@example.org", "phoneNumber": "+48512345678"}
    agreement = {"templateId": str(MCA_TEMPLATE_ID), "primaryContact": contact, "dateAgreed": "2021-03-01T09:30:00Z"}
    return {
        "partnerId": str(customer.partner.tenant_id),
        "customerId": str(customer.tenant_id),
        "agreement": agreement | changed.pop("agreement", {}),
        "customerDirectAcceptance": False,
    } | changed


@pytest.fixture
def customers(partner: Partner, template: AgreementTemplate) -> list[Customer]:
    return [CustomerFactory(partner=partner) for _ in range(3)]


def test_every_customer_with_its_last_record(
    api: Api, admin_agent: Membership, customers: list[Customer], stranger: Membership
) -> None:
    first, second, third = customers
    confirmed(first, agreed_on=date(2021, 3, 1))
    accepted_directly(second)
    CustomerFactory(partner=stranger.partner)
    answer = api(admin_agent).get(RECORDS)
    assert answer.status_code == 200, answer.content
    nobody = {"firstName": "", "lastName": "", "email": ""}
    assert answer.json() == {
        "customerAgreementRecords": [
            {
                "customerTenantId": str(first.tenant_id),
                "lastAgreementPrimaryContact": {
                    "firstName": "Zofia",
                    "lastName": "Wiśniewska",
                    "email": "zofia@customer.example",
                },
                "lastAgreementDateEpoch": int(datetime(2021, 3, 1, tzinfo=UTC).timestamp()),
                "partnerAttestationCompleted": True,
            },
            {
                "customerTenantId": str(second.tenant_id),
                "lastAgreementPrimaryContact": nobody,
                "partnerAttestationCompleted": True,
            },
            {
                "customerTenantId": str(third.tenant_id),
                "lastAgreementPrimaryContact": nobody,
                "partnerAttestationCompleted": False,
            },
        ]
    }


def test_page_by_page(
    api: Api, admin_agent: Membership, customers: list[Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.api.v1.agreements.operations.LARGEST", 2)
    call = api(admin_agent)
    one = call.get(RECORDS).json()
    two = call.get(f"{RECORDS}?continuation_token={one['continuationToken']}").json()
    assert "continuationToken" not in two
    seen = [each["customerTenantId"] for page in (one, two) for each in page["customerAgreementRecords"]]
    assert seen == [str(customer.tenant_id) for customer in customers]
    assert call.get(f"{RECORDS}?continuation_token=x").status_code == 400
    assert paging.LARGEST == 500


def test_as_many_queries_for_many_as_for_one(api: Api, admin_agent: Membership, customers: list[Customer]) -> None:
    call, counts = api(admin_agent), []
    call.get(RECORDS)
    for customer in customers[:2]:
        confirmed(customer)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            call.get(RECORDS)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_every_row_is_answered_for(api: Api, admin_agent: Membership, customers: list[Customer]) -> None:
    """What is wrong with one takes nothing back of the others, and nothing is left out."""
    first, second, third = customers
    rows = [
        row(first),
        row(second, agreement={"dateAgreed": "2999-01-01T00:00:00Z"}),
        row(third, customerId=str(uuid4())),
        row(third, agreement={"primaryContact": None}),
        row(third, agreement={"templateId": "998b88de-aa99-4388-a42c-1b3517d49490"}),
        row(third, partnerId=str(uuid4())),
        {},
        row(third, customerDirectAcceptance=True),
        row(first),
    ]
    answer = api(admin_agent).post(BULK, rows)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    done = ["recorded", *["refused"] * 6, "recorded", "alreadyRecorded"]
    assert [each["status"] for each in told] == done
    assert [each.get("code") for each in told[1:7]] == [800002, 60003, 800002, 800002, 800002, 60003]
    assert all(each["description"] for each in told[1:7])
    assert told[0] == {"customerId": str(first.tenant_id), "status": "recorded"}
    records = Attestation.objects.order_by("id").values_list("tenant_id", "agreed_on", "evidence_kind", "method")
    assert list(records) == [
        (first.tenant_id, date(2021, 3, 1), "other", "confirmed"),
        (third.tenant_id, date(2021, 3, 1), "microsoft", "confirmed"),
    ]


def test_sent_again_nothing_is_recorded_twice(api: Api, admin_agent: Membership, customers: list[Customer]) -> None:
    """Also where a later row of the same customer names somebody else."""
    first = customers[0]
    other = {"firstName": "Bo", "lastName": "Berg", "email": "bo@example.org"}
    rows = [row(first), row(first, agreement={"primaryContact": other})]
    call = api(admin_agent)
    assert [each["status"] for each in call.post(BULK, rows).json()] == ["recorded", "recorded"]
    assert [each["status"] for each in call.post(BULK, rows).json()] == ["alreadyRecorded", "alreadyRecorded"]
    assert Attestation.objects.count() == 2
    another_day = call.post(BULK, [row(first, agreement={"primaryContact": other, "dateAgreed": "2021-04-01"})])
    assert another_day.json()[0]["code"] == 600061


def test_as_the_tool_writes_names(api: Api, admin_agent: Membership, customers: list[Customer]) -> None:
    sent = row(customers[0])
    pascal = {
        "PartnerId": sent["partnerId"],
        "CustomerId": sent["customerId"],
        "Agreement": {
            "TemplateId": sent["agreement"]["templateId"],
            "PrimaryContact": {"FirstName": "Ada", "LastName": "Vinter", "Email": "ada@example.org"},
            "DateAgreed": "2021-03-01T09:30:00.1234567Z",
        },
        "CustomerDirectAcceptance": False,
    }
    assert api(admin_agent).post(BULK, [pascal]).json()[0]["status"] == "recorded"


def test_the_500th_row_counts_and_a_501st_is_too_many(
    api: Api, admin_agent: Membership, customers: list[Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    call = api(admin_agent)
    assert call.post(BULK, [{}] * 501).status_code == 400
    told = call.post(BULK, [*[{}] * 499, row(customers[0])]).json()
    assert (len(told), told[-1]["status"]) == (500, "recorded")


def test_who_may(api: Api, sales_agent: Membership, admin_agent: Membership, customers: list[Customer]) -> None:
    assert api(sales_agent).get(RECORDS).json()["code"] == 900150
    assert api(sales_agent).post(BULK, [row(customers[0])]).json()["code"] == 900150
    assert api(partner=admin_agent.partner).post(BULK, []).json()["code"] == 900329
    assert api(admin_agent).post(BULK, []).json() == []
    assert api(admin_agent).post(BULK, {"not": "rows"}).status_code == 400
