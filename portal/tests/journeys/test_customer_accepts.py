"""Seed 004, option 2, with two browsers: the partner invites, the customer reads and accepts, the partner orders."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from agreements.links import link_of
from agreements.models import AgreementTemplate, Attestation, Invitation, InvitationState
from agreements.tests.factories import invited
from customers.models import Customer
from orders.models import Order
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.tests.journeys.conftest import NARROW, WIDE, Portal
from portal.tests.journeys.test_confirm_customer_acceptance import fill_company_and_contact

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.scenario("W6")]
PortalFor = Callable[..., Portal]
OWN_PASSWORD = "Ganska-hemligt-2026"


@pytest.fixture
def customers_browser(live_server: Any, new_context: Callable[..., BrowserContext], settings: Any) -> PortalFor:
    """A browser of somebody who works for no partner."""
    settings.PORTAL_URL = live_server.url
    return lambda **context: Portal(new_context(**{"viewport": WIDE, **context}).new_page(), live_server.url)


@pytest.fixture
def texts(template: AgreementTemplate, tmp_path: Any, settings: Any) -> None:
    """The agreement's documents, with something to read in them."""
    for document in template.documents.all():
        path = tmp_path / "media" / document.file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"The agreement, in {document.language}.\n\n" + "A paragraph of it. " * 200)


def order_something(portal: Portal, customer: Customer) -> None:
    portal.open(f"/customers/{customer.tenant_id}/account/")
    expect(portal.page.locator("#panel-agreement")).to_contain_text("Provided")
    portal.click("New order", "link")
    portal.click("Start order")
    portal.page.get_by_label("Quantity").last.fill("3")
    portal.page.get_by_role("button", name="Add").last.click()
    portal.click("Continue to review")
    portal.page.get_by_label("I confirm that").check()
    portal.page.get_by_role("button", name="Submit").click()
    expect(portal.page.get_by_role("heading", name="Order", exact=True)).to_be_visible()


@pytest.mark.usefixtures("shop", "texts")
def test_create_a_new_customer_and_invite_the_customer_to_review_and_accept_the_agreement(
    portal_for: PortalFor, customers_browser: PortalFor, sales_agent: Membership
) -> None:
    """Create a new customer and invite the customer to review and accept the agreement"""
    seller = portal_for(sales_agent)
    seller.open("/customers/new/")
    fill_company_and_contact(seller)
    seller.page.get_by_label("Customer will be invited to accept the Microsoft Customer Agreement").check()
    seller.click("Next: Review")
    seller.click("Submit")
    expect(seller.page.locator("#admin-password")).to_be_visible()
    seller.look()
    user_name = seller.page.locator("#admin-user").inner_text()
    password = seller.page.locator("#admin-password").inner_text()
    customer = Customer.objects.get()
    seller.open(f"/customers/{customer.tenant_id}/account/")
    expect(seller.page.locator("#panel-agreement")).to_contain_text("Invited")

    # With the credentials that the seller passed on.
    theirs = customers_browser()
    page = theirs.page
    theirs.open("/accounts/login/")
    theirs.fill("Email address", user_name)
    theirs.fill("Password", password)
    theirs.click("Sign in")
    expect(page.get_by_role("heading", name="Change password")).to_be_visible()
    theirs.look()
    theirs.fill("Current password", password)
    theirs.fill("New password", OWN_PASSWORD)
    theirs.fill("New password again", OWN_PASSWORD)
    theirs.click("Save the new password")
    expect(page.get_by_role("heading", name="Your partners")).to_be_visible()
    expect(page.locator("main")).to_contain_text("asks you to accept the Microsoft Customer Agreement")
    theirs.look()
    theirs.click("Details", "link")
    expect(page.get_by_role("heading", name="Northwind Cloud")).to_be_visible()
    theirs.look()
    theirs.click("Review the agreement")
    expect(page.locator(".agreement-text")).to_contain_text("The agreement, in en-US.")
    theirs.look()
    page.get_by_role("button", name="Accept").last.click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#error-summary")).to_contain_text("Tick the box to accept")
    theirs.look()
    theirs.fill("First name", "Åsa")
    theirs.fill("Last name", "Öberg")
    theirs.fill("Your position in the company", "VD")
    theirs.fill("Email address", "asa@akeri.example")
    page.get_by_label("I have read and accept the Microsoft Customer Agreement for Åkeri Öst AB").check()
    page.get_by_role("button", name="Accept").last.dblclick()
    expect(page.get_by_role("heading", name="The Microsoft Customer Agreement is accepted")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Åsa Öberg, asa@akeri.example")
    theirs.look()
    record = Attestation.objects.get()
    assert (record.person.full_name, record.person.authority, record.method) == ("Åsa Öberg", "VD", "customer_direct")
    theirs.click("Back to your partners", "link")
    expect(page.locator("main")).to_contain_text("accepted on")
    theirs.click("Sign out")
    expect(page.get_by_role("heading", name="Open the link in your message")).to_be_visible()
    theirs.look()

    order_something(seller, customer)
    assert Order.objects.get().acceptance == record
    assert seller.complaints == theirs.complaints == []


@pytest.mark.usefixtures("shop", "texts")
def test_invite_an_existing_customer_to_review_and_accept_the_agreement(
    portal_for: PortalFor,
    customers_browser: PortalFor,
    customer: Customer,
    sales_agent: Membership,
) -> None:
    """Invite an existing customer: by link, on a small phone, without JavaScript"""
    seller = portal_for(sales_agent)
    seller.open(f"/customers/{customer.tenant_id}/agreement/invite/")
    seller.look()
    seller.page.locator("main form").last.get_by_role("button").first.click()
    expect(seller.page.locator("main")).to_contain_text(re.compile("/accept/|Send"))
    seller.look()

    phone = customers_browser(viewport=NARROW, java_script_enabled=False)
    page = phone.page
    page.goto(link_of(Invitation.objects.get()))
    assert page.url.endswith("/accept/")
    phone.click("Details", "link")
    phone.click("We are still reviewing it")
    expect(page.locator("main")).to_contain_text("was told on")
    assert Invitation.objects.get().state == InvitationState.REVIEWING
    phone.click("Review the agreement")
    page.get_by_label("Language of the agreement").select_option("pl-PL")
    phone.click("Show it in this language")
    expect(page.locator(".agreement-text")).to_contain_text("The agreement, in pl-PL.")
    phone.fill("Your position in the company", "Prezes zarządu")
    page.get_by_role("button", name="Accept").last.click()
    expect(page.locator("#error-summary")).to_contain_text("Tick the box to accept")
    expect(page.get_by_label("Your position in the company")).to_have_value("Prezes zarządu")
    fits_on_a_phone(phone)
    page.get_by_label("I have read and accept").check()
    page.get_by_role("button", name="Accept").last.click()
    expect(page.get_by_role("heading", name="The Microsoft Customer Agreement is accepted")).to_be_visible()
    fits_on_a_phone(phone)
    assert Attestation.objects.get().document.language == "pl-PL"

    order_something(seller, customer)
    assert Order.objects.get().acceptance == Attestation.objects.get()
    assert seller.complaints == phone.complaints == []


def fits_on_a_phone(phone: Portal) -> None:
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


@pytest.mark.usefixtures("texts")
def test_a_customer_accepts_by_keyboard_in_forced_colours_enlarged_twice(
    customers_browser: PortalFor, customer: Customer, sales_agent: Membership, actor_for: Callable[..., Actor]
) -> None:
    link = link_of(invited(customer, actor_for(sales_agent), language="en-US"))
    # A window of 1280 px that is enlarged to 200 % shows what one of 640 px does.
    enlarged = {"width": 640, "height": 450}
    theirs = customers_browser(viewport=enlarged, forced_colors="active", color_scheme="dark")
    page, keys = theirs.page, theirs.page.keyboard
    page.goto(link)
    theirs.look()
    page.get_by_role("link", name="Details").press("Enter")
    page.get_by_role("button", name="Review the agreement").press("Enter")
    page.get_by_label("First name").focus()
    for typed in ("Zofia", "Wiśniewska", "Prokurent", "", "Space"):
        if typed == "Space":
            keys.press("Space")
        elif typed:
            keys.press("Control+A")
            keys.type(typed)
        if typed != "Space":
            keys.press("Tab")
    expect(page.get_by_label("I have read and accept")).to_be_checked()
    theirs.look()
    keys.press("Tab")
    expect(page.get_by_role("button", name="Accept").last).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="The Microsoft Customer Agreement is accepted")).to_be_visible()
    theirs.look()
    assert Attestation.objects.get().person.authority == "Prokurent"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.usefixtures("texts")
def test_the_other_pages_of_a_customer(
    customers_browser: PortalFor,
    customer: Customer,
    sales_agent: Membership,
    actor_for: Callable[..., Actor],
    scheme: str,
) -> None:
    invitation = invited(customer, actor_for(sales_agent), language="en-US")
    theirs = customers_browser(color_scheme=scheme)
    page = theirs.page
    for path in ("/accept/", f"/accept/{'a' * 43}/", "/receipt/"):
        theirs.open(path)
        theirs.look()
    page.goto(link_of(invitation))
    theirs.click("Details", "link")
    theirs.click("Decline", "link")
    theirs.look()
    theirs.click("Decline")
    expect(page.locator("#error-summary")).to_contain_text("Say why you decline")
    theirs.look()
    theirs.fill("Reason", "We buy elsewhere.")
    theirs.click("Decline")
    expect(page.locator("main")).to_contain_text("If you change your mind")
    theirs.look()
    assert theirs.complaints == []
