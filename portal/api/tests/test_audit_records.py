"""GET /auditrecords: the activity log in Partner Center's form (facts, 5.1; wire contract, 2.11)."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.models import AgreementTemplate
from agreements.services import withdraw_acceptance
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.services import create_customer
from customers.tests.factories import CustomerFactory, company, contact
from orders.tests.factories import filled_cart, placed
from portal.api.v1.auditing.asking import read_moment
from portal.audit.models import AuditEvent
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.partners.models import Membership

Api = Callable[..., Any]
Act = Callable[..., Actor]


def filtered(**said: str) -> str:
    return f"/auditrecords?filter={quote(json.dumps(said))}"


def logged(
    by: Actor, customer: Customer, *, days_ago: int = 0, code: str = "orders.subscription_suspended"
) -> AuditEvent:
    """A line of the customer's, as old as it is to be: old ones can only be written so."""
    now = timezone.now() - timedelta(days=days_ago)
    event = AuditEvent(
        at=now, code=code, partner_id=customer.partner_id, customer_id=customer.tenant_id, subject=str(uuid4())
    )
    event.actor_kind, event.actor_user_id, event.actor_name, event.door = by.kind, by.user_id, by.name, by.door
    event.save()
    return event


@pytest.fixture
def mine(sales_agent: Membership, actor_for: Act) -> Customer:
    return CustomerFactory(partner=sales_agent.partner, company_name="Relecloud", country="PL")


def pairs(record: dict[str, Any]) -> dict[str, str]:
    return {each["key"]: each["value"] for each in record["customizedData"]}


def test_an_acceptance_is_create_agreement_with_what_it_states(
    api: Api,
    admin_agent: Membership,
    sales_agent: Membership,
    mine: Customer,
    template: AgreementTemplate,
    actor_for: Act,
) -> None:
    record = confirmed(mine, by=actor_for(sales_agent))
    withdraw_acceptance(by=actor_for(sales_agent), customer=mine, attestation=record, reason="Wrong customer.")
    said = api(admin_agent).get("/auditrecords").json()
    (told,) = [each for each in said["items"] if each["resourceType"] == "agreement"]
    assert told["operationType"] == "create_agreement"
    assert told["operationStatus"] == "succeeded"
    assert told["partnerId"] == str(mine.partner.tenant_id)
    assert (told["customerId"], told["customerName"]) == (str(mine.tenant_id), "Relecloud")
    assert told["userPrincipalName"] == sales_agent.user.email
    assert told["applicationId"] == "PartnerPortal"
    assert told["attributes"] == {"objectType": "AuditRecord"}
    assert told["id"].startswith(f"{mine.partner.tenant_id}_{mine.tenant_id}_createagreement_")
    facts = pairs(told)
    assert facts["AgreementReference"] == str(record.reference)
    assert facts["TemplateId"] == str(template.template_id)
    assert (facts["Method"], facts["DateAgreed"]) == ("confirmed", record.agreed_on.isoformat())
    assert facts["Email"] == record.person.email
    assert json.loads(told["resourceNewValue"])["Email"] == record.person.email


def test_whom_a_record_names_is_for_those_who_may_see_records(
    api: Api, admin_agent: Membership, reseller_agent: Membership, actor_for: Act
) -> None:
    """A reseller's agents may read their log but see no records; the control is a direct partner's."""
    seen = []
    for member in (reseller_agent, admin_agent):
        said = {"changes": {"email": (None, "zofia@customer.example")}, "facts": {"method": "confirmed"}}
        code = "agreements.acceptance_recorded"
        record_event(by=actor_for(member), code=code, partner_id=member.partner_id, subject=str(uuid4()), **said)
        seen.append(api(member).get("/auditrecords").content.decode())
    assert [("zofia@customer.example" in text, "confirmed" in text) for text in seen] == [(False, True), (True, True)]


def test_an_order_says_what_was_ordered(
    api: Api, admin_agent: Membership, mine: Customer, template: AgreementTemplate, actor_for: Act
) -> None:
    confirmed(mine)
    order = placed(filled_cart(mine, admin_agent), by=actor_for(admin_agent))
    said = api(admin_agent).get(filtered(Field="ResourceType", Value="Order", Operator="equals")).json()
    (told,) = said["items"]
    assert (told["operationType"], told["resourceType"]) == ("create_order", "order")
    facts = pairs(told)
    line = order.lines.get()
    assert facts["OrderId"] == order.number
    assert facts["SubscriptionId-0"] == str(line.subscription.pk)
    assert facts["Quantity-0"] == str(line.quantity)
    assert json.loads(told["resourceNewValue"])["LineItems"][0]["Quantity"] == line.quantity


def test_a_new_customer_says_its_domain_and_no_password(
    api: Api, admin_agent: Membership, actor_for: Act, partner: Any
) -> None:
    _customer, credentials = create_customer(
        by=actor_for(admin_agent),
        partner=partner,
        domain="relecloud.onmicrosoft.com",
        company=company(),
        contact=contact(),
    )
    answer = api(admin_agent).get("/auditrecords")
    (told,) = answer.json()["items"]
    assert told["operationType"] == "add_customer"
    assert pairs(told) == {"PrimaryDomainName": "relecloud.onmicrosoft.com", "Relationship": "Reseller"}
    assert credentials.password not in answer.content.decode()


@pytest.mark.parametrize(
    "said",
    [
        {"Field": "CompanyName", "Value": "ELECL", "Operator": "substring"},
        {"value": "elecl", "field": "CompanyName", "fieldType": "String", "operator": "Substring"},
        {"Field": "CustomerId", "Value": "{id}", "Operator": "equals"},
        {"value": "{id}", "field": "CustomerId", "fieldType": "String", "operator": "Equals"},
        {"Field": "ResourceType", "Value": "Subscription", "Operator": "equals"},
        {"field": "resourcetype", "value": "subscription", "operator": "Equals"},
    ],
    ids=str,
)
def test_is_filtered_in_both_dialects(
    said: dict[str, str], api: Api, admin_agent: Membership, mine: Customer, actor_for: Act
) -> None:
    by = actor_for(admin_agent)
    wanted = logged(by, mine)
    logged(by, CustomerFactory(partner=mine.partner, company_name="Other"), code="customers.company_edited")
    asked = {name: value.replace("{id}", str(mine.tenant_id).upper()) for name, value in said.items()}
    items = api(admin_agent).get(filtered(**asked)).json()["items"]
    assert [each["id"].rpartition("_")[2] for each in items] == [wanted.event_id.hex]


@pytest.mark.parametrize(
    "query",
    [
        "filter=nonsense",
        "filter=[1]",
        f"filter={quote(json.dumps({'Field': 'CompanyName', 'Value': 'x', 'Operator': 'equals'}))}",
        f"filter={quote(json.dumps({'Field': 'ResourceType', 'Value': 'cake', 'Operator': 'equals'}))}",
        f"filter={quote(json.dumps({'Field': 'CustomerId', 'Value': 'me', 'Operator': 'equals'}))}",
        f"filter={quote(json.dumps({'Field': 'CompanyName', 'Value': ['x'], 'Operator': 'substring'}))}",
        "startDate=yesterday",
        "startDate=0001-01-01T00:00:00",
        "endDate=2026-13-40",
        "endDate=2001-01-01",
        "size=many",
    ],
    ids=range(11),
)
def test_what_makes_no_sense_is_refused(query: str, api: Api, admin_agent: Membership) -> None:
    answer = api(admin_agent).get(f"/auditrecords?{query}")
    assert (answer.status_code, bool(answer.json()["description"])) == (400, True)


def test_goes_back_thirty_days_unless_asked_and_ninety_at_most(
    api: Api, admin_agent: Membership, mine: Customer, actor_for: Act
) -> None:
    by = actor_for(admin_agent)
    ages = {days: logged(by, mine, days_ago=days).event_id.hex for days in (1, 29, 31, 89, 100)}
    session, today = api(admin_agent), timezone.now().date()

    def seen(query: str) -> set[int]:
        items = session.get(f"/auditrecords{query}").json()["items"]
        found = {each["id"].rpartition("_")[2] for each in items}
        return {days for days, event_id in ages.items() if event_id in found}

    assert seen("") == {1, 29}
    assert seen(f"?startDate={today - timedelta(days=90)}") == {1, 29, 31, 89}
    assert seen(f"?startDate={today - timedelta(days=90)}&endDate={today - timedelta(days=31)}") == {31, 89}
    assert session.get(f"/auditrecords?startDate={today - timedelta(days=92)}").status_code == 400


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-06-01", "2026-06-01"),
        ("11/14/2026 05:02:01", "2026-11-14T05:02:01+00:00"),
        ("6/1/2017 12:00:00 AM", "2017-06-01T00:00:00+00:00"),
        ("6/1/2017 1:05:00 PM", "2017-06-01T13:05:00+00:00"),
        ("11/14/2026", "2026-11-14"),
        ("2026-11-318", "2026-11-14"),
        ("2026-02-32", "2026-02-01"),
        ("2026-01-05", "2026-01-05"),
        ("2026-12-365", "2026-12-31"),
        ("2026-11-14T05:02:01.1234567Z", "2026-11-14T05:02:01+00:00"),
        ("2026-11-14T05:02:01+02:00", "2026-11-14T03:02:01+00:00"),
        ("2026-11-14T05:02:01", "2026-11-14T05:02:01+00:00"),
        ("2026-11-32", None),
        ("2026-11-400", None),
        ("2026-11-0", None),
        ("13/13/2026", None),
        ("11/14/2026 25:00:00", None),
        ("9999-12-31T23:59:59-05:00", None),
        ("2026", None),
        ("", None),
    ],
)
def test_dates_are_read_in_every_form_in_which_clients_send_them(text: str, moment: str | None) -> None:
    found = read_moment(text)
    assert (found.isoformat() if found is not None else None) == moment
    assert moment is None or isinstance(found, datetime) == ("T" in moment) or type(found) is date


def test_every_page_is_reached_by_the_links_and_tokens(
    api: Api, admin_agent: Membership, mine: Customer, actor_for: Act
) -> None:
    wanted = [logged(actor_for(admin_agent), mine).event_id.hex for _each in range(5)]
    session, found = api(admin_agent), []
    page = session.get(f"/auditrecords?size=2&startDate={timezone.now().date() - timedelta(days=3)}").json()
    while True:
        found += [each["id"].rpartition("_")[2] for each in page["items"]]
        onward = page["links"].get("next")
        if onward is None:
            break
        (header,) = onward["headers"]
        assert header["key"] == "MS-ContinuationToken"
        # One client glues the link on with a second slash.
        page = session.get(f"/{onward['uri']}", MS_ContinuationToken=header["value"]).json()
    assert found == wanted[::-1]
    other = filtered(Field="ResourceType", Value="Order", Operator="equals")
    assert session.get(other, MS_ContinuationToken=header["value"]).status_code == 400


def test_one_record_is_read_by_its_id_and_by_the_end_of_a_notices_address(
    client: Client, api: Api, admin_agent: Membership, stranger: Membership, mine: Customer, actor_for: Act
) -> None:
    event = logged(actor_for(admin_agent), mine)
    session = api(admin_agent)
    (told,) = session.get("/auditrecords").json()["items"]
    assert session.get(f"/auditrecords/{told['id']}").json() == told
    headers = {"Authorization": f"Bearer {session.token}"}
    assert client.get(f"/auditactivity/v1/auditrecords/{event.event_id}", headers=headers).json() == told
    assert api(stranger).get(f"/auditrecords/{told['id']}").status_code == 404
    assert session.get("/auditrecords/nonsense").status_code == 404


def test_needs_the_right_to_read_the_log_and_shows_ones_own_alone(
    api: Api, sales_agent: Membership, stranger: Membership, mine: Customer, actor_for: Act
) -> None:
    logged(actor_for(sales_agent), mine)
    assert api(sales_agent).get("/auditrecords").json()["code"] == 900150
    assert api(stranger).get("/auditrecords").json()["items"] == []
    assert api(partner=mine.partner).get("/auditrecords").json()["totalCount"] == 1


def test_asks_the_database_as_often_for_many_as_for_one(
    api: Api, admin_agent: Membership, mine: Customer, template: AgreementTemplate, actor_for: Act
) -> None:
    session, by = api(admin_agent), actor_for(admin_agent)

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            session.get("/auditrecords")
        return len(captured)

    def more() -> None:
        customer = CustomerFactory(partner=mine.partner, country="PL")
        confirmed(customer, by=by)
        placed(filled_cart(customer, admin_agent), by=by)

    more()
    few = count()
    for _each in range(3):
        more()
    assert count() == few


def test_what_has_no_name_there_is_left_out(api: Api, admin_agent: Membership, actor_for: Act) -> None:
    by, partner = actor_for(admin_agent), admin_agent.partner
    record_event(by=by, code="agreements.policy_changed", partner_id=partner.pk)
    assert api(admin_agent).get("/auditrecords").json()["items"] == []
