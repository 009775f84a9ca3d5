"""customers.services.save_contact: exactly one contact is primary."""

import pytest
from django.db import IntegrityError, transaction

from agreements.tests.factories import confirmed, job_actor
from customers.models import Contact, Customer
from customers.services import save_contact
from customers.tests.factories import ContactFactory, contact
from portal.audit.models import AuditEvent
from portal.common.errors import RuleViolation


def test_adds_a_further_contact(customer: Customer) -> None:
    made = save_contact(by=job_actor(), customer=customer, details=contact(first_name="Jan"), version=1)
    assert not made.is_primary
    assert customer.contacts.count() == 2
    customer.refresh_from_db()
    assert customer.version == 2


def test_a_new_primary_contact_takes_over(customer: Customer) -> None:
    old = customer.contacts.get()
    new = save_contact(
        by=job_actor(), customer=customer, details=contact(first_name="Jan"), is_primary=True, version=1
    )
    assert list(customer.contacts.filter(is_primary=True)) == [new]
    assert Contact.objects.filter(pk=old.pk).exists()


def test_the_primary_contact_stays_primary_when_edited(customer: Customer) -> None:
    primary = customer.contacts.get()
    saved = save_contact(
        by=job_actor(), customer=customer, details=contact(last_name="Nowak"), contact=primary, version=1
    )
    assert (saved.is_primary, saved.last_name) == (True, "Nowak")


def test_the_database_allows_one_primary_contact(customer: Customer) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactFactory(customer=customer, is_primary=True)


def test_a_record_keeps_the_person_it_was_made_with(customer: Customer) -> None:
    made = confirmed(customer)
    save_contact(
        by=job_actor(),
        customer=customer,
        details=contact(first_name="Someone", last_name="Else"),
        contact=customer.contacts.get(),
        version=customer.version,
    )
    made.refresh_from_db()
    assert made.person.full_name == "Zofia Wiśniewska"


@pytest.mark.parametrize("email", ["x@microsoft.com", "x@MICROSOFT.com", "x@northwind.example"])
def test_refuses_addresses_that_are_not_the_customers(customer: Customer, email: str) -> None:
    customer.partner.domain = "northwind.example"
    customer.partner.save()
    with pytest.raises(RuleViolation) as refused:
        save_contact(by=job_actor(), customer=customer, details=contact(email=email), version=1)
    assert refused.value.field == "email"
    assert customer.contacts.count() == 1


def test_the_slower_of_two_is_told(customer: Customer) -> None:
    save_contact(by=job_actor(), customer=customer, details=contact(first_name="Jan"), version=1)
    with pytest.raises(RuleViolation) as refused:
        save_contact(by=job_actor(), customer=customer, details=contact(first_name="Ewa"), version=1)
    assert refused.value.code == "stale_version"


def test_the_log_names_nobody(customer: Customer) -> None:
    save_contact(by=job_actor(), customer=customer, details=contact(first_name="Jan"), version=1)
    event = AuditEvent.objects.get(code="customers.contact_saved")
    assert "Jan" not in f"{event.facts}{event.changed}"
    assert event.detail.values["contact"][1]["first_name"] == "Jan"
