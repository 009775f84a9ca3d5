"""Carts of API clients: what they hold, what stands against a line, and that screens never see them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import ApiCart, Availability, Cart
from orders.services import remove_old_api_carts, start_cart
from orders.tests.factories import AvailabilityFactory, SkuFactory, filled_cart
from portal.api.tests.carts import as_dotnet, cart, line, path_of
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerLinkFactory

Api = Callable[..., Any]


@pytest.fixture
def sold(customer: Customer) -> Availability:
    return AvailabilityFactory()


def test_a_cart_of_dotnet(api: Api, sales_agent: Membership, customer: Customer, sold: Availability) -> None:
    """facts, 3.2; wire contract, point 4: nulls, a date of the year 1, any spelling."""
    session = api(sales_agent)
    response = session.post(path_of(customer), as_dotnet(sold))
    body = response.json()
    assert response.status_code == 201
    assert body["status"] == "Active"
    assert body["lastModifiedUser"] == str(sales_agent.user.public_id)
    assert body["attributes"] == {"objectType": "Cart"}
    assert body["links"]["self"]["uri"] == path_of(customer, body["id"])
    assert body["lineItems"] == [
        {
            "id": 0,
            "catalogItemId": as_dotnet(sold)["LineItems"][0]["CatalogItemId"],
            "friendlyName": "Sales team",
            "quantity": 5,
            "currencyCode": "PLN",
            "billingCycle": "monthly",
            "termDuration": "P1Y",
            "orderGroup": "0",
        }
    ]
    assert session.get(path_of(customer, body["id"])).json() == body


def test_it_lasts_seven_days(api: Api, sales_agent: Membership, customer: Customer, sold: Availability) -> None:
    session = api(sales_agent)
    path = path_of(customer, session.post(path_of(customer), cart(line(sold))).json()["id"])
    row = ApiCart.objects.get()
    assert row.expires_at - row.created_at >= timedelta(days=7)
    ApiCart.objects.update(expires_at=timezone.now())
    for answer in (session.get(path), session.put(path, cart(line(sold))), session.post(f"{path}/checkout")):
        assert (answer.status_code, answer.json()["code"]) == (404, 800008)
    assert remove_old_api_carts(now=timezone.now()) == 1


def test_a_program_fills_one_as_well(
    api: Api, partner: Partner, customer: Customer, sold: Availability, sales_agent: Membership
) -> None:
    """Every client of the partner sees it; it belongs to nobody on screens."""
    session = api(partner=partner, roles=("sales_agent",))
    body = session.post(path_of(customer), cart(line(sold))).json()
    assert body["lastModifiedUser"] == str(session.client.client_id)
    assert api(sales_agent).get(path_of(customer, body["id"])).json() == body


def test_other_lines_take_the_place(
    api: Api, sales_agent: Membership, customer: Customer, sold: Availability
) -> None:
    """PUT of what GET answered, changed: everything that is read-only comes along."""
    session = api(sales_agent)
    body = session.post(path_of(customer), cart(line(sold, id=7, friendlyName="One"))).json()
    body["lineItems"][0]["quantity"] = 9
    body["lineItems"].append(line(AvailabilityFactory(), 2, id=8))
    answer = session.put(path_of(customer, body["id"]), body)
    assert answer.status_code == 200
    assert [(each["id"], each["quantity"]) for each in answer.json()["lineItems"]] == [(7, 9), (8, 2)]
    assert answer.json()["lineItems"][0]["friendlyName"] == "One"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"catalogItemId": "nonsense"}, "catalog_item_id_is_not_valid"),
        ({"catalogItemId": f"CFQ7TTC0LFLX:0001:{uuid4().hex}"}, "catalog_item_id_is_not_valid"),
        ({"catalogItemId": "CFQ7TTC0LFLX:0001"}, "catalog_item_id_is_not_valid"),
        ({"quantity": 0}, "quota_not_available"),
        ({"quantity": -3}, "quota_not_available"),
        ({"quantity": 301}, "quota_not_available"),
        ({"termDuration": "P1M"}, "unable_to_process_cart_line_item"),
        ({"billingCycle": "annual"}, "unable_to_process_cart_line_item"),
        ({"currencyCode": "USD"}, "currency_is_not_supported"),
        ({"promotionId": "39NFJQT1PZXX:0001:39NFJQT1Q5KK"}, "unable_to_process_cart_line_item"),
        ({"renewsTo": {"termDuration": "P3Y"}}, "unable_to_process_cart_line_item"),
        ({"renewsTo": [{"termDuration": "P1M"}]}, "unable_to_process_cart_line_item"),
        ({"customTermEndDate": "2027-03-01T00:00:00Z"}, "unable_to_process_cart_line_item"),
        (
            {"participants": [{"key": "transaction_reseller", "value": "5357564"}]},
            "participants_is_not_supported_for_partner",
        ),
    ],
)
def test_what_stands_against_a_line_is_told_on_it(
    api: Api, sales_agent: Membership, customer: Customer, sold: Availability, wrong: Any, code: str
) -> None:
    """facts, 6.4: the cart is made, the line says why it cannot be ordered."""
    response = api(sales_agent).post(path_of(customer), cart(line(AvailabilityFactory()), line(sold, **wrong)))
    good, bad = response.json()["lineItems"]
    assert (response.status_code, "error" in good) == (201, False)
    assert bad["error"]["errorCode"] == code
    assert bad["error"]["errorDescription"]


def test_only_what_is_sold_to_the_customer(
    api: Api, sales_agent: Membership, customer: Customer, sold: Availability
) -> None:
    lines = [
        line(AvailabilityFactory(market="DE", currency="GBP")),
        line(AvailabilityFactory(segment="education")),
        line(sold),
    ]
    lines.append(line(AvailabilityFactory(currency="EUR")))
    body = api(sales_agent).post(path_of(customer), cart(*lines)).json()
    assert [each.get("error", {}).get("errorCode") for each in body["lineItems"]] == [
        "catalog_item_id_is_not_valid",
        "catalog_item_id_is_not_valid",
        None,
        "currency_is_not_supported",
    ]


@pytest.mark.parametrize("cycle", ["monthly", "Monthly", "MONTHLY", "unknown", "Unknown", None])
def test_an_offer_of_older_clients_is_the_usual_availability(
    api: Api, sales_agent: Membership, customer: Customer, cycle: str | None
) -> None:
    sku = SkuFactory()
    for term, plan in (("P3Y", "triennial"), ("P1M", "monthly"), ("P1Y", "monthly"), ("P1Y", "annual")):
        AvailabilityFactory(sku=sku, term=term, billing_plan=plan)
    said = {"catalogItemId": f"{sku.product.code}:{sku.code}", "quantity": 1, "billingCycle": cycle}
    found = api(sales_agent).post(path_of(customer), cart(said)).json()["lineItems"][0]
    assert (found["termDuration"], found["billingCycle"]) == ("P1Y", "monthly")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 800009),
        (cart(), 800009),
        (cart({"quantity": 1}), 800009),
        (cart({"catalogItemId": "A:B", "quantity": "many"}), 800002),
        (cart({"catalogItemId": "A:B", "quantity": 1, "billingCycle": "weekly"}), 900126),
        (cart({"catalogItemId": "A:B", "quantity": 10**400}), 800002),
        (cart({"catalogItemId": "A:B", "quantity": 1, "friendlyName": "x" * 201}), 800002),
        ({"lineItems": 5}, 800002),
        ([], 800002),
    ],
)
def test_what_is_no_cart(api: Api, sales_agent: Membership, customer: Customer, body: Any, code: int) -> None:
    response = api(sales_agent).post(path_of(customer), body)
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert not ApiCart.objects.exists()


@pytest.mark.parametrize(
    ("statement", "names_reseller", "refused_of"),
    [
        (True, False, ()),
        (False, True, ("direct_bill", "indirect_provider")),
        (None, False, ("indirect_provider",)),
        (None, True, ()),
    ],
)
@pytest.mark.parametrize("kind", ["direct_bill", "indirect_provider"])
def test_the_partner_on_record_statement(
    api: Api,
    provider: Partner,
    sales_agent: Membership,
    kind: str,
    statement: Any,
    names_reseller: bool,
    refused_of: Any,
) -> None:
    """facts, 3.3: 900206. Clients from before it send none; that passes where the order leaves no doubt."""
    member = sales_agent if kind == "direct_bill" else MembershipFactory(partner=provider, roles=["sales_agent"])
    PartnerLinkFactory(provider=provider, reseller__mpn_id="4321")
    customer = CustomerFactory(partner=member.partner)
    participants = [{"key": "TransactionReseller", "value": "4321"}] if names_reseller else []
    body = cart(line(AvailabilityFactory(), participants=participants))
    body["partnerOnRecordAttestationAccepted"] = statement
    response = api(member).post(path_of(customer), body)
    if kind in refused_of:
        assert (response.status_code, response.json()["code"]) == (400, 900206)
    else:
        assert response.status_code == 201


def test_who_may_not_and_who_sees_nothing(
    api: Api,
    customer: Customer,
    sold: Availability,
    sales_agent: Membership,
    helpdesk_agent: Membership,
    stranger: Membership,
) -> None:
    body = api(sales_agent).post(path_of(customer), cart(line(sold))).json()
    path = path_of(customer, body["id"])
    for session, expected in ((api(helpdesk_agent), (403, 900150)), (api(stranger), (404, 60003))):
        for answer in (
            session.get(path),
            session.put(path, cart(line(sold))),
            session.post(path_of(customer), cart(line(sold))),
            session.post(f"{path}/checkout"),
        ):
            assert (answer.status_code, answer.json()["code"]) == expected
    other = CustomerFactory(partner=customer.partner)
    for wrong in (path_of(other, body["id"]), path_of(customer, str(uuid4()))):
        answer = api(sales_agent).get(wrong)
        assert (answer.status_code, answer.json()["code"]) == (404, 800008)
    answer = api(sales_agent).get(path_of(customer, "7"))
    assert (answer.status_code, answer.json()["code"]) == (400, 900118)


def test_screens_and_programs_have_carts_of_their_own(
    api: Api,
    client_of: Callable[[Membership], Client],
    actor_for: Callable[..., Actor],
    sales_agent: Membership,
    customer: Customer,
    sold: Availability,
) -> None:
    """What the same person does by API changes nothing of what waits in the browser, and the other way round."""
    waiting = filled_cart(customer, sales_agent)
    before = Cart.objects.values().get(), list(waiting.lines.values())
    session = api(sales_agent)
    session.post(path_of(customer), cart(line(sold, 2)))
    assert (Cart.objects.values().get(), list(waiting.lines.values())) == before
    assert start_cart(by=actor_for(sales_agent), customer=customer) == waiting
    page = client_of(sales_agent).get(reverse("orders:new")).content.decode()
    assert page.count(reverse("orders:cart", args=[waiting.pk])) == 1
    mine = UUID(str(ApiCart.objects.get().pk))
    assert str(mine) not in page
    assert session.get(path_of(customer, str(waiting.pk))).status_code == 404
    assert client_of(sales_agent).get(reverse("orders:cart", args=[mine])).status_code == 404


def test_many_lines_cost_as_many_queries_as_one(
    api: Api, sales_agent: Membership, customer: Customer, sold: Availability
) -> None:
    session = api(sales_agent)
    add_on = AvailabilityFactory()
    add_on.sku.add_on_to.add(sold.sku)
    few = path_of(customer, session.post(path_of(customer), cart(line(sold, addonItems=[line(add_on)]))).json()["id"])
    every = [line(AvailabilityFactory()) for _ in range(5)]
    body = cart(line(sold, addonItems=[line(add_on), line(add_on)]), *every)
    many = path_of(customer, session.post(path_of(customer), body).json()["id"])
    session.get(few)
    counts = []
    for path in (few, many):
        with CaptureQueriesContext(connection) as seen:
            assert "error" not in str(session.get(path).json())
        counts.append(len(seen))
    assert counts[0] == counts[1]
