"""orders.services: start_cart, set_lines, discard_cart."""

from collections.abc import Callable

import pytest

from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.models import Cart, Price
from orders.services import LinesRefused, discard_cart, set_lines, start_cart, withdraw_price
from orders.tests.factories import CartFactory, CartLineFactory, PriceFactory, filled_cart, placed
from portal.common.actor import Actor
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.partners.models import Membership

Act = Callable[..., Actor]


@pytest.fixture
def by(sales_agent: Membership, actor_for: Act) -> Actor:
    return actor_for(sales_agent)


@pytest.fixture
def cart(customer: Customer, sales_agent: Membership) -> Cart:
    return CartFactory(customer=customer, owner=sales_agent.user)


def quantities(cart: Cart) -> list[int]:
    return list(cart.lines.values_list("quantity", flat=True))


def test_starting_again_finds_the_open_cart(customer: Customer, by: Actor, admin_agent: Membership) -> None:
    cart = start_cart(by=by, customer=customer)
    assert start_cart(by=by, customer=customer) == cart
    assert (cart.partner, cart.owner_id) == (customer.partner, by.user_id)


def test_an_ordered_cart_is_not_open(customer: Customer, sales_agent: Membership, by: Actor) -> None:
    confirmed(customer)
    ordered = filled_cart(customer, sales_agent)
    placed(ordered, by)
    assert start_cart(by=by, customer=customer) != ordered
    with pytest.raises(RuleViolation, match="ordered already"):
        set_lines(by=by, cart=ordered, quantities={PriceFactory(): 5})
    discard_cart(by=by, cart=ordered)
    assert Cart.objects.filter(pk=ordered.pk).exists()


def test_sets_changes_and_takes_out(cart: Cart, by: Actor) -> None:
    one, two = PriceFactory(), PriceFactory()
    set_lines(by=by, cart=cart, quantities={one: 5, two: 6})
    set_lines(by=by, cart=cart, quantities={one: 7, two: 0})
    assert quantities(cart) == [7]


def test_all_of_them_or_none_and_each_with_its_reason(cart: Cart, by: Actor) -> None:
    CartLineFactory(cart=cart)
    good, dear, abroad, foreign = (
        PriceFactory(),
        PriceFactory(sku__max_quantity=3),
        PriceFactory(market="DE"),
        PriceFactory(currency="EUR"),
    )
    with pytest.raises(LinesRefused) as refused:
        set_lines(by=by, cart=cart, quantities={good: 5, dear: 4, abroad: 5, foreign: 5})
    assert {price: str(refused.value.refusals[price.public_id]) for price in (dear, abroad, foreign)} == {
        dear: "Enter 3 or fewer licences",
        abroad: "This is not sold in the customer's country",
        foreign: "This is sold in another currency than the rest of the cart. Order it separately.",
    }
    assert quantities(cart) == [5]


def test_one_currency_may_take_the_place_of_another(cart: Cart, by: Actor) -> None:
    line, euros = CartLineFactory(cart=cart), PriceFactory(currency="EUR")
    set_lines(by=by, cart=cart, quantities={euros: 3, line.price: 0})
    assert quantities(cart) == [3]


def test_refuses_who_may_not(
    cart: Cart,
    customer: Customer,
    helpdesk_agent: Membership,
    reseller_agent: Membership,
    stranger: Membership,
    actor_for: Act,
) -> None:
    with pytest.raises(NotPermitted):
        start_cart(by=actor_for(helpdesk_agent), customer=customer)
    for outsider in (stranger, reseller_agent):
        with pytest.raises(NotFound):
            start_cart(by=actor_for(outsider), customer=customer)
        with pytest.raises(NotFound):
            set_lines(by=actor_for(outsider), cart=cart, quantities={PriceFactory(): 5})
        with pytest.raises(NotFound):
            discard_cart(by=actor_for(outsider), cart=cart)


def test_a_discarded_cart_is_gone(cart: Cart, by: Actor) -> None:
    discard_cart(by=by, cart=Cart.objects.get(pk=cart.pk))
    with pytest.raises(NotFound):
        set_lines(by=by, cart=cart, quantities={PriceFactory(): 5})


def test_a_price_that_was_withdrawn_meanwhile_is_refused(cart: Cart, by: Actor) -> None:
    gone, kept = PriceFactory(), PriceFactory()
    stale = Price.objects.get(pk=gone.pk)
    withdraw_price(by=by, price=gone)
    with pytest.raises(LinesRefused) as refused:
        set_lines(by=by, cart=cart, quantities={stale: 5, kept: 5})
    assert str(refused.value.refusals[stale.public_id]) == "This is no longer sold. Choose another product."
    assert quantities(cart) == []
    set_lines(by=by, cart=cart, quantities={stale: 0, kept: 5})
    assert quantities(cart) == [5]
