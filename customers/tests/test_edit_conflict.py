"""Two people edit the same: both see it, choose, and no change is lost (scenario I8)."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from agreements.tests.factories import job_actor
from customers.models import Contact, Customer
from customers.services import (
    editing,
    end_relationship,
    relate_customer,
    remove_contact,
    save_contact,
    set_account_status,
)
from customers.tests.factories import ContactFactory, CustomerFactory, company, contact
from customers.tests.forms_on_page import form_of
from portal.audit.models import AuditEvent
from portal.common.actor import Actor, ActorKind, Door
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory
from portal.tests.scenario_plugin import scale

ClientOf = Callable[[Membership], Client]
CHOICE = "Choose between two versions"


@pytest.fixture
def url(customer: Customer) -> str:
    return reverse("customers:edit", args=[customer.tenant_id])


@pytest.fixture
def ada(client_of: ClientOf, admin_agent: Membership) -> Client:
    return client_of(admin_agent)


@pytest.fixture
def sam(client_of: ClientOf, sales_agent: Membership) -> Client:
    return client_of(sales_agent)


def registered(form: dict[str, str]) -> dict[str, str]:
    return {"registration_number": "5260250274"} | {name: value for name, value in form.items() if value}


def test_the_second_editor_sees_both_versions_and_loses_nothing(
    ada: Client, sam: Client, url: str, customer: Customer
) -> None:
    Customer.objects.filter(pk=customer.pk).update(registration_number="5260250274")
    first, second = form_of(ada.get(url)), form_of(sam.get(url))
    assert ada.post(url, first | {"address_line1": "ul. Ady 1", "company_name": "Ada S.A."}).status_code == 302
    page = sam.post(url, second | {"company_name": "Sam S.A.", "address_line2": "Lokal 2"})
    text = page.content.decode()
    assert page.status_code == 200
    for said in (CHOICE, "Yours", "Saved by Ada Admin on", "ul. Ady 1", "Sam S.A.", "Ada S.A.", "Lokal 2"):
        assert said in text
    choice = form_of(page)
    proposed = {name: value for name, value in choice.items() if name.startswith("choose-")}
    # Theirs where the second editor left the value alone, the own one where they changed it.
    assert proposed == {
        "choose-company_name": "mine",
        "choose-address_line1": "theirs",
        "choose-address_line2": "mine",
    }
    customer.refresh_from_db()
    assert customer.company_name == "Ada S.A."
    assert sam.post(url, choice | {"choose-company_name": "theirs"}).status_code == 302
    customer.refresh_from_db()
    assert (customer.company_name, customer.address_line1, customer.address_line2, customer.version) == (
        "Ada S.A.",
        "ul. Ady 1",
        "Lokal 2",
        3,
    )


def test_a_relationship_that_ended_and_returned_meanwhile(ada: Client, url: str, customer: Customer) -> None:
    form = registered(form_of(ada.get(url)))
    end_relationship(by=job_actor(), customer=customer, running_count=0)
    told = company(company_name="Returned S.A.", country="PL")
    relate_customer(by=job_actor(), partner=customer.partner, tenant=customer.tenant, company=told, contact=contact())
    page = ada.post(url, form | {"address_line2": "Lokal 2"})
    assert CHOICE in page.content.decode()
    customer.refresh_from_db()
    assert (customer.company_name, customer.address_line2) == ("Returned S.A.", told.address_line2)


def test_a_third_editor_while_the_second_chooses(ada: Client, sam: Client, url: str, customer: Customer) -> None:
    first, second = form_of(ada.get(url)), form_of(sam.get(url))
    ada.post(url, registered(first) | {"address_line1": "ul. Ady 1"})
    choice = form_of(sam.post(url, registered(second) | {"city": "Łódź", "postal_code": "90-006"}))
    ada.post(url, form_of(ada.get(url)) | {"address_line2": "Lokal 3"})
    page = sam.post(url, choice)
    assert CHOICE in page.content.decode()
    assert sam.post(url, form_of(page)).status_code == 302
    customer.refresh_from_db()
    assert (customer.address_line1, customer.address_line2, customer.city) == ("ul. Ady 1", "Lokal 3", "Łódź")


def test_another_country_is_chosen_as_a_whole_address(ada: Client, sam: Client, url: str, customer: Customer) -> None:
    first, second = form_of(ada.get(url)), form_of(sam.get(url))
    moved = {"country": "DE", "address_line1": "Hauptstr. 1", "city": "Berlin", "postal_code": "10115"}
    assert ada.post(url, registered(first) | moved).status_code == 302
    page = sam.post(url, registered(second) | {"company_name": "Sam S.A.", "city": "Łódź", "postal_code": "90-006"})
    choice = form_of(page)
    assert "Hauptstr. 1, Berlin, 10115, Germany" in page.content.decode()
    assert {n for n in choice if n.startswith("choose-")} >= {"choose-country", "choose-company_name"}
    assert not {n for n in choice if n.startswith("choose-")} & {"choose-city", "choose-postal_code"}
    assert sam.post(url, choice | {"choose-country": "theirs"}).status_code == 302
    customer.refresh_from_db()
    assert (str(customer.country), customer.city, customer.company_name) == ("DE", "Berlin", "Sam S.A.")


def test_what_changed_elsewhere_in_the_row_is_no_conflict(sam: Client, url: str, customer: Customer) -> None:
    typed = registered(form_of(sam.get(url)))
    staff = Actor(kind=ActorKind.STAFF, name="Stefan", door=Door.ADMIN_SITE)
    set_account_status(by=staff, customer=customer, status="under_review")
    assert sam.post(url, typed | {"company_name": "Sam S.A."}).status_code == 302
    customer.refresh_from_db()
    assert (customer.company_name, customer.account_status) == ("Sam S.A.", "under_review")


def test_a_form_that_comes_back_with_an_error_is_still_drawn_from_the_old_version(
    ada: Client, sam: Client, url: str, customer: Customer
) -> None:
    first, second = form_of(ada.get(url)), form_of(sam.get(url))
    ada.post(url, registered(first) | {"company_name": "Ada S.A."})
    wrong = sam.post(url, registered(second) | {"postal_code": "1", "address_line1": "ul. Sama 2"})
    assert "There is a problem" in wrong.content.decode()
    page = sam.post(url, form_of(wrong) | {"postal_code": "00-002"})
    assert CHOICE in page.content.decode()
    assert sam.post(url, form_of(page)).status_code == 302
    customer.refresh_from_db()
    assert (customer.company_name, customer.address_line1) == ("Ada S.A.", "ul. Sama 2")


@pytest.mark.parametrize("reviewed", ["", "{", "[]", '{"city": 1}', "[" * 100_000, '"x"', "\x00"])
@pytest.mark.parametrize("version", ["1", "", "-1", "٣", "99999999999"])
def test_survives_any_base(ada: Client, url: str, customer: Customer, reviewed: str, version: str) -> None:
    typed = registered(form_of(ada.get(url))) | {"reviewed": reviewed, "version": version, "city": "Łódź"}
    assert ada.post(url, typed | {"choose-city": "theirs", "choose-x": "theirs"}).status_code in (200, 302)


def test_contacts_conflict_in_the_same_way(ada: Client, sam: Client, customer: Customer) -> None:
    known = customer.contacts.get()
    url = reverse("customers:contact", args=[customer.tenant_id, known.public_id])
    first, second = form_of(ada.get(url)), form_of(sam.get(url))
    ada.post(url, first | {"email": "ada@customer.example"})
    page = sam.post(url, second | {"phone": "+48 22 765 43 21"})
    assert "+48 22 765 43 21" in page.content.decode()
    assert "ada@customer.example" in page.content.decode()
    assert sam.post(url, form_of(page)).status_code == 302
    known.refresh_from_db()
    assert (known.email, known.phone.as_e164) == ("ada@customer.example", "+48227654321")


def test_a_contact_removed_meanwhile_can_be_added_again(ada: Client, sam: Client, customer: Customer) -> None:
    second = ContactFactory(customer=customer, first_name="Jan", last_name="Nowak", email="jan@customer.example")
    url = reverse("customers:contact", args=[customer.tenant_id, second.public_id])
    typed = form_of(sam.get(url)) | {"first_name": "Janusz"}
    removal = reverse("customers:remove_contact", args=[customer.tenant_id, second.public_id])
    assert ada.post(removal, form_of(ada.get(removal))).status_code == 302
    page = sam.post(url, typed)
    text = page.content.decode()
    assert "Ada Admin removed this contact" in text
    again = reverse("customers:new_contact", args=[customer.tenant_id])
    assert f'action="{again}"' in text
    assert sam.post(again, form_of(page)).status_code == 302
    assert Contact.objects.filter(customer=customer, first_name="Janusz").exists()
    assert sam.get(url).status_code == 302


def test_a_removed_contact_tells_strangers_nothing(client_of: ClientOf, stranger: Membership) -> None:
    customer = CustomerFactory()
    gone = ContactFactory(customer=customer)
    remove_contact(by=job_actor(), customer=customer, contact=gone, version=1)
    url = reverse("customers:contact", args=[customer.tenant_id, gone.public_id])
    assert client_of(stranger).get(url).status_code == 404
    own = CustomerFactory(partner=stranger.partner, tenant=customer.tenant)
    other = reverse("customers:contact", args=[own.tenant_id, gone.public_id])
    assert client_of(stranger).get(other).status_code == 404


def test_of_two_who_save_a_contact_the_event_names_the_last(customer: Customer) -> None:
    primary = customer.contacts.get()
    save_contact(by=job_actor(), customer=customer, details=contact(first_name="Jan"), contact=primary, version=1)
    assert AuditEvent.objects.get(code="customers.contact_saved").subject == str(primary.public_id)


def rounds(tmp_path: Path, client_of: ClientOf, count: int) -> int:
    """How many changes of two agents are missing, who save from the same base at the same moment, so many times."""
    customer = CustomerFactory(registration_number="5260250274")
    members = [MembershipFactory(partner=customer.partner, user__name=name) for name in ("Ada", "Sam")]
    url, lost = reverse("customers:edit", args=[customer.tenant_id]), 0
    with shared_by_threads(tmp_path):
        browsers = [client_of(member) for member in members]
        for number in range(count):
            wanted = {"company_name": f"Company {number}", "address_line1": f"ul. Nowa {number + 1}"}
            typed = [
                form_of(browser.get(url)) | {field: value}
                for browser, (field, value) in zip(browsers, wanted.items(), strict=True)
            ]
            _done, errors = together(2, partial(save, url, browsers, typed))
            assert errors == []
            now = Customer.objects.get(pk=customer.pk)
            lost += sum(getattr(now, field) != value for field, value in wanted.items())
    return lost


def save(url: str, browsers: list[Client], typed: list[dict[str, str]], who: int) -> None:
    """Post, and where another version is shown, take what the page proposes."""
    page = browsers[who].post(url, typed[who])
    for _ in range(3):
        if page.status_code == 302:
            return
        page = browsers[who].post(url, form_of(page))
    raise AssertionError("This agent never got their change saved.")


@pytest.mark.scenario("I8")
@pytest.mark.django_db(transaction=True)
def test_two_agents_edit_the_same_account_info_and_no_update_is_lost(tmp_path: Path, client_of: ClientOf) -> None:
    assert rounds(tmp_path, client_of, scale(8, 1000)) == 0


@pytest.mark.scenario("I8")
@pytest.mark.django_db(transaction=True)
def test_negative_control_without_the_version_updates_are_lost(
    tmp_path: Path, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing, "check_version", lambda current, version: None)
    count = scale(2, 50)
    assert rounds(tmp_path, client_of, count) == count
