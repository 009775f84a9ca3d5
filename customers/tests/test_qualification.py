"""Special qualification and account status: partners ask, staff decide, orders wait."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from agreements.tests.factories import confirmed, job_actor
from customers.models import Customer
from customers.rules import why_not_a_website
from customers.services import (
    EditConflict,
    decide_qualification,
    set_account_status,
    set_qualification,
)
from customers.tests.factories import TenantFactory
from customers.tests.forms_on_page import form_of
from orders.models import LicenceChange, Order
from orders.services import change_licence_count
from orders.tests.factories import filled_cart, placed
from portal.audit.models import AuditEvent
from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import NotPermitted, RuleViolation
from portal.partners.models import Membership

ClientOf = Callable[[Membership], Client]
ActorFor = Callable[..., Actor]
SCHOOL = {"qualification": "education", "education_segment": "k12", "website": "https://www.school.example"}
STAFF = Actor(kind=ActorKind.STAFF, name="Stefan Staff", door=Door.ADMIN_SITE)


def ask(customer: Customer, version: int = 1, **changed: str) -> Customer:
    return set_qualification(by=job_actor(), customer=customer, **{**SCHOOL, **changed}, version=version)


def test_what_is_asked_for_is_in_review(customer: Customer) -> None:
    asked = ask(customer)
    assert (asked.qualification, asked.education_segment, asked.qualification_status) == (
        "education",
        "k12",
        "in_review",
    )
    assert asked.qualification_asked_at is not None
    assert asked.version == 2
    assert AuditEvent.objects.get(code="customers.qualification_asked").facts == {"qualification": "education"}


def test_the_same_again_is_no_change_unless_it_was_denied(customer: Customer) -> None:
    first = ask(customer).qualification_asked_at
    assert ask(customer, version=9).qualification_asked_at == first
    denied = decide_qualification(by=STAFF, customer=customer, is_approved=False, reason="restricted")
    again = ask(customer, version=denied.version)
    assert again.qualification_status == "in_review"
    assert again.qualification_asked_at is not None
    assert again.qualification_asked_at != first


def test_none_clears_everything(customer: Customer) -> None:
    ask(customer)
    cleared = ask(customer, version=2, qualification="none")
    assert (cleared.qualification, cleared.education_segment, cleared.website, cleared.qualification_status) == (
        "none",
        "",
        "",
        "",
    )
    assert cleared.qualification_asked_at is None


def test_another_qualification_has_no_segment(customer: Customer) -> None:
    asked = ask(customer, qualification="state_owned_entity")
    assert (asked.education_segment, asked.website) == ("", "")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"education_segment": ""}, "education_segment"),
        ({"education_segment": "kindergarten"}, "education_segment"),
        ({"website": "ftp://school.example"}, "website"),
        ({"qualification": "nonprofit"}, "qualification"),
    ],
)
def test_refuses_what_does_not_fit(customer: Customer, changed: dict[str, str], field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        ask(customer, **changed)
    assert refused.value.field == field


@pytest.mark.parametrize("email", ["school@gmail.com", "it@school.onmicrosoft.com"])
def test_a_school_has_an_address_of_its_own(customer: Customer, email: str) -> None:
    customer.contacts.update(email=email)
    with pytest.raises(RuleViolation, match="Change the primary contact's email address first"):
        ask(customer)
    assert ask(customer, qualification="state_owned_entity").qualification_status == "in_review"


def test_a_school_without_contact_is_refused(customer: Customer) -> None:
    bare = Customer.objects.create(tenant=TenantFactory(), partner=customer.partner, company_name="B", country="PL")
    with pytest.raises(RuleViolation, match="Add a primary contact first"):
        ask(bare)


def test_the_slower_of_two_is_told(customer: Customer) -> None:
    ask(customer)
    with pytest.raises(EditConflict):
        ask(customer, qualification="state_owned_entity")


@pytest.mark.parametrize(
    "address",
    [
        "http://school.example",
        "https://www.szkoła.example/a?b=c",
        "https://school.example:443/",
        "https://xn--szkoa-n7a.example",
    ],
)
def test_public_addresses_are_websites(address: str) -> None:
    assert why_not_a_website(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "school.example",
        "javascript:alert(1)",
        "https://localhost/",
        "https://school/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://user@school.example",
        "https://intranet.local",
        "https://school.example:8080",
        "https://school .example",
        "https://[",
        "https://-a.example",
        "https://school.example:x",
    ],
)
def test_others_are_not(address: str) -> None:
    assert why_not_a_website(address) is not None


def test_staff_decide_and_nobody_else(customer: Customer, admin_agent: Membership, actor_for: ActorFor) -> None:
    ask(customer)
    for by in (actor_for(admin_agent), job_actor()):
        with pytest.raises(NotPermitted):
            decide_qualification(by=by, customer=customer, is_approved=True)
        with pytest.raises(NotPermitted):
            set_account_status(by=by, customer=customer, status="approved")
    assert decide_qualification(by=STAFF, customer=customer, is_approved=True).qualification_status == "approved"
    event = AuditEvent.objects.get(code="customers.qualification_decided")
    assert (event.actor_kind, event.facts["status"]) == ("staff", "approved")


def test_orders_and_licence_changes_wait_for_the_approval(
    customer: Customer, sales_agent: Membership, actor_for: ActorFor
) -> None:
    by = actor_for(sales_agent)
    confirmed(customer)
    subscription = placed(filled_cart(customer, sales_agent), by).lines.get().subscription
    for status, words in (("under_review", "under review"), ("not_approved", "not approved")):
        set_account_status(by=STAFF, customer=customer, status=status)
        with pytest.raises(RuleViolation, match=words):
            placed(filled_cart(customer, sales_agent), by)
        with pytest.raises(RuleViolation, match=words):
            change_licence_count(by=by, subscription=subscription, quantity=9, submit_key=status)
    assert (Order.objects.count(), LicenceChange.objects.count()) == (1, 0)
    set_account_status(by=STAFF, customer=customer, status="approved")
    placed(filled_cart(customer, sales_agent), by)


@pytest.fixture
def url(customer: Customer) -> str:
    return reverse("customers:qualification", args=[customer.tenant_id])


def test_asks_on_the_page_and_shows_where_it_stands(
    client_of: ClientOf, helpdesk_agent: Membership, customer: Customer, url: str
) -> None:
    client = client_of(helpdesk_agent)
    page = client.post(url, form_of(client.get(url)) | SCHOOL, follow=True).content.decode()
    assert "In review since" in page
    assert "Primary or secondary school" in page
    decide_qualification(by=STAFF, customer=customer, is_approved=False, reason="not_academic_domain")
    page = client.get(reverse("customers:account", args=[customer.tenant_id])).content.decode()
    assert "Denied" in page
    assert "The domain is not an academic one" in page


def test_says_what_a_school_needs(client_of: ClientOf, helpdesk_agent: Membership, url: str) -> None:
    client = client_of(helpdesk_agent)
    typed = form_of(client.get(url)) | {"qualification": "education", "website": "school"}
    page = client.post(url, typed).content.decode()
    assert "Choose the education segment" in page
    assert "Enter the address of the website" in page
    assert 'value="school"' in page


def test_both_versions_are_shown_and_one_is_chosen(
    client_of: ClientOf, helpdesk_agent: Membership, sales_agent: Membership, customer: Customer, url: str
) -> None:
    hela, sam = client_of(helpdesk_agent), client_of(sales_agent)
    first, second = form_of(hela.get(url)), form_of(sam.get(url))
    hela.post(url, first | SCHOOL)
    page = sam.post(url, second | {"qualification": "state_owned_entity"})
    assert "Education, Primary or secondary school, https://www.school.example" in page.content.decode()
    assert sam.post(url, form_of(page) | {"choose-qualification": "theirs"}).status_code == 302
    customer.refresh_from_db()
    assert (customer.qualification, customer.website) == ("education", "https://www.school.example")
