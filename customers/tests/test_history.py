"""What happened with a customer: the activity log of its partner, in words, for who may edit the customer."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.tests.factories import confirmed, job_actor
from agreements.tests.factories import person as signer
from customers.models import Customer
from customers.services import edit_company, save_contact
from customers.tests.factories import CustomerFactory, company, contact
from portal.audit.services import record_event
from portal.common.actor import Actor, ActorKind, Door
from portal.partners.models import Membership, Partner

ClientOf = Callable[[Membership], Client]
ActorFor = Callable[..., Actor]


@pytest.fixture
def url(customer: Customer) -> str:
    return reverse("customers:history", args=[customer.tenant_id])


def panel(client: Client, customer: Customer) -> str:
    page = client.get(reverse("customers:account", args=[customer.tenant_id])).content.decode()
    return page.split('id="panel-history"')[1].split("</section>")[0]


def test_says_who_did_what_with_the_names_of_fields_only(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer, url: str, actor_for: ActorFor
) -> None:
    by = actor_for(helpdesk_agent)
    edit_company(by=by, customer=customer, company=company(city="Kraków"), version=1)
    save_contact(by=by, customer=customer, details=contact(first_name="Januszek"))
    client = client_of(helpdesk_agent)
    for shown in (client.get(url).content.decode(), panel(client, customer)):
        assert "Company details changed" in shown
        assert "city" in shown
        assert "Contact saved" in shown
        assert "Hela Helpdesk" in shown
        assert "Helpdesk agent" in shown
    page = client.get(url).content.decode()
    assert "Kraków" not in page
    assert "Januszek" not in page


def test_names_who_accepted_only_to_who_may_see_records(
    client_of: ClientOf, helpdesk_agent: Membership, sales_agent: Membership, customer: Customer, url: str
) -> None:
    confirmed(customer, person=signer(first_name="Bogumiła", last_name="Podpisująca"))
    record_event(
        by=Actor(kind=ActorKind.CUSTOMER, name="Klientyna Kliencka", door=Door.CUSTOMER_PAGE),
        code="agreements.customer_invited",
        partner_id=customer.partner_id,
        customer_id=customer.tenant_id,
    )
    sees = client_of(sales_agent).get(url).content.decode()
    assert "Bogumiła Podpisująca" in sees
    assert "Klientyna Kliencka" in sees
    hidden = client_of(helpdesk_agent).get(url).content.decode()
    assert "Acceptance confirmed" in hidden
    assert "Bogumiła" not in hidden
    assert "Klientyna" not in hidden
    assert "Bogumiła" not in panel(client_of(helpdesk_agent), customer)


def test_another_partners_work_with_the_company_never_shows(
    client_of: ClientOf, admin_agent: Membership, stranger: Membership, customer: Customer, url: str
) -> None:
    theirs = CustomerFactory(partner=stranger.partner, tenant=customer.tenant)
    canary = Actor(kind=ActorKind.JOB, name="Canary Kanarek", door=Door.JOB)
    confirmed(theirs, by=canary)
    edit_company(by=canary, customer=theirs, company=company(city="Canary City"), version=1)
    client = client_of(admin_agent)
    assert "Canary" not in client.get(url).content.decode()
    assert "Canary" not in client.get(reverse("customers:account", args=[customer.tenant_id])).content.decode()
    assert "Canary Kanarek" in client_of(stranger).get(url).content.decode()
    assert "Nothing has happened yet" in client.get(url).content.decode()


def test_pages_through_everything(client_of: ClientOf, sales_agent: Membership, customer: Customer, url: str) -> None:
    for number in range(60):
        where = {"partner_id": customer.partner_id, "customer_id": customer.tenant_id}
        record_event(
            by=job_actor(), code="orders.subscription_suspended", **where, facts={"title": f"No-{number:02}-"}
        )
    client = client_of(sales_agent)
    first = client.get(url)
    second = client.get(url + first.context["page"].next_url)
    seen = first.content.decode() + second.content.decode()
    assert [seen.count(f"No-{number:02}-") for number in range(60)] == [1] * 60
    assert panel(client, customer).count("Subscription suspended") == 5


def test_costs_the_same_for_many_events(
    client_of: ClientOf, sales_agent: Membership, customer: Customer, url: str
) -> None:
    client = client_of(sales_agent)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        return len(captured)

    confirmed(customer)
    client.get(url)
    few = cost()
    for number in range(20):
        save_contact(by=job_actor(), customer=customer, details=contact(first_name=f"Jan{number}"))
    assert cost() == few


def test_a_reseller_is_told_why_not(client_of: ClientOf, reseller_agent: Membership, provider: Partner) -> None:
    resold = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
    client = client_of(reseller_agent)
    answer = client.get(reverse("customers:history", args=[resold.tenant_id]))
    assert answer.status_code == 403
    assert provider.name in answer.content.decode()
    account = client.get(reverse("customers:account", args=[resold.tenant_id])).content.decode()
    assert "panel-history" not in account
