"""Seed 001: the two scenarios in which the partner attests on the customer's behalf, in a browser."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from agreements.models import Attestation
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.partners.models import Membership, Partner
from portal.tests.journeys.conftest import Portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PortalFor = Callable[..., Portal]


@pytest.mark.parametrize("scenario", [1, 2])
def test_attest_acceptance_on_behalf_of_your_customer(
    portal_for: PortalFor, helpdesk_agent: Membership, customer: Customer, scenario: int
) -> None:
    portal = portal_for(helpdesk_agent)
    page = portal.page
    portal.open(f"/customers/{customer.tenant_id}/account/")
    portal.look()
    portal.click("Attest on behalf", "link")
    portal.click("Save and continue")
    expect(page.locator("#error-summary")).to_contain_text("Choose which of the two scenarios applies")
    portal.look()
    page.get_by_label(f"Scenario {scenario}:").check()
    portal.fill("Agreement acceptance date", timezone.now().date().isoformat())
    page.get_by_label("How we know").select_option(label="Note of a call")
    portal.click("Save and continue")
    expect(page.locator("#panel-agreement")).to_contain_text("Accepted")
    portal.look()
    record = Attestation.objects.get()
    assert (record.method, record.scenario) == ("on_behalf", scenario)


def test_an_indirect_reseller_is_told_to_work_with_its_provider(
    portal_for: PortalFor, reseller_agent: Membership, provider: Partner
) -> None:
    resold = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
    portal = portal_for(reseller_agent)
    portal.open(f"/customers/{resold.tenant_id}/account/")
    expect(portal.page.locator("#panel-agreement")).to_contain_text(provider.name)
    portal.look()
    portal.complaints.clear()
    portal.open(f"/customers/{resold.tenant_id}/agreement/confirm/")
    expect(portal.page.locator("body")).to_contain_text(f"Ask {provider.name}, your indirect provider")
