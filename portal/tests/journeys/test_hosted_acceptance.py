"""A program asks a signatory, who accepts on a phone without a sign-in (facts, 1.9)."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from agreements.links import hosted_link
from agreements.models import HostedState
from agreements.tests.enhanced_factories import EnhancedAttestationFactory
from portal.partners.models import Partner
from portal.tests.journeys.conftest import NARROW, Portal
from portal.tests.journeys.test_customer_accepts import texts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["texts"]


@pytest.mark.usefixtures("texts")
def test_on_a_phone(
    live_server: Any, new_context: Callable[..., BrowserContext], settings: Any, partner: Partner
) -> None:
    settings.PORTAL_URL = live_server.url
    asked = EnhancedAttestationFactory(partner=partner)
    theirs = Portal(new_context(viewport=NARROW).new_page(), live_server.url)
    page = theirs.page
    theirs.open("/hosted/?link=unknown")
    theirs.look()
    page.goto(hosted_link(asked))
    assert page.url.endswith("/hosted/")
    theirs.look()
    theirs.click("Decline", "link")
    theirs.look()
    theirs.click("Cancel", "link")
    theirs.click("Review the agreement")
    theirs.look()
    theirs.click("Accept")
    expect(page.locator("#error-summary")).to_contain_text("Tick the box")
    theirs.look()
    page.get_by_label("I have read and accept").check()
    theirs.click("Accept")
    expect(page.get_by_role("heading", name="The Microsoft Customer Agreement is accepted")).to_be_visible()
    theirs.look()
    asked.refresh_from_db()
    assert asked.state == HostedState.ACCEPTED
