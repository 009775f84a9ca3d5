"""What the database itself refuses of a record, whoever writes it, on both engines."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from agreements.models import Attestation
from agreements.tests.factories import confirmed
from customers.models import Customer


def insert_following(record: Attestation, **changed: Any) -> None:
    """A further record of the same line, as SQL could write it, with some columns changed."""
    twin = Attestation.objects.get(pk=record.pk)
    twin.pk, twin._state.adding, twin.reference = None, True, uuid4()
    twin.supersedes, twin.supersede_reason = record, "correction"
    for name, value in changed.items():
        setattr(twin, name, value)
    with transaction.atomic():
        twin.save()


def test_a_proper_one_passes(customer: Customer) -> None:
    insert_following(confirmed(customer))


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"agreed_on": date(2099, 1, 2), "recorded_on": date(2099, 1, 2)}, "recorded_today"),
        ({"agreed_on": date.max}, "not_in_future"),
        ({"method": "nonsense"}, "method_and_evidence_known"),
        ({"evidence_kind": ""}, "method_and_evidence_known"),
        ({"method": "on_behalf"}, "scenario_fits_method"),
        ({"scope": 0}, "scope_fits_method"),
        ({"supersede_reason": ""}, "supersedes_with_reason"),
        ({"supersedes": None, "supersede_reason": ""}, "one_line"),
    ],
)
def test_an_improper_one_is_refused(customer: Customer, changed: dict[str, Any], constraint: str) -> None:
    record = confirmed(customer)
    # SQLite names the columns of a unique index, not the index.
    with pytest.raises(IntegrityError, match=f"{constraint}|UNIQUE constraint failed"):
        insert_following(record, **changed)


def test_the_local_date_may_be_the_next_one(customer: Customer) -> None:
    record = confirmed(customer)
    insert_following(record, recorded_on=record.recorded_at.date() + timedelta(days=1))
