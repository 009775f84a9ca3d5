"""New customer with subscriptions: found in the catalog, chosen by keyboard, made into one cart."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from agreements.models import AgreementTemplate
from customers.models import OnboardingDraft
from customers.services import save_draft, start_draft
from customers.tests.test_new_customer import answers
from orders.models import Availability, Cart, Term
from orders.tests.factories import AvailabilityFactory, PriceFactory
from portal.common.actor import Door
from portal.partners.models import Membership
from portal.tests.journeys.conftest import Portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PortalFor = Callable[..., Portal]


@pytest.fixture
def premium(template: AgreementTemplate) -> Availability:
    """Among more than a page shows, and cheaper by the hundred."""
    for number in range(30):
        AvailabilityFactory(market="SE", currency="SEK", sku__title=f"Another product {number:02}")
    made: Availability = AvailabilityFactory(
        market="SE", currency="SEK", sku__title="Microsoft 365 Business Premium", price__tier_max=99
    )
    PriceFactory(availability=made, tier_min=100, unit_price=Decimal("45.1250"))
    AvailabilityFactory(market="SE", currency="SEK", sku=made.sku, term=Term.MONTH)
    return made


def begun(member: Membership, actor: object) -> OnboardingDraft:
    """A draft with its Account info filled in."""
    typed = {name: value for name, value in answers().items() if name != "draft_key"}
    draft = start_draft(by=actor, partner=member.partner)
    return save_draft(by=actor, draft=draft, page="account", typed=typed)


def choose_by_keyboard(page: Page, words: str, quantity: str) -> None:
    """Enter in the search box searches, Enter beside an offer adds it; neither moves on."""
    box = page.get_by_label("Product, publisher or SKU")
    box.fill(words)
    box.press("Enter")
    expect(page.get_by_label("Quantity of", exact=False)).to_have_count(1)
    field = page.get_by_label("Quantity of Microsoft 365 Business Premium")
    page.get_by_label("Term and billing plan of Microsoft 365 Business Premium").select_option("P1Y.monthly")
    field.fill(quantity)
    field.press("Enter")
    expect(page.get_by_label("Quantity of Microsoft 365 Business Premium, 1 year")).to_have_value(quantity)


@pytest.mark.parametrize("has_script", [True, False])
def test_subscriptions_are_chosen_by_keyboard(
    portal_for: PortalFor,
    sales_agent: Membership,
    actor_for: Callable[..., object],
    premium: Availability,
    has_script: bool,
) -> None:
    draft = begun(sales_agent, actor_for(sales_agent, Door.WIZARD))
    portal = portal_for(sales_agent, java_script_enabled=has_script)
    page = portal.page
    portal.open(reverse("customers:subscriptions", args=[draft.pk]))
    expect(page.get_by_text("Search for more words")).to_be_visible()
    if has_script:
        portal.look()
    choose_by_keyboard(page, "premium 365", "120")
    expect(page.locator("tbody tr")).to_contain_text("SEK 45.125")
    expect(page.locator("tbody tr")).to_contain_text("SEK 5,415.00")
    if has_script:
        portal.look()
    page.get_by_label("Quantity of Microsoft 365 Business Premium, 1 year").fill("301")
    portal.click("Next: Review")
    expect(page.locator("#error-summary")).to_contain_text("Enter 300 or fewer licences")
    if has_script:
        portal.look()
    page.get_by_label("Quantity of Microsoft 365 Business Premium, 1 year").fill("10")
    portal.click("Next: Review")
    expect(page.get_by_text("Total for the first billing period")).to_be_visible()
    expect(page.locator("tfoot")).to_contain_text("SEK 504.00")
    if has_script:
        portal.look()
    portal.click("Submit")
    expect(page.locator("#admin-password")).to_be_visible()
    line = Cart.objects.get().lines.get()
    assert (line.availability, line.quantity) == (premium, 10)


def test_what_is_typed_beside_an_offer_is_saved_by_itself(
    portal_for: PortalFor, sales_agent: Membership, actor_for: Callable[..., object], premium: Availability
) -> None:
    draft = begun(sales_agent, actor_for(sales_agent, Door.WIZARD))
    portal = portal_for(sales_agent)
    page = portal.page
    portal.open(reverse("customers:subscriptions", args=[draft.pk]))
    field = page.get_by_label("Quantity of Another product 07")
    with page.expect_response(lambda answer: "x-autosave" in answer.request.headers):
        field.fill("7")
    page.wait_for_load_state("networkidle")
    portal.open(reverse("customers:subscriptions", args=[draft.pk]))
    expect(page.get_by_label("Quantity of Another product 07")).to_have_value("7")
