"""orders:review: what is seen is what is ordered, once, and never without the acceptance."""

import uuid
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from agreements.services import withdraw_acceptance
from agreements.tests.factories import accepted_directly, confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.forms import as_reviewed
from orders.models import Cart, Order
from orders.pricing import priced_cart
from orders.services import save_price
from orders.tests.factories import CartFactory, filled_cart
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]


@pytest.fixture
def cart(customer: Customer, sales_agent: Membership) -> Cart:
    return filled_cart(customer, sales_agent)


def url(cart: Cart, name: str = "orders:review") -> str:
    return reverse(name, args=[cart.pk])


def said(cart: Cart, key: str = "k1") -> dict[str, str]:
    """What the Review page of this cart sends."""
    return {"submit_key": key, "reviewed": as_reviewed(priced_cart(cart)), "is_attested": "on"}


def test_shows_everything_and_the_acceptance_relied_on(
    cart: Cart, customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    made = confirmed(customer)
    page = client_of(sales_agent).get(url(cart)).content.decode()
    line = cart.lines.get()
    for shown in (customer.company_name, customer.tenant.domain, str(line.availability.sku), "PLN\u00a0252.00"):
        assert shown in page
    assert "Accepted by Zofia Wiśniewska on" in page
    assert made.agreed_on.isoformat() in page
    assert f'value="{said(cart)["reviewed"]}"' in page


def test_shows_a_direct_acceptance(
    cart: Cart, customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    accepted_directly(customer)
    assert "Accepted by the customer directly" in client_of(sales_agent).get(url(cart)).content.decode()


def test_submits_once_however_often_it_is_clicked(
    cart: Cart, customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    made = confirmed(customer)
    client, form = client_of(sales_agent), said(cart)
    first, second = client.post(url(cart), form), client.post(url(cart), form)
    order = Order.objects.get()
    its_page = reverse("orders:order", args=[order.number])
    assert [first.headers["Location"], second.headers["Location"]] == [its_page, its_page]
    assert (order.acceptance, order.placed_by, order.total) == (made, sales_agent.user, Decimal("252.00"))
    assert f"Order {order.number} is placed." in client.get(its_page).content.decode()
    assert client.get(url(cart)).headers["Location"] == its_page


def test_an_unconfirmed_customer_is_asked_first(cart: Cart, sales_agent: Membership, client_of: SignIn) -> None:
    client = client_of(sales_agent)
    assert client.get(url(cart)).headers["Location"] == url(cart, "orders:agreement")


def test_a_crafted_submit_that_skips_the_prompt_orders_nothing(
    cart: Cart, sales_agent: Membership, client_of: SignIn
) -> None:
    answer = client_of(sales_agent).post(url(cart), said(cart))
    assert answer.headers["Location"] == url(cart, "orders:agreement")
    assert not Order.objects.exists()
    assert cart.lines.get().quantity == 5, "the cart is kept"


def test_a_withdrawal_after_the_review_is_noticed(
    cart: Cart, customer: Customer, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    made, client = confirmed(customer), client_of(sales_agent)
    assert client.get(url(cart)).status_code == 200
    withdraw_acceptance(by=actor_for(sales_agent), customer=customer, attestation=made, reason="Wrong customer")
    assert client.post(url(cart), said(cart)).headers["Location"] == url(cart, "orders:agreement")
    assert not Order.objects.exists()


def test_a_cart_that_changed_is_shown_again(
    cart: Cart, customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    confirmed(customer)
    form, client = said(cart), client_of(sales_agent)
    cart.lines.update(quantity=9)
    page = client.post(url(cart), form).content.decode()
    assert "The cart or a price changed since you reviewed it" in page
    assert said(cart)["reviewed"] in page
    assert client.post(url(cart), said(cart)).status_code == 302, "the same key, now that it was seen"
    assert Order.objects.get().lines.get().quantity == 9


def test_a_price_that_changed_is_shown_again(
    cart: Cart, customer: Customer, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    confirmed(customer)
    form, client = said(cart), client_of(sales_agent)
    price = cart.lines.get().availability.prices.get()
    price.unit_price = Decimal("60.00")
    save_price(by=actor_for(sales_agent), price=price)
    page = client.post(url(cart), form).content.decode()
    assert "The cart or a price changed since you reviewed it" in page
    assert "PLN\u00a0300.00" in page


@pytest.mark.parametrize(
    ("kind", "with_reseller", "words"),
    [
        (
            "direct_bill",
            False,
            "acts as a direct-bill partner in this order: it sells to Żabka Nowa Sp. z o.o. itself.",
        ),
        ("indirect_provider", False, "acts as an indirect provider in this order, without an indirect reseller."),
        (
            "indirect_provider",
            True,
            "acts as an indirect provider in this order, with Harbour as the indirect reseller.",
        ),
    ],
)
def test_the_partner_says_as_what_it_acts(
    cart: Cart,
    customer: Customer,
    sales_agent: Membership,
    client_of: SignIn,
    kind: str,
    with_reseller: bool,
    words: str,
) -> None:
    confirmed(customer)
    Partner.objects.filter(pk=customer.partner_id).update(kind=kind)
    if with_reseller:
        reseller = PartnerFactory(name="Harbour", kind="indirect_reseller")
        Customer.objects.filter(pk=customer.pk).update(reseller=reseller)
    client = client_of(sales_agent)
    assert words in client.get(url(cart)).content.decode()
    client.post(url(cart), said(cart))
    order = Order.objects.get()
    assert (order.transacted_as, bool(order.reseller)) == (kind, with_reseller)


def test_without_the_statement_nothing_is_ordered_and_nothing_is_lost(
    cart: Cart, customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    confirmed(customer)
    client, form = client_of(sales_agent), said(cart, "k7")
    del form["is_attested"]
    page = client.post(url(cart), form).content.decode()
    assert page.count("Confirm how your company acts in this order") == 2, "in the summary and at the box"
    assert 'href="#id_is_attested"' in page
    assert 'value="k7"' in page
    assert not Order.objects.exists()
    assert client.post(url(cart), said(cart, "k7")).status_code == 302


def test_the_purchase_order_number_is_shown_and_ordered_as_it_was_shown(
    cart: Cart, customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    confirmed(customer)
    Cart.objects.update(purchase_order_number="PO 7")
    client = client_of(sales_agent)
    page = client.get(url(cart)).content.decode()
    assert 'name="purchase_order_number" value="PO 7"' in page
    assert f"{url(cart, 'orders:cart')}#id_purchase_order_number" in page
    client.post(url(cart), {**said(cart), "purchase_order_number": "PO 7"})
    assert Order.objects.get().purchase_order_number == "PO 7"


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"submit_key": "k"},
        {"reviewed": "x"},
        {"submit_key": "k", "reviewed": "x:y"},
        {"submit_key": "k", "reviewed": "1:2:3 4"},
        {"submit_key": "\x00", "reviewed": "\x00"},
        {"submit_key": "k" * 65, "reviewed": "x"},
    ],
)
def test_a_broken_submit_orders_nothing(
    cart: Cart, customer: Customer, sales_agent: Membership, client_of: SignIn, broken: dict[str, str]
) -> None:
    confirmed(customer)
    answer = client_of(sales_agent).post(url(cart), broken)
    assert answer.status_code == 200
    assert "There is a problem" in answer.content.decode()
    assert not Order.objects.exists()


def test_an_empty_cart_goes_back_to_the_catalog(
    customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    confirmed(customer)
    cart = CartFactory(customer=customer, owner=sales_agent.user)
    assert client_of(sales_agent).get(url(cart)).headers["Location"] == url(cart, "orders:cart")


def test_no_acceptance_is_needed_in_a_national_cloud(template: object, client_of: SignIn) -> None:
    seller = MembershipFactory(partner__government=True, partner__cloud="us_government", roles=["sales_agent"])
    cart = filled_cart(CustomerFactory(partner=seller.partner, country="US"), seller)
    client = client_of(seller)
    assert "does not apply" in client.get(url(cart)).content.decode()
    client.post(url(cart), said(cart))
    order = Order.objects.get()
    assert (order.acceptance, order.acceptance_scope, order.cloud) == (None, None, "us_government")


def test_strangers_and_colleagues_find_nothing(
    cart: Cart, admin_agent: Membership, stranger: Membership, client_of: SignIn
) -> None:
    for member in (admin_agent, stranger):
        assert client_of(member).get(url(cart)).status_code == 404
        assert client_of(member).post(url(cart), said(cart)).status_code == 404
    assert client_of(stranger).get(reverse("orders:review", args=[uuid.uuid4()])).status_code == 404


def test_losing_the_role_stops_the_submit(
    cart: Cart, customer: Customer, sales_agent: Membership, client_of: SignIn
) -> None:
    confirmed(customer)
    client = client_of(sales_agent)
    sales_agent.roles = ["helpdesk_agent"]
    sales_agent.save()
    assert client.post(url(cart), said(cart)).status_code == 403
    assert not Order.objects.exists()
