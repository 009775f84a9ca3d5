"""customers.services.edit_company."""

from dataclasses import asdict
from pathlib import Path

import pytest

from agreements.tests.factories import job_actor
from customers.models import Customer
from customers.services import CompanyDetails, edit_company
from customers.tests.factories import CustomerFactory, company
from portal.audit.models import AuditEvent
from portal.common.errors import RuleViolation
from portal.jobs.tests.concurrency import shared_by_threads, together


def details_of(customer: Customer) -> CompanyDetails:
    return CompanyDetails(**{field: str(getattr(customer, field)) for field in asdict(company())})


def test_changes_what_was_typed_and_says_which_fields(customer: Customer) -> None:
    edited = edit_company(by=job_actor(), customer=customer, company=company(city="Kraków"), version=1)
    customer.refresh_from_db()
    assert (customer.city, customer.version, edited.version) == ("Kraków", 2, 2)
    event = AuditEvent.objects.get(code="customers.company_edited")
    assert set(event.changed) == {"company_name", "city", "registration_number"}
    assert event.detail.values["city"] == ["Warszawa", "Kraków"]


def test_nothing_changed_is_no_edit(customer: Customer) -> None:
    edit_company(by=job_actor(), customer=customer, company=details_of(customer), version=1)
    customer.refresh_from_db()
    assert customer.version == 1
    assert not AuditEvent.objects.filter(code="customers.company_edited").exists()


def test_the_slower_of_two_is_told(customer: Customer) -> None:
    edit_company(by=job_actor(), customer=customer, company=company(city="Kraków"), version=1)
    with pytest.raises(RuleViolation) as refused:
        edit_company(by=job_actor(), customer=customer, company=company(city="Gdańsk"), version=1)
    assert refused.value.code == "stale_version"
    customer.refresh_from_db()
    assert customer.city == "Kraków"


def test_refuses_a_name_that_is_only_a_legal_form(customer: Customer) -> None:
    with pytest.raises(RuleViolation) as refused:
        edit_company(by=job_actor(), customer=customer, company=company(company_name="Ltd."), version=1)
    assert refused.value.field == "company_name"


def test_leaves_the_agreement_facts_alone(customer: Customer) -> None:
    from_elsewhere = Customer.objects.get(pk=customer.pk)
    Customer.objects.filter(pk=customer.pk).update(attested_on="2026-01-02")
    edit_company(by=job_actor(), customer=from_elsewhere, company=company(city="Kraków"), version=1)
    customer.refresh_from_db()
    assert str(customer.attested_on) == "2026-01-02"


@pytest.mark.django_db(transaction=True)
def test_of_five_at_the_same_moment_one_wins(tmp_path: Path) -> None:
    customer = CustomerFactory()

    def edit(number: int) -> Customer:
        return edit_company(by=job_actor(), customer=customer, company=company(city=f"City {number}"), version=1)

    with shared_by_threads(tmp_path):
        done, errors = together(5, edit)
        assert len(done) == 1
        assert [getattr(error, "code", error) for error in errors] == ["stale_version"] * 4
        assert Customer.objects.get().city == done[0].city
