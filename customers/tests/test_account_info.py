"""Account info: what each role sees of a customer, and editing it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from agreements.tests.factories import confirmed
from customers.models import Contact, Customer
from customers.tests.factories import CustomerFactory
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
    assert "Somebody else changed this" in page
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
