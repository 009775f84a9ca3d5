"""What a test committed is gone afterwards, and what `migrate` wrote is not."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection
from django.utils import timezone

from agreements.tests.factories import confirmed
from customers.models import Customer
from portal.audit import triggers
from portal.audit.models import AuditEvent
from portal.tests import emptying

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("large", [emptying.LARGE, 0])
def test_every_row_goes_but_what_migrate_wrote(
    customer: Customer, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    monkeypatch.setattr(emptying, "LARGE", large)
    confirmed(customer)
    permissions, types = Permission.objects.count(), ContentType.objects.count()
    emptying.empty(connection)
    left = [model._meta.label for model in apps.get_models() if model._base_manager.exists()]
    assert sorted(left) == ["auth.Permission", "contenttypes.ContentType"]
    assert (Permission.objects.count(), ContentType.objects.count()) == (permissions, types)


def test_the_guards_stand_again_afterwards(customer: Customer) -> None:
    confirmed(customer)
    emptying.empty(connection)
    assert triggers.installed(connection) == {trigger.name for trigger in triggers.expected(connection)}
    AuditEvent.objects.create(code="portal.test", at=timezone.now())
    with pytest.raises(DatabaseError, match="never deleted"), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {AuditEvent._meta.db_table}")  # noqa: S608 - our own table
