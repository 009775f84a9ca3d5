"""What holds for every call: names, ids, errors in the envelope, cookies that open nothing, the pace."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent
from portal.jobs.models import ApiUsage
from portal.partners.models import Membership, Partner

Api = Callable[..., Any]


def is_envelope(response: Any) -> bool:
    body = response.json()
    return set(body) >= {"code", "description"} and isinstance(body["code"], int) and bool(body["description"])


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer x.y.z", "Basic YTpi", "Bearer null"])
def test_without_a_good_token_nothing_is_told(client: Client, customer: Customer, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answers = [
        client.get(path, headers=headers)
        for path in (f"/v1/customers/{customer.tenant_id}", f"/v1/customers/{uuid4()}", "/v1/nothing")
    ]
    for response in answers:
        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith("Bearer")
        assert is_envelope(response)
    assert len({response.content for response in answers}) == 1


def test_a_session_opens_nothing(client_of: Callable[[Membership], Client], admin_agent: Membership) -> None:
    assert client_of(admin_agent).get("/v1/customers").status_code == 401


def test_a_token_opens_no_page(api: Api, admin_agent: Membership) -> None:
    session = api(admin_agent)
    response = session.http.get("/customers/", headers={"Authorization": f"Bearer {session.token}"})
    assert response.status_code == 302


def test_ids_come_back_and_are_made_where_there_are_none(api: Api, admin_agent: Membership) -> None:
    session, mine = api(admin_agent), str(uuid4())
    told = session.get("/customers", MS_RequestId=mine, MS_CorrelationId=mine, X_Locale="pl-PL")
    assert (told["MS-RequestId"], told["MS-CorrelationId"], told["X-Locale"]) == (mine, mine, "pl-PL")
    made = session.get("/customers", MS_RequestId="<script>")
    assert len(made["MS-RequestId"]) == 36
    assert made["X-Locale"] == "en-US"
    assert made["Content-Type"] == "application/json; charset=utf-8"


def test_a_second_slash_is_tolerated(api: Api, admin_agent: Membership, customer: Customer) -> None:
    session = api(admin_agent)
    assert session.get("//customers").json() == session.get("/customers").json()


@pytest.mark.parametrize("path", ["/Customers?SIZE=1", "/CUSTOMERS/?Size=1", "//customers?size=1"])
def test_words_and_names_of_an_address_are_matched_in_any_case(
    api: Api, admin_agent: Membership, customer: Customer, path: str
) -> None:
    CustomerFactory(partner=customer.partner)
    told = api(admin_agent).get(path).json()
    assert (told["totalCount"], "continuationToken" in told) == (1, True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/customers/not-an-id", 400),
        ("GET", "/customers/6f0c1f4e-7b0e-4f6e-9b57-3a2f4f5d9a10", 404),
        ("TRACE", "/customers", 404),
        ("DELETE", "/agreements", 404),
        ("OPTIONS", "/customers", 404),
        ("GET", "/customers?filter=%00", 400),
        ("GET", "/cust%00omers", 400),
    ],
)
def test_errors_are_the_envelope_and_never_405(
    api: Api, admin_agent: Membership, method: str, path: str, status: int
) -> None:
    response = api(admin_agent).call(method, path)
    assert response.status_code == status
    assert is_envelope(response)


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "nonsense",
        "[" * 5000,
        '{"a": NaN}',
        '{"companyProfile": "\\ud800"}',
        '{"companyProfile": "\\u0000"}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_json_is_refused_with_what_is_wrong(api: Api, admin_agent: Membership, body: Any) -> None:
    response = api(admin_agent).post("/customers", body)
    assert response.status_code == 400
    assert is_envelope(response)


def test_a_byte_order_mark_is_no_harm(api: Api, admin_agent: Membership) -> None:
    response = api(admin_agent).post("/customers", b"\xef\xbb\xbf{}")
    assert "JSON" not in response.json()["description"]


def test_a_strangers_customer_and_a_missing_one_are_the_same(
    api: Api, stranger: Membership, customer: Customer
) -> None:
    session, missing = api(stranger), uuid4()
    theirs, nobodys = session.get(f"/customers/{customer.tenant_id}"), session.get(f"/customers/{missing}")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json()["code"] == 60003
    assert theirs.content == nobodys.content.replace(str(missing).encode(), str(customer.tenant_id).encode())


def test_who_sends_too_much_waits(
    api: Api, admin_agent: Membership, stranger: Membership, settings: Any, customer: Customer
) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    session = api(admin_agent)
    ApiUsage.objects.all().delete()
    answers = [session.get("/customers") for _ in range(8)]
    refused = [response for response in answers if response.status_code == 429]
    # The minute may have turned once in between.
    assert 2 <= len(refused) <= 5
    assert all(1 <= int(response["Retry-After"]) <= 60 and is_envelope(response) for response in refused)
    assert api(stranger).get("/customers").status_code == 200


def test_what_is_refused_is_in_the_activity_log(api: Api, helpdesk_agent: Membership, customer: Customer) -> None:
    session = api(helpdesk_agent)
    response = session.post("/customers", {"companyProfile": {"domain": "new.onmicrosoft.com"}})
    assert response.status_code in (400, 403)
    session.patch(f"/customers/{customer.tenant_id}", {"relationshipToPartner": "none"})
    event = AuditEvent.objects.filter(code="partners.access_refused").latest("pk")
    assert (event.actor_name, event.door) == (helpdesk_agent.user.name, "api")
    assert event.facts["application"] == str(session.client.client_id)


def test_the_description_is_for_everybody(client: Client, db: None) -> None:
    described = client.get("/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert json.dumps(described).count("operationId") > 50


def test_a_program_by_itself_does_what_its_roles_say(api: Api, partner: Partner, customer: Customer) -> None:
    path = f"/customers/{customer.tenant_id}"
    assert api(partner=partner, roles=("helpdesk_agent",)).get(path).status_code == 200
    assert api(partner=partner, roles=()).get(path).status_code == 403
