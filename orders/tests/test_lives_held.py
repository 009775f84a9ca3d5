"""The database holds the state machine: no other way from one status of a subscription to another, by plain SQL."""

from itertools import product

import pytest
from django.db import DatabaseError, connection, transaction

from customers.models import Customer
from orders import rules
from orders.models import Subscription
from orders.tests.lives import copies, status_of, subscribed
from portal.partners.models import Membership

STATUSES = sorted(rules.TRANSITIONS)


@pytest.fixture
def pattern(customer: Customer, sales_agent: Membership) -> Subscription:
    return subscribed(customer, sales_agent)


def is_let_through(subscription: Subscription, status: str) -> bool:
    """Whether an UPDATE of only this row goes through."""
    key = subscription.pk if connection.vendor == "postgresql" else subscription.pk.hex
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE orders_subscription SET status = %s WHERE id = %s", [status, key])
    except DatabaseError as refused:
        if "no such way" not in str(refused):
            raise
    return status_of(subscription) == status


def ways_let_through(pattern: Subscription) -> set[tuple[str, str]]:
    """Every pair of two statuses, each tried on a row of its own."""
    found = set()
    for before, after in product(STATUSES, STATUSES):
        if before != after and is_let_through(copies(pattern, 1, status=before)[0], after):
            found.add((before, after))
    return found


def test_only_the_ways_of_the_rules_are_let_through(pattern: Subscription) -> None:
    assert ways_let_through(pattern) == {
        (before, after) for before in STATUSES for after in rules.TRANSITIONS[before]
    }


def test_without_the_trigger_every_way_is_open(pattern: Subscription) -> None:
    """The negative control: it is the trigger that refuses."""
    (guard,) = (each for each in Subscription.guards if each.before == "UPDATE")
    with transaction.atomic():
        on = f' ON "{guard.table}"' if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(f'DROP TRIGGER "{guard.name}"{on}')
        assert len(ways_let_through(pattern)) == len(STATUSES) * (len(STATUSES) - 1)
        transaction.set_rollback(True)


def test_what_is_not_about_the_status_is_let_through(pattern: Subscription) -> None:
    deleted = copies(pattern, 1, status="deleted")[0]
    assert Subscription.objects.filter(pk=deleted.pk).update(status="deleted", quantity=7) == 1
    assert status_of(deleted) == "deleted"


def test_no_row_is_ever_deleted(pattern: Subscription) -> None:
    alone = copies(pattern, 1)[0]
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        Subscription.objects.filter(pk=alone.pk)._raw_delete("default")
