"""The acceptances that come with the rows of a sheet."""

from collections.abc import Mapping

from django.db import connection, transaction

from agreements.services.recording import confirm_acceptance
from agreements.services.records import Acceptance
from customers.models import Customer
from portal.common.actor import Actor
from portal.common.errors import RuleViolation


def record_imported(
    *, by: Actor, customers: Mapping[int, Customer], acceptances: Mapping[int, Acceptance]
) -> dict[int, RuleViolation]:
    """Record what rows state of the customers just imported; row number -> why it was not recorded.

    Within the transaction that imported them, whose tenants are locked: one refused acceptance undoes neither its
    customer nor the others. The head of the chain is locked from the first of them to the end. Raises
    NotPermitted.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Acceptances of a sheet belong to the transaction of its rows.")
    refused: dict[int, RuleViolation] = {}
    for number in sorted(acceptances.keys() & customers.keys()):
        try:
            with transaction.atomic():
                confirm_acceptance(by=by, customer=customers[number], acceptance=acceptances[number])
        except RuleViolation as reason:
            refused[number] = reason
    return refused
