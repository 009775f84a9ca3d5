"""orders:list: the partner's orders, newest first."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import AgreementTemplate
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Order
from orders.tests.factories import filled_cart, placed
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]
URL = "/orders/"


@pytest.fixture
def order(customer: Customer, sales_agent: Membership, actor_for: Act) -> Order:
    confirmed(customer)
    return placed(filled_cart(customer, sales_agent), actor_for(sales_agent))


def test_shows_number_customer_status_total_and_who(
    order: Order, helpdesk_agent: Membership, client_of: SignIn
) -> None:
    page = client_of(helpdesk_agent).get(reverse("orders:list")).content.decode()
    for shown in (order.number, "Żabka Nowa Sp. z o.o.", "Completed", "PLN\u00a0252.00", "Sam Sales"):
        assert shown in page


@pytest.mark.parametrize("text", ["żabka", "  nowa  ŻABKA ", "NUMBER"])
def test_finds_by_number_or_company(order: Order, sales_agent: Membership, client_of: SignIn, text: str) -> None:
    if connection.vendor == "sqlite":
        # SQLite folds the case of ASCII letters only.
        text = text.replace("ż", "Ż")
    wanted = order.number[2:8].lower() if text == "NUMBER" else text
    client = client_of(sales_agent)
    assert order.number in client.get(URL, {"q": wanted}).content.decode()
    assert order.number not in client.get(URL, {"q": "nothing like it"}).content.decode()


def test_filters_by_customer_and_status(
    order: Order, customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    client, other = client_of(sales_agent), CustomerFactory(partner=customer.partner)
    assert order.number in client.get(URL, {"customer": str(customer.tenant_id)}).content.decode()
    assert order.number not in client.get(URL, {"customer": str(other.tenant_id)}).content.decode()
    assert order.number in client.get(URL, {"status": "completed"}).content.decode()
    assert order.number not in client.get(URL, {"status": "cancelled"}).content.decode()


@pytest.mark.parametrize("query", ["customer=x", "status=x", "after=x", "before=%00", "q=%00"])
def test_what_cannot_be_read_filters_nothing(
    order: Order, sales_agent: Membership, client_of: SignIn, query: str
) -> None:
    page = client_of(sales_agent).get(f"{URL}?{query}")
    assert page.status_code == 200


def test_says_what_to_do_when_there_is_nothing(sales_agent: Membership, client_of: SignIn) -> None:
    page = client_of(sales_agent).get(URL).content.decode()
    assert "No orders yet" in page
    assert reverse("orders:new") in page


def test_offers_no_new_order_to_who_may_not(helpdesk_agent: Membership, client_of: SignIn) -> None:
    page = client_of(helpdesk_agent).get(URL).content.decode()
    assert "No orders yet" in page
    assert reverse("orders:new") not in page


def test_a_stranger_sees_none_of_it(
    order: Order, customer: Customer, stranger: Membership, client_of: SignIn
) -> None:
    client = client_of(stranger)
    assert order.number not in client.get(URL).content.decode()
    filtered = client.get(URL, {"customer": str(customer.tenant_id)}).content.decode()
    assert "Żabka" not in filtered


def test_a_reseller_sees_the_orders_of_its_customers(
    provider: Partner, template: AgreementTemplate, reseller_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    mine = CustomerFactory(partner=provider, reseller=reseller_agent.partner, company_name="Mine")
    other = CustomerFactory(partner=provider, company_name="Not mine")
    seller = MembershipFactory(partner=provider)
    numbers = []
    for customer in (mine, other):
        confirmed(customer)
        numbers.append(placed(filled_cart(customer, seller), actor_for(seller)).number)
    page = client_of(reseller_agent).get(URL).content.decode()
    assert numbers[0] in page
    assert numbers[1] not in page


def test_the_number_of_queries_does_not_grow(
    order: Order, customer: Customer, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    client = client_of(sales_agent)
    client.get(URL)
    with CaptureQueriesContext(connection) as one:
        client.get(URL)
    for _ in range(29):
        placed(filled_cart(customer, sales_agent), actor_for(sales_agent))
    with CaptureQueriesContext(connection) as thirty:
        page = client.get(URL).content.decode()
    assert page.count("data-href") == 30
    assert len(thirty) == len(one)
