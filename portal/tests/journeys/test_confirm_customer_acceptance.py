"""Seeds 000, 002 and 003 (and option 1 of seed 004), step by step, in a browser."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from agreements.models import Attestation
from agreements.tests.factories import PDF, confirmed
from customers.models import Customer, OnboardingDraft
from orders.models import Order
from portal.partners.models import Membership
from portal.tests.journeys.conftest import Portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PortalFor = Callable[..., Portal]


def today() -> str:
    return timezone.now().date().isoformat()


def fill_company_and_contact(portal: Portal) -> None:
    portal.page.get_by_label("Country or region").select_option("SE")
    # The page asks Sweden's questions from here on.
    expect(portal.page.get_by_label("Registration number")).to_have_count(0)
    portal.fill("Company name", "Åkeri Öst AB")
    portal.fill("Primary domain name", "akeri-ost")
    portal.fill("Address line 1", "Storgatan 1")
    portal.fill("Postal code", "111 22")
    portal.fill("City", "Stockholm")
    portal.page.locator("#id_contact-first_name").fill("Åsa")
    portal.page.locator("#id_contact-last_name").fill("Öberg")
    portal.page.locator("#id_contact-email").fill("asa@akeri.example")


@pytest.mark.usefixtures("template")
def test_confirm_customer_acceptance_for_a_new_customer(portal_for: PortalFor, sales_agent: Membership) -> None:
    portal = portal_for(sales_agent)
    page = portal.page
    portal.look()
    portal.click("Customers", "link")
    portal.look()
    portal.click("New customer", "link")
    portal.look()
    fill_company_and_contact(portal)
    page.get_by_label("The customer has accepted the latest Microsoft Customer Agreement").check()
    portal.fill("Agreement acceptance date", "2999-01-01")
    portal.click("Next: Review")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#error-summary")).to_contain_text("The acceptance date must be today or earlier")
    portal.look()

    portal.fill("Agreement acceptance date", today())
    page.get_by_label("How we know").select_option(label="Email")
    page.get_by_label("Someone else (Update)").check()
    page.locator("#id_acceptance-first_name").fill("李")
    page.locator("#id_acceptance-last_name").fill("小龙")
    page.locator("#id_acceptance-email").fill("li@akeri.example")
    portal.click("Next: Review")
    expect(page.get_by_role("heading", name="Primary contact")).to_be_visible()
    expect(page.get_by_text("李")).to_be_visible()
    portal.look()
    portal.click("Change Company", "link")
    portal.fill("City", "Malmö")
    portal.click("Next: Review")
    expect(page.get_by_text("Malmö")).to_be_visible()
    portal.click("Submit")
    expect(page.locator("#admin-password")).to_be_visible()
    portal.look()

    record = Attestation.objects.get()
    assert (record.person.full_name, record.door) == ("李 小龙", "wizard")
    customer = Customer.objects.get()
    assert (customer.city, customer.contacts.get().full_name) == ("Malmö", "Åsa Öberg")
    portal.click("Open Account info", "link")
    expect(page.locator("#panel-agreement")).to_contain_text("Accepted")
    portal.look()


def test_confirm_customer_acceptance_for_an_existing_customer(
    portal_for: PortalFor, admin_agent: Membership, customer: Customer
) -> None:
    portal = portal_for(admin_agent)
    page = portal.page
    portal.click("Customers", "link")
    portal.click(customer.company_name, "link")
    expect(page.locator("#panel-agreement")).to_contain_text("Not provided")
    portal.look()
    page.locator("#panel-agreement").get_by_role("link", name="Update").click()
    portal.look()
    page.get_by_label("Someone else (Update)").check()
    portal.fill("First name", "Jan")
    page.get_by_label("Files").set_input_files(
        [
            {"name": "umowa.pdf", "mimeType": "application/pdf", "buffer": PDF},
            {"name": "other.pdf", "mimeType": "application/pdf", "buffer": b"no PDF"},
        ]
    )
    portal.click("Save and continue")
    expect(page.locator("#error-summary")).to_contain_text("Enter the last name of the person who accepted")
    # One file is refused by name; the other one is here and is not chosen again.
    expect(page.locator("#error-summary")).to_contain_text("“other.pdf” does not hold what its name says")
    expect(page.get_by_label("Remove umowa.pdf")).to_be_visible()
    portal.look()
    portal.fill("Last name", "Nowak-Łukasiewicz")
    portal.fill("Email address", "jan@customer.example")
    portal.fill("Agreement acceptance date", today())
    page.get_by_label("How we know").select_option(label="In person")
    portal.click("Save and continue")
    expect(page.locator("#panel-agreement")).to_contain_text("Jan Nowak-Łukasiewicz")
    portal.look()
    record = Attestation.objects.get()
    portal.open(f"/customers/{customer.tenant_id}/agreement/{record.reference}/")
    with page.expect_download() as download:
        portal.click("umowa.pdf", "link")
    assert download.value.path().read_bytes() == PDF


@pytest.mark.usefixtures("shop")
def test_confirm_customer_acceptance_while_creating_new_order_for_an_existing_customer(
    portal_for: PortalFor, sales_agent: Membership, customer: Customer
) -> None:
    portal = portal_for(sales_agent)
    page = portal.page
    portal.open(f"/customers/{customer.tenant_id}/account/")
    portal.click("New order", "link")
    portal.look()
    portal.click("Start order")
    portal.look()
    page.get_by_label("Quantity").last.fill("7")
    page.get_by_role("button", name="Add").last.click()
    expect(page.locator("tfoot")).to_contain_text("352.80")
    portal.look()
    portal.click("Continue to review")
    expect(page.get_by_role("heading", name="Microsoft Customer Agreement")).to_be_visible()
    portal.look()
    # The prompt: a date, how we know, Save and continue.
    portal.fill("Agreement acceptance date", today())
    page.get_by_label("How we know").select_option(label="Email")
    portal.click("Save and continue")
    expect(page.get_by_text("352.80").first).to_be_visible()
    portal.look()
    page.get_by_label("I confirm that").check()
    page.get_by_role("button", name="Submit").dblclick()
    expect(page.get_by_role("heading", name="Order", exact=True)).to_be_visible()
    portal.look()
    order = Order.objects.get()
    assert order.acceptance == Attestation.objects.get()
    assert order.acceptance.door == "order_prompt"

    page.get_by_role("link", name="Change").first.click()
    page.get_by_label("New licence count").fill("9")
    portal.look()
    page.locator("main").get_by_role("button").first.click()
    expect(page.get_by_text("The licence count is changed from 7 to 9")).to_be_visible()


def test_retrieve_confirmation_of_customer_acceptance_for_an_existing_customer(
    portal_for: PortalFor, sales_agent: Membership, customer: Customer
) -> None:
    record = confirmed(customer, evidence_note="Re: MCA, 12 May")
    portal = portal_for(sales_agent)
    portal.open(f"/customers/{customer.tenant_id}/account/")
    expect(portal.page.locator("#panel-agreement")).to_contain_text("Provided")
    portal.page.locator("#panel-agreement").get_by_role("link", name="Details").click()
    for fact in ("Zofia", "Re: MCA, 12 May", str(record.reference), record.document.sha256):
        expect(portal.page.locator("main")).to_contain_text(fact)
    portal.look()


@pytest.mark.usefixtures("template")
def test_create_a_new_customer_and_invite_the_customer_to_accept(
    portal_for: PortalFor, sales_agent: Membership
) -> None:
    """Seed 004, as far as the partner's side goes: the link to pass on, and no order before."""
    portal = portal_for(sales_agent)
    portal.open("/customers/new/")
    fill_company_and_contact(portal)
    portal.page.get_by_label("Customer will be invited to accept the Microsoft Customer Agreement").check()
    portal.click("Next: Review")
    portal.click("Submit")
    expect(portal.page.get_by_role("textbox", name="Message")).to_have_value(re.compile("/accept/[A-Za-z0-9_-]{43}/"))
    portal.look()
    portal.click("Open Account info", "link")
    expect(portal.page.locator("#panel-agreement")).to_contain_text("Invited")


@pytest.mark.usefixtures("template")
def test_a_customer_is_onboarded_by_keyboard_alone_in_four_page_loads(
    portal_for: PortalFor, sales_agent: Membership
) -> None:
    portal = portal_for(sales_agent)
    page, loads = portal.page, []
    page.on("load", lambda _page: loads.append(page.url))
    portal.open("/customers/new/")
    page.locator("#id_company-company_name").focus()
    keys = page.keyboard
    for typed in ("Tailspin Sp. z o.o.", "tailspin", "ul. Prosta 1", "", "00-001", "Warszawa", "5260250274"):
        keys.type(typed)
        keys.press("Tab")
    keys.press("Tab")  # past the special qualification, which is "None" from the start
    for typed in ("Zofia", "Wiśniewska", "zofia@tailspin.example", "22 123 45 67"):
        keys.type(typed)
        keys.press("Tab")
    keys.press("Space")
    keys.press("ArrowUp")
    keys.press("ArrowUp")
    expect(page.locator("#id_agreement-choice_0")).to_be_focused()
    keys.press("ArrowDown")
    expect(page.locator("#id_agreement-choice_1")).to_be_checked()
    page.locator("#id_acceptance-agreed_on").focus()
    page.locator("[data-today-for=id_acceptance-agreed_on]").press("Enter")
    page.locator("#id_acceptance-evidence_kind").focus()
    keys.press("ArrowDown")
    page.locator("#id_acceptance-evidence_note").focus()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Company")).to_be_visible()
    page.get_by_role("button", name="Submit").press("Enter")
    expect(page.locator("#admin-password")).to_be_visible()
    assert len(loads) <= 4
    assert Attestation.objects.count() == 1


@pytest.mark.usefixtures("template")
def test_everything_works_without_javascript(portal_for: PortalFor, sales_agent: Membership) -> None:
    portal = portal_for(sales_agent, java_script_enabled=False)
    page = portal.page
    portal.open("/customers/new/")
    page.get_by_label("Country or region").select_option("SE")
    portal.click("Use this country's address fields")
    expect(page.get_by_label("Registration number")).to_have_count(0)
    fill_company_and_contact(portal)
    page.get_by_label("The customer has accepted the latest Microsoft Customer Agreement").check()
    page.locator("#id_acceptance-agreed_on").fill(today())
    page.locator("#id_acceptance-evidence_kind").select_option("email")
    page.get_by_role("button", name="Next: Review").last.click()
    portal.click("Submit")
    expect(page.locator("#admin-password")).to_be_visible()
    assert Customer.objects.get().attested_on is not None


@pytest.mark.usefixtures("template")
def test_a_draft_is_taken_up_again_in_another_browser(portal_for: PortalFor, sales_agent: Membership) -> None:
    first = portal_for(sales_agent)
    first.open("/customers/new/")
    fill_company_and_contact(first)
    first.click("Save and finish later")
    expect(first.page.get_by_text("Your draft is saved")).to_be_visible()
    second = portal_for(sales_agent)
    second.click("Continue", "link")
    expect(second.page.locator("#id_contact-last_name")).to_have_value("Öberg")
    assert OnboardingDraft.objects.count() == 1
