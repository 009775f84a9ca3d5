"""Orders by API: every client's body, the gate, reading."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Availability, Order, Subscription
from orders.tests.factories import AvailabilityFactory
from orders.tests.lives import subscribed
from portal.api.tests.sessions import Session
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerLinkFactory

Api = Callable[..., Session]


@pytest.fixture
def sold(customer: Customer) -> Availability:
    """Sold yearly, billed monthly and annually; the customer's acceptance is there."""
    confirmed(customer)
    availability = AvailabilityFactory()
    AvailabilityFactory(sku=availability.sku, billing_plan="annual")
    return availability


@pytest.fixture
def session(api: Api, sales_agent: Membership) -> Session:
    return api(sales_agent)


def name_of(sold: Availability) -> str:
    return f"{sold.sku.product.code}:{sold.sku.code}"


def path_of(customer: Customer, rest: str = "") -> str:
    return f"/customers/{customer.tenant_id}/orders{rest}"


def said_by_clients(customer: Customer, offer: str) -> dict[str, dict[str, Any]]:
    """As the wire contract lists them, section 3; the billing cycle that is meant beside each."""
    whose = str(customer.tenant_id)
    return {
        "dotnet-sdk": {
            "Id": None,
            "AlternateId": None,
            "ReferenceCustomerId": whose,
            "BillingCycle": "annual",
            "CurrencyCode": None,
            "LineItems": [
                {
                    "LineItemNumber": 0,
                    "OfferId": offer,
                    "SubscriptionId": None,
                    "ParentSubscriptionId": None,
                    "FriendlyName": "new offer purchase",
                    "Quantity": 5,
                    "PartnerIdOnRecord": None,
                    "ProvisioningContext": None,
                    "Links": None,
                }
            ],
            "CreationDate": None,
            "Status": None,
            "Links": None,
            "Attributes": {"Etag": None, "ObjectType": "Order"},
        },
        "dotnet-sdk sample": {
            "ReferenceCustomerId": whose,
            "BillingCycle": "unknown",
            "LineItems": [{"LineItemNumber": 0, "OfferId": offer, "Quantity": 5}],
        },
        "pc-dotnet": {
            "ReferenceCustomerId": whose,
            "BillingCycle": "Monthly",
            "LineItems": [{"LineItemNumber": 0, "OfferId": offer, "Quantity": 5, "ProvisioningContext": {}}],
        },
        "java": {
            "referenceCustomerId": whose,
            "totalPrice": 0.0,
            "lineItems": [
                {"lineItemNumber": 0, "offerId": offer, "friendlyName": "new offer purchase", "quantity": 5}
            ],
            "attributes": {"objectType": "Order"},
        },
        "node": {
            "lineItems": [{"lineItemNumber": 0, "offerId": offer, "quantity": 5}],
            "billingCycle": "monthly",
        },
        "kotlin": {
            "billingCycle": "Monthly",
            "lineItems": [{"lineItemNumber": 0, "offerId": offer, "quantity": 5}],
        },
        "py": {
            "referenceCustomerId": whose,
            "billingCycle": "monthly",
            "links": {"self": {}},
            "lineItems": [
                {"lineItemNumber": 0, "offerId": offer, "friendlyName": "mine", "quantity": 5, "links": {}}
            ],
        },
    }


CLIENTS = ("dotnet-sdk", "dotnet-sdk sample", "pc-dotnet", "java", "node", "kotlin", "py")


@pytest.mark.parametrize("client", CLIENTS)
def test_every_clients_order_is_placed(session: Session, customer: Customer, sold: Availability, client: str) -> None:
    body = said_by_clients(customer, name_of(sold))[client]
    answered = session.post(path_of(customer), body)
    assert answered.status_code == 201, answered.content
    told = answered.json()
    order, subscription = Order.objects.get(), Subscription.objects.get()
    line = told["lineItems"][0]
    assert (told["id"], told["referenceCustomerId"]) == (order.number, str(customer.tenant_id))
    assert told["billingCycle"] == ("annual" if client == "dotnet-sdk" else "monthly")
    assert (line["subscriptionId"], line["quantity"], line["lineItemNumber"]) == (str(subscription.pk), 5, 0)
    assert (line["offerId"], line["termDuration"]) == (name_of(sold), "P1Y")
    own = body.get("LineItems", body.get("lineItems"))[0]
    said = own.get("friendlyName", own.get("FriendlyName", sold.sku.title))
    assert line["friendlyName"] == subscription.name == said
    assert (told["status"], told["currencyCode"], told["currencySymbol"]) == ("completed", "PLN", "zł")
    assert told["attributes"]["objectType"] == "Order"
    assert "totalPrice" not in told


def test_without_the_acceptance_nothing_is_ordered(session: Session, customer: Customer) -> None:
    body = said_by_clients(customer, name_of(AvailabilityFactory()))["kotlin"]
    refused = session.post(path_of(customer), body)
    assert (refused.status_code, refused.json()["code"]) == (403, 13605)
    assert not Order.objects.exists()


def test_a_catalog_item_id_names_exactly_one(session: Session, customer: Customer, sold: Availability) -> None:
    annual = sold.sku.availabilities.get(billing_plan="annual")
    body = {"lineItems": [{"offerId": f"{name_of(sold)}:{annual.public_id.hex.upper()}", "quantity": 2}]}
    told = session.post(path_of(customer), body).json()
    assert (told["billingCycle"], told["lineItems"][0]["offerId"]) == ("annual", name_of(sold))


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"referenceCustomerId": "00000000-0000-0000-0000-000000000001"}, 400, 800002),
        ({"lineItems": []}, 400, 800009),
        ({"lineItems": [{"lineItemNumber": 1, "offerId": "X:1"}]}, 400, 800071),
        ({"lineItems": [{"offerId": "12345678-aaaa-bbbb-cccc-1234567890ab"}]}, 400, 800004),
        ({"lineItems": [{"offerId": "NOTHING:0001"}]}, 403, 800020),
        ({"lineItems": [{"offerId": "{offer}"}]}, 400, 800017),
        ({"lineItems": [{"offerId": "{offer}", "quantity": 0}]}, 400, 800017),
        ({"lineItems": [{"offerId": "{offer}", "quantity": 10**30}]}, 400, 800017),
        ({"lineItems": [{"offerId": "{offer}", "termDuration": "P3Y"}]}, 403, 800028),
        ({"lineItems": [{"offerId": "{offer}", "partnerIdOnRecord": "4711"}]}, 400, 800016),
        ({"lineItems": [{"offerId": "{offer}", "parentSubscriptionId": "none of ours"}]}, 404, 20003),
        ({"lineItems": [{"offerId": "{offer}", "promotionId": "39NFJQT1X0TT:0001"}]}, 400, 27007),
        ({"lineItems": [{"offerId": "{offer}", "renewsTo": {"termDuration": "P3Y"}}]}, 400, 800042),
        ({"lineItems": [{"offerId": "{offer}", "customTermEndDate": "2030-01-01T00:00:00Z"}]}, 400, 800042),
        ({"lineItems": [{"offerId": "{offer}", "friendlyName": "x" * 201}]}, 400, 800002),
        ({"lineItems": [{"offerId": "{offer}", "friendlyName": "a\u202eb"}]}, 400, 800002),
        ({"billingCycle": "weekly"}, 400, 900126),
        ({"billingCycle": "triennial"}, 400, 6000),
        ({"partnerOnRecordAttestationAccepted": False}, 400, 900206),
    ],
)
def test_what_cannot_be_ordered_is_refused(
    session: Session, customer: Customer, sold: Availability, change: dict[str, Any], status: int, code: int
) -> None:
    body: dict[str, Any] = {"lineItems": [{"offerId": name_of(sold), "quantity": 1}]} | change
    for line in body["lineItems"]:
        line["offerId"] = line["offerId"].replace("{offer}", name_of(sold))
    refused = session.post(path_of(customer), body)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.content
    assert not Order.objects.exists()


def test_lines_keep_the_numbers_that_the_client_gave(
    session: Session, customer: Customer, sold: Availability
) -> None:
    other = AvailabilityFactory()
    lines = [
        {"lineItemNumber": 1, "offerId": name_of(sold), "quantity": 1},
        {"lineItemNumber": 0, "offerId": name_of(other), "quantity": 2},
    ]
    told = session.post(path_of(customer), {"lineItems": lines}).json()
    assert [(each["lineItemNumber"], each["offerId"]) for each in told["lineItems"]] == [
        (0, name_of(other)),
        (1, name_of(sold)),
    ]


def test_the_reseller_on_record(api: Api, provider: Partner, template: object) -> None:
    reseller = PartnerLinkFactory(provider=provider, reseller__mpn_id="1234567").reseller
    seller = MembershipFactory(partner=provider, roles=["sales_agent"])
    customer = CustomerFactory(partner=provider, reseller=reseller)
    confirmed(customer)
    line = {"offerId": name_of(AvailabilityFactory()), "quantity": 1, "partnerIdOnRecord": "1234567"}
    told = api(seller).post(path_of(customer), {"lineItems": [line]}).json()
    assert told["lineItems"][0]["partnerIdOnRecord"] == "1234567"
    assert told["partnerOnRecordAttestationAccepted"] is False
    program = api(partner=provider).post(path_of(customer), {"lineItems": [line]})
    assert (program.status_code, program.json()["code"]) == (403, 900329)


def test_a_program_places_orders_and_others_may_not(
    api: Api, customer: Customer, sold: Availability, helpdesk_agent: Membership, stranger: Membership
) -> None:
    body = said_by_clients(customer, name_of(sold))["node"]
    refused = api(helpdesk_agent).post(path_of(customer), body)
    assert (refused.status_code, refused.json()["code"]) == (403, 900150)
    unknown = api(stranger).post(path_of(customer), body)
    assert (unknown.status_code, unknown.json()["code"]) == (404, 60003)
    assert api(partner=customer.partner, roles=("sales_agent",)).post(path_of(customer), body).status_code == 201


def test_orders_are_listed_with_prices_where_asked(
    session: Session, customer: Customer, sales_agent: Membership
) -> None:
    order = subscribed(customer, sales_agent).order_line.order
    plain = session.get(path_of(customer)).json()
    assert (plain["totalCount"], plain["attributes"]) == (1, {"objectType": "Collection"})
    assert "totalPrice" not in plain["items"][0]
    for spelling in ("True", "true"):
        priced = session.get(path_of(customer, f"?include_price={spelling}")).json()["items"][0]
        assert priced["totalPrice"] == 252.0
        assert priced["lineItems"][0]["pricing"] == {"listPrice": 50.4, "price": 50.4, "extendedPrice": 252.0}
    one = session.get(path_of(customer, f"/{order.number}?include_price=False")).json()
    assert one == plain["items"][0]
    assert one["links"]["self"]["uri"] == f"/customers/{customer.tenant_id}/orders/{order.number}"
    assert session.get(path_of(customer, "?billingType=usage")).json()["items"] == []
    assert session.get(path_of(customer, "?billingType=License")).json()["totalCount"] == 1
    missing = session.get(path_of(customer, "/NOSUCHNUMB"))
    assert (missing.status_code, missing.json()["code"]) == (404, 20000)


def test_lists_by_pages_and_in_as_many_queries(session: Session, customer: Customer, sales_agent: Membership) -> None:
    subscribed(customer, sales_agent)
    session.get(path_of(customer))
    with CaptureQueriesContext(
        connection,
    ) as one:
        session.get(path_of(customer, "?include_price=true"))
    for _ in range(2):
        subscribed(customer, sales_agent)
    with CaptureQueriesContext(connection) as three:
        assert session.get(path_of(customer, "?include_price=true")).json()["totalCount"] == 3
    assert len(three) == len(one)
    first = session.get(path_of(customer, "?size=2")).json()
    onward = first["links"]["next"]
    headers = {each["key"]: each["value"] for each in onward["headers"]}
    second = session.get(onward["uri"], **headers).json()
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert "next" not in second["links"]


def test_details_of_an_order(session: Session, api: Api, customer: Customer, sales_agent: Membership) -> None:
    order = subscribed(customer, sales_agent).order_line.order
    own = path_of(customer, f"/{order.number}")
    status = session.get(f"{own}/provisioningstatus").json()["items"][0]
    assert (status["lineItemNumber"], status["status"]) == (0, "Fulfilled")
    assert status["quantityProvisioningInformation"] == [{"quantity": 5, "status": "Fulfilled"}]
    program = api(partner=customer.partner).get(f"{own}/provisioningstatus")
    assert (program.status_code, program.json()["code"]) == (403, 900329)
    for nothing in ("activationlinks", "lineitems/0/activationlinks", "attachments"):
        assert session.get(f"{own}/{nothing}").json()["items"] == []
    assert session.get(f"{own}/lineitems/7/activationlinks").status_code == 404
    refused = session.post(f"{own}/attachment", {})
    assert (refused.status_code, refused.json()["code"]) == (400, 900141)
    assert session.get(f"{own}/attachment/1").status_code == 404
