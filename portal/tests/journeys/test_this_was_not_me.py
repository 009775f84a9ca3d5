"""The person named in a record objects, on a shared computer: says why, leaves, and nothing is left behind."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from agreements.links import link_of, receipt_path
from agreements.models import Invitation
from agreements.tests.answering import asked, at_partner
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.tests.journeys.conftest import Portal
from portal.tests.journeys.test_customer_accepts import customers_browser as customers_browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.scenario("W6")]
PortalFor = Callable[..., Portal]


def test_to_object_and_to_leave(customers_browser: PortalFor, customer: Customer) -> None:
    """ "This was not me", with a reason that is one long word; after leaving, "back" shows nothing of it"""
    record = confirmed(customer)
    theirs = customers_browser()
    page = theirs.page
    theirs.open(receipt_path(record.receipt))
    expect(page.locator("main")).to_contain_text(record.person.full_name)
    theirs.click("This was not me")
    expect(page.locator("#error-summary")).to_be_focused()
    theirs.look()
    theirs.fill("What is wrong", "x" * 300)
    theirs.click("This was not me")
    expect(page.locator("main")).to_contain_text("x" * 300)
    theirs.look()
    theirs.click("Leave these pages")
    expect(page.get_by_role("heading", name="Open the link in your message")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
    assert record.person.full_name not in page.content()


def test_a_form_that_lost_its_link_is_sent_after_all(customers_browser: PortalFor, customer: Customer) -> None:
    """The link was forgotten in another tab: the form waits, and goes on once the link is opened again"""
    invitation = asked(CustomerFactory(partner=customer.partner))
    theirs = customers_browser()
    page = theirs.page
    page.goto(link_of(invitation))
    theirs.open(at_partner(customer.partner, "decline/"))
    theirs.fill("Reason", "Our lawyers read it first")
    other = page.context.new_page()
    other.goto(f"{theirs.base}/accept/")
    other.get_by_role("button", name="Leave these pages").click()
    expect(other.get_by_role("heading", name="Open the link in your message")).to_be_visible()
    theirs.click("Decline")
    expect(page.get_by_role("heading", name="Open your link once more")).to_be_visible()
    # The browser itself notes the status of this page; nothing else may be noted.
    theirs.complaints[:] = [line for line in theirs.complaints if not re.search("the server responded", line)]
    theirs.look()
    other.goto(link_of(invitation))
    theirs.click("Send again")
    expect(page.locator("main")).to_contain_text("You declined")
    assert Invitation.objects.get().decline_reason == "Our lawyers read it first"
