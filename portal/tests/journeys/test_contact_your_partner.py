"""Seeds 001 and 004 with two browsers: "Contact your partner", and a record that the person named in it disputes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect

from agreements.letters import send_receipt
from agreements.links import link_of
from agreements.models import Attestation
from agreements.tests.factories import confirmed, invited
from customers.models import Customer
from portal.common.actor import Actor
from portal.jobs.models import Letter
from portal.partners.models import Membership
from portal.tests.journeys.conftest import NARROW, Portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.scenario("W6")]
PortalFor = Callable[..., Portal]
CustomersBrowser = Callable[[], Portal]
Act = Callable[..., Actor]


@pytest.fixture
def customers_browser(live_server: Any, new_context: Callable[..., BrowserContext]) -> CustomersBrowser:
    """A phone of somebody whom the portal does not know."""
    return lambda: Portal(new_context(viewport=NARROW).new_page(), live_server.url)


@pytest.fixture(autouse=True)
def on_this_server(live_server: Any, settings: Any) -> None:
    settings.PORTAL_URL = live_server.url


def test_a_customer_is_told_to_contact_its_partner_which_attests(
    customers_browser: CustomersBrowser,
    portal_for: PortalFor,
    customer: Customer,
    sales_agent: Membership,
    helpdesk_agent: Membership,
    actor_for: Act,
) -> None:
    """A customer that bought before is told to contact its partner; the partner finds it on Home and attests"""
    Customer.objects.filter(pk=customer.pk).update(bought_at=timezone.now())
    link = link_of(invited(customer, actor_for(sales_agent), language="en-US"))
    phone = customers_browser()
    page = phone.page
    page.goto(link)
    phone.click("Details", "link")
    phone.click("Review the agreement")
    told = "Contact your partner to confirm your acceptance of the Microsoft Customer Agreement"
    expect(page.get_by_text(told)).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(0)
    phone.look()

    agent = portal_for(helpdesk_agent)
    to_confirm = agent.page.get_by_role("region", name="Customers to confirm")
    expect(to_confirm).to_contain_text(customer.company_name)
    agent.look()
    agent.click("Attest on behalf", "link")
    expect(agent.page.get_by_label("Scenario 1:")).to_be_checked()
    agent.fill("Agreement acceptance date", timezone.now().date().isoformat())
    agent.page.get_by_label("How we know").select_option(label="Note of a call")
    agent.click("Save and continue")
    expect(to_confirm).to_contain_text("Nobody waits for you")
    record = Attestation.objects.get()
    assert (record.method, record.scenario, record.actor_name) == ("on_behalf", 1, "Hela Helpdesk")

    page.reload()
    expect(page.get_by_text(told)).to_have_count(0)
    expect(page.locator("main")).to_contain_text("No longer needed")
    phone.look()
    assert phone.complaints == agent.complaints == []


def receipt_link(record: Attestation) -> str:
    """As it stands in the message that the person named in the record got."""
    send_receipt.call(Letter.objects.get(about=str(record.receipt.public_id)).pk)
    (message,) = mail.outbox
    assert message.to == [record.person.email]
    return next(word for word in message.body.split() if "/receipt/" in word)


def test_a_record_is_disputed_and_another_admin_agent_resolves_it(
    customers_browser: CustomersBrowser,
    portal_for: PortalFor,
    customer: Customer,
    sales_agent: Membership,
    admin_agent: Membership,
    actor_for: Act,
) -> None:
    """By the receipt's link a person says "this was not me"; nothing can be ordered until an admin agent decides"""
    record = confirmed(customer, actor_for(sales_agent))
    phone = customers_browser()
    page = phone.page
    page.goto(receipt_link(record))
    expect(page.locator("main")).to_contain_text(customer.company_name)
    assert "/receipt/" in page.url
    assert len(page.url.rstrip("/").rpartition("/")[2]) < 20, "the token is in the address no more"
    phone.look()
    phone.click("This was not me")
    expect(page.locator("main")).to_contain_text("Say what is wrong")
    phone.look()
    phone.fill("What is wrong", "I left the company in spring.")
    phone.click("This was not me")
    expect(page.locator("main")).to_contain_text("Disputed")

    seller = portal_for(sales_agent)
    seller.open(f"/customers/{customer.tenant_id}/account/")
    panel = seller.page.locator("#panel-agreement")
    expect(panel).to_contain_text("Disputed")
    expect(panel).to_contain_text("Orders and licence changes are stopped")
    seller.click("See the disputed record", "link")
    expect(seller.page.locator("#dispute")).to_contain_text("Admin agent")
    expect(seller.page.get_by_role("link", name="Resolve")).to_have_count(0)
    seller.look()

    admin = portal_for(admin_agent)
    admin.click("See and resolve", "link")
    expect(admin.page.locator("#dispute")).to_contain_text("I left the company in spring.")
    admin.click("Resolve", "link")
    admin.page.get_by_label("The person is right").check()
    admin.click("Resolve the dispute")
    expect(admin.page.locator("#error-summary")).to_contain_text("Say how you decided")
    admin.look()
    admin.fill("Reason", "HR confirms it. We ask the new manager.")
    admin.click("Resolve the dispute")
    expect(admin.page.locator("main")).to_contain_text("Withdrawn")
    admin.look()

    page.reload()
    expect(page.locator("main")).to_contain_text("HR confirms it.")
    phone.look()
