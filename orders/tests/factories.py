"""Catalog and carts as tests need them; orders are placed by the service."""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from customers.models import Customer
from orders.models import Availability, BillingPlan, Cart, CartLine, Order, Price, Product, Segment, Sku, Term
from orders.pricing import Seen, priced_cart
from orders.services import place_order
from portal.common.actor import Actor
from portal.partners.models import Membership


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    code = factory.Sequence(lambda n: f"CFQ7TTC{n:05}")
    title = factory.Sequence(lambda n: f"Product {n}")


class SkuFactory(DjangoModelFactory[Sku]):
    class Meta:
        model = Sku

    product = factory.SubFactory(ProductFactory)
    code = factory.Sequence(lambda n: f"{n:04}")
    catalog_code = factory.LazyAttribute(lambda sku: f"{sku.product.code}-{sku.code}")
    title = factory.Sequence(lambda n: f"Sku {n}")
    min_quantity = 1
    max_quantity = 300


class AvailabilityFactory(DjangoModelFactory[Availability]):
    """Sold in Poland at one price for every quantity, for ever; `price=None` for none, or `price__unit_price`."""

    class Meta:
        model = Availability
        skip_postgeneration_save = True

    sku = factory.SubFactory(SkuFactory)
    market = "PL"
    currency = "PLN"
    segment = Segment.COMMERCIAL
    term = Term.YEAR
    billing_plan = BillingPlan.MONTHLY
    price = factory.RelatedFactory("orders.tests.factories.PriceFactory", factory_related_name="availability")


class PriceFactory(DjangoModelFactory[Price]):
    class Meta:
        model = Price

    availability = factory.SubFactory(AvailabilityFactory, price=None)
    tier_min = 1
    effective_from = date(2020, 1, 1)
    unit_price = Decimal("50.40")


class CartFactory(DjangoModelFactory[Cart]):
    """Give `customer` and `owner`; the partner is the customer's."""

    class Meta:
        model = Cart

    partner = factory.SelfAttribute("customer.partner")


class CartLineFactory(DjangoModelFactory[CartLine]):
    class Meta:
        model = CartLine

    cart = factory.SubFactory(CartFactory)
    availability = factory.SubFactory(AvailabilityFactory)
    quantity = 5


def filled_cart(customer: Customer, membership: Membership, quantity: int = 5) -> Cart:
    cart = CartFactory(customer=customer, owner=membership.user)
    CartLineFactory(cart=cart, quantity=quantity, availability__market=str(customer.country))
    return cart


def reviewed(cart: Cart) -> list[Seen]:
    """What the Review page of this cart shows."""
    return [line.seen for line in priced_cart(cart)]


def placed(cart: Cart, by: Actor, **said: Any) -> Order:
    """said: further arguments of `place_order`."""
    seen = reviewed(cart)
    return place_order(by=by, cart=cart, submit_key=uuid.uuid4().hex, reviewed=seen, is_attested=True, **said)
