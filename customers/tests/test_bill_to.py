"""Bill-to: the company's own until somebody says otherwise."""

from collections.abc import Callable
from dataclasses import asdict

import pytest
from django.test import Client
from django.urls import reverse

from agreements.tests.factories import job_actor
from customers.models import BillTo, Customer
from customers.services import BillToDetails, EditConflict, bill_to_of, remove_bill_to, save_bill_to
from customers.tests.factories import CustomerFactory
from customers.tests.forms_on_page import form_of
from portal.audit.models import AuditEvent
from portal.common.errors import RuleViolation
from portal.partners.models import Membership

ClientOf = Callable[[Membership], Client]


def details(**changed: str) -> BillToDetails:
    said = {
        "company_name": "Księgowość Sp. z o.o.",
        "country": "PL",
        "address_line1": "ul. Długa 2",
        "city": "Kraków",
        "postal_code": "31-146",
        "first_name": "Ewa",
        "last_name": "Księgowa",
        "email": "faktury@customer.example",
    }
    return BillToDetails(**{**said, **changed})


def save(customer: Customer, version: int, **changed: str) -> BillTo:
    row = save_bill_to(by=job_actor(), customer=customer, details=details(**changed), version=version)
    assert row is not None
    return row


def test_a_customer_without_a_row_uses_company_and_primary_contact(customer: Customer) -> None:
    known = bill_to_of(customer, None)
    assert (known.company_name, known.city, known.email) == (
        customer.company_name,
        "Warszawa",
        "zofia@customer.example",
    )
    assert save_bill_to(by=job_actor(), customer=customer, details=known, version=0) is None
    assert not BillTo.objects.exists()


def test_saves_what_differs_and_logs_the_fields(customer: Customer) -> None:
    row = save(customer, 0)
    assert asdict(bill_to_of(customer, row)) == asdict(details())
    event = AuditEvent.objects.get(code="customers.bill_to_saved")
    assert {"company_name", "email", "city"} <= set(event.changed)
    assert "Ewa" not in f"{event.facts}{event.changed}"


def test_the_slower_of_two_is_told(customer: Customer) -> None:
    row = save(customer, 0)
    with pytest.raises(EditConflict) as refused:
        save(customer, 0, city="Gdańsk")
    assert refused.value.current == row
    assert save(customer, 1, city="Gdynia").version == 2


def test_a_row_that_comes_after_a_removed_one_is_no_earlier_version(customer: Customer) -> None:
    assert save(customer, 0).version == 1
    remove_bill_to(by=job_actor(), customer=customer, version=1)
    remove_bill_to(by=job_actor(), customer=customer, version=1)
    with pytest.raises(EditConflict) as refused:
        save(customer, 1, city="Gdańsk")
    assert refused.value.current is None
    assert save(customer, 0, city="Gdynia").version == 2
    with pytest.raises(EditConflict):
        save(customer, 1, city="Gdańsk")
    assert AuditEvent.objects.filter(code="customers.bill_to_removed").count() == 1


def test_refuses_an_address_that_is_not_the_customers(customer: Customer) -> None:
    with pytest.raises(RuleViolation) as refused:
        save(customer, 0, email="x@microsoft.com")
    assert refused.value.field == "email"


def test_of_two_partners_each_has_its_own(customer: Customer) -> None:
    theirs = CustomerFactory(tenant=customer.tenant)
    save(customer, 0)
    assert not BillTo.objects.filter(customer=theirs).exists()
    assert save(theirs, 0).version == 1


@pytest.fixture
def url(customer: Customer) -> str:
    return reverse("customers:bill_to", args=[customer.tenant_id])


def test_the_form_is_filled_with_the_company(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer, url: str
) -> None:
    client = client_of(helpdesk_agent)
    page = client.get(url)
    form = form_of(page)
    assert (form["company_name"], form["city"], form["last_name"]) == (
        customer.company_name,
        "Warszawa",
        "Wiśniewska",
    )
    assert "Use the company's again" not in page.content.decode().replace("&#x27;", "'")
    assert client.post(url, form | {"city": "Kraków", "postal_code": "31-146"}).status_code == 302
    shown = client.get(reverse("customers:account", args=[customer.tenant_id])).content.decode()
    panel = shown.split('id="panel-bill-to"')[1].split("</section>")[0]
    assert "Kraków" in panel
    assert "zofia@customer.example" in panel
    assert BillTo.objects.get().version == 1


def test_says_what_is_wrong_and_keeps_what_was_typed(
    client_of: ClientOf, helpdesk_agent: Membership, url: str
) -> None:
    client = client_of(helpdesk_agent)
    page = client.post(url, form_of(client.get(url)) | {"city": "", "last_name": "Nowa"})
    assert "Enter the city" in page.content.decode()
    assert form_of(page)["last_name"] == "Nowa"


def test_another_country_asks_other_questions(client_of: ClientOf, helpdesk_agent: Membership, url: str) -> None:
    client = client_of(helpdesk_agent)
    page = client.post(url, form_of(client.get(url)) | {"country": "US", "action": "country"}).content.decode()
    assert "ZIP code" in page
    assert not BillTo.objects.exists()


def test_uses_the_companys_again(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer, url: str
) -> None:
    save(customer, 0)
    client = client_of(helpdesk_agent)
    drawn = form_of(client.get(url))
    save(customer, 1, city="Gdynia")
    warned = client.post(url, drawn | {"action": "company"}, follow=True).content.decode()
    assert "Somebody else changed the bill-to information" in warned
    page = client.post(url, form_of(client.get(url)) | {"action": "company"}, follow=True).content.decode()
    assert "Same as the company and primary contact." in page
    assert not BillTo.objects.exists()


def test_both_versions_are_shown_and_one_is_chosen(
    client_of: ClientOf, helpdesk_agent: Membership, sales_agent: Membership, customer: Customer, url: str
) -> None:
    hela, sam = client_of(helpdesk_agent), client_of(sales_agent)
    first, second = form_of(hela.get(url)), form_of(sam.get(url))
    hela.post(url, first | {"first_name": "Ewa"})
    page = sam.post(url, second | {"email": "faktury@customer.example"})
    assert "Saved by Hela Helpdesk on" in page.content.decode()
    assert sam.post(url, form_of(page)).status_code == 302
    row = BillTo.objects.get()
    assert (row.first_name, row.email, row.version) == ("Ewa", "faktury@customer.example", 2)


def test_a_row_removed_meanwhile_is_a_conflict_too(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer, url: str
) -> None:
    row = save(customer, 0)
    client = client_of(helpdesk_agent)
    drawn = form_of(client.get(url))
    remove_bill_to(by=job_actor(), customer=customer, version=row.version)
    page = client.post(url, drawn | {"last_name": "Nowa"})
    choice = form_of(page)
    assert (choice["choose-last_name"], choice["choose-city"]) == ("mine", "theirs")
    assert client.post(url, choice).status_code == 302
    saved = BillTo.objects.get()
    assert (saved.last_name, saved.city, saved.version) == ("Nowa", "Warszawa", 2)
