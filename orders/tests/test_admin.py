"""The staff site: the catalog is kept there; no order is made or changed there."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.models import Order, Price, Product
from orders.services import change_licence_count
from orders.tests.factories import PriceFactory, ProductFactory, SkuFactory, filled_cart, placed
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.partners.tests.factories import UserFactory

Act = Callable[..., Actor]
VIEW_ONLY = ["cart", "cartline", "order", "orderline", "subscription", "licencechange"]
CATALOG = ["product", "sku", "price"]


@pytest.fixture
def staff(db: None) -> Client:
    """Somebody who may do everything."""
    client = Client()
    user = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def order(customer: Customer, sales_agent: Membership, actor_for: Act) -> Order:
    confirmed(customer)
    made = placed(filled_cart(customer, sales_agent), actor_for(sales_agent))
    subscription = made.lines.get().subscription
    change_licence_count(by=actor_for(sales_agent), subscription=subscription, quantity=6, submit_key="k")
    return made


def row(order: Order, model: str) -> object:
    line = order.lines.get()
    rows = {"cart": order.cart.pk, "cartline": order.cart.lines.get().pk, "order": order.pk, "orderline": line.pk}
    subscription = line.subscription
    return {**rows, "subscription": subscription.pk, "licencechange": subscription.changes.get().pk}[model]


@pytest.mark.parametrize("model", VIEW_ONLY)
def test_what_is_sold_can_only_be_looked_at(order: Order, staff: Client, model: str) -> None:
    page = f"/admin/orders/{model}/"
    its_own = f"{page}{row(order, model)}/"
    assert staff.get(page, {"q": "x"}).status_code == 200
    assert staff.get(f"{its_own}change/").status_code == 200
    assert staff.post(f"{its_own}change/", {"status": "cancelled", "quantity": "99"}).status_code == 403
    assert staff.post(f"{its_own}delete/", {"post": "yes"}).status_code == 403
    assert staff.get(f"{page}add/").status_code == 403
    assert staff.post(f"{page}add/", {"status": "completed"}).status_code == 403
    assert Order.objects.count() == 1


@pytest.mark.parametrize("model", CATALOG)
def test_the_catalog_lists_and_searches(staff: Client, model: str) -> None:
    PriceFactory()
    assert staff.get(f"/admin/orders/{model}/", {"q": "x"}).status_code == 200
    assert staff.get(f"/admin/orders/{model}/add/").status_code == 200


def test_a_product_is_added_changed_and_logged(staff: Client) -> None:
    said = {"code": "P1", "title": "Teams", "publisher": "Microsoft", "description": ""}
    assert staff.post("/admin/orders/product/add/", said).status_code == 302
    product = Product.objects.get()
    staff.post(f"/admin/orders/product/{product.pk}/change/", {**said, "title": "Teams 2"})
    product.refresh_from_db()
    assert product.title == "Teams 2"
    events = AuditEvent.objects.filter(code="orders.product_saved")
    assert [(event.actor_kind, event.door) for event in events] == [("staff", "admin_site")] * 2
    refused = staff.post("/admin/orders/product/add/", said)
    assert refused.status_code == 200
    assert "already exists" in refused.content.decode()


def test_a_sku_and_its_prices_are_kept(staff: Client) -> None:
    product = ProductFactory()
    said = {"product": product.pk, "code": "1", "title": "Basic", "min_quantity": "1", "max_quantity": "9"}
    assert staff.post("/admin/orders/sku/add/", said).status_code == 302
    assert staff.post("/admin/orders/sku/add/", {**said, "code": "2", "min_quantity": "10"}).status_code == 200
    sku = product.skus.get()
    priced = {"sku": sku.pk, "market": "PL", "currency": "PLN", "term": "P1Y", "billing_plan": "annual"}
    assert staff.post("/admin/orders/price/add/", {**priced, "unit_price": "12.50"}).status_code == 302
    price = Price.objects.get()
    staff.post(f"/admin/orders/price/{price.pk}/change/", {**priced, "unit_price": "13.50"})
    changed = Price.objects.get()
    assert changed.unit_price == Decimal("13.50")
    assert changed.public_id != price.public_id


def test_a_price_is_withdrawn_even_from_carts(customer: Customer, sales_agent: Membership, staff: Client) -> None:
    cart = filled_cart(customer, sales_agent)
    price = cart.lines.get().price
    assert staff.post(f"/admin/orders/price/{price.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not cart.lines.exists()
    listed = PriceFactory(sku=SkuFactory())
    chosen = {"action": "delete_selected", "_selected_action": [listed.pk], "post": "yes"}
    assert staff.post("/admin/orders/price/", chosen).status_code == 302
    assert AuditEvent.objects.filter(code="orders.price_withdrawn").count() == 2


def test_products_and_skus_stay(staff: Client) -> None:
    price = PriceFactory()
    assert staff.post(f"/admin/orders/sku/{price.sku_id}/delete/", {"post": "yes"}).status_code == 403
    assert staff.post(f"/admin/orders/product/{price.sku.product_id}/delete/", {"post": "yes"}).status_code == 403


def test_an_agent_is_no_staff(sales_agent: Membership, client_of: Callable[[Membership], Client]) -> None:
    assert client_of(sales_agent).get("/admin/orders/order/").status_code != 200
