"""orders.services: start_cart, set_lines, discard_cart."""

from collections.abc import Callable

import pytest

from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.models import Availability, Cart, CartStage, Term
from orders.services import Item, LinesRefused, discard_cart, keep_cart, set_lines, start_cart, withdraw_availability
from orders.tests.factories import AvailabilityFactory, CartFactory, CartLineFactory, filled_cart, placed
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
        set_lines(by=by, cart=ordered, quantities={Item(AvailabilityFactory()): 5})
    discard_cart(by=by, cart=ordered)
    assert Cart.objects.filter(pk=ordered.pk).exists()


def test_sets_changes_and_takes_out(cart: Cart, by: Actor) -> None:
    one, two = AvailabilityFactory(), AvailabilityFactory()
    set_lines(by=by, cart=cart, quantities={Item(one): 5, Item(two): 6})
    set_lines(by=by, cart=cart, quantities={Item(one): 7, Item(two): 0})
    assert quantities(cart) == [7]


def test_all_of_them_or_none_and_each_with_its_reason(cart: Cart, by: Actor) -> None:
    CartLineFactory(cart=cart)
    good, dear, abroad, foreign = (
        AvailabilityFactory(),
        AvailabilityFactory(sku__max_quantity=3),
        AvailabilityFactory(market="DE"),
        AvailabilityFactory(currency="EUR"),
    )
    with pytest.raises(LinesRefused) as refused:
        set_lines(by=by, cart=cart, quantities={Item(good): 5, Item(dear): 4, Item(abroad): 5, Item(foreign): 5})
    assert {each: str(refused.value.refusals[Item(each)]) for each in (dear, abroad, foreign)} == {
        dear: "Enter 3 or fewer licences",
        abroad: "This is not sold in the customer's country",
        foreign: "This is sold in another currency than the rest of the cart. Order it separately.",
    }
    assert quantities(cart) == [5]


def test_one_currency_may_take_the_place_of_another(cart: Cart, by: Actor) -> None:
    line, euros = CartLineFactory(cart=cart), AvailabilityFactory(currency="EUR")
    set_lines(by=by, cart=cart, quantities={Item(euros): 3, Item(line.availability): 0})
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
            set_lines(by=actor_for(outsider), cart=cart, quantities={Item(AvailabilityFactory()): 5})
        with pytest.raises(NotFound):
            discard_cart(by=actor_for(outsider), cart=cart)


def test_where_the_agent_is_is_kept(cart: Cart, by: Actor) -> None:
    keep_cart(by=by, cart=cart, purchase_order_number="PO 7", stage=CartStage.REVIEW)
    keep_cart(by=by, cart=cart, stage=CartStage.FILLING)
    cart.refresh_from_db()
    assert (cart.purchase_order_number, cart.stage) == ("PO 7", CartStage.FILLING)


def test_two_plans_of_one_product_are_two_lines(cart: Cart, by: Actor) -> None:
    year = AvailabilityFactory()
    month = AvailabilityFactory(sku=year.sku, term=Term.MONTH)
    set_lines(by=by, cart=cart, quantities={Item(year): 5, Item(month): 6})
    assert quantities(cart) == [5, 6]


def test_what_has_no_price_for_so_many_is_refused(cart: Cart, by: Actor) -> None:
    sold = AvailabilityFactory(price__tier_max=9)
    with pytest.raises(LinesRefused) as refused:
        set_lines(by=by, cart=cart, quantities={Item(sold): 10})
    assert "not sold in that quantity today" in str(refused.value.refusals[Item(sold)])
    set_lines(by=by, cart=cart, quantities={Item(sold): 9})


def test_a_discarded_cart_is_gone(cart: Cart, by: Actor) -> None:
    discard_cart(by=by, cart=Cart.objects.get(pk=cart.pk))
    with pytest.raises(NotFound):
        set_lines(by=by, cart=cart, quantities={Item(AvailabilityFactory()): 5})


def test_what_was_withdrawn_meanwhile_is_refused(cart: Cart, by: Actor) -> None:
    gone, kept = AvailabilityFactory(), AvailabilityFactory()
    stale = Availability.objects.get(pk=gone.pk)
    withdraw_availability(by=by, availability=gone)
    with pytest.raises(LinesRefused) as refused:
        set_lines(by=by, cart=cart, quantities={Item(stale): 5, Item(kept): 5})
    assert str(refused.value.refusals[Item(stale)]) == "This is no longer sold. Choose another product."
    assert quantities(cart) == []
    set_lines(by=by, cart=cart, quantities={Item(stale): 0, Item(kept): 5})
    assert quantities(cart) == [5]
