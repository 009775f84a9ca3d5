"""orders.offers, orders.checking and the services behind the cart's page."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.checking import checked_cart, differences, said_lines
from orders.models import Availability, Cart, CartStage, Sku, Term
from orders.offers import CatalogQuery, offered, offers_of, usual_currency
from orders.pricing import price_day, priced_cart
from orders.services import Item, LinesRefused, fill_cart, order_again
from orders.tests.factories import AvailabilityFactory, CartLineFactory, PriceFactory, SkuFactory, filled_cart, placed
from portal.common.actor import Actor
from portal.common.errors import NotFound, NotPermitted, RuleViolation
from portal.partners.models import Membership

Act = Callable[..., Actor]


@pytest.fixture
def by(sales_agent: Membership, actor_for: Act) -> Actor:
    return actor_for(sales_agent)


@pytest.fixture
def cart(customer: Customer, sales_agent: Membership) -> Cart:
    return filled_cart(customer, sales_agent)


def test_one_offer_a_sku_in_the_order_of_the_skus(customer: Customer) -> None:
    one, two, bare = SkuFactory(title="B"), SkuFactory(title="A"), SkuFactory()
    year, month = AvailabilityFactory(sku=one), AvailabilityFactory(sku=one, term=Term.MONTH)
    other = AvailabilityFactory(sku=two)
    assert [offer.sku for offer in offers_of([other, year])] == [two, one]
    sold = CatalogQuery(currency="PLN").sold_to(customer, on=price_day())
    found = offered([one, two, bare], sold, on=price_day())
    assert [(offer.sku, offer.plans) for offer in found] == [(one, (month, year)), (two, (other,))]
    assert not found[0].is_add_on


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"B", "EUR"}),
        ({"currency": "PLN"}, {"B"}),
        ({"term": "P1M"}, set()),
        ({"billing_plan": "monthly", "segment": "commercial"}, {"B", "EUR"}),
        ({"segment": "education"}, set()),
    ],
)
def test_a_question_narrows_what_the_customer_can_buy(
    customer: Customer, asked: dict[str, str], found: set[str]
) -> None:
    AvailabilityFactory(sku__title="B")
    AvailabilityFactory(sku__title="EUR", currency="EUR")
    AvailabilityFactory(sku__title="Abroad", market="DE")
    AvailabilityFactory(sku__title="Not priced", price=None)
    query = CatalogQuery(**asked)
    skus = Sku.objects.offered(query.sold_to(customer, on=price_day()))
    assert set(skus.values_list("title", flat=True)) == found
    assert query.as_params() == asked
    assert query.is_narrowed == bool(set(asked) - {"currency"})


def test_the_usual_currency(customer: Customer, cart: Cart, by: Actor) -> None:
    assert usual_currency(customer, [], []) == ""
    assert usual_currency(customer, [], ["EUR"]) == "EUR"
    assert usual_currency(customer, [], ["EUR", "PLN"]) == "EUR"
    assert usual_currency(customer, priced_cart(cart), ["EUR", "PLN"]) == "PLN"
    confirmed(customer)
    placed(cart, by)
    assert usual_currency(customer, [], ["EUR", "PLN"]) == "PLN"
    assert usual_currency(customer, [], ["EUR", "USD"]) == "EUR", "nothing is sold in that one any more"


def test_a_cart_is_checked_line_by_line(cart: Cart) -> None:
    good = cart.lines.get()
    CartLineFactory(cart=cart, availability__sku__max_quantity=3)
    PriceFactory(availability=good.availability, effective_from=price_day(), unit_price=Decimal("60"))
    first, second = checked_cart(cart)
    assert (first.why_not, str(second.why_not)) == (None, "Enter 3 or fewer licences")
    assert first.former is None, "the cart was looked after today"
    Cart.objects.update(updated_at=timezone.now() - timedelta(days=2))
    cart.refresh_from_db()
    first, second = checked_cart(cart)
    assert first.former is not None
    assert first.former.unit_price == Decimal("50.40")
    assert second.former is None, "its price is the same"


def test_what_was_said_and_what_differs(cart: Cart) -> None:
    seen = [line.seen for line in priced_cart(cart)]
    (line,) = said_lines(seen)
    assert (line.quantity, line.unit_price, line.key) == (5, Decimal("50.4"), seen[0][0])
    assert differences(seen, priced_cart(cart)) == []
    assert said_lines([("x", "", "1", ""), (seen[0][0], "", "many", ""), (seen[0][0], "", "1", "dear")]) == []
    (found,) = differences([], priced_cart(cart))
    assert (found.before, found.price_now) == (None, Decimal("50.4"))


def test_filling_keeps_all_of_it_or_nothing(cart: Cart, by: Actor) -> None:
    dear = AvailabilityFactory(sku__max_quantity=3)
    with pytest.raises(LinesRefused):
        fill_cart(by=by, cart=cart, quantities={Item(dear): 4}, purchase_order_number="PO 7", stage=CartStage.REVIEW)
    cart.refresh_from_db()
    assert (cart.purchase_order_number, cart.stage, cart.lines.count()) == ("", "filling", 1)
    fill_cart(by=by, cart=cart, quantities={Item(dear): 3}, purchase_order_number="PO 7", stage=CartStage.REVIEW)
    cart.refresh_from_db()
    assert (cart.purchase_order_number, cart.stage, cart.lines.count()) == ("PO 7", "review", 2)
    before = cart.updated_at
    fill_cart(by=by, cart=cart, quantities={}, purchase_order_number=None, stage=CartStage.REVIEW)
    cart.refresh_from_db()
    assert (cart.purchase_order_number, cart.updated_at) == ("PO 7", before)


def test_ordering_again_fills_the_open_cart(cart: Cart, customer: Customer, by: Actor) -> None:
    confirmed(customer)
    placed(cart, by)
    cart.refresh_from_db()
    item = Item(cart.lines.get().availability)
    with pytest.raises(RuleViolation):
        fill_cart(by=by, cart=cart, quantities={item: 4}, purchase_order_number=None, stage=CartStage.FILLING)
    other = Item(AvailabilityFactory())
    again = order_again(by=by, ordered=cart, quantities={item: 4, other: 0}, purchase_order_number="PO 8")
    assert again != cart
    assert [line.quantity for line in again.lines.all()] == [4]
    again.refresh_from_db()
    assert again.purchase_order_number == "PO 8"


def test_strangers_fill_nothing(cart: Cart, stranger: Membership, helpdesk_agent: Membership, actor_for: Act) -> None:
    item = Item(Availability.objects.get())
    for member, refusal in ((stranger, NotFound), (helpdesk_agent, NotPermitted)):
        who = actor_for(member)
        with pytest.raises(refusal):
            fill_cart(by=who, cart=cart, quantities={item: 1}, purchase_order_number=None, stage=CartStage.FILLING)
        with pytest.raises(refusal):
            fill_cart(by=who, cart=cart, quantities={}, purchase_order_number="x", stage=CartStage.FILLING)
        with pytest.raises(refusal):
            order_again(by=who, ordered=cart, quantities={item: 1}, purchase_order_number=None)
