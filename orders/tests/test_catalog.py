"""orders.services: the catalog that staff keep."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from customers.models import Customer
from orders.models import Availability, BillingPlan, Price, Product, Sku, Term
from orders.services import (
    save_availability,
    save_price,
    save_product,
    save_sku,
    withdraw_availability,
    withdraw_price,
)
from orders.tests.factories import (
    AvailabilityFactory,
    CartLineFactory,
    PriceFactory,
    ProductFactory,
    SkuFactory,
    filled_cart,
    reviewed,
)
from portal.audit.models import AuditEvent
from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import RuleViolation
from portal.partners.models import Membership

STAFF = Actor(kind=ActorKind.STAFF, name="Staff", door=Door.ADMIN_SITE)


def test_adds_products_skus_and_prices_and_logs_it(db: None) -> None:
    product = save_product(by=STAFF, product=Product(code="P1", title="Teams"))
    sku = save_sku(by=STAFF, sku=Sku(product=product, code="0001", title="Teams Essentials"))
    sold = Availability(sku=sku, market="PL", currency="PLN", term=Term.MONTH, billing_plan=BillingPlan.MONTHLY)
    save_availability(by=STAFF, availability=sold)
    price = Price(availability=sold, effective_from=date(2026, 1, 1), unit_price=Decimal("17.00"))
    save_price(by=STAFF, price=price)
    assert Price.objects.get().availability.sku.product.title == "Teams"
    assert sku.catalog_code == "P1-0001"
    logged = list(AuditEvent.objects.order_by("id").values_list("code", flat=True))
    assert logged == [
        "orders.product_saved",
        "orders.sku_saved",
        "orders.availability_saved",
        "orders.price_saved",
    ]


def test_refuses_what_the_database_would(db: None) -> None:
    taken, sold = ProductFactory(), AvailabilityFactory()
    with pytest.raises(ValidationError):
        save_product(by=STAFF, product=Product(code=taken.code, title="Again"))
    with pytest.raises(ValidationError):
        save_sku(by=STAFF, sku=SkuFactory.build(product=taken, min_quantity=5, max_quantity=4))
    with pytest.raises(ValidationError):
        save_price(by=STAFF, price=PriceFactory.build(availability=sold, unit_price=Decimal("-1")))
    with pytest.raises(ValidationError):
        save_availability(by=STAFF, availability=AvailabilityFactory.build(sku=sold.sku, price=None))


def test_a_sku_is_no_add_on_to_itself(db: None) -> None:
    sku, base = SkuFactory(), SkuFactory()
    save_sku(by=STAFF, sku=sku, add_on_to=[base])
    with pytest.raises(RuleViolation):
        save_sku(by=STAFF, sku=sku, add_on_to=[base, sku])
    save_sku(by=STAFF, sku=sku)
    assert list(sku.add_on_to.all()) == [base], "left as it is"


def test_what_is_sold_where_never_changes(db: None) -> None:
    """Whoever reviewed it would order something else."""
    sold = AvailabilityFactory()
    sold.market = "DE"
    with pytest.raises(IntegrityError), transaction.atomic():
        save_availability(by=STAFF, availability=sold)
    sold.refresh_from_db()
    assert str(sold.market) == "PL"


def test_a_changed_price_is_another_one_to_whoever_reviewed_it(customer: Customer, sales_agent: Membership) -> None:
    cart = filled_cart(customer, sales_agent)
    seen, price = reviewed(cart), Price.objects.get()
    save_price(by=STAFF, price=price)
    assert reviewed(cart) == seen, "saved as it was"
    price.unit_price += 1
    save_price(by=STAFF, price=price)
    assert reviewed(cart) != seen


def test_what_is_withdrawn_leaves_open_carts(customer: Customer, sales_agent: Membership) -> None:
    cart = filled_cart(customer, sales_agent)
    kept = CartLineFactory(cart=cart)
    withdraw_availability(by=STAFF, availability=cart.lines.exclude(pk=kept.pk).get().availability)
    assert cart.lines.get() == kept


def test_withdrawing_twice_is_logged_once(db: None) -> None:
    sold = AvailabilityFactory()
    price = Price.objects.get()
    for one in (price, Price.objects.get(pk=price.pk)):
        withdraw_price(by=STAFF, price=one)
    for each in (sold, Availability.objects.get(pk=sold.pk)):
        withdraw_availability(by=STAFF, availability=each)
    assert not Price.objects.exists()
    assert not Availability.objects.exists()
    logged = list(AuditEvent.objects.order_by("id").values_list("code", "subject"))
    withdrawn = [
        ("orders.price_withdrawn", str(sold.public_id)),
        ("orders.availability_withdrawn", str(sold.public_id)),
    ]
    assert logged == withdrawn
