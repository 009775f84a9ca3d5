from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.models import Invitation
from agreements.services import ask_partner_to_confirm, decline_invitation, send_invitation
from agreements.tests.factories import TemplateFactory, confirmed, invited, job_actor
from agreements.tests.invitation_factories import THE_PERSON
from customers.models import Customer
from customers.tests.factories import CustomerFactory, OnboardingDraftFactory
from orders.tests.factories import filled_cart, placed
from portal.common.actor import Actor
from portal.jobs.models import Letter
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory, UserFactory

ClientOf = Callable[[Membership], Client]


def home(client: Client) -> str:
    response = client.get(reverse("dashboard:home"))
    assert response.status_code == 200
    return response.content.decode()


def test_counts_lead_to_the_filtered_list(admin_agent: Membership, customer: Customer, client_of: ClientOf) -> None:
    confirmed(CustomerFactory(partner=customer.partner))
    client = client_of(admin_agent)
    figures = {f.standing.value: f.count for f in client.get("/").context["overview"].figures}
    assert figures == {"covered": 1, "pending": 0, "missing": 1}
    assert f'href="{reverse("customers:list")}?standing=missing"' in home(client)


def test_a_renewal_that_is_enforced_shows_as_a_count(
    admin_agent: Membership, customer: Customer, client_of: ClientOf
) -> None:
    confirmed(customer, agreed_on=date(2020, 5, 1))
    TemplateFactory(
        version="2024-01",
        effective_on=date(2024, 1, 1),
        renew_before=date(2024, 1, 1),
        renewal_enforced_on=date(2024, 6, 1),
    )
    figures = {f.standing.value: f.count for f in client_of(admin_agent).get("/").context["overview"].figures}
    assert figures["stale"] == 1


def test_customers_to_confirm_are_listed_until_they_are(
    sales_agent: Membership, customer: Customer, client_of: ClientOf
) -> None:
    client = client_of(sales_agent)
    page = home(client)
    assert customer.company_name in page
    assert reverse("agreements:confirm", args=[customer.tenant_id]) in page
    confirmed(customer)
    assert "Every customer has accepted" in home(client)


def test_whom_nobody_can_confirm_waits_for_who_attests(
    helpdesk_agent: Membership, sales_agent: Membership, customer: Customer, client_of: ClientOf
) -> None:
    url = f"{reverse('agreements:attest', args=[customer.tenant_id])}?scenario=1"
    assert "Nobody waits for you" in home(client_of(helpdesk_agent))
    Customer.objects.filter(pk=customer.pk).update(bought_at=timezone.now())
    ask_partner_to_confirm(by=THE_PERSON, customer=customer, email="zofia@customer.example")
    assert url in home(client_of(helpdesk_agent))
    # A sales agent confirms, but does not attest on behalf.
    assert url not in home(client_of(sales_agent))
    assert "Nobody waits for you" not in home(client_of(sales_agent))
    confirmed(customer)
    assert "Nobody waits for you" in home(client_of(helpdesk_agent))


def bounced(invitation: Invitation) -> None:
    sent = send_invitation(by=job_actor(), invitation=invitation)
    Letter.objects.filter(pk=sent.letter_id).update(bounced_at=timezone.now())


def nearly_over(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() + timedelta(days=2))


def declined(invitation: Invitation) -> None:
    decline_invitation(by=THE_PERSON, invitation=invitation, reason="Clause 4 does not suit us.")


@pytest.mark.parametrize(
    ("happens", "words"),
    [(bounced, "Could not be delivered"), (nearly_over, "Expires soon"), (declined, "Clause 4 does not suit us.")],
)
def test_an_invitation_that_needs_a_look_is_there(
    sales_agent: Membership,
    helpdesk_agent: Membership,
    customer: Customer,
    client_of: ClientOf,
    happens: Callable[[Invitation], None],
    words: str,
) -> None:
    invitation = invited(customer)
    link, client = reverse("agreements:invitation", args=[invitation.public_id]), client_of(sales_agent)
    assert link not in home(client)
    happens(invitation)
    assert link in home(client)
    assert words in home(client)
    assert link not in home(client_of(helpdesk_agent))
    confirmed(customer)
    assert link not in home(client)


def test_a_declined_invitation_is_done_with_once_there_is_another(
    sales_agent: Membership, customer: Customer, client_of: ClientOf
) -> None:
    invitation = invited(customer)
    declined(invitation)
    invited(customer, email="other@customer.example")
    assert "Invitations that need you" not in home(client_of(sales_agent))


def test_nothing_is_said_where_nothing_waits(
    admin_agent: Membership, customer: Customer, client_of: ClientOf
) -> None:
    page = home(client_of(admin_agent))
    for words in ("Disputes", "Your resellers ask", "Invitations that need you"):
        assert words not in page


def test_who_may_not_confirm_gets_no_link_to_it(
    helpdesk_agent: Membership, customer: Customer, client_of: ClientOf
) -> None:
    page = home(client_of(helpdesk_agent))
    assert reverse("customers:account", args=[customer.tenant_id]) in page
    assert reverse("agreements:confirm", args=[customer.tenant_id]) not in page


def test_my_drafts_are_mine_alone(sales_agent: Membership, admin_agent: Membership, client_of: ClientOf) -> None:
    typed = {"account": {"company-company_name": "Half-typed Ltd"}}
    draft = OnboardingDraftFactory(membership=sales_agent, data=typed)
    link = reverse("customers:draft", args=[draft.pk])
    assert link in home(client_of(sales_agent))
    assert "Half-typed Ltd" in home(client_of(sales_agent))
    assert link not in home(client_of(admin_agent))


def test_the_latest_orders_are_there(
    sales_agent: Membership, customer: Customer, client_of: ClientOf, actor_for: Callable[[Membership], Actor]
) -> None:
    confirmed(customer)
    order = placed(filled_cart(customer, sales_agent), actor_for(sales_agent))
    page = home(client_of(sales_agent))
    assert reverse("orders:order", args=[order.number]) in page


def test_empty_states_say_what_comes_next(admin_agent: Membership, client_of: ClientOf) -> None:
    page = home(client_of(admin_agent))
    for words in ("No drafts", "No customers yet", "No orders yet"):
        assert words in page


def test_nothing_of_another_partner_shows(stranger: Membership, customer: Customer, client_of: ClientOf) -> None:
    assert customer.company_name not in home(client_of(stranger))


def test_in_a_national_cloud_there_is_nothing_to_confirm(client_of: ClientOf, db: None) -> None:
    member = MembershipFactory(partner=PartnerFactory(government=True))
    CustomerFactory(partner=member.partner, country="US")
    client = client_of(member)
    assert "does not apply in your cloud" in home(client)
    assert [f.standing.value for f in client.get("/").context["overview"].figures] == ["not_applicable"]


def test_a_reseller_sees_the_customers_it_resells_to(
    reseller_agent: Membership, provider: Partner, client_of: ClientOf
) -> None:
    CustomerFactory(partner=provider, reseller=reseller_agent.partner, company_name="Resold Ltd")
    CustomerFactory(partner=provider, company_name="Not Theirs Ltd")
    page = home(client_of(reseller_agent))
    assert "Resold Ltd" in page
    assert "Not Theirs Ltd" not in page
    assert "Your indirect provider confirms" in page
    assert reverse("customers:new") not in page


def test_staff_without_a_partner_are_shown_to_the_staff_site(db: None, settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    client = Client()
    client.force_login(UserFactory(is_staff=True), backend="allauth.account.auth_backends.AuthenticationBackend")
    page = home(client)
    assert reverse("admin:index") in page
    assert reverse("dashboard:mail") in page
    settings.IS_LOCAL = False
    assert reverse("dashboard:mail") not in home(client)


def test_somebody_without_a_partner_is_told_whom_to_ask(db: None) -> None:
    client = Client()
    client.force_login(UserFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    page = home(client)
    assert "Ask a global admin" in page
    assert reverse("admin:index") not in page


@pytest.mark.usefixtures("template")
def test_it_costs_the_same_with_1_and_with_30_customers(
    admin_agent: Membership, client_of: ClientOf, actor_for: Callable[[Membership], Actor]
) -> None:
    client, partner = client_of(admin_agent), admin_agent.partner

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            home(client)
        return len(seen)

    def fill(count: int) -> None:
        for customer in CustomerFactory.create_batch(count, partner=partner):
            confirmed(customer)
            placed(filled_cart(customer, admin_agent), actor_for(admin_agent))
        CustomerFactory.create_batch(count, partner=partner)
        OnboardingDraftFactory.create_batch(count, membership=admin_agent)

    fill(1)
    home(client)
    one = queries()
    fill(14)
    assert queries() == one
    assert one <= 12
