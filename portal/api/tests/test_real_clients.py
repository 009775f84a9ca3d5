"""Seven public clients, unmodified: what they were seen to send (captured/), and what they read (readers.py)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from agreements.models import AgreementTemplate, AgreementType
from agreements.tests.factories import DocumentFactory, TemplateFactory, confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Availability
from orders.tests.factories import AvailabilityFactory, SkuFactory
from portal.api.tests.readers import READERS
from portal.api.tests.replaying import Replay, steps_of
from portal.api.tests.sessions import Session
from portal.partners.models import Membership, Partner
from portal.tests.guards.helpers import report

Replayed = Callable[[str], Replay]
CLOUD_TEMPLATE = "998b88de-aa99-4388-a42c-1b3517d49490"


@pytest.fixture
def catalog(partner: Partner) -> Availability:
    """One SKU, sold in the US by the month and by the year."""
    sku = SkuFactory(title="Office 365 E3")
    yearly = {"sku": sku, "market": "US", "currency": "USD", "term": "P1Y"}
    AvailabilityFactory(**yearly, billing_plan="annual")
    AvailabilityFactory(**yearly | {"term": "P1M"}, billing_plan="monthly")
    return AvailabilityFactory(**yearly, billing_plan="monthly")


@pytest.fixture
def replayed(
    api: Callable[..., Session],
    admin_agent: Membership,
    partner: Partner,
    template: AgreementTemplate,
    catalog: Availability,
) -> Replayed:
    """Send everything that a client sends, to a partner that has two customers and something to sell."""
    Partner.objects.filter(pk=partner.pk).update(mpn_id="4711")
    for name in ("Relecloud Base", "Zebra"):
        CustomerFactory(partner=partner, company_name=name, country="US", city="Redmond", postal_code="98052")
    cloud = TemplateFactory(type=AgreementType.CLOUD, template_id=CLOUD_TEMPLATE, effective_on=date(2018, 1, 1))
    DocumentFactory(template=cloud, country="US", language="en-US")

    def confirm(customer_id: str) -> None:
        confirmed(Customer.objects.get(tenant_id=customer_id))

    def replay(client: str) -> Replay:
        session = api(admin_agent)
        today = timezone.now()
        known = {
            "domain": f"relecloud{client.replace('-', '')}",
            "item": _first(session, f"/products/{catalog.sku.product.code}/skus", "catalogItemId"),
            "offer": _first(session, "/offers", "id"),
            "product": catalog.sku.product.code,
            "today": f"{today:%Y-%m-%d}",
            "today_dotnet": f"{today:%m/%d/%Y} 00:00:00",
            "today_java": f"{today:%Y-%m-%j}",
        }
        return Replay(client, session, confirm, known).run()

    return replay


def _first(session: Session, path: str, member: str) -> str:
    """As a person looks it up before the client starts."""
    found = session.get(f"{path}?country=US")
    assert found.status_code == 200, found.content
    item = found.json()["items"][0]
    return str(item[member]) if member in item else _first(session, f"{path}/{item['id']}/availabilities", member)


@pytest.mark.parametrize("client", ["dotnet-sdk", "pc-dotnet", "java", "node", "kotlin", "py", "bridge"])
def test_everything_that_it_sends_is_answered_so_that_it_can_read_it(replayed: Replayed, client: str) -> None:
    done = replayed(client)
    assert not done.complaints, report(done.complaints)
    assert EXPECTED[client].items() <= {name: done.known.get(name) for name in EXPECTED[client]}.items()


# What the client's user has at the end.
EXPECTED: dict[str, dict[str, Any]] = {
    "dotnet-sdk": {
        "found": "Relecloud Base",
        "changed": "NewFirst",
        "type": "MicrosoftCustomerAgreement",
        "refused": 13605,
        "again": 600061,
        "recorded": "Carr",
        "direct": False,
        "quantity": 5,
        "quantity_after": 6,
        "status": "suspended",
        "qualifications": [],
    },
    "pc-dotnet": {"quantity_after": 6, "status": "suspended"},
    "java": {"default": 0, "recorded": 1, "quantity_after": 6, "status": "suspended", "changed": "Adela"},
    "node": {"quantity_after": 6, "status": "suspended"},
    "kotlin": {"refused": 13605, "recorded": CLOUD_TEMPLATE, "quantity_after": 6, "status": "suspended"},
    "py": {"quantity_after": 6, "status": "suspended"},
    "bridge": {},
}


@pytest.mark.parametrize("client", READERS)
def test_each_has_steps(client: str) -> None:
    assert len(list(steps_of(client))) >= 3


@pytest.mark.parametrize(
    "answer",
    [
        '{"totalCount": 1}',
        '{"items": [], "totalCount": null}',
        '{"items": [], "links": []}',
        '{"items": [], "links": {"next": {"uri": "http://portal/v1/x", "headers": [{"key": "a", "value": "b"}]}}}',
        '{"items": [], "links": {"next": {"uri": "/customers", "headers": []}}}',
        '{"items": [], "links": {"self": {"uri": "/customers?filter={}", "headers": []}}}',
        '{"quantity": 7.0}',
        '{"Quantity": 7}',
        '{"dateAgreed": "2026-01-10"}',
        '{"status": "expired", "attributes": {"objectType": "Subscription"}}',
        '{"billingCycle": "Annual"}',
        '{"operationType": "withdraw_agreement"}',
        '{"resourceType": "webhook"}',
        '{"customizedData": {"a": "b"}}',
        "<html>",
    ],
)
def test_the_readers_break_where_the_clients_do(answer: str) -> None:
    assert READERS["java"].complaints(200, answer)


@pytest.mark.parametrize("fault", ['{"code": 1}', '{"description": "no code"}', "[]", "no JSON"])
def test_the_readers_break_on_faults_that_are_none(fault: str) -> None:
    assert READERS["kotlin"].complaints(400, fault)


def test_the_python_client_takes_no_other_success() -> None:
    assert READERS["py"].complaints(202, "{}")
    assert not READERS["java"].complaints(202, "{}")
