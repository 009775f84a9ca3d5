"""Telling partners' programs of changes: written with the change, so that both are there or neither."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from portal.webhooks.models import Delivery, Registration
from portal.webhooks.rules import Event
from portal.webhooks.tasks import send_due

Partners = Iterable[int] | QuerySet[Any, int]
"""Ids of partners, or the query for them, which costs none of its own then."""


def announce(
    *, partner_id: int, event: Event, resource_name: str, resource_uri: str, audit_id: UUID | None = None
) -> None:
    """Tell the partner's receiver of a change, if it wants to know. One query where it does not.

    resource_uri: path of what changed, such as "/v1/customers/<id>"; no personal data in it. audit_id: event_id of
    the change's line in the partner's activity log. Takes no lock that others wait for; goes before the chain's.
    Raises TransactionManagementError outside a transaction.
    """
    announce_all(
        partners=[partner_id], event=event, resource_name=resource_name, resources=[(resource_uri, audit_id)]
    )


def announce_all(
    *, partners: Partners, event: Event, resource_name: str, resources: Iterable[tuple[str, UUID | None]]
) -> None:
    """Tell each of these partners' receivers of many changes, in as many queries as for one.

    resources: (path, audit_id) of each change, as `announce` takes them.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A notice belongs to the transaction of what it tells of.")
    told = [(uri, audit_id) for uri, audit_id in resources]
    if not told:
        return
    found = Registration.objects.active().filter(partner_id__in=partners).values_list("pk", "events")
    for registration_id, events in found:
        if event in events:
            _write(registration_id, event=event, resource_name=resource_name, resources=told)


def _write(
    registration_id: int, *, event: Event, resource_name: str, resources: list[tuple[str, UUID | None]]
) -> None:
    """The notices, waiting, and the task that sends them."""
    Delivery.objects.bulk_create(
        Delivery(
            registration_id=registration_id,
            event=event,
            resource_name=resource_name,
            resource_uri=uri,
            audit_id=audit_id,
        )
        for uri, audit_id in resources
    )
    send_due.enqueue(registration_id)
