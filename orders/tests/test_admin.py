"""The staff site: the catalog is kept there; no order is made or changed there."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.models import Availability, MonthTotal, Order, Price, Product, SubscriptionEvent
from orders.services import change_licence_count
from orders.tests.factories import AvailabilityFactory, ProductFactory, SkuFactory, filled_cart, placed
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.partners.tests.factories import UserFactory

Act = Callable[..., Actor]
VIEW_ONLY = ["cart", "cartline", "order", "orderline", "subscription", "licencechange"]
VIEW_ONLY += ["monthtotal", "subscriptionevent"]
CATALOG = ["product", "sku", "availability"]


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
    rows |= {"monthtotal": MonthTotal.objects.get().pk, "subscriptionevent": SubscriptionEvent.objects.first().pk}
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
    AvailabilityFactory()
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


def prices(*rows: dict[str, str], initial: int = 0) -> dict[str, str]:
    """The prices of an availability as the page sends them."""
    sent = {"prices-TOTAL_FORMS": str(len(rows)), "prices-INITIAL_FORMS": str(initial)}
    for number, price in enumerate(rows):
        sent |= {f"prices-{number}-{name}": value for name, value in price.items()}
    return sent


def test_a_sku_and_what_it_is_an_add_on_to_are_kept(staff: Client) -> None:
    product, base = ProductFactory(), SkuFactory()
    said = {"product": product.pk, "code": "1", "title": "Basic", "min_quantity": "1", "max_quantity": "9"}
    assert staff.post("/admin/orders/sku/add/", {**said, "add_on_to": [base.pk]}).status_code == 302
    assert staff.post("/admin/orders/sku/add/", {**said, "code": "2", "min_quantity": "10"}).status_code == 200
    sku = product.skus.get()
    assert sku.catalog_code == f"{product.code}-1"
    assert list(sku.add_on_to.all()) == [base]
    refused = staff.post(f"/admin/orders/sku/{sku.pk}/change/", {**said, "add_on_to": [sku.pk]})
    assert "this is the add-on itself" in refused.content.decode()
    assert list(sku.add_on_to.all()) == [base]
    staff.post(f"/admin/orders/sku/{sku.pk}/change/", said)
    assert not sku.add_on_to.exists()


def test_what_is_sold_is_added_and_only_its_prices_change(staff: Client) -> None:
    sku = SkuFactory()
    sold = {"sku": sku.pk, "market": "PL", "currency": "PLN", "segment": "commercial", "term": "P1Y"}
    sold["billing_plan"] = "annual"
    price = {"tier_min": "1", "effective_from": "2026-01-01", "unit_price": "12.50"}
    assert staff.post("/admin/orders/availability/add/", {**sold, **prices(price)}).status_code == 302
    availability = Availability.objects.get()
    page = f"/admin/orders/availability/{availability.pk}/change/"
    kept = {**price, "id": str(Price.objects.get().pk), "availability": str(availability.pk), "unit_price": "13.50"}
    other = {**price, "tier_min": "100", "unit_price": "11"}
    staff.post(page, {**sold, "currency": "EUR", **prices(kept, other, initial=1)})
    availability.refresh_from_db()
    assert availability.currency == "PLN", "people reviewed it in that currency"
    assert list(Price.objects.values_list("unit_price", flat=True)) == [Decimal("13.50"), Decimal(11)]
    staff.post(page, prices({**kept, "DELETE": "on"}, initial=1))
    assert [each.tier_min for each in Price.objects.all()] == [100]
    assert AuditEvent.objects.filter(code="orders.price_saved").count() == 3
    assert AuditEvent.objects.filter(code="orders.price_withdrawn").count() == 1


def test_a_price_that_cannot_be_comes_back(staff: Client) -> None:
    availability = AvailabilityFactory(price=None)
    page = f"/admin/orders/availability/{availability.pk}/change/"
    price = {"tier_min": "10", "tier_max": "5", "effective_from": "2026-01-01", "unit_price": "-1"}
    assert staff.post(page, prices({**price, "availability": str(availability.pk)})).status_code == 200
    assert not Price.objects.exists()


def test_it_is_withdrawn_even_from_carts(customer: Customer, sales_agent: Membership, staff: Client) -> None:
    cart = filled_cart(customer, sales_agent)
    sold = cart.lines.get().availability
    assert staff.post(f"/admin/orders/availability/{sold.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not cart.lines.exists()
    listed = AvailabilityFactory()
    chosen = {"action": "delete_selected", "_selected_action": [listed.pk], "post": "yes"}
    assert staff.post("/admin/orders/availability/", chosen).status_code == 302
    assert not Price.objects.exists()
    assert AuditEvent.objects.filter(code="orders.availability_withdrawn").count() == 2


def test_products_and_skus_stay(staff: Client) -> None:
    sold = AvailabilityFactory()
    assert staff.post(f"/admin/orders/sku/{sold.sku_id}/delete/", {"post": "yes"}).status_code == 403
    assert staff.post(f"/admin/orders/product/{sold.sku.product_id}/delete/", {"post": "yes"}).status_code == 403


def test_an_agent_is_no_staff(sales_agent: Membership, client_of: Callable[[Membership], Client]) -> None:
    assert client_of(sales_agent).get("/admin/orders/order/").status_code != 200
