"""manage.py verify_chain says which chains are whole and where one is not."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from agreements.tests.factories import confirmed, person
from customers.models import Customer
from portal.audit import triggers


def test_whole_chains_are_named(customer: Customer) -> None:
    confirmed(customer)
    out = StringIO()
    call_command("verify_chain", stdout=out)
    assert f"partner:{customer.partner.tenant_id}: 1 entries, whole" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_changed_entry_is_named(customer: Customer) -> None:
    confirmed(customer)
    confirmed(customer, person=person(first_name="Jan"))
    with triggers.lifted(connection), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_chainentry SET payload = '{}' WHERE seq = 2")
    out = StringIO()
    with pytest.raises(CommandError, match="1 chains are broken"):
        call_command("verify_chain", stdout=out)
    assert "broken at entry 2" in out.getvalue()
