"""What 0001 kept is found, folded and named by what came after it."""

import uuid
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from customers.models import Customer
from portal.audit import triggers


def state_of(*targets: tuple[str, str]) -> Any:
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


@pytest.mark.django_db(transaction=True)
def test_customers_of_the_first_release_are_carried_over() -> None:
    call_command("migrate", "orders", "zero", verbosity=0)
    call_command("migrate", "agreements", "zero", verbosity=0)
    call_command("migrate", "customers", "0001", verbosity=0)
    try:
        old = state_of(("customers", "0001_initial"))
        partner = old.get_model("partners", "Partner").objects.create(name="P", kind="direct_bill", country="PL")
        tenant = old.get_model("customers", "Tenant").objects.create(id=uuid.uuid4(), domain="lodz.onmicrosoft.com")
        customer = old.get_model("customers", "Customer").objects.create(
            tenant=tenant, partner=partner, company_name="ŁÓDŹ Sp. z o.o.", country="PL", attested_on=date(2024, 5, 6)
        )
        people = old.get_model("customers", "Contact").objects
        # Today's guards speak of columns that the first release did not have.
        with triggers.lifted(connection):
            people.create(customer=customer, first_name="Ewa", last_name="Ż", email="ewa@lodz.example")
            primary = people.create(
                customer=customer, first_name="Jan", last_name="Ń", email="jan@lodz.example", is_primary=True
            )
    finally:
        call_command("migrate", verbosity=0)
    carried = Customer.objects.get()
    assert carried.primary_contact_id == primary.public_id
    assert (carried.name_key, carried.agreed_on) == ("lodz sp. z o.o.", date(2024, 5, 6))
    assert carried.relationship_accepted_at is not None
    assert list(Customer.objects.search("EWA@lodz")) == [carried]
