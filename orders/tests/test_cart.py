"""orders:cart and orders:discard: nothing typed is lost, whatever button is pressed."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.models import Availability, Cart, CartLine
from orders.tests.factories import AvailabilityFactory, CartFactory, CartLineFactory, filled_cart, placed
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]


@pytest.fixture
def cart(customer: Customer, sales_agent: Membership) -> Cart:
    return CartFactory(customer=customer, owner=sales_agent.user)


@pytest.fixture
def sold(db: None) -> Availability:
    return AvailabilityFactory(sku__title="Business Basic", sku__min_quantity=2, sku__max_quantity=300)


def url(cart: Cart, name: str = "orders:cart") -> str:
    return reverse(name, args=[cart.pk])


def quantity(sold: Availability) -> str:
    """The name of a line's quantity."""
    return f"quantity-{sold.public_id}"


def added(sold: Availability, count: str) -> dict[str, str]:
    """What is sent where a quantity is typed beside an offer."""
    code = sold.sku.catalog_code
    return {f"plan-{code}": str(sold.public_id), f"add-{code}": count}


def test_shows_the_catalog_of_the_customers_market(
    cart: Cart, sold: Availability, sales_agent: Membership, client_of: SignIn
) -> None:
    AvailabilityFactory(sku__title="Only in Japan", market="JP", currency="JPY")
    page = client_of(sales_agent).get(url(cart)).content.decode()
    for shown in ("Business Basic", "PLN\u00a050.40", "1 year", "billed monthly", "The cart is empty"):
        assert shown in page
    assert "Only in Japan" not in page


def test_searches_the_catalog(cart: Cart, sold: Availability, sales_agent: Membership, client_of: SignIn) -> None:
    client = client_of(sales_agent)
    assert "Business Basic" in client.get(url(cart), {"q": "basic"}).content.decode()
    assert "No products match" in client.get(url(cart), {"q": "zzz"}).content.decode()
    assert client.get(url(cart), {"q": "\x00"}).status_code == 200


def test_a_market_without_prices_says_so(cart: Cart, sales_agent: Membership, client_of: SignIn) -> None:
    assert "Nothing is sold in Poland yet" in client_of(sales_agent).get(url(cart)).content.decode()


def test_adds_updates_and_removes(cart: Cart, sold: Availability, sales_agent: Membership, client_of: SignIn) -> None:
    client = client_of(sales_agent)
    assert client.post(url(cart), added(sold, "5")).status_code == 302
    assert cart.lines.get().quantity == 5
    client.post(url(cart), {quantity(sold): "7"})
    assert cart.lines.get().quantity == 7
    assert "PLN\u00a0352.80" in client.get(url(cart)).content.decode()
    client.post(url(cart), {quantity(sold): "7", "remove": str(sold.public_id)})
    assert not cart.lines.exists()


def test_zero_takes_a_line_out(cart: Cart, sold: Availability, sales_agent: Membership, client_of: SignIn) -> None:
    CartLineFactory(cart=cart, availability=sold)
    client_of(sales_agent).post(url(cart), {quantity(sold): "0"})
    assert not cart.lines.exists()


def test_every_quantity_counts_whatever_button_is_pressed(
    cart: Cart, sold: Availability, sales_agent: Membership, client_of: SignIn
) -> None:
    line, other = CartLineFactory(cart=cart), AvailabilityFactory()
    said = {quantity(line.availability): "9", **added(sold, "5"), **added(other, "3"), "continue": "1"}
    answer = client_of(sales_agent).post(url(cart), said)
    assert answer.headers["Location"] == url(cart, "orders:review")
    assert sorted(cart.lines.values_list("quantity", flat=True)) == [3, 5, 9]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("many", "as a whole number"),
        ("-4", "as a whole number"),
        ("2.5", "as a whole number"),
        ("9" * 5000, "as a whole number"),
        ("1", "Enter 2 or more licences"),
        ("301", "Enter 300 or fewer licences"),
        ("99999999999999999999", "Enter 300 or fewer licences"),
    ],
)
def test_keeps_what_was_typed_when_it_cannot_be_used(
    cart: Cart, sold: Availability, sales_agent: Membership, client_of: SignIn, typed: str, message: str
) -> None:
    other = AvailabilityFactory()
    answer = client_of(sales_agent).post(url(cart), {**added(sold, typed), **added(other, "4")})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count(message) == 2, "once in the summary, once at the field"
    assert f'value="{typed}"' in page
    assert 'value="4"' in page
    assert not cart.lines.exists(), "all of them or none"


def test_an_emptied_line_asks_for_a_quantity(
    cart: Cart, sold: Availability, sales_agent: Membership, client_of: SignIn
) -> None:
    CartLineFactory(cart=cart, availability=sold)
    page = client_of(sales_agent).post(url(cart), {quantity(sold): " "}).content.decode()
    assert "Enter a quantity, or remove the product" in page
    assert cart.lines.exists()


def test_another_tabs_line_stays_as_it_is(
    cart: Cart, sold: Availability, sales_agent: Membership, client_of: SignIn
) -> None:
    other = CartLineFactory(cart=cart)
    client_of(sales_agent).post(url(cart), added(sold, "5"))
    assert cart.lines.get(pk=other.pk).quantity == 5
    assert cart.lines.count() == 2


def test_a_foreign_currency_is_ordered_separately(
    cart: Cart, sold: Availability, sales_agent: Membership, client_of: SignIn
) -> None:
    CartLineFactory(cart=cart)
    euros = AvailabilityFactory(currency="EUR")
    address = f"{url(cart)}?currency=EUR"
    page = client_of(sales_agent).post(address, {**added(euros, "5"), "currency": "EUR"}).content.decode()
    assert "another currency" in page


def test_an_empty_cart_goes_nowhere(
    cart: Cart, sold: Availability, sales_agent: Membership, client_of: SignIn
) -> None:
    answer = client_of(sales_agent).post(url(cart), {"continue": "1"}, follow=True)
    assert answer.redirect_chain == [(url(cart), 302)]
    assert "The cart is empty. Add a product first." in answer.content.decode()


def test_survives_signing_out(cart: Cart, sold: Availability, sales_agent: Membership, client_of: SignIn) -> None:
    client_of(sales_agent).post(url(cart), {**added(sold, "5"), "purchase_order_number": "PO 7"})
    page = client_of(sales_agent).get(url(cart)).content.decode()
    assert 'value="5"' in page
    assert 'value="PO 7"' in page


def test_an_ordered_cart_leads_to_its_order(
    customer: Customer, sales_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    confirmed(customer)
    cart = filled_cart(customer, sales_agent)
    order = placed(cart, actor_for(sales_agent))
    client, its_page = client_of(sales_agent), reverse("orders:order", args=[order.number])
    assert client.get(url(cart)).headers["Location"] == its_page
    assert client.post(url(cart, "orders:discard")).headers["Location"] == its_page
    assert Cart.objects.filter(pk=cart.pk).exists()


def test_discards(cart: Cart, sales_agent: Membership, client_of: SignIn) -> None:
    client = client_of(sales_agent)
    assert client.get(url(cart, "orders:discard")).status_code == 405
    assert client.post(url(cart, "orders:discard")).status_code == 302
    assert not Cart.objects.exists()
    assert client.post(url(cart), {"continue": "1"}).status_code == 404


def test_a_colleagues_cart_is_not_there(cart: Cart, admin_agent: Membership, client_of: SignIn) -> None:
    assert client_of(admin_agent).get(url(cart)).status_code == 404


def test_a_stranger_gets_the_404_of_a_missing_one(cart: Cart, stranger: Membership, client_of: SignIn) -> None:
    client = client_of(stranger)
    theirs, missing = client.get(url(cart)), client.get(reverse("orders:cart", args=[uuid.uuid4()]))
    assert (theirs.status_code, theirs.content) == (404, missing.content)


def test_losing_the_role_closes_the_cart(cart: Cart, sales_agent: Membership, client_of: SignIn) -> None:
    sales_agent.roles = ["helpdesk_agent"]
    sales_agent.save()
    assert client_of(sales_agent).get(url(cart)).status_code == 403


def test_two_tabs_of_two_partners_never_mix(
    cart: Cart, sold: Availability, sales_agent: Membership, client_of: SignIn
) -> None:
    client = client_of(sales_agent)
    other = MembershipFactory(user=sales_agent.user, partner__name="Aaa Other", roles=["sales_agent"])
    client.post("/settings/switch/", {"partner": str(other.partner.tenant_id)})
    client.post(url(cart), {**added(sold, "5"), "partner": str(cart.partner.tenant_id)})
    assert CartLine.objects.get().cart == cart
