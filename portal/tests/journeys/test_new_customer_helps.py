"""What the scripts add to New customer: a calm warning about an odd name, customers like this one while typing."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from customers.tests.factories import CustomerFactory
from portal.partners.models import Membership
from portal.tests.journeys.conftest import Portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PortalFor = Callable[..., Portal]


def wait_until_saved(page: Page) -> None:
    """Nothing is on its way any more: what was typed last is in the draft."""
    expect(page.locator("[data-save-line]")).to_contain_text("Saved at", timeout=10_000)
    page.wait_for_load_state("networkidle")


def test_an_odd_name_is_warned_about_until_it_is_put_right(portal_for: PortalFor, sales_agent: Membership) -> None:
    portal = portal_for(sales_agent)
    portal.open(reverse("customers:new"))
    page = portal.page
    name = page.locator("#id_company-company_name")
    name.fill("contoso.com")
    name.press("Tab")
    warning = page.locator("#id_company-company_name_warning")
    expect(warning).to_contain_text("Make sure the name is correct")
    expect(name).to_have_attribute("aria-describedby", "id_company-company_name_warning")
    expect(name).not_to_have_attribute("aria-invalid", "true")
    name.fill("...")
    name.press("Tab")
    expect(page.locator("#id_company-company_name_error")).to_be_visible()
    expect(warning).to_have_count(0)
    with page.expect_response(lambda answer: "x-autosave" in answer.request.headers):
        name.fill("Contoso")
    expect(page.locator("#id_company-company_name_error")).to_have_count(0)
    expect(name).not_to_have_attribute("aria-describedby", "id_company-company_name_warning")
    wait_until_saved(page)


def test_customers_like_this_one_appear_while_typing_and_go_again(
    portal_for: PortalFor, sales_agent: Membership
) -> None:
    known = CustomerFactory(partner=sales_agent.partner, company_name="Contoso GmbH")
    portal = portal_for(sales_agent)
    portal.open(reverse("customers:new"))
    page = portal.page
    place = page.locator("#duplicates")
    name = page.locator("#id_company-company_name")
    name.press_sequentially("Contoso Ltd")
    expect(place).to_contain_text("You may have this customer already")
    expect(place).to_contain_text("Same name")
    expect(place.get_by_role("link")).to_have_attribute("href", reverse("customers:account", args=[known.tenant_id]))
    expect(name).to_be_focused()
    with page.expect_response(lambda answer: "x-autosave" in answer.request.headers):
        name.fill("Fabrikam")
    expect(place).not_to_contain_text("You may have")
    assert "Fabrikam" not in page.url
    wait_until_saved(page)


def test_education_is_asked_about_only_when_it_is_chosen(portal_for: PortalFor, sales_agent: Membership) -> None:
    portal = portal_for(sales_agent)
    portal.open(reverse("customers:new"))
    segment = portal.page.locator("#id_company-education_segment")
    expect(segment).to_be_hidden()
    portal.page.get_by_label("Education", exact=True).check()
    expect(segment).to_be_visible()
    wait_until_saved(portal.page)
