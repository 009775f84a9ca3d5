"""orders:order: what was ordered, and why it was allowed."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import AgreementTemplate
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Order
from orders.tests.factories import filled_cart, placed
from orders.tests.lives import add_on_sold, subscribed
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]


@pytest.fixture
def order(customer: Customer, sales_agent: Membership, actor_for: Act) -> Order:
    confirmed(customer)
    return placed(filled_cart(customer, sales_agent), actor_for(sales_agent))


def url(order: Order) -> str:
    return reverse("orders:order", args=[order.number])


def record(order: Order) -> str:
    assert order.acceptance is not None
    return reverse("agreements:record", args=[order.tenant_id, order.acceptance.reference])


def test_shows_facts_lines_and_subscriptions(order: Order, sales_agent: Membership, client_of: SignIn) -> None:
    page = client_of(sales_agent).get(url(order)).content.decode()
    line = order.lines.get()
    for shown in (order.number, "Completed", "Sam Sales", line.title, "PLN\u00a0252.00", "Active"):
        assert shown in page
    assert reverse("orders:licences", args=[line.subscription.pk]) in page


def test_unit_prices_keep_their_decimals(
    customer: Customer, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    by = actor_for(sales_agent)
    base = subscribed(customer, sales_agent, by=by, price__unit_price=Decimal("0.0042"))
    add_on_sold(base, price__unit_price=Decimal("0.0017"))
    client, pages = client_of(sales_agent), ("subscription", "licences", "add_on")
    shown = [client.get(reverse(f"orders:{page}", args=[base.pk])).content.decode() for page in pages]
    shown.append(client.get(url(base.order_line.order)).content.decode())
    prices = [[price for price in ("0.0042", "0.0017") if f"PLN\u00a0{price}" in page] for page in shown]
    assert prices == [["0.0042"], ["0.0042"], ["0.0017"], ["0.0042"]]
    assert "5 licences at PLN\u00a00.0042 each" in shown[0]


def test_says_which_acceptance_it_relied_on(order: Order, sales_agent: Membership, client_of: SignIn) -> None:
    page = client_of(sales_agent).get(url(order)).content.decode()
    assert "Why this order was allowed" in page
    assert "Confirmed by partner" in page
    assert f'href="{record(order)}"' in page


def test_who_may_not_see_the_record_sees_its_date_only(
    order: Order, helpdesk_agent: Membership, client_of: SignIn
) -> None:
    page = client_of(helpdesk_agent).get(url(order)).content.decode()
    assert order.acceptance is not None
    assert order.acceptance.agreed_on.isoformat() in page
    assert record(order) not in page
    assert "Zofia" not in page
    assert reverse("orders:licences", args=[order.lines.get().subscription.pk]) not in page


def test_not_applicable_in_a_national_cloud(template: object, actor_for: Act, client_of: SignIn) -> None:
    seller = MembershipFactory(partner__government=True, partner__cloud="us_government")
    cart = filled_cart(CustomerFactory(partner=seller.partner, country="US"), seller)
    page = client_of(seller).get(url(placed(cart, actor_for(seller)))).content.decode()
    assert "does not apply in this cloud (US Government)" in page


def test_the_number_may_be_typed_in_small_letters(order: Order, sales_agent: Membership, client_of: SignIn) -> None:
    assert client_of(sales_agent).get(url(order).lower()).status_code == 200


def test_a_stranger_gets_the_404_of_a_missing_one(order: Order, stranger: Membership, client_of: SignIn) -> None:
    client = client_of(stranger)
    theirs, missing = client.get(url(order)), client.get("/orders/ABCDEFGHJK/")
    assert (theirs.status_code, theirs.content) == (404, missing.content)


def test_a_reseller_sees_it_and_changes_nothing(
    provider: Partner, template: AgreementTemplate, reseller_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    customer = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
    confirmed(customer)
    seller = MembershipFactory(partner=provider)
    order = placed(filled_cart(customer, seller), actor_for(seller))
    page = client_of(reseller_agent).get(url(order)).content.decode()
    assert order.number in page
    assert f"<dt>{provider.name} acted as</dt><dd>Indirect provider</dd>" in page
    assert "Your company acted as" in client_of(seller).get(url(order)).content.decode()
    assert record(order) not in page
    assert reverse("orders:new") not in page


def test_is_read_only(order: Order, sales_agent: Membership, client_of: SignIn) -> None:
    assert client_of(sales_agent).post(url(order)).status_code == 405
