"""The checklist of wire compatibility, point by point, on one customer's way."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from agreements.models import AgreementTemplate
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.api.tests.readers import READERS
from portal.partners.models import Membership, Partner

Api = Callable[..., Any]
MCA = "MicrosoftCustomerAgreement"
CONTACT = {"firstName": "Ada", "lastName": "Vinter", "email": "ada@example.org", "phoneNumber": "4255550100"}


def confirmation(template: AgreementTemplate, **changed: Any) -> dict[str, Any]:
    """The classic request of the documentation."""
    body = {
        "primaryContact": CONTACT,
        "templateId": str(template.template_id),
        "dateAgreed": "2021-03-01T00:00:00.000Z",
        "type": MCA,
    }
    return body | changed


def test_the_classic_confirmation(
    api: Api, admin_agent: Membership, customer: Customer, template: AgreementTemplate
) -> None:
    """201 with what was sent and the member who said it, no Location, ids repeated."""
    ids = {"MS_RequestId": str(uuid4()), "MS_CorrelationId": str(uuid4())}
    path = f"/customers/{customer.tenant_id}/agreements"
    response = api(admin_agent).post(path, confirmation(template), **ids)
    assert response.status_code == 201, response.content
    assert "Location" not in response
    assert (response["MS-RequestId"], response["MS-CorrelationId"]) == tuple(ids.values())
    body = response.json()
    assert body["primaryContact"] == CONTACT
    assert body["templateId"] == str(template.template_id)
    assert body["type"] == MCA
    assert body["dateAgreed"].startswith("2021-03-01T")
    assert body["agreementLink"] == "https://aka.ms/customeragreement"
    assert not {"attributes", "links"} & set(body)
    assert re.fullmatch(r"[0-9a-f-]{36}", body["userId"])


def test_the_person_who_confirms_is_the_tokens(
    api: Api, admin_agent: Membership, customer: Customer, template: AgreementTemplate
) -> None:
    chosen = confirmation(template, userId=str(uuid4()))
    body = api(admin_agent).post(f"/customers/{customer.tenant_id}/agreements", chosen).json()
    assert body["userId"] == str(admin_agent.user.public_id)


@pytest.mark.parametrize(
    "written",
    [
        "2021-03-01T00:00:00.000Z",
        "2021-03-01T12:00:00",
        "2021-03-01T12:00:00.1234567Z",
        "2021-03-01T12:00:00.123456789Z",
        "2021-03-01T12:00:00+01:00",
        "2021-03-01",
    ],
)
def test_a_day_is_taken_as_every_client_writes_it(
    api: Api, admin_agent: Membership, customer: Customer, template: AgreementTemplate, written: str
) -> None:
    path = f"/customers/{customer.tenant_id}/agreements"
    response = api(admin_agent).post(path, confirmation(template, dateAgreed=written))
    assert response.status_code == 201, response.content
    assert response.json()["dateAgreed"].startswith("2021-03-01T")


def test_tomorrow_is_not_agreed_on_yet(
    api: Api, admin_agent: Membership, customer: Customer, template: AgreementTemplate
) -> None:
    written = (timezone.now() + timedelta(days=3)).isoformat()
    path = f"/customers/{customer.tenant_id}/agreements"
    response = api(admin_agent).post(path, confirmation(template, dateAgreed=written))
    assert response.status_code == 400
    assert response.json()["code"] == 800002


def test_the_second_time_has_an_envelope_of_its_own(
    api: Api, admin_agent: Membership, customer: Customer, template: AgreementTemplate
) -> None:
    session, path = api(admin_agent), f"/customers/{customer.tenant_id}/agreements"
    session.post(path, confirmation(template))
    body = session.post(path, confirmation(template)).json()
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


@pytest.mark.parametrize(
    "other", [{"firstName": "Adela"}, {"lastName": "X"}, {"email": "b@example.org"}, {"phoneNumber": "1"}]
)
def test_any_other_detail_of_the_person_is_a_new_confirmation(
    api: Api, admin_agent: Membership, customer: Customer, template: AgreementTemplate, other: dict[str, str]
) -> None:
    session, path = api(admin_agent), f"/customers/{customer.tenant_id}/agreements"
    session.post(path, confirmation(template))
    again = session.post(path, confirmation(template, primaryContact=CONTACT | other))
    assert again.status_code == 201, again.content
    assert session.get(f"{path}?agreementType={MCA}").json()["totalCount"] == 2


def test_without_a_type_the_old_agreement_is_meant(
    api: Api, admin_agent: Membership, customer: Customer, template: AgreementTemplate
) -> None:
    session, path = api(admin_agent), f"/customers/{customer.tenant_id}/agreements"
    session.post(path, confirmation(template))
    assert session.get(path).json()["totalCount"] == 0
    assert session.get(f"{path}?agreementType=*").json()["totalCount"] == 1


def test_direct_signing_is_a_bare_answer(api: Api, admin_agent: Membership, customer: Customer) -> None:
    response = api(admin_agent).get(f"/customers/{customer.tenant_id}/directSignedMicrosoftCustomerAgreementStatus")
    assert json.loads(response.content) == {"isSigned": False}


def test_a_list_is_turned_page_by_page(api: Api, admin_agent: Membership, partner: Partner) -> None:
    made = {str(CustomerFactory(partner=partner).tenant_id) for _ in range(5)}
    session, found, headers = api(admin_agent), [], {}
    path = "/customers?size=2"
    for _ in range(4):
        page = session.get(path, **headers).json()
        found += [item["id"] for item in page["items"]]
        assert page["totalCount"] == len(page["items"])
        assert page["attributes"] == {"objectType": "Collection"}
        if "next" not in page["links"]:
            break
        onward = page["links"]["next"]
        assert {header["key"]: header["value"] for header in onward["headers"]} == {
            "MS-ContinuationToken": page["continuationToken"]
        }
        path, headers = onward["uri"], {"MS_ContinuationToken": page["continuationToken"]}
        assert "seekOperation=Next" in path
    assert sorted(found) == sorted(made)


def test_size_0_is_everything(api: Api, admin_agent: Membership, partner: Partner) -> None:
    for _ in range(3):
        CustomerFactory(partner=partner)
    page = api(admin_agent).get("/customers?size=0").json()
    assert len(page["items"]) == 3
    assert "next" not in page["links"]


def test_a_list_holds_little_and_one_customer_holds_all(
    api: Api, admin_agent: Membership, customer: Customer
) -> None:
    session = api(admin_agent)
    (item,) = session.get("/customers").json()["items"]
    assert set(item["companyProfile"]) >= {"tenantId", "domain", "companyName"}
    assert item["relationshipToPartner"] == "reseller"
    assert "billingProfile" not in item
    whole = session.get(f"/customers/{customer.tenant_id}").json()
    assert whole["id"] == whole["companyProfile"]["tenantId"] == str(customer.tenant_id)
    assert whole["attributes"]["objectType"] == "Customer"
    assert whole["billingProfile"]["attributes"]["etag"]
    assert not READERS["java"].complaints(200, json.dumps(whole))


def test_a_domain_that_is_taken_is_200(api: Api, admin_agent: Membership, customer: Customer) -> None:
    session = api(admin_agent)
    taken, free = session.head(f"/domains/{customer.tenant.domain}"), session.head("/domains/free1.onmicrosoft.com")
    assert (taken.status_code, taken.content) == (200, b"")
    assert (free.status_code, free.content) == (404, b"")
