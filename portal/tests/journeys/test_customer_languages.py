"""A customer answers in Polish on a small phone without JavaScript, and looks at its page in other languages."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from agreements.links import link_of
from agreements.models import Attestation
from agreements.tests.factories import invited
from customers.models import Customer
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.tests.journeys.conftest import NARROW

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.scenario("W6")]


@pytest.fixture
def phone(live_server: Any, new_context: Callable[..., BrowserContext], settings: Any) -> Page:
    """Somebody's small phone: English, without JavaScript."""
    settings.PORTAL_URL = live_server.url
    return new_context(viewport=NARROW, java_script_enabled=False, locale="en-US").new_page()


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def speaks(page: Page, language: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator(".language-choice [aria-current]")).to_have_attribute("value", language)
    fits(page)


@pytest.mark.usefixtures("template")
def test_a_customer_accepts_in_polish_by_the_link_of_a_polish_message(
    phone: Page, customer: Customer, sales_agent: Membership, actor_for: Callable[..., Actor]
) -> None:
    phone.goto(link_of(invited(customer, actor_for(sales_agent), language="pl-PL")))
    speaks(phone, "pl")
    expect(phone.locator("main")).to_contain_text("prosi o zaakceptowanie Umowy z Klientem Microsoft")
    phone.get_by_role("link", name="Szczegóły").click()
    phone.get_by_role("button", name="Przejdź do umowy").click()
    phone.get_by_label("Język umowy").select_option("pl-PL")
    phone.get_by_role("button", name="Pokaż w tym języku").click()
    phone.get_by_role("button", name="Akceptuję").last.click()
    expect(phone.locator("#error-summary")).to_contain_text("Wystąpił problem")
    expect(phone.locator("#error-summary")).to_contain_text("proszę zaznaczyć pole")
    # Another language would begin what was typed anew.
    expect(phone.locator(".language-choice")).to_have_count(0)
    fits(phone)
    phone.get_by_label("Stanowisko w firmie").fill("Prezes zarządu")
    phone.get_by_label("akceptuję ją w imieniu firmy").check()
    phone.get_by_role("button", name="Akceptuję").last.click()
    expect(phone.get_by_role("heading", name="Umowa z Klientem Microsoft została zaakceptowana")).to_be_visible()
    speaks(phone, "pl")
    assert Attestation.objects.get().document.language == "pl-PL"


def test_a_choice_keeps_the_page_and_lasts(
    phone: Page, customer: Customer, sales_agent: Membership, actor_for: Callable[..., Actor]
) -> None:
    phone.goto(link_of(invited(customer, actor_for(sales_agent), language="pl-PL")))
    phone.get_by_role("link", name="Szczegóły").click()
    where = phone.url
    for language, name in (("nl", "Nederlands"), ("sv", "Svenska"), ("zh-hans", "简体中文"), ("en", "English")):
        phone.get_by_role("button", name=name).click()
        assert phone.url == where
        speaks(phone, language)
    phone.get_by_role("button", name="Svenska").click()
    phone.goto(f"{where.partition('/accept/')[0]}/accounts/login/?next=/accept/")
    speaks(phone, "sv")
    expect(phone.get_by_role("heading", name="Logga in")).to_be_visible()
