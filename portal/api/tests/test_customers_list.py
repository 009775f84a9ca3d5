"""GET /customers (facts, 2.4): pages, continuation, filters in the dialects of the clients."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Customer, Tenant
from customers.tests.factories import CustomerFactory
from portal.api.v1.customers.schemas import ListedCustomer
from portal.common.folding import fold
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import PartnerFactory

NEXT = "?seekOperation=Next"


def make(partner: Partner, *names: str, reseller: Partner | None = None) -> list[Customer]:
    """Customers by name alone, as many as wanted."""
    tenants = Tenant.objects.bulk_create([Tenant(domain=f"t{fold(name)}.onmicrosoft.com") for name in names])
    return Customer.objects.bulk_create(
        Customer(
            tenant=tenant, partner=partner, company_name=name, name_key=fold(name), country="PL", reseller=reseller
        )
        for name, tenant in zip(names, tenants, strict=True)
    )


def about_customers(context: Any) -> int:
    """How many queries were not about who calls."""
    return sum('FROM "customers_' in query["sql"] for query in context.captured_queries)


def names(got: Any) -> list[str]:
    assert got.status_code == 200, got.content
    return [each["companyProfile"]["companyName"] for each in got.json()["items"]]


def test_what_an_item_tells(api: Any, partner: Partner) -> None:
    made = CustomerFactory(partner=partner, company_name="Relecloud")
    CustomerFactory(partner=PartnerFactory())
    got = api(partner=partner).get("/customers?size=40").json()
    here = f"/customers/{made.tenant_id}"
    assert got == {
        "totalCount": 1,
        "items": [
            {
                "id": str(made.tenant_id),
                "companyProfile": {
                    "tenantId": str(made.tenant_id),
                    "domain": made.tenant.domain,
                    "companyName": "Relecloud",
                    "attributes": {"objectType": "CustomerCompanyProfile"},
                },
                "relationshipToPartner": "reseller",
                "links": {"self": {"uri": here, "method": "GET", "headers": []}},
                "attributes": {"objectType": "Customer"},
            }
        ],
        "links": {"self": {"uri": "/customers?size=40", "method": "GET", "headers": []}},
        "attributes": {"objectType": "Collection"},
    }
    described = ListedCustomer.model_validate(got["items"][0])
    assert described.model_dump(mode="json", by_alias=True, exclude_none=True) == got["items"][0]


@pytest.mark.parametrize("follows", [False, True], ids=["as .NET", "by the link"])
def test_continuation(api: Any, partner: Partner, follows: bool) -> None:
    """.NET says neither size nor filter again; Java follows links.next with a second slash."""
    make(partner, *(f"Contoso {number:02}" for number in range(5)), "Fabrikam")
    session, found = api(partner=partner), []
    text = quote('{"Field":"CompanyName","Value":"cont","Operator":"starts_with"}')
    got = session.get(f"/customers?size=2&filter={text}")
    for _page in range(5):
        found += names(got)
        body = got.json()
        if "next" not in body["links"]:
            break
        onward = body["links"]["next"]
        assert onward["headers"] == [{"key": "MS-ContinuationToken", "value": body["continuationToken"]}]
        assert onward["uri"].startswith("/customers?size=2")
        path = f"/{onward['uri']}" if follows else f"/customers{NEXT}"
        got = session.get(path, MS_ContinuationToken=body["continuationToken"])
    assert found == [f"Contoso {number:02}" for number in range(5)]
    assert "continuationToken" not in got.json()


def test_a_page_of_everything_is_five_hundred(api: Any, partner: Partner) -> None:
    make(partner, *(f"Customer {number:03}" for number in range(502)))
    session = api(partner=partner)
    with CaptureQueriesContext(connection) as context:
        got = session.get("/customers?size=0")
    assert about_customers(context) == 1
    assert got.json()["totalCount"] == 500
    rest = session.get(f"/customers{NEXT}", MS_ContinuationToken=got.json()["continuationToken"])
    assert names(rest) == ["Customer 500", "Customer 501"]
    assert session.get("/customers").json()["totalCount"] == 500
    assert session.get("/customers?size=-3").json()["totalCount"] == 500


def said(field: str, value: str, operator: str = "starts_with") -> str:
    """The filter as .NET writes it."""
    return json.dumps({"Field": field, "Value": value, "Operator": operator})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (said("CompanyName", "Rele"), ["Relecloud"]),
        (said("companyname", "RELE"), ["Relecloud"]),
        ('{"value":"Rele","field":"CompanyName","fieldType":"String","operator":"StartsWith"}', ["Relecloud"]),
        (said("CompanyName", "zolw"), ["Żółw"]),
        (said("CompanyName", "cloud"), []),
        (said("CompanyName", "cloud", "substring"), ["Relecloud"]),
        (said("CompanyName", "relecloud", "Equals"), ["Relecloud"]),
        (said("CompanyName", "relecl", "equals"), []),
        (said("CompanyName", "%"), []),
        (said("CompanyName", ""), ["Relecloud", "Żółw"]),
        (said("Domain", "TRELE"), ["Relecloud"]),
        ("", ["Relecloud", "Żółw"]),
    ],
)
def test_filters(api: Any, partner: Partner, text: str, found: list[str]) -> None:
    make(partner, "Relecloud", "Żółw")
    assert names(api(partner=partner).get(f"/customers?size=0&filter={quote(text)}")) == found


def test_customers_of_a_reseller(api: Any, provider: Partner, reseller_agent: Membership) -> None:
    reseller = reseller_agent.partner
    make(provider, "Direct")
    make(provider, "Resold", reseller=reseller)
    by_reseller = quote(said("IndirectReseller", str(reseller.tenant_id)))
    by_provider = quote(said("IndirectCloudSolutionProvider", str(provider.tenant_id)))
    assert names(api(partner=provider).get(f"/customers?filter={by_reseller}")) == ["Resold"]
    assert names(api(reseller_agent).get(f"/customers?filter={by_provider}")) == ["Resold"]


@pytest.mark.parametrize(
    ("query", "token", "code"),
    [
        ("?filter=nonsense", "", 800002),
        ("?filter=[1]", "", 800002),
        ("?filter=" + quote('{"Field":"CompanyName","Value":{"a":1}}'), "", 800002),
        ("?filter=" + quote(said("Colour", "x")), "", 900126),
        ("?filter=" + quote(said("CompanyName", "x", "like")), "", 900126),
        ("?filter=" + quote(said("IndirectReseller", "x")), "", 800002),
        ("?size=many", "", 800002),
        ("?seekOperation=Next", "", 800002),
        ("?seekOperation=Next", "forged", 800002),
        ("?seekOperation=Previous", "x", 900141),
        ("?seekOperation=PageIndex", "x", 900141),
        ("?seekOperation=Sideways", "x", 900126),
    ],
)
def test_what_cannot_be_answered_is_refused(api: Any, partner: Partner, query: str, token: str, code: int) -> None:
    got = api(partner=partner).get(f"/customers{query}", MS_ContinuationToken=token)
    assert (got.status_code, got.json()["code"]) == (400, code)


def test_a_token_belongs_to_its_filter(api: Any, partner: Partner) -> None:
    make(partner, "Ann", "Bob")
    session = api(partner=partner)
    token = session.get("/customers?size=1").json()["continuationToken"]
    other = quote(said("CompanyName", "b"))
    assert session.get(f"/customers{NEXT}&filter={other}", MS_ContinuationToken=token).status_code == 400
    assert names(session.get(f"/customers{NEXT}&size=1", MS_ContinuationToken=token)) == ["Bob"]
    assert names(session.get("/customers?seekOperation=First&size=1", MS_ContinuationToken=token)) == ["Ann"]


def test_who_left_is_not_listed(api: Any, partner: Partner) -> None:
    (gone,) = make(partner, "Gone")
    Customer.objects.filter(pk=gone.pk).update(removed_at=timezone.now())
    got = api(partner=partner).get("/customers").json()
    assert (got["totalCount"], got["items"]) == (0, [])


def test_one_customer(api: Any, partner: Partner, stranger: Membership) -> None:
    customer, session = CustomerFactory(partner=partner), api(partner=partner)
    with CaptureQueriesContext(connection) as context:
        got = session.get(f"/customers/{customer.tenant_id}").json()
    assert about_customers(context) == 3  # itself, its contact, its bill-to
    assert got["billingProfile"]["email"] == "zofia@customer.example"
    for_others = api(stranger).get(f"/customers/{customer.tenant_id}")
    assert (for_others.status_code, for_others.json()["code"]) == (404, 60003)
    malformed = session.get("/customers/nonsense")
    assert (malformed.status_code, malformed.json()["code"]) == (400, 900118)
