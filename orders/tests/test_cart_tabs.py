"""orders:cart with several tabs, old pages and ordered carts: what somebody typed counts, and nothing else."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.models import Availability, Cart, CartStage, Order
from orders.pricing import price_day
from orders.tests.factories import AvailabilityFactory, CartLineFactory, PriceFactory, filled_cart, placed
from portal.common.actor import Actor
from portal.partners.models import Membership

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]


@pytest.fixture
def cart(customer: Customer, sales_agent: Membership) -> Cart:
    """5 licences of one product."""
    return filled_cart(customer, sales_agent)


@pytest.fixture
def client(sales_agent: Membership, client_of: SignIn) -> Client:
    return client_of(sales_agent)


def url(cart: Cart, name: str = "orders:cart") -> str:
    return reverse(name, args=[cart.pk])


def line(sold: Availability, count: str, was: str) -> dict[str, str]:
    """What a line's row sends: what stands in it, and what stood in it when it was shown."""
    name = f"quantity-{sold.public_id}"
    return {name: count, f"initial-{name}": was}


def sold_in(cart: Cart) -> Availability:
    return cart.lines.get().availability


def test_a_quantity_that_was_not_touched_leaves_what_another_tab_made_of_it(cart: Cart, client: Client) -> None:
    said = line(sold_in(cart), "5", was="5")
    cart.lines.update(quantity=9)
    client.post(url(cart), said)
    assert cart.lines.get().quantity == 9
    client.post(url(cart), line(sold_in(cart), "6", was="5"))
    assert cart.lines.get().quantity == 6, "typed over"


def test_a_line_that_another_tab_took_out_stays_out_unless_it_was_typed_over(cart: Cart, client: Client) -> None:
    sold = sold_in(cart)
    cart.lines.all().delete()
    client.post(url(cart), line(sold, "5", was="5"))
    assert not cart.lines.exists()
    client.post(url(cart), line(sold, "7", was="5"))
    assert cart.lines.get().quantity == 7


def test_a_quantity_typed_over_what_was_withdrawn_meanwhile_is_not_dropped_without_a_word(
    cart: Cart, client: Client
) -> None:
    gone, kept = sold_in(cart), CartLineFactory(cart=cart, availability__sku__title="Business Basic").availability
    gone.delete()
    sent = line(kept, "8", was="5") | {"purchase_order_number": "PO-7", "initial-purchase_order_number": ""}
    answer = client.post(url(cart), sent | line(gone, "7", was="5"))
    page = answer.content.decode()
    assert "A product whose quantity you changed is not sold here any more." in page
    assert 'value="8"' in page
    assert 'value="PO-7"' in page
    assert cart.lines.get().quantity == 5
    assert client.post(url(cart), sent | line(gone, "5", was="5")).status_code == 302, "not touched"
    assert cart.lines.get().quantity == 8


@pytest.mark.parametrize("name", ["quantity-x", "quantity-", "quantity-1.2", f"quantity-{'1' * 32}.{'2' * 32}"])
def test_what_names_nothing_is_nothing(cart: Cart, client: Client, name: str) -> None:
    assert client.post(url(cart), {name: "4"}).status_code == 302
    assert cart.lines.get().quantity == 5


def test_a_line_of_something_else_comes_back_with_its_reason(cart: Cart, client: Client) -> None:
    sold = AvailabilityFactory(sku__title="Business Basic", sku__max_quantity=3)
    page = client.post(url(cart), line(sold, "4", was="")).content.decode()
    assert "Enter 3 or fewer licences" in page
    assert "Business Basic" in page


def test_an_older_page_of_an_ordered_cart_leads_to_the_order(
    cart: Cart, customer: Customer, sales_agent: Membership, actor_for: Act, client: Client
) -> None:
    confirmed(customer)
    sold = sold_in(cart)
    order = placed(cart, actor_for(sales_agent))
    its_page = reverse("orders:order", args=[order.number])
    for said in (line(sold, "5", was="5"), line(sold, "5", was="4")):
        answer = client.post(url(cart), {**said, "continue": "1"})
        assert answer.headers["Location"] == its_page
    assert Cart.objects.count() == 1


@pytest.mark.scenario("I5")
def test_another_order_typed_on_a_page_from_before_the_first_becomes_a_second_order(
    cart: Cart, customer: Customer, sales_agent: Membership, actor_for: Act, client: Client
) -> None:
    """Back, twice; another quantity: a second order, and the first one is untouched."""
    confirmed(customer)
    sold = sold_in(cart)
    first = placed(cart, actor_for(sales_agent))
    answer = client.post(url(cart), {**line(sold, "8", was="5"), "purchase_order_number": "PO 2", "continue": "1"})
    again = Cart.objects.unfinished().get()
    assert answer.headers["Location"] == url(again)
    assert f"as order {first.number}" in client.get(url(again)).content.decode()
    assert (again.lines.get().quantity, again.purchase_order_number) == (8, "PO 2")
    second = placed(again, actor_for(sales_agent))
    assert sorted(Order.objects.values_list("total", flat=True)) == [first.total, second.total]


def test_what_cannot_be_ordered_again_says_so_at_the_order(
    cart: Cart, customer: Customer, sales_agent: Membership, actor_for: Act, client: Client
) -> None:
    confirmed(customer)
    sold = sold_in(cart)
    order = placed(cart, actor_for(sales_agent))
    answer = client.post(url(cart), line(sold, "9999", was="5"), follow=True)
    assert answer.redirect_chain == [(reverse("orders:order", args=[order.number]), 302)]
    assert "Nothing was changed" in answer.content.decode()
    assert not Cart.objects.unfinished().exists(), "not even an empty one"


def test_the_stage_follows_the_buttons_and_a_look_writes_nothing(
    cart: Cart, customer: Customer, client: Client
) -> None:
    confirmed(customer)
    client.post(url(cart), {"continue": "1"})
    cart.refresh_from_db()
    assert cart.stage == CartStage.REVIEW
    before = cart.updated_at
    client.get(url(cart))
    client.get(url(cart, "orders:review"))
    cart.refresh_from_db()
    assert (cart.stage, cart.updated_at) == (CartStage.REVIEW, before)
    client.post(url(cart), {})
    cart.refresh_from_db()
    assert cart.stage == CartStage.FILLING
    before = cart.updated_at
    client.post(url(cart), {})
    cart.refresh_from_db()
    assert cart.updated_at == before, "nothing changed, nothing is written"


def test_the_purchase_order_number_is_kept_trimmed_and_can_be_taken_back(cart: Cart, client: Client) -> None:
    name = "purchase_order_number"
    client.post(url(cart), {name: "  PO 7 "})
    cart.refresh_from_db()
    assert cart.purchase_order_number == "PO 7"
    client.post(url(cart), {})
    cart.refresh_from_db()
    assert cart.purchase_order_number == "PO 7", "a page that does not ask for it leaves it"
    client.post(url(cart), {name: "", f"initial-{name}": "PO 7"})
    cart.refresh_from_db()
    assert cart.purchase_order_number == ""


def test_a_purchase_order_number_that_is_too_long_comes_back_with_the_rest(cart: Cart, client: Client) -> None:
    said = line(sold_in(cart), "6", was="5")
    page = client.post(url(cart), {**said, "purchase_order_number": "P" * 51}).content.decode()
    assert page.count("Use at most 50 characters") == 2
    assert 'value="6"' in page
    assert cart.lines.get().quantity == 5


def test_a_price_that_changed_since_the_cart_was_looked_after_is_said(cart: Cart, client: Client) -> None:
    Cart.objects.update(updated_at=timezone.now() - timedelta(days=2))
    PriceFactory(availability=sold_in(cart), effective_from=price_day(), unit_price=Decimal("60.00"))
    page = client.get(url(cart)).content.decode()
    assert "The price changed from PLN\u00a050.40 to PLN\u00a060.00" in page
    client.post(url(cart), {"continue": "1"})
    assert "The price changed" not in client.get(url(cart)).content.decode()


def test_a_line_without_a_price_says_so_and_blocks_the_order(cart: Cart, customer: Customer, client: Client) -> None:
    confirmed(customer)
    CartLineFactory(cart=cart, quantity=2)
    sold = cart.lines.earliest("pk").availability
    sold.prices.update(effective_until=price_day() - timedelta(days=1))
    for name in ("orders:cart", "orders:review"):
        page = client.get(url(cart, name)).content.decode()
        assert "This is not sold in that quantity today" in page
        assert "No price" in page
        assert "PLN\u00a0100.80" in page, "the total of the rest"
    assert "Submit order" not in page
    assert "Some of these products cannot be ordered as they are" in page
