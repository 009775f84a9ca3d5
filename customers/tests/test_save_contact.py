"""customers.services.save_contact: exactly one contact is primary."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from agreements.tests.factories import confirmed, job_actor
from customers.models import Contact, Customer
from customers.services import EditConflict, make_primary_contact, remove_contact, save_contact
from customers.tests.factories import ContactFactory, CustomerFactory, TenantFactory, contact
from portal.audit.models import AuditEvent
from portal.common.errors import RuleViolation


def test_adds_a_further_contact(customer: Customer) -> None:
    made = save_contact(by=job_actor(), customer=customer, details=contact(first_name="Jan"))
    assert not made.is_primary
    assert customer.contacts.count() == 2


def test_a_new_primary_contact_takes_over(customer: Customer) -> None:
    old = customer.contacts.get()
    new = save_contact(by=job_actor(), customer=customer, details=contact(first_name="Jan"), is_primary=True)
    customer.refresh_from_db()
    assert customer.primary_contact == new
    assert Contact.objects.filter(pk=old.pk).exists()


def test_the_primary_contact_stays_primary_when_edited(customer: Customer) -> None:
    primary = customer.contacts.get()
    saved = save_contact(
        by=job_actor(), customer=customer, details=contact(last_name="Nowak"), contact=primary, version=1
    )
    assert (saved.is_primary, saved.last_name) == (True, "Nowak")


def committed(write: Callable[[], object]) -> None:
    """Write, and let the database check now what it checks at commit, as a test's transaction never commits."""
    write()
    connection.check_constraints()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_knows_one_primary_contact_or_no_contact_at_all(customer: Customer) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.filter(pk=customer.pk).update(primary_contact=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        committed(lambda: customer.contacts.all().delete())
    somebody = CustomerFactory().primary_contact
    with pytest.raises(IntegrityError), transaction.atomic():
        committed(lambda: Customer.objects.filter(pk=customer.pk).update(primary_contact=somebody))
    bare = Customer.objects.create(tenant=TenantFactory(), partner=customer.partner, company_name="B", country="PL")
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactFactory(customer=bare)


def test_the_first_contact_is_the_primary_one(customer: Customer) -> None:
    bare = Customer.objects.create(tenant=TenantFactory(), partner=customer.partner, company_name="B", country="PL")
    assert save_contact(by=job_actor(), customer=bare, details=contact()).is_primary


def test_search_follows_the_contacts(customer: Customer) -> None:
    save_contact(by=job_actor(), customer=customer, details=contact(first_name="Łucja", email="lu@ex.example"))
    assert list(Customer.objects.search("lucja")) == [customer]
    assert list(Customer.objects.search("LU@EX.example")) == [customer]


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
    primary = customer.contacts.get()
    save_contact(by=job_actor(), customer=customer, details=contact(first_name="Jan"), contact=primary, version=1)
    with pytest.raises(EditConflict) as refused:
        save_contact(by=job_actor(), customer=customer, details=contact(first_name="Ewa"), contact=primary, version=1)
    assert refused.value.current == primary
    assert str(customer.contacts.get()) == "Jan Wiśniewska"


def test_the_log_names_nobody(customer: Customer) -> None:
    save_contact(by=job_actor(), customer=customer, details=contact(first_name="Jan"), version=1)
    event = AuditEvent.objects.get(code="customers.contact_saved")
    assert "Jan" not in f"{event.facts}{event.changed}"
    assert event.detail.values["contact"][1]["first_name"] == "Jan"


def test_saving_what_is_there_is_no_edit(customer: Customer) -> None:
    primary = customer.contacts.get()
    saved = save_contact(by=job_actor(), customer=customer, details=contact(), contact=primary, version=7)
    assert saved.version == 1
    assert not AuditEvent.objects.filter(code="customers.contact_saved").exists()


def test_another_contact_is_made_the_primary_one(customer: Customer) -> None:
    other = ContactFactory(customer=customer, first_name="Jan")
    assert make_primary_contact(by=job_actor(), customer=customer, contact=other).is_primary
    assert make_primary_contact(by=job_actor(), customer=customer, contact=other).is_primary
    customer.refresh_from_db()
    assert customer.primary_contact == other
    assert AuditEvent.objects.filter(code="customers.primary_contact_chosen").count() == 1


def test_a_contact_is_removed_and_no_longer_found(customer: Customer) -> None:
    made = save_contact(by=job_actor(), customer=customer, details=contact(first_name="Łucja", email="lu@ex.example"))
    remove_contact(by=job_actor(), customer=customer, contact=made, version=1)
    remove_contact(by=job_actor(), customer=customer, contact=made, version=1)
    assert customer.contacts.count() == 1
    assert not Customer.objects.search("lucja").exists()
    assert AuditEvent.objects.filter(code="customers.contact_removed").count() == 1


def test_the_primary_contact_is_not_removed(customer: Customer) -> None:
    ContactFactory(customer=customer, first_name="Jan")
    with pytest.raises(RuleViolation, match="Make another contact the primary one first"):
        remove_contact(by=job_actor(), customer=customer, contact=customer.primary_contact, version=1)
    assert customer.contacts.count() == 2


def test_a_contact_that_somebody_just_changed_is_not_removed_unseen(customer: Customer) -> None:
    other = ContactFactory(customer=customer, first_name="Jan")
    save_contact(by=job_actor(), customer=customer, details=contact(first_name="Ewa"), contact=other, version=1)
    with pytest.raises(EditConflict):
        remove_contact(by=job_actor(), customer=customer, contact=other, version=1)


def test_whoever_saves_a_removed_contact_is_told(customer: Customer) -> None:
    other = ContactFactory(customer=customer, first_name="Jan")
    remove_contact(by=job_actor(), customer=customer, contact=other, version=1)
    with pytest.raises(EditConflict) as refused:
        save_contact(by=job_actor(), customer=customer, details=contact(first_name="Ewa"), contact=other, version=1)
    assert refused.value.current is None
