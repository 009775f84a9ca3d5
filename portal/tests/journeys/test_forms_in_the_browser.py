"""What the scripts add to forms: messages on leaving a field, which never cost a click and go when put right."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from agreements.models import Attestation
from customers.models import Customer
from portal.partners.models import Membership
from portal.partners.tests.factories import PASSWORD
from portal.tests.journeys.conftest import Portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PortalFor = Callable[..., Portal]
# As long as people hold a button down.
PRESS_MS = 100


def press(page: Page, target: Locator) -> None:
    """Press and release where the target is now, as a hand does: it does not follow a page that moves."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.wait_for_timeout(PRESS_MS)
    page.mouse.up()


def open_confirm_page(portal: Portal, customer: Customer) -> Page:
    portal.open(reverse("agreements:confirm", args=[customer.tenant_id]))
    return portal.page


def test_leaving_a_wrong_field_by_a_press_keeps_the_press(
    portal_for: PortalFor, sales_agent: Membership, customer: Customer
) -> None:
    page = open_confirm_page(portal_for(sales_agent), customer)
    page.locator("#id_agreed_on").fill("2999-01-01")
    with page.expect_response(lambda answer: "x-validate-field" in answer.request.headers):
        press(page, page.get_by_label("Someone else (Update)"))
    expect(page.get_by_label("Someone else (Update)")).to_be_checked()
    expect(page.locator("#id_agreed_on_error")).to_contain_text("today or earlier")

    page.locator("#id_email").fill("zofia@")
    press(page, page.get_by_role("button", name="Save and continue"))
    expect(page.locator("#error-summary")).to_contain_text("Enter an email address in the correct format")


def test_the_message_of_a_choice_goes_with_its_line_in_the_summary(
    portal_for: PortalFor, admin_agent: Membership, customer: Customer
) -> None:
    portal = portal_for(admin_agent)
    page = portal.page
    portal.open(reverse("agreements:attest", args=[customer.tenant_id]))
    portal.click("Save and continue")
    advice = "Choose which of the two scenarios applies"
    expect(page.locator("#error-summary")).to_contain_text(advice)
    expect(page.locator("#id_scenario_error")).to_contain_text(advice)
    page.locator("#id_scenario_1").check()
    expect(page.locator("#id_scenario_error")).to_have_count(0)
    expect(page.locator("#error-summary")).not_to_contain_text(advice)
    expect(page.locator("#error-summary")).to_contain_text("Choose how you know")
    page.locator("#id_evidence_kind").select_option("email")
    expect(page.locator("#id_evidence_kind_error")).to_have_count(0)
    expect(page.locator("#error-summary")).not_to_contain_text("Choose how you know")
    portal.look()


def test_a_form_sent_after_the_session_ended_is_sent_again_with_everything_in_it(
    portal_for: PortalFor, sales_agent: Membership, customer: Customer
) -> None:
    portal = portal_for(sales_agent)
    page = open_confirm_page(portal, customer)
    portal.click("Today")
    page.locator("#id_evidence_kind").select_option("email")
    page.locator("#id_evidence_note").fill("Re: MCA, żółć")
    Session.objects.all().delete()
    portal.click("Save and continue")
    expect(page.get_by_text("nothing is lost")).to_be_visible()
    # That a question of the inline validation was refused is the one thing that the console may mention.
    portal.complaints.clear()
    portal.look()
    page.get_by_label("Email").fill(sales_agent.user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    portal.click("Sign in")
    expect(page.get_by_role("heading", name="You are signed in again")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Re: MCA, żółć")
    portal.look()
    portal.click("Send")
    expect(page.locator("#panel-agreement")).to_contain_text("Accepted")
    assert Attestation.objects.get().person.evidence_note == "Re: MCA, żółć"
