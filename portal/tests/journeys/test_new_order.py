"""New order in a browser: catalog, cart, the prompt, review and submit, with everything that people do twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from agreements.models import AgreementTemplate, Attestation
from agreements.tests.factories import confirmed
from customers.models import Customer
from orders.models import Availability, Cart, Order, Subscription, Term
from orders.pricing import price_day
from orders.tests.factories import AvailabilityFactory, CartFactory, PriceFactory, filled_cart, placed
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.tests.journeys.conftest import Portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PortalFor = Callable[..., Portal]
PREMIUM = "Microsoft 365 Business Premium"


@pytest.fixture
def premium(template: AgreementTemplate) -> Availability:
    """For a year or a month, among more than a page of the catalog shows."""
    for number in range(30):
        AvailabilityFactory(sku__title=f"Another product {number:02}")
    made: Availability = AvailabilityFactory(sku__title=PREMIUM, sku__description="With security and devices.")
    AvailabilityFactory(sku=made.sku, term=Term.MONTH, price__unit_price=60)
    return made


def start(portal: Portal, customer: Customer) -> Page:
    portal.open(f"/orders/new/?customer={customer.tenant_id}")
    portal.click("Start order")
    expect(portal.page.get_by_role("heading", name="Cart", exact=True)).to_be_visible()
    return portal.page


def add_premium(page: Page, quantity: str) -> None:
    """By keyboard: Enter searches, Enter beside the offer adds it."""
    box = page.get_by_label("Product, publisher or SKU")
    box.fill("premium")
    box.press("Enter")
    field = page.get_by_label(f"Quantity of {PREMIUM}", exact=True)
    expect(page.locator(".offer")).to_have_count(1)
    page.get_by_label(f"Term and billing plan of {PREMIUM}").select_option(
        label="1 year, billed monthly: PLN\u00a050.40"
    )
    field.fill(quantity)
    field.press("Enter")
    expect(page.get_by_label(f"Quantity of {PREMIUM}, 1 year, billed monthly")).to_have_value(quantity)


def submit(page: Page) -> None:
    page.get_by_label("I confirm that").check()
    page.get_by_role("button", name="Submit order").click()


@pytest.mark.scenario("R5")
def test_new_order_by_keyboard_with_one_extra_page_and_two_buttons(
    portal_for: PortalFor, sales_agent: Membership, customer: Customer, premium: Availability
) -> None:
    portal = portal_for(sales_agent)
    page = start(portal, customer)
    add_premium(page, "7")
    page.get_by_label("Purchase-order number").fill("PO 2026/7")
    expect(page.locator("tfoot")).to_contain_text("352.80")
    portal.look()
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))
    page.get_by_role("button", name="Continue to review").press("Enter")
    expect(page.get_by_role("heading", name="Microsoft Customer Agreement", exact=True)).to_be_visible()
    page.locator("[data-today-for=id_agreed_on]").press("Enter")
    page.get_by_label("How we know").select_option(label="Email")
    page.get_by_role("button", name="Save and continue").press("Enter")
    expect(page.get_by_role("heading", name="Review order")).to_be_visible()
    page.wait_for_load_state()
    assert len(loads) == 2, "the prompt, and Review as without it"
    for kept in ("352.80", "PO 2026/7", "Accepted by Zofia"):
        expect(page.locator("main")).to_contain_text(kept)
    portal.look()
    page.get_by_label("I confirm that").press("Space")
    page.get_by_role("button", name="Submit order").press("Enter")
    expect(page.get_by_text("is placed.")).to_be_visible()
    order = Order.objects.get()
    assert (order.acceptance, order.purchase_order_number) == (Attestation.objects.get(), "PO 2026/7")
    assert order.lines.get().quantity == 7


def test_a_cart_survives_signing_out(
    portal_for: PortalFor, sales_agent: Membership, customer: Customer, premium: Availability
) -> None:
    confirmed(customer)
    portal = portal_for(sales_agent)
    page = start(portal, customer)
    add_premium(page, "4")
    page.get_by_label("Purchase-order number").fill("PO 4")
    portal.click("Continue to review")
    expect(page.get_by_role("heading", name="Review order")).to_be_visible()
    page.context.clear_cookies()
    later = portal_for(sales_agent)
    later.open("/orders/new/")
    expect(later.page.get_by_text("Review · 1 product ·")).to_be_visible()
    later.click(customer.company_name, "link")
    expect(later.page.get_by_role("heading", name="Review order")).to_be_visible()
    for kept in (PREMIUM, "PLN\u00a0201.60", "PO 4"):
        expect(later.page.locator("main")).to_contain_text(kept)
    later.click("Back to the cart", "link")
    expect(later.page.get_by_label(f"Quantity of {PREMIUM}, 1 year, billed monthly")).to_have_value("4")


@pytest.mark.scenario("I1")
def test_a_double_click_on_submit_makes_one_order(
    portal_for: PortalFor, sales_agent: Membership, customer: Customer
) -> None:
    confirmed(customer)
    cart = filled_cart(customer, sales_agent)
    portal = portal_for(sales_agent)
    page = portal.page
    portal.open(f"/orders/new/{cart.pk}/review/")
    portal.click("Submit order")
    expect(page.locator("#error-summary")).to_contain_text("Confirm how your company acts in this order")
    portal.look()
    portal.open(f"/orders/new/{cart.pk}/review/")
    page.get_by_label("I confirm that").check()
    page.get_by_role("button", name="Submit order").dblclick()
    expect(page.get_by_text("is placed.")).to_be_visible()
    order = Order.objects.get()
    page.go_back()
    expect(page).to_have_url(f"{portal.base}/orders/{order.number}/")
    assert Order.objects.count() == 1


@pytest.mark.scenario("I5")
def test_a_second_tab_submits_the_same_once_and_something_else_as_a_second_order(
    portal_for: PortalFor, sales_agent: Membership, customer: Customer
) -> None:
    confirmed(customer)
    cart = filled_cart(customer, sales_agent)
    portal = portal_for(sales_agent)
    same, otherwise = portal.page.context.new_page(), portal.page.context.new_page()
    for page, path in ((portal.page, "review/"), (same, "review/"), (otherwise, "")):
        page.goto(f"{portal.base}/orders/new/{cart.pk}/{path}")
    submit(portal.page)
    expect(portal.page.get_by_text("is placed.")).to_be_visible()
    submit(same)
    expect(same).to_have_url(portal.page.url)
    otherwise.get_by_label("Quantity of").first.fill("9")
    otherwise.get_by_role("button", name="Continue to review").click()
    expect(otherwise.get_by_text("This cart was ordered already")).to_be_visible()
    otherwise.get_by_role("button", name="Continue to review").click()
    submit(otherwise)
    expect(otherwise.get_by_text("is placed.")).to_be_visible()
    assert sorted(order.lines.get().quantity for order in Order.objects.all()) == [5, 9]


@pytest.mark.scenario("I4")
def test_another_tabs_order_is_shown_beside_what_was_sent(
    portal_for: PortalFor, sales_agent: Membership, customer: Customer
) -> None:
    confirmed(customer)
    cart = filled_cart(customer, sales_agent)
    portal = portal_for(sales_agent)
    page, other = portal.page, portal.page.context.new_page()
    portal.open(f"/orders/new/{cart.pk}/review/")
    cart.lines.update(quantity=8)
    other.goto(f"{portal.base}/orders/new/{cart.pk}/review/")
    submit(other)
    expect(other.get_by_text("is placed.")).to_be_visible()
    submit(page)
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page.get_by_text("8 × ")).to_be_visible()
    expect(page.get_by_text("5 × ")).to_be_visible()
    portal.look()
    portal.click("Start a new order with these products")
    expect(page.get_by_label("Quantity of").first).to_have_value("5")
    assert Cart.objects.unfinished().count() == 1


def test_the_catalog_is_searched_and_paged_without_a_script_and_nothing_typed_is_lost(
    portal_for: PortalFor, sales_agent: Membership, customer: Customer, premium: Availability
) -> None:
    portal = portal_for(sales_agent, java_script_enabled=False)
    page = start(portal, customer)
    page.get_by_label("Quantity of Another product 00", exact=True).fill("3")
    portal.click("Next")
    page.get_by_label(f"Quantity of {PREMIUM}", exact=True).fill("2")
    page.get_by_label("Product, publisher or SKU").fill("nothing like it")
    page.get_by_label("Product, publisher or SKU").press("Enter")
    expect(page.get_by_text("No products match")).to_be_visible()
    portal.click("Show the whole catalog")
    expect(page.get_by_label("Quantity of Another product 00, 1 year, billed monthly")).to_have_value("3")
    # Without a choice made, the shortest term.
    expect(page.get_by_label(f"Quantity of {PREMIUM}, 1 month, billed monthly")).to_have_value("2")
    page.get_by_label("Term", exact=True).select_option(label="1 month")
    portal.click("Search the catalog")
    expect(page.locator(".offer")).to_have_count(1)
    page.get_by_role("button", name="Remove Another product 00").click()
    expect(page.locator("tfoot")).to_contain_text("PLN\u00a0120.00")


def test_what_is_wrong_with_a_cart_can_be_read_and_put_right(
    portal_for: PortalFor,
    sales_agent: Membership,
    customer: Customer,
    premium: Availability,
    actor_for: Callable[..., Actor],
) -> None:
    confirmed(customer)
    placed(filled_cart(customer, sales_agent), actor_for(sales_agent))
    base = Subscription.objects.get()
    PriceFactory(availability=premium, tier_min=100, unit_price="45.1250")
    AvailabilityFactory(sku__title="A calling plan").sku.add_on_to.add(base.order_line.sku)
    cart = filled_cart(customer, sales_agent)
    sold = cart.lines.get().availability
    portal = portal_for(sales_agent)
    page = portal.page
    portal.open(f"/orders/new/{cart.pk}/")
    expect(page.get_by_role("link", name=base.title)).to_have_attribute("href", f"/subscriptions/{base.pk}/add-ons/")
    page.get_by_label("Quantity of Another product 01", exact=True).fill("many")
    page.get_by_label("Product, publisher or SKU").fill("premium")
    portal.click("Search the catalog")
    expect(page.locator("#error-summary")).to_be_focused()
    portal.look()
    page.get_by_label("Quantity of Another product 01", exact=True).fill("")
    portal.click("Search the catalog")
    page.get_by_text("All prices").click()
    expect(page.locator(".offer-prices")).to_contain_text("100 or more: PLN\u00a045.125")
    portal.look()
    sold.prices.update(effective_until=price_day() - timedelta(days=1))
    portal.click("Continue to review")
    expect(page.get_by_text("Some of these products cannot be ordered as they are")).to_be_visible()
    portal.look()
    portal.click("Back to the cart", "link")
    expect(page.get_by_text("This is not sold in that quantity today")).to_be_visible()
    portal.look()


def test_empty_places_say_what_to_do(
    portal_for: PortalFor, sales_agent: Membership, customer: Customer, template: Any
) -> None:
    portal = portal_for(sales_agent)
    cart = CartFactory(customer=customer, owner=sales_agent.user)
    portal.open(f"/orders/new/{cart.pk}/")
    expect(portal.page.get_by_text("Nothing is sold in Poland yet")).to_be_visible()
    portal.look()
    AvailabilityFactory()
    Cart.objects.update(updated_at=timezone.now() - timedelta(days=1))
    portal.open(f"/orders/new/{cart.pk}/?q=zzz")
    expect(portal.page.get_by_text("The cart is empty")).to_be_visible()
    expect(portal.page.get_by_text("No products match")).to_be_visible()
    portal.look()
    portal.open("/orders/new/")
    expect(portal.page.get_by_text("Choosing products · 0 products ·")).to_be_visible()
    portal.look()
