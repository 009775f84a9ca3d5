"""Checkout: one order a group, partial success, one order however often it is asked for."""

from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from agreements.models import AgreementTemplate, Attestation
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import ApiCart, Availability, Cart, Order, Price, Subscription
from orders.services import api_carts, withdraw_availability
from orders.tests.factories import AvailabilityFactory, filled_cart
from portal.api.tests.carts import as_dotnet, cart, line, path_of
from portal.audit.models import AuditEvent
from portal.common.actor import Actor, ActorKind, Door
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Environment, Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerLinkFactory

Api = Callable[..., Any]
NO_ONE = Actor(kind=ActorKind.JOB, name="Test", door=Door.JOB)


@pytest.fixture
def sold(customer: Customer) -> Availability:
    confirmed(customer)
    return AvailabilityFactory()


def checked_out(session: Any, customer: Customer, *lines: dict[str, Any], body: Any = None) -> Any:
    made = session.post(path_of(customer), cart(*lines)).json()
    return session.post(path_of(customer, made["id"], "checkout"), body)


@pytest.mark.parametrize("body", [None, "", '"success"', "{}"])
def test_a_cart_becomes_an_order(
    api: Api, sales_agent: Membership, customer: Customer, sold: Availability, body: Any
) -> None:
    """The body is empty, or what the public clients send (wire contract, point 13)."""
    waiting = filled_cart(customer, sales_agent)
    response = checked_out(api(sales_agent), customer, line(sold, friendlyName="Sales team"), body=body)
    told = response.json()
    assert (response.status_code, told["orderErrors"], len(told["orders"])) == (201, [], 1)
    order, subscription = Order.objects.get(), Subscription.objects.get()
    assert told["orders"][0]["id"] == order.number
    assert told["orders"][0]["lineItems"][0]["subscriptionId"] == str(subscription.pk)
    assert told["orders"][0]["partnerOnRecordAttestationAccepted"] is True
    assert (subscription.friendly_name, subscription.quantity) == ("Sales team", 5)
    assert (order.transacted_as, order.placed_by, order.acceptance) == (
        "direct_bill",
        sales_agent.user,
        Attestation.objects.get(),
    )
    assert order.lines.get().said["catalogItemId"] == line(sold)["catalogItemId"]
    assert Cart.objects.get().pk == waiting.pk
    assert AuditEvent.objects.get(code="orders.order_placed").door == "api"


def test_a_program_orders_as_well_and_states_nothing(
    api: Api, partner: Partner, customer: Customer, sold: Availability
) -> None:
    """A client from before the statement: its order says that none was made."""
    session = api(partner=partner, roles=("sales_agent",))
    made = session.post(path_of(customer), as_dotnet(sold)).json()
    told = session.post(path_of(customer, made["id"], "checkout"), '"success"').json()
    assert told["orders"][0]["partnerOnRecordAttestationAccepted"] is False
    order = Order.objects.get()
    assert (order.placed_by, order.placed_by_name, order.transacted_as) == (None, session.client.name, "")


def test_again_answers_what_came_of_it(
    api: Api, sales_agent: Membership, customer: Customer, sold: Availability
) -> None:
    session = api(sales_agent)
    path = path_of(customer, session.post(path_of(customer), cart(line(sold))).json()["id"])
    first = session.post(f"{path}/checkout").json()
    assert session.post(f"{path}/checkout", MS_RequestId=str(uuid4())).json() == first
    assert Order.objects.count() == 1
    found = session.get(path).json()
    assert (found["status"], "error" in found["lineItems"][0]) == ("Ordered", False)
    refused = session.put(path, cart(line(sold, 9)))
    assert (refused.status_code, refused.json()["code"]) == (400, 800065)


def test_one_order_a_group_and_errors_beside_it(
    api: Api, sales_agent: Membership, customer: Customer, sold: Availability
) -> None:
    """facts, 3.2: partial success is normal."""
    session = api(sales_agent)
    gone, euro = AvailabilityFactory(), AvailabilityFactory(currency="EUR")
    made = session.post(
        path_of(customer),
        cart(
            line(gone, orderGroup="b"),
            line(sold, 2, orderGroup="a"),
            line(euro, orderGroup="c"),
            line(AvailabilityFactory(), 3, orderGroup="a"),
        ),
    ).json()
    withdraw_availability(by=NO_ONE, availability=gone)
    path = path_of(customer, made["id"], "checkout")
    told = session.post(path).json()
    assert [[one["quantity"] for one in each["lineItems"]] for each in told["orders"]] == [[2, 3], [5]]
    assert [each["currencyCode"] for each in told["orders"]] == ["PLN", "EUR"]
    assert [(each["orderGroupId"], each["code"]) for each in told["orderErrors"]] == [("b", 800020)]
    assert session.post(path).json() == told
    assert Order.objects.count() == 2


def test_where_nothing_could_be_ordered_the_cart_stays(
    api: Api, sales_agent: Membership, customer: Customer, sold: Availability
) -> None:
    session = api(sales_agent)
    path = path_of(customer, session.post(path_of(customer), cart(line(sold, 1000))).json()["id"])
    told = session.post(f"{path}/checkout").json()
    assert told["orders"] == []
    assert [each["code"] for each in told["orderErrors"]] == [800017]
    assert session.get(path).json()["status"] == "Active"
    session.put(path, cart(line(sold, 10)))
    assert len(session.post(f"{path}/checkout").json()["orders"]) == 1


def test_without_the_acceptance_nothing_is_ordered(api: Api, sales_agent: Membership, customer: Customer) -> None:
    """13605 refuses the checkout as a whole: it is the customer that lacks something, not a group."""
    session, sold = api(sales_agent), AvailabilityFactory()
    path = path_of(customer, session.post(path_of(customer), cart(line(sold))).json()["id"])
    response = session.post(f"{path}/checkout")
    assert (response.status_code, response.json()["code"]) == (403, 13605)
    confirmed(customer)
    assert session.post(f"{path}/checkout").status_code == 201


def test_a_customer_under_review_orders_nothing(
    api: Api, sales_agent: Membership, customer: Customer, sold: Availability
) -> None:
    Customer.objects.update(account_status="under_review")
    response = checked_out(api(sales_agent), customer, line(sold))
    assert (response.status_code, response.json()["code"]) == (403, 800075)
    assert not Order.objects.exists()


def test_the_price_of_the_checkout_counts(
    api: Api, sales_agent: Membership, customer: Customer, sold: Availability
) -> None:
    session = api(sales_agent)
    made = session.post(path_of(customer), cart(line(sold))).json()
    Price.objects.update(unit_price=99)
    session.post(path_of(customer, made["id"], "checkout"))
    assert Order.objects.get().total == 495


def test_add_ons_belong_to_what_the_line_makes(
    api: Api, sales_agent: Membership, customer: Customer, sold: Availability
) -> None:
    add_on = AvailabilityFactory()
    add_on.sku.add_on_to.add(sold.sku)
    told = checked_out(
        api(sales_agent), customer, line(AvailabilityFactory()), line(sold, addonItems=[line(add_on, 2)])
    ).json()
    assert [each["quantity"] for each in told["orders"][0]["lineItems"]] == [5, 5, 2]
    base = Subscription.objects.get(order_line__sku=sold.sku)
    assert Subscription.objects.get(order_line__sku=add_on.sku).parent == base
    assert told["orders"][0]["lineItems"][2]["parentSubscriptionId"] == str(base.pk)


def test_an_add_on_by_itself_is_none(
    api: Api, sales_agent: Membership, customer: Customer, sold: Availability
) -> None:
    add_on = AvailabilityFactory()
    add_on.sku.add_on_to.add(sold.sku)
    told = checked_out(
        api(sales_agent), customer, line(add_on), line(sold, orderGroup="x", addonItems=[line(AvailabilityFactory())])
    ).json()
    assert ([each["code"] for each in told["orderErrors"]], told["orders"]) == ([800009, 800009], [])


def test_the_same_thing_twice_in_one_order(
    api: Api, sales_agent: Membership, customer: Customer, sold: Availability
) -> None:
    """Each line makes its own subscription, as with Partner Center; carts of screens put them together."""
    told = checked_out(
        api(sales_agent), customer, line(sold, 1, friendlyName="A"), line(sold, 2, friendlyName="B")
    ).json()
    assert [each["friendlyName"] for each in told["orders"][0]["lineItems"]] == ["A", "B"]


def test_a_provider_names_its_reseller(api: Api, provider: Partner, template: AgreementTemplate) -> None:
    member = MembershipFactory(partner=provider, roles=["sales_agent"])
    customer = CustomerFactory(partner=provider)
    confirmed(customer)
    reseller = PartnerLinkFactory(provider=provider, reseller__mpn_id="5357564").reseller
    sold = AvailabilityFactory()
    participants = [{"key": "transaction_reseller", "value": "5357564"}]
    told = checked_out(api(member), customer, line(sold), line(sold, participants=participants)).json()
    assert {each["partnerIdOnRecord"] for each in told["orders"][0]["lineItems"]} == {"5357564"}
    assert Order.objects.get().reseller == reseller
    other = [{"key": "transaction_reseller", "value": "999"}]
    told = checked_out(api(member), customer, line(sold, participants=other)).json()
    assert [each["code"] for each in told["orderErrors"]] == [800016]


def test_a_sandbox_has_room_for_five(api: Api, sales_agent: Membership, customer: Customer) -> None:
    confirmed(customer)
    Partner.objects.filter(pk=sales_agent.partner_id).update(environment=Environment.SANDBOX)
    session = api(MembershipFactory(partner=Partner.objects.get(pk=sales_agent.partner_id), roles=["sales_agent"]))
    four = [line(AvailabilityFactory(), 1) for _ in range(4)]
    two = [line(AvailabilityFactory(), 1, orderGroup="more") for _ in range(2)]
    told = checked_out(session, customer, *four, *two).json()
    assert len(told["orders"]) == 1
    assert [(each["orderGroupId"], each["code"]) for each in told["orderErrors"]] == [("more", 800018)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_lock", [True, False])
def test_two_checkouts_at_once_make_one_order(
    api: Api,
    sales_agent: Membership,
    customer: Customer,
    sold: Availability,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    has_lock: bool,
) -> None:
    """Without the cart's lock, and asked before the other has ended, there would be two: the control."""
    session = api(sales_agent)
    made = session.post(path_of(customer), cart(line(sold))).json()
    path = path_of(customer, made["id"], "checkout")
    if not has_lock:
        unordered = ApiCart.objects.select_related("customer__tenant", "customer__partner").get()
        monkeypatch.setattr(api_carts, "_lock", lambda by, cart: copy(unordered))
    with shared_by_threads(tmp_path):
        answers, errors = together(4, lambda number: session.post(path, MS_RequestId=str(uuid4())).json())
        assert errors == []
        numbers = {each["orders"][0]["id"] for each in answers}
        assert (len(numbers), Order.objects.count()) == ((1, 1) if has_lock else (4, 4))
