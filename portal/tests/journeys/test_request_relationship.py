"""Seed 004: a partner requests a relationship, the customer accepts it and the agreement in one go; two browsers."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, expect

from agreements.links import link_of
from agreements.models import Attestation, Invitation
from customers.models import Customer
from orders.models import Order
from orders.tests.factories import filled_cart
from portal.jobs.models import Letter
from portal.partners.models import Membership, Partner
from portal.tests.journeys.conftest import NARROW, Portal

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("template"),
]
PortalFor = Callable[..., Portal]
CustomersBrowser = Callable[..., Portal]


@pytest.fixture
def customers_browser(live_server: Any, new_context: Callable[..., BrowserContext]) -> CustomersBrowser:
    """A phone of somebody whom the portal does not know."""

    def start(**context: Any) -> Portal:
        return Portal(new_context(viewport=NARROW, **context).new_page(), live_server.url)

    return start


@pytest.fixture(autouse=True)
def on_this_server(live_server: Any, settings: Any) -> None:
    settings.PORTAL_URL = live_server.url


def request_relationship(portal: Portal) -> Invitation:
    portal.open("/customers/")
    portal.click("Request a reseller relationship", "link")
    portal.look()
    portal.fill("Company name", "Fabrikam Polska Sp. z o.o.")
    portal.fill("First name", "Jan")
    portal.fill("Last name", "Nowak")
    portal.fill("Email address", "jan@fabrikam.example")
    portal.click("Create the request")
    expect(portal.page.get_by_role("heading", level=1)).to_contain_text("Fabrikam Polska")
    return Invitation.objects.with_details().get()


def answer(customer: Portal, *, is_looked_at: bool = False) -> None:
    """The customer's side, from the first page to the receipt."""
    page, look = customer.page, customer.look if is_looked_at else lambda: None
    look()
    customer.click("Details", "link")
    look()
    customer.click("Review the agreement")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Microsoft Customer Agreement")
    look()
    page.get_by_label("Country or region").select_option(label="Poland")
    customer.click("Use this country")
    for label, value in {
        "Domain of your company": "fabrikam.example",
        "Address line 1": "ul. Prosta 1",
        "Postal code": "00-001",
        "City": "Warszawa",
        "Tax number (NIP)": "5260250274",
        "Your position in the company": "Managing director",
        "Phone number": "22 123 45 67",
    }.items():
        customer.fill(label, value)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Accept", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("is accepted")
    look()


def test_request_a_reseller_relationship(
    portal_for: PortalFor,
    customers_browser: CustomersBrowser,
    sales_agent: Membership,
    partner: Partner,
    shop: None,
) -> None:
    portal = portal_for(sales_agent)
    page = portal.page
    invitation = request_relationship(portal)
    message = page.get_by_role("textbox", name="Message")
    expect(message).to_have_value(re.compile("Northwind Cloud would like"))
    portal.look()

    # The words are the agent's own, the link stays.
    message.fill("Dear Jan, please accept.")
    portal.click("Send")
    expect(page.locator("#error-summary")).to_contain_text("Keep the link in the message")
    expect(message).to_have_value("Dear Jan, please accept.")
    portal.look()
    assert not Letter.objects.exists()
    message.fill(f"Dear Jan, please accept:\n{link_of(invitation)}")
    portal.click("Send")
    expect(page.locator("main")).to_contain_text("on its way to Jan Nowak, jan@fabrikam.example")
    assert Letter.objects.filter(kind="agreements.invitation", about=str(invitation.public_id)).count() == 1

    customer = customers_browser()
    customer.page.goto(link_of(invitation))
    expect(customer.page.locator("body")).to_contain_text(partner.name)
    answer(customer, is_looked_at=True)

    page.reload()
    expect(page.locator("main")).to_contain_text("Accepted")
    portal.look()
    portal.click("Account info", "link")
    panel = page.locator("#panel-agreement")
    expect(panel).to_contain_text("Orders and licence changes are allowed")
    made, record = Customer.objects.get(), Attestation.objects.get()
    assert (made.partner, made.company_name) == (partner, "Fabrikam Polska Sp. z o.o.")
    assert made.relationship_accepted_at is not None
    assert (record.method, record.partner, record.person.full_name) == ("customer_direct", None, "Jan Nowak")

    portal.open(reverse("orders:review", args=[filled_cart(made, sales_agent).pk]))
    expect(page.get_by_role("heading", name="Review order")).to_be_visible()
    page.get_by_label("I confirm that").check()
    portal.click("Submit order")
    expect(page.locator("main")).to_contain_text("is placed")
    assert Order.objects.get().acceptance == record


def test_an_indirect_reseller_requests_for_its_provider_and_itself(
    portal_for: PortalFor, customers_browser: CustomersBrowser, reseller_agent: Membership, provider: Partner
) -> None:
    portal = portal_for(reseller_agent)
    invitation = request_relationship(portal)
    expect(portal.page.get_by_role("textbox", name="Message")).to_have_value(
        re.compile("Corner Reseller would like .* It works with Wide World Provider")
    )
    customer = customers_browser(java_script_enabled=False)
    customer.page.goto(link_of(invitation))
    answer(customer)
    made = Customer.objects.get()
    assert (made.partner, made.reseller) == (provider, reseller_agent.partner)
    portal.open("/customers/")
    portal.click("Fabrikam Polska", "link")
    expect(portal.page.locator("#panel-agreement")).to_contain_text("Orders and licence changes are allowed")
    portal.open(f"/agreements/invitations/{invitation.public_id}/")
    expect(portal.page.locator("main")).to_contain_text("Accepted")
    portal.look()
