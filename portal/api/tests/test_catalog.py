"""Products, SKUs, availabilities and offers: what is sold where, as clients ask for it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Availability
from orders.services import withdraw_availability
from orders.tests.factories import AvailabilityFactory, SkuFactory
from portal.common.actor import Actor, ActorKind, Door
from portal.partners.models import Membership, Partner

Api = Callable[..., Any]
NO_ONE = Actor(kind=ActorKind.JOB, name="Test", door=Door.JOB)


@pytest.fixture
def sold(db: None) -> Availability:
    """E3, sold in Poland."""
    sku = SkuFactory(
        product__code="CFQ7TTC0LFLX",
        product__title="Microsoft 365 E3",
        code="0001",
        title="Microsoft 365 E3",
        unit="Licenses",
        min_quantity=1,
        max_quantity=1000,
    )
    return AvailabilityFactory(sku=sku)


def test_products_of_a_country(api: Api, sales_agent: Membership, sold: Availability) -> None:
    AvailabilityFactory(market="DE", currency="EUR")
    body = api(sales_agent).get("/products?country=pl&targetView=OnlineServices").json()
    assert (body["totalCount"], body["attributes"]["objectType"]) == (1, "Collection")
    assert body["items"] == [
        {
            "id": "CFQ7TTC0LFLX",
            "title": "Microsoft 365 E3",
            "description": "Microsoft 365 E3",
            "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
            "isMicrosoftProduct": True,
            "publisherName": "Microsoft",
            "links": {
                "skus": {"uri": "/products/CFQ7TTC0LFLX/skus?country=PL", "method": "GET", "headers": []},
                "self": {"uri": "/products/CFQ7TTC0LFLX?country=PL", "method": "GET", "headers": []},
            },
            "attributes": {"objectType": "Product"},
        }
    ]


def test_from_product_to_catalog_item(api: Api, sales_agent: Membership, sold: Availability) -> None:
    """Every link leads on, as clients walk them."""
    session = api(sales_agent)
    product = session.get("/products?country=PL&targetView=onlineservices").json()["items"][0]
    sku = session.get(product["links"]["skus"]["uri"]).json()["items"][0]
    assert (sku["id"], sku["productId"], sku["maximumQuantity"]) == ("0001", "CFQ7TTC0LFLX", 1000)
    assert (sku["isTrial"], sku["supportedBillingCycles"]) == (False, ["monthly"])
    assert session.get(sku["links"]["self"]["uri"]).json() == sku
    each = session.get(sku["links"]["availabilities"]["uri"]).json()["items"][0]
    name = sold.public_id.hex.upper()
    assert each["id"] == name
    assert each["catalogItemId"] == f"CFQ7TTC0LFLX:0001:{name}"
    assert each["defaultCurrency"] == {"code": "PLN", "symbol": "zł"}
    assert (each["segment"], each["country"], each["isPurchasable"]) == ("commercial", "PL", True)
    assert each["terms"] == [{"duration": "P1Y", "description": "1 year, billed monthly", "billingCycle": "monthly"}]
    assert each["product"]["id"] == "CFQ7TTC0LFLX"
    assert each["sku"] == sku
    assert session.get(each["links"]["self"]["uri"]).json() == each
    assert session.get(each["links"]["self"]["uri"].replace(name, str(sold.public_id))).json() == each


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/products?country=PL&targetView=Everything", 403, 400036),
        ("/products?country=PL&targetView=OnlineServices&targetSegment=friends", 403, 400030),
        ("/products?country=PL", 400, 800002),
        ("/products?targetView=OnlineServices", 400, 800002),
        ("/products?country=Poland&targetView=OnlineServices", 400, 800002),
        ("/products/NONE?country=PL", 404, 400013),
        ("/products/NONE/skus?country=PL", 404, 400013),
        ("/products/NONE/skus/0001?country=PL", 404, 400013),
        ("/products/CFQ7TTC0LFLX?country=DE", 404, 400013),
        ("/products/CFQ7TTC0LFLX/skus/9999?country=PL", 404, 400018),
        ("/products/CFQ7TTC0LFLX/skus/9999/availabilities?country=PL", 404, 400018),
        ("/products/CFQ7TTC0LFLX/skus/0001/availabilities/none?country=PL", 404, 1000),
        ("/offers", 400, 800002),
        ("/offers?country=PL&offset=-1", 400, 800002),
        ("/offers/CFQ7TTC0LFLX:0002?country=PL", 404, 1000),
        ("/offers/none?country=PL", 404, 1000),
        ("/productpromotions/any", 404, 1000),
    ],
)
def test_what_is_not_there(
    api: Api, sales_agent: Membership, sold: Availability, path: str, status: int, code: int
) -> None:
    response = api(sales_agent).get(path)
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize("view", ["Azure", "AzureReservationsVM", "SoftwareSUSELinux", "MarketplaceSaaS"])
def test_views_without_licences_are_empty(api: Api, sales_agent: Membership, sold: Availability, view: str) -> None:
    body = api(sales_agent).get(f"/products?country=PL&targetView={view}").json()
    assert (body["totalCount"], body["items"]) == (0, [])


def test_products_come_in_pages(api: Api, sales_agent: Membership, db: None) -> None:
    codes = [AvailabilityFactory().sku.product.code for _ in range(3)]
    session, seen, token = api(sales_agent), [], ""
    uri = "/products?country=PL&targetView=OnlineServices&size=2"
    for _page in range(2):
        body = session.get(uri, MS_ContinuationToken=token) if token else session.get(uri)
        seen += [each["id"] for each in body.json()["items"]]
        onward = body.json()["links"].get("next")
        if onward:
            uri, token = onward["uri"], onward["headers"][0]["value"]
    assert (sorted(seen), onward) == (sorted(codes), None)


def test_segments(api: Api, sales_agent: Membership, customer: Customer) -> None:
    """Nonprofit prices are told to who asks for them; a customer sees what it qualifies for (facts, 3.1)."""
    ids = {
        segment: AvailabilityFactory(segment=segment).sku.product.code
        for segment in ("commercial", "education", "government", "nonprofit")
    }
    session, view = api(sales_agent), "targetView=OnlineServices"

    def found(path: str) -> set[str]:
        return {each["id"] for each in session.get(path).json()["items"]}

    assert found(f"/products?country=PL&{view}") == set(ids.values()) - {ids["nonprofit"]}
    assert found(f"/products?country=PL&{view}&targetSegment=Nonprofit") == {ids["nonprofit"]}
    mine = f"/customers/{customer.tenant_id}/products?{view}"
    assert found(mine) == {ids["commercial"]}
    response = session.get(f"{mine}&targetSegment=education")
    assert (response.status_code, response.json()["code"]) == (403, 400030)
    Customer.objects.update(qualification="education", qualification_status="approved")
    assert found(mine) == {ids["commercial"], ids["education"]}
    assert found(f"{mine}&targetSegment=education") == {ids["education"]}


def test_what_a_customer_can_buy(
    api: Api, sales_agent: Membership, stranger: Membership, customer: Customer, sold: Availability
) -> None:
    AvailabilityFactory(market="DE", currency="EUR")
    root = f"/customers/{customer.tenant_id}"
    session = api(sales_agent)
    assert [each["id"] for each in session.get(f"{root}/offers").json()["items"]] == ["CFQ7TTC0LFLX:0001"]
    assert [each["id"] for each in session.get(f"{root}/offercategories").json()["items"]] == ["commercial"]
    product = session.get(f"{root}/products?targetView=OnlineServices").json()["items"][0]
    sku = session.get(product["links"]["skus"]["uri"]).json()["items"][0]
    each = session.get(sku["links"]["availabilities"]["uri"]).json()["items"][0]
    for found in (product, sku, each):
        assert found["links"]["self"]["uri"].startswith(f"{root}/products/CFQ7TTC0LFLX")
        assert session.get(found["links"]["self"]["uri"]).json() == found
    for path in ("offers", "offercategories", "products", "products/CFQ7TTC0LFLX/skus/0001/availabilities"):
        response = api(stranger).get(f"{root}/{path}?targetView=OnlineServices")
        assert (response.status_code, response.json()["code"]) == (404, 60003)


def test_an_offer_is_a_sku(api: Api, sales_agent: Membership, sold: Availability) -> None:
    """facts, 3.1: the members of an offer; what is none of the portal's is empty or left out."""
    AvailabilityFactory(sku=sold.sku, billing_plan="triennial", term="P3Y")
    session = api(sales_agent)
    body = session.get("/offers?country=PL", X_Locale="pl-PL").json()
    assert body["items"] == [
        {
            "id": "CFQ7TTC0LFLX:0001",
            "name": "Microsoft 365 E3",
            "description": "Microsoft 365 E3",
            "minimumQuantity": 1,
            "maximumQuantity": 1000,
            "rank": 0,
            "uri": "/offers/CFQ7TTC0LFLX:0001?country=PL",
            "locale": "pl-PL",
            "country": "PL",
            "category": {
                "id": "commercial",
                "name": "Commercial",
                "rank": 0,
                "locale": "pl-PL",
                "country": "PL",
                "attributes": {"objectType": "OfferCategory"},
            },
            "prerequisiteOffers": [],
            "isAddOn": False,
            "hasAddOns": False,
            "isAvailableForPurchase": True,
            "billing": "license",
            "supportedBillingCycles": ["monthly", "one_time"],
            "isAutoRenewable": True,
            "upgradeTargetOffers": [],
            "conversionTargetOffers": [],
            "reselleeQualifications": [],
            "resellerQualifications": [],
            "limitUnitOfMeasure": "None",
            "limit": 0,
            "salesGroupId": "CFQ7TTC0LFLX",
            "isTrial": False,
            "product": {"id": "CFQ7TTC0LFLX", "name": "Microsoft 365 E3", "unit": "Licenses"},
            "unitType": "Licenses",
            "links": {"self": {"uri": "/offers/CFQ7TTC0LFLX:0001?country=PL", "method": "GET", "headers": []}},
            "attributes": {"objectType": "Offer"},
        }
    ]
    one = session.get(body["items"][0]["uri"], X_Locale="pl-PL")
    assert (one.json(), one["X-Locale"]) == (body["items"][0], "pl-PL")


def test_an_offer_outlives_its_availability(api: Api, sales_agent: Membership, sold: Availability) -> None:
    session = api(sales_agent)
    before = session.get("/offers?country=PL").json()["items"][0]["id"]
    sku = sold.sku
    withdraw_availability(by=NO_ONE, availability=sold)
    assert session.get("/offers?country=PL").json()["items"] == []
    AvailabilityFactory(sku=sku)
    assert session.get("/offers?country=PL").json()["items"][0]["id"] == before


def test_add_ons_of_an_offer(api: Api, sales_agent: Membership, sold: Availability) -> None:
    add_on = AvailabilityFactory(sku__title="Zz add-on")
    add_on.sku.add_on_to.add(sold.sku)
    name = f"{add_on.sku.product.code}:{add_on.sku.code}"
    session = api(sales_agent)
    base, extra = session.get("/offers?country=PL").json()["items"]
    assert (base["hasAddOns"], base["isAddOn"]) == (True, False)
    assert (extra["id"], extra["isAddOn"], extra["prerequisiteOffers"]) == (name, True, ["CFQ7TTC0LFLX:0001"])
    body = session.get("/offers/CFQ7TTC0LFLX:0001/addons?country=PL").json()
    assert [each["id"] for each in body["items"]] == [name]
    assert session.get(f"/offers/{name}/addons?country=PL").json()["items"] == []
    sku = session.get(f"/products/{add_on.sku.product.code}/skus/{add_on.sku.code}?country=PL").json()
    assert sku["dynamicAttributes"]["prerequisiteSkus"] == ["CFQ7TTC0LFLX:0001"]


def test_offers_by_category_and_by_page(api: Api, sales_agent: Membership, sold: Availability) -> None:
    school = AvailabilityFactory(segment="education", sku__title="Zz school").sku
    session = api(sales_agent)
    categories = session.get("/offercategories?country=PL").json()["items"]
    assert [each["id"] for each in categories] == ["commercial", "education"]
    body = session.get("/offers?offer_category_id=education&country=PL").json()
    assert [each["name"] for each in body["items"]] == [school.title]
    assert body["items"][0]["reselleeQualifications"] == ["Education"]
    assert session.get(f"/offers?offer_category_id={uuid4()}&country=PL").json()["items"] == []
    first = session.get("/offers?country=PL&offset=0&size=1").json()
    assert first["items"][0]["name"] == "Microsoft 365 E3"
    second = session.get(first["links"]["next"]["uri"]).json()
    assert (second["items"][0]["name"], second["items"][0]["rank"]) == (school.title, 1)
    assert "next" not in second["links"]


def test_inventory_is_never_short(api: Api, sales_agent: Membership, sold: Availability) -> None:
    """As .NET asks; a bare list comes back."""
    asked = {
        "TargetItems": [{"ProductId": "CFQ7TTC0LFLX"}, {"ProductId": "DZH318Z0BQ3P", "SkuId": "000S"}],
        "InventoryContext": {"customerId": str(uuid4())},
    }
    response = api(sales_agent).post("/extensions/product/checkinventory?country=PL", asked)
    assert response.json() == [
        {"productId": "CFQ7TTC0LFLX", "skuId": "0001", "isRestricted": False, "restrictions": []}
    ]


def test_there_are_no_promotions(api: Api, sales_agent: Membership) -> None:
    body = api(sales_agent).get("/productpromotions?country=PL&segment=commercial").json()
    assert (body["totalCount"], body["items"]) == (0, [])


def test_the_catalog_is_for_programs_and_resellers_as_well(
    api: Api, partner: Partner, reseller_agent: Membership, sold: Availability
) -> None:
    for session in (api(partner=partner, roles=("helpdesk_agent",)), api(reseller_agent)):
        assert session.get("/offers?country=PL").json()["totalCount"] == 1
        assert session.get("/products?country=PL&targetView=OnlineServices").json()["totalCount"] == 1


@pytest.mark.parametrize(
    "path", ["/offers?country=PL", "/products?country=PL&targetView=OnlineServices", "{root}/offers"]
)
def test_many_cost_as_many_queries_as_one(api: Api, sales_agent: Membership, path: str) -> None:
    root = f"/customers/{CustomerFactory(partner=sales_agent.partner).tenant_id}"
    session, path = api(sales_agent), path.format(root=root)
    AvailabilityFactory().sku.add_on_to.add(SkuFactory())
    session.get(path)
    with CaptureQueriesContext(
        connection,
    ) as one:
        session.get(path)
    for _ in range(4):
        AvailabilityFactory().sku.add_on_to.add(SkuFactory())
    with CaptureQueriesContext(connection) as many:
        assert session.get(path).json()["totalCount"] == 5
    assert len(many) == len(one)
