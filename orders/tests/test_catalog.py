"""orders.services: the catalog that staff keep."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from customers.models import Customer
from orders.models import BillingPlan, Price, Product, Sku, Term
from orders.services import save_price, save_product, save_sku, withdraw_price
from orders.tests.factories import CartLineFactory, PriceFactory, ProductFactory, SkuFactory, filled_cart
from portal.audit.models import AuditEvent
from portal.common.actor import Actor, ActorKind, Door
from portal.partners.models import Membership

STAFF = Actor(kind=ActorKind.STAFF, name="Staff", door=Door.ADMIN_SITE)


def test_adds_products_skus_and_prices_and_logs_it(db: None) -> None:
    product = save_product(by=STAFF, product=Product(code="P1", title="Teams"))
    sku = save_sku(by=STAFF, sku=Sku(product=product, code="0001", title="Teams Essentials"))
    price = Price(sku=sku, market="PL", currency="PLN", term=Term.MONTH, billing_plan=BillingPlan.MONTHLY)
    price.unit_price = Decimal("17.00")
    save_price(by=STAFF, price=price)
    assert Price.objects.get().sku.product.title == "Teams"
    logged = list(AuditEvent.objects.order_by("id").values_list("code", flat=True))
    assert logged == ["orders.product_saved", "orders.sku_saved", "orders.price_saved"]


def test_refuses_what_the_database_would(db: None) -> None:
    taken = ProductFactory()
    with pytest.raises(ValidationError):
        save_product(by=STAFF, product=Product(code=taken.code, title="Again"))
    with pytest.raises(ValidationError):
        save_sku(by=STAFF, sku=SkuFactory.build(product=taken, min_quantity=5, max_quantity=4))
    with pytest.raises(ValidationError):
        save_price(by=STAFF, price=PriceFactory.build(sku=SkuFactory(), unit_price=Decimal("-1")))


def test_a_changed_price_is_another_one_to_whoever_reviewed_it(db: None) -> None:
    price = PriceFactory()
    seen = price.public_id
    save_price(by=STAFF, price=price)
    assert price.public_id == seen, "saved as it was"
    price.unit_price += 1
    save_price(by=STAFF, price=price)
    assert price.public_id != seen


def test_a_withdrawn_price_leaves_open_carts(customer: Customer, sales_agent: Membership) -> None:
    cart = filled_cart(customer, sales_agent)
    kept = CartLineFactory(cart=cart)
    withdraw_price(by=STAFF, price=cart.lines.exclude(pk=kept.pk).get().price)
    assert cart.lines.get() == kept


def test_withdrawing_a_price_twice_is_logged_once(db: None) -> None:
    price = PriceFactory()
    one, other = (Price.objects.get(pk=price.pk) for _ in range(2))
    withdraw_price(by=STAFF, price=one)
    withdraw_price(by=STAFF, price=other)
    assert not Price.objects.exists()
    assert AuditEvent.objects.get().subject == str(price.public_id)
