"""manage.py rebuild_standing: the records are right, the facts beside them are a copy."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from agreements.tests.factories import confirmed
from customers.models import Customer


def rebuild(*args: str) -> str:
    out = StringIO()
    call_command("rebuild_standing", *args, stdout=out)
    return out.getvalue()


def test_right_facts_stay(customer: Customer) -> None:
    made = confirmed(customer)
    assert "0 tenants" in rebuild("--check")
    customer.refresh_from_db()
    assert customer.attested_on == made.agreed_on


def test_wrong_facts_are_found_and_put_right(customer: Customer) -> None:
    made = confirmed(customer)
    Customer.objects.update(attested_on=date(2020, 1, 1), direct_on=date(2020, 1, 1))
    with pytest.raises(CommandError, match="1 tenants"):
        rebuild("--check")
    customer.refresh_from_db()
    assert customer.attested_on == date(2020, 1, 1)
    assert str(customer.tenant_id) in rebuild()
    customer.refresh_from_db()
    assert (customer.attested_on, customer.direct_on) == (made.agreed_on, None)
