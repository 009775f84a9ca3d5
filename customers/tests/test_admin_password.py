"""customers.services.renew_admin_password and one_time_credentials."""

import re

import pytest

from agreements.tests.factories import job_actor
from customers.models import Customer
from customers.services import one_time_credentials, renew_admin_password
from portal.audit.models import AuditEvent
from portal.common.errors import RuleViolation
from portal.partners.models import User


def admin_of(customer: Customer) -> User:
    return User.objects.get(customer_user__tenant=customer.tenant)


def test_a_new_password_replaces_the_old_one(customer: Customer) -> None:
    first = renew_admin_password(by=job_actor(), customer=customer)
    second = renew_admin_password(by=job_actor(), customer=customer)
    admin = admin_of(customer)
    assert second.user_name == admin.email
    assert admin.check_password(second.password)
    assert not admin.check_password(first.password)
    assert admin.must_change_password
    assert AuditEvent.objects.filter(code="customers.admin_password_renewed").count() == 2


def test_not_once_the_administrator_has_chosen_one(customer: Customer) -> None:
    User.objects.filter(pk=admin_of(customer).pk).update(must_change_password=False)
    with pytest.raises(RuleViolation):
        renew_admin_password(by=job_actor(), customer=customer)


def test_passwords_read_well_and_do_not_repeat() -> None:
    made = {one_time_credentials("a.onmicrosoft.com", f"seed {n}").password for n in range(500)}
    assert len(made) == 500
    for password in made:
        assert re.fullmatch(r"(?:[a-km-zA-HJ-NP-Z2-9]{5}-){3}[a-km-zA-HJ-NP-Z2-9]{5}", password)
        assert not set("0O1lIo") & set(password)


def test_seed_and_domain_decide_the_password(settings: object) -> None:
    first = one_time_credentials("a.onmicrosoft.com", "s")
    assert one_time_credentials("a.onmicrosoft.com", "s") == first
    assert one_time_credentials("b.onmicrosoft.com", "s").password != first.password
    assert one_time_credentials("a.onmicrosoft.com", "t").password != first.password
    settings.SECRET_KEY = "another secret of fifty characters or more, as it should be"
    assert one_time_credentials("a.onmicrosoft.com", "s").password != first.password
