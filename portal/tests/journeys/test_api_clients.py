"""A global admin lets a program use the API: the client, its secret, and what the reference says."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from portal.partners.models import Membership
from portal.tests.journeys.conftest import Portal
from portal.tokens.models import ApiClient
from portal.tokens.tests.factories import ConsentFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_program_gets_its_secret(portal_for: Callable[..., Portal], global_admin: Membership) -> None:
    portal = portal_for(global_admin)
    page = portal.page
    portal.open("/settings/api-clients/")
    portal.look()
    portal.click("New API client", "link")
    portal.click("Create")
    expect(page.get_by_text("There is a problem")).to_be_visible()
    portal.look()
    portal.fill("Name", "Nightly job")
    page.get_by_label("It acts by itself").check()
    page.get_by_label("It acts for members").check()
    page.get_by_label("Admin agent").check()
    page.locator("textarea").fill("https://app.example/signed-in\nhttp://localhost")
    portal.click("Create")
    portal.look()
    portal.click("Create the secret")
    secret = page.locator("#secret")
    expect(secret).to_be_visible()
    portal.look()
    text = secret.text_content()
    # A page loaded anew, as after a slow answer, has it still.
    page.reload()
    expect(secret).to_have_text(text or "")
    portal.click("I saved it", "link")
    expect(page.get_by_text("Usable")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text(text or "")
    program = ApiClient.objects.get()
    ConsentFactory(client=program, user=global_admin.user)
    page.reload()
    portal.look()
    portal.click("Revoke", "link")
    portal.look()
    portal.click("Revoke")
    expect(page.get_by_text("The secret is revoked.")).to_be_visible()
    portal.open("/settings/api-clients/")
    expect(page.get_by_text("No secret")).to_be_visible()
    portal.look()
    # What the person allowed it, from the account menu.
    page.locator(".account-menu summary").click()
    portal.click("Applications you allowed", "link")
    portal.look()
    portal.click("Revoke", "link")
    portal.look()
    portal.click("Revoke")
    expect(page.get_by_text("No application acts for you")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_reference_of_the_api(portal_for: Callable[..., Portal], global_admin: Membership, scheme: str) -> None:
    portal = portal_for(global_admin, color_scheme=scheme)
    page = portal.page
    portal.open("/v1/docs#createAgreement" if scheme == "light" else "/v1/docs")
    page.get_by_label("Filter the operations").fill("post customers agreements")
    expect(page.locator("details.operation:visible").first).to_be_visible()
    expect(page.locator("#filter-said")).to_contain_text("fit")
    page.locator("details.operation:visible summary").first.click()
    portal.look()
    page.get_by_label("Filter the operations").fill("nothing of this kind")
    expect(page.get_by_text("No operation fits.")).to_be_visible()
