"""Pages that no procedure passes through, held against the same bars, in light and dark."""

from collections.abc import Callable
from datetime import date
from typing import Literal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from agreements.models import Approval, Invitation
from agreements.services import ask_partner_to_confirm
from agreements.tests.approval_factories import waiting
from agreements.tests.checkpoint_factories import CheckpointFactory, given_up
from agreements.tests.factories import TemplateFactory, accepted_directly, confirmed, file_of, invited
from agreements.tests.invitation_factories import THE_PERSON, ConfirmationRequestFactory, disputed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Order
from orders.tests.factories import AvailabilityFactory, filled_cart, placed
from portal.common.actor import Actor, ActorKind, Door
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory
from portal.tests.journeys.conftest import Portal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PortalFor = Callable[..., Portal]


@pytest.fixture
def busy(customer: Customer, sales_agent: Membership) -> Order:
    """A partner with something in every list."""
    confirmed(customer)
    by = Actor(kind=ActorKind.AGENT, name="Sam", user_id=sales_agent.user_id, membership=sales_agent, door=Door.ORDER)
    order = placed(filled_cart(customer, sales_agent), by)
    AvailabilityFactory(market="PL")
    accepted_directly(CustomerFactory(partner=customer.partner, company_name="株式会社サンプル"))
    wide = CustomerFactory(
        partner=customer.partner, company_name="W" * 60, tenant__domain=f"{'w' * 27}.onmicrosoft.com"
    )
    invited(wide, email=f"{'w' * 60}@customer.example")
    given_up(CheckpointFactory(partner=customer.partner))
    waiting(CustomerFactory(partner=customer.partner, company_name="株" * 40), by)
    # Every record is to be renewed one day.
    far = date(2999, 1, 1)
    TemplateFactory(effective_on=date(2018, 1, 1), renew_before=far, renewal_enforced_on=far)
    return order


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_an_agent(
    portal_for: PortalFor, busy: Order, partner: object, scheme: Literal["light", "dark"]
) -> None:
    member = MembershipFactory(partner=partner, roles=["admin_agent", "global_admin"])
    portal = portal_for(member, color_scheme=scheme)
    subscription = busy.lines.get().subscription
    record = busy.acceptance
    assert record is not None
    file_of(record, f"{'W' * 100}.pdf")
    account = f"/customers/{busy.tenant_id}"
    invitation = Invitation.objects.with_details().get()
    waits = Approval.objects.with_details().get()
    for path in (
        "/",
        "/customers/",
        "/customers/?country=AQ",
        f"{account}/account/",
        f"{account}/edit/",
        f"{account}/contacts/new/",
        f"{account}/agreement/{record.reference}/",
        f"{account}/agreement/{record.reference}/evidence/",
        f"{account}/agreement/{record.reference}/withdraw/",
        f"{account}/agreement/invite/",
        f"/customers/{invitation.customer.tenant_id}/account/",
        "/customers/relationship-request/",
        "/agreements/",
        "/agreements/invitations/",
        f"/agreements/invitations/{invitation.public_id}/",
        f"/agreements/invitations/{invitation.public_id}/revoke/",
        "/agreements/evidence/",
        "/agreements/approvals/",
        f"/agreements/approvals/{waits.public_id}/",
        f"/agreements/approvals/{waits.public_id}/refuse/",
        f"/customers/{waits.customer.tenant_id}/account/",
        "/agreements/stale/",
        f"{account}/agreement/on/",
        f"{account}/agreement/on/?date=2999-01-01",
        "/orders/",
        f"/orders/{busy.number}/",
        f"/subscriptions/{subscription.pk}/",
        f"/subscriptions/{subscription.pk}/licences/",
        f"/subscriptions/{subscription.pk}/suspend/",
        f"/subscriptions/{subscription.pk}/cancel/",
        f"/subscriptions/{subscription.pk}/add-ons/",
        "/activity/",
        "/settings/",
        "/settings/members/",
        "/settings/members/invite/",
        "/settings/roles/",
        "/settings/applications/",
        "/settings/webhooks/",
        "/settings/acceptance/",
        "/settings/evidence/",
        "/accounts/password/change/",
    ):
        portal.open(path)
        expect(portal.page.locator("h1")).to_be_visible()
        portal.look()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_who_waits_and_of_disputes(
    portal_for: PortalFor, busy: Order, partner: Partner, scheme: Literal["light", "dark"]
) -> None:
    told = CustomerFactory(partner=partner, bought_at=timezone.now())
    ask_partner_to_confirm(by=THE_PERSON, customer=told, email="zofia@customer.example")
    record = busy.acceptance
    assert record is not None
    disputed(record)
    portal = portal_for(MembershipFactory(partner=partner, roles=["admin_agent"]), color_scheme=scheme)
    for path in (
        "/",
        f"/customers/{told.tenant_id}/agreement/attest/?scenario=1",
        f"/customers/{busy.tenant_id}/account/",
        f"/customers/{busy.tenant_id}/agreement/{record.reference}/",
        f"/customers/{busy.tenant_id}/agreement/{record.reference}/dispute/",
    ):
        portal.open(path)
        expect(portal.page.locator("h1")).to_be_visible()
        portal.look()


def test_the_pages_of_a_reseller_and_its_provider(
    portal_for: PortalFor, provider: Partner, reseller_agent: Membership, template: object
) -> None:
    asked = ConfirmationRequestFactory(
        customer=CustomerFactory(partner=provider, reseller=reseller_agent.partner),
        partner=provider,
        reseller=reseller_agent.partner,
    )
    resold = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
    page = f"/agreements/requests/{asked.public_id}/"
    for member, paths in (
        (
            reseller_agent,
            (
                "/",
                "/agreements/requests/",
                page,
                f"/customers/{asked.customer.tenant_id}/account/",
                f"/customers/{resold.tenant_id}/account/",
                f"/customers/{resold.tenant_id}/agreement/ask/",
            ),
        ),
        (
            MembershipFactory(partner=provider, roles=["admin_agent"]),
            ("/", "/agreements/requests/", page, f"{page}refuse/"),
        ),
    ):
        portal = portal_for(member)
        for path in paths:
            portal.open(path)
            expect(portal.page.locator("h1")).to_be_visible()
            portal.look()


def test_pages_without_anything_say_what_to_do(portal_for: PortalFor, stranger: Membership) -> None:
    portal = portal_for(stranger)
    for path in ("/", "/customers/", "/orders/", "/agreements/", "/agreements/invitations/", "/orders/new/"):
        portal.open(path)
        portal.look()
        expect(portal.page.locator(".empty").first).to_be_visible()


def test_refusals_say_who_can_and_where_to_go(
    portal_for: PortalFor, helpdesk_agent: Membership, customer: Customer
) -> None:
    portal = portal_for(helpdesk_agent)
    for path, words in (
        ("/customers/new/", "Sales agent"),
        (f"/customers/{customer.tenant_id}/agreement/confirm/", "Admin agent"),
        ("/customers/00000000-0000-0000-0000-000000000000/account/", "not"),
    ):
        portal.open(path)
        # The browser itself notes the status of these pages; nothing else may be noted.
        portal.complaints[:] = [line for line in portal.complaints if "the server responded" not in line]
        expect(portal.page.locator("body")).to_contain_text(words)
        portal.look()


def test_the_slash_key_finds_a_customer(portal_for: PortalFor, busy: Order, sales_agent: Membership) -> None:
    portal = portal_for(sales_agent)
    portal.page.keyboard.press("/")
    expect(portal.page.locator("#global-search")).to_be_focused()
    portal.page.keyboard.type("nowa")
    portal.page.keyboard.press("Enter")
    expect(portal.page.get_by_role("heading", name="Customers")).to_be_visible()
    expect(portal.page.locator("tbody tr").first).to_contain_text(busy.customer.company_name)
