"""Account info: what each role sees of a customer, and editing it."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.tests.factories import confirmed
from customers.models import Contact, Customer
from customers.tests.factories import ContactFactory, CustomerFactory, TenantFactory
from customers.tests.forms_on_page import form_of
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

ClientOf = Callable[[Membership], Client]


def account(customer: Customer) -> str:
    return reverse("customers:account", args=[customer.tenant_id])


def edit_form(customer: Customer, **changed: str) -> dict[str, str]:
    typed = {
        "version": str(customer.version),
        "country": "PL",
        "company_name": "Żabka Nowa S.A.",
        "address_line1": "ul. Długa 2",
        "address_line2": "",
        "city": "Kraków",
        "postal_code": "31-146",
        "registration_number": "5260250274",
    }
    return {**typed, **changed}


def test_a_sales_agent_sees_who_accepted(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> None:
    confirmed(customer)
    page = client_of(sales_agent).get(account(customer)).content.decode()
    assert "Customer acceptance confirmed by partner" in page
    assert "zofia@customer.example" in page.split('id="panel-agreement"')[1].split("</section>")[0]


def test_a_helpdesk_agent_sees_the_date_but_not_the_person(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer
) -> None:
    confirmed(customer)
    page = client_of(helpdesk_agent).get(account(customer)).content.decode()
    panel = page.split('id="panel-agreement"')[1].split("</section>")[0]
    assert "Provided" in panel
    assert "zofia@customer.example" not in panel


def test_a_stranger_gets_the_same_404_as_for_nothing(
    client_of: ClientOf, stranger: Membership, customer: Customer
) -> None:
    client = client_of(stranger)
    theirs = client.get(account(customer))
    nothing = client.get("/customers/00000000-0000-0000-0000-000000000000/account/")
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.content == nothing.content


def test_a_reseller_is_told_which_provider_to_ask(
    client_of: ClientOf, reseller_agent: Membership, provider: Partner
) -> None:
    resold = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
    page = client_of(reseller_agent).get(account(resold)).content.decode()
    assert provider.name in page
    assert reverse("agreements:confirm", args=[resold.tenant_id]) not in page


@pytest.mark.django_db
def test_in_a_national_cloud_the_agreement_does_not_apply(client_of: ClientOf) -> None:
    member = MembershipFactory(partner=PartnerFactory(government=True))
    customer = CustomerFactory(partner=member.partner, country="US")
    page = client_of(member).get(account(customer)).content.decode()
    assert "Not applicable" in page
    assert reverse("agreements:confirm", args=[customer.tenant_id]) not in page


def test_of_two_partners_each_sees_only_its_own(
    client_of: ClientOf, sales_agent: Membership, stranger: Membership, customer: Customer
) -> None:
    confirmed(customer)
    CustomerFactory(partner=stranger.partner, tenant=customer.tenant, company_name="Their name for it")
    page = client_of(stranger).get(account(customer)).content.decode()
    assert "Their name for it" in page
    assert customer.company_name not in page
    assert "Orders and licence changes are stopped" in page


def test_saves_the_company(client_of: ClientOf, helpdesk_agent: Membership, customer: Customer) -> None:
    url = reverse("customers:edit", args=[customer.tenant_id])
    response = client_of(helpdesk_agent).post(url, edit_form(customer))
    assert response.status_code == 302
    customer.refresh_from_db()
    assert (customer.company_name, customer.city, customer.version) == ("Żabka Nowa S.A.", "Kraków", 2)


def test_keeps_what_the_second_editor_typed(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer
) -> None:
    url, client = reverse("customers:edit", args=[customer.tenant_id]), client_of(helpdesk_agent)
    client.post(url, edit_form(customer))
    response = client.post(url, edit_form(customer, company_name="Second thoughts"))
    assert response.status_code == 200
    page = response.content.decode()
    assert "Choose between two versions" in page
    assert "Hela Helpdesk saved changes on" in page
    assert "Second thoughts" in page
    customer.refresh_from_db()
    assert customer.company_name == "Żabka Nowa S.A."


def test_says_what_is_wrong_with_an_address(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer
) -> None:
    url = reverse("customers:edit", args=[customer.tenant_id])
    page = client_of(helpdesk_agent).post(url, edit_form(customer, postal_code="1", city="")).content.decode()
    assert "There is a problem" in page
    assert "Check the postal code" in page
    assert "Enter the city" in page


@pytest.mark.parametrize("country", ["all", "ZZ", "pl", "", "\x00", "A" * 10_240], ids=range(6))
@pytest.mark.parametrize("action", ["", "country"])
def test_survives_any_country(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer, country: str, action: str
) -> None:
    url = reverse("customers:edit", args=[customer.tenant_id])
    typed = edit_form(customer, country=country, action=action)
    assert client_of(helpdesk_agent).post(url, typed).status_code == 200
    customer.refresh_from_db()
    assert customer.country == "PL"


def test_another_country_asks_other_questions(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer
) -> None:
    url = reverse("customers:edit", args=[customer.tenant_id])
    typed = edit_form(customer, country="US", company_name="Kept", action="country")
    page = client_of(helpdesk_agent).post(url, typed).content.decode()
    assert "ZIP code" in page
    assert "Washington" in page
    assert "Kept" in page
    customer.refresh_from_db()
    assert customer.country == "PL"


def test_the_primary_contact_moves_and_is_always_one(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    url = reverse("customers:new_contact", args=[customer.tenant_id])
    typed = {
        "version": str(customer.version),
        "first_name": "李",
        "last_name": "小龙",
        "email": "li@customer.example",
        "phone": "+48 22 765 43 21",
        "is_primary": "on",
    }
    assert client_of(sales_agent).post(url, typed).status_code == 302
    primary = Contact.objects.get(primary_of=customer)
    assert (primary.full_name, str(primary.phone)) == ("李 小龙", "+48 22 765 43 21")
    assert Contact.objects.filter(customer=customer).count() == 2


def test_shows_what_the_program_knows(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> None:
    page = client_of(sales_agent).get(account(customer)).content.decode()
    panel = page.split('id="panel-account"')[1].split("</section>")[0]
    for said in (str(customer.tenant_id), customer.tenant.domain, "Approved", "Customer since"):
        assert said in panel
    assert "Same as the company and primary contact." in page


def test_says_why_orders_wait_for_the_vetting(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    Customer.objects.filter(pk=customer.pk).update(account_status="under_review")
    page = client_of(sales_agent).get(account(customer)).content.decode()
    panel = page.split('id="panel-account"')[1].split("</section>")[0]
    assert "Under review" in panel
    assert "Wait until the review is finished" in panel


def test_an_imported_customer_without_contact_says_what_to_do(
    client_of: ClientOf, sales_agent: Membership, helpdesk_agent: Membership
) -> None:
    bare = Customer.objects.create(
        tenant=TenantFactory(), partner=sales_agent.partner, company_name="Bare", country="PL"
    )
    page = client_of(sales_agent).get(account(bare)).content.decode()
    assert "Add a contact: it becomes the primary one" in page


def test_another_contact_becomes_the_primary_one_by_one_click(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    other = ContactFactory(customer=customer, first_name="Jan", last_name="Nowak")
    client = client_of(sales_agent)
    url = reverse("customers:make_primary", args=[customer.tenant_id, other.public_id])
    assert url in client.get(account(customer)).content.decode()
    page = client.post(url, follow=True).content.decode()
    assert "Jan Nowak is the primary contact now." in page
    customer.refresh_from_db()
    assert customer.primary_contact == other
    assert client.get(url).status_code == 405


def test_removing_a_contact_asks_first(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> None:
    other = ContactFactory(customer=customer, first_name="Jan", last_name="Nowak")
    client, url = (
        client_of(sales_agent),
        reverse("customers:remove_contact", args=[customer.tenant_id, other.public_id]),
    )
    page = client.get(url)
    assert "Remove Jan Nowak" in page.content.decode()
    assert customer.contacts.count() == 2
    stale = form_of(page) | {"version": "0"}
    assert "Somebody else changed this contact" in client.post(url, stale).content.decode()
    assert client.post(url, form_of(page)).status_code == 302
    assert customer.contacts.count() == 1
    assert client.post(url, form_of(page)).status_code == 302


def test_the_primary_contact_is_not_removed(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> None:
    ContactFactory(customer=customer)
    url = reverse("customers:remove_contact", args=[customer.tenant_id, customer.primary_contact_id])
    assert url not in client_of(sales_agent).get(account(customer)).content.decode()
    page = client_of(sales_agent).post(url, {"version": "1"}).content.decode()
    assert "Make another contact the primary one first" in page
    assert customer.contacts.count() == 2


def test_costs_the_same_for_many_contacts(client_of: ClientOf, sales_agent: Membership, customer: Customer) -> None:
    client, url = client_of(sales_agent), account(customer)
    client.get(url)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        return len(captured)

    few = cost()
    ContactFactory.create_batch(30, customer=customer)
    assert cost() == few


def test_asks_the_database_no_more_than_it_must(
    client_of: ClientOf, sales_agent: Membership, customer: Customer
) -> None:
    confirmed(customer)
    client, url = client_of(sales_agent), account(customer)
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    # One more, for the subscriptions, once there is an order.
    assert len(captured) == 11, [query["sql"][:200] for query in captured.captured_queries]
