"""Catalog and carts as tests need them; orders are placed by the service."""

import uuid
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from customers.models import Customer
from orders.models import BillingPlan, Cart, CartLine, Order, Price, Product, Sku, Term
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
    title = factory.Sequence(lambda n: f"Sku {n}")
    min_quantity = 1
    max_quantity = 300


class PriceFactory(DjangoModelFactory[Price]):
    class Meta:
        model = Price

    sku = factory.SubFactory(SkuFactory)
    market = "PL"
    currency = "PLN"
    term = Term.YEAR
    billing_plan = BillingPlan.MONTHLY
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
    price = factory.SubFactory(PriceFactory)
    quantity = 5


def filled_cart(customer: Customer, membership: Membership, quantity: int = 5) -> Cart:
    cart = CartFactory(customer=customer, owner=membership.user)
    CartLineFactory(cart=cart, quantity=quantity, price__market=str(customer.country))
    return cart


def reviewed(cart: Cart) -> list[tuple[str, int]]:
    """What the Review page of this cart shows."""
    return [(str(line.price.public_id), line.quantity) for line in cart.lines.select_related("price")]


def placed(cart: Cart, by: Actor) -> Order:
    return place_order(by=by, cart=cart, submit_key=uuid.uuid4().hex, reviewed=reviewed(cart))
