"""The activity log in words: one small template an audit code, given what the event and its subject are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.models import BillTo, Customer
from portal.audit.models import AuditEvent
from portal.common.actor import ActorKind
from portal.common.ids import parse_uuid
from portal.partners.models import Membership, Partner
from portal.partners.permissions import LABELS as PERMISSION_LABELS
from portal.partners.permissions import Permission
from portal.partners.roles import LABELS, Role

# What others than agents act as.
KINDS: dict[str, str | Promise] = {
    ActorKind.STAFF.value: _("Portal staff"),
    ActorKind.CUSTOMER.value: _("Customer"),
    ActorKind.JOB.value: _("Background work"),
    ActorKind.API_CLIENT.value: _("API client"),
}
# By code, as events have it.
PERMISSIONS: dict[str, str | Promise] = {permission.value: label for permission, label in PERMISSION_LABELS.items()}
# Whose fields an event names, where it is not its room's chief model.
FIELDS_OF: dict[str, type[models.Model]] = {"customers.bill_to_saved": BillTo}


@dataclass(frozen=True)
class Entry:
    """One line of the log.

    wording: templates to try, the event's own first; values: personal values of the event while they are not
    erased, field -> (before, after); member: name of the member it is about; roles: labels of who acted;
    granted: labels of roles that a member was given; refused: label of the permission that was missing;
    changed: names of the fields that an edit changed, in the event's order; who: the name of who acted; person: who
    accepted an agreement. Both of the last name people at the customer only to those who may see its records.
    """

    event: AuditEvent
    wording: tuple[str, str]
    roles: list[str | Promise]
    customer_name: str = ""
    member: str = ""
    who: str = ""
    person: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    granted: list[str | Promise] = field(default_factory=list)
    refused: str | Promise = ""
    changed: list[str] = field(default_factory=list)


def entries_of(membership: Membership, events: Sequence[AuditEvent]) -> list[Entry]:
    """The events as lines; two queries more, however many there are."""
    customers = Customer.objects.visible_to(membership).filter(tenant_id__in={e.customer_id for e in events})
    names = dict(customers.values_list("tenant_id", "company_name"))
    about = {public_id for event in events if (public_id := parse_uuid(event.subject)) is not None}
    members = Membership.objects.visible_to(membership).filter(public_id__in=about)
    people = {member.public_id: member.shown_name for member in members.select_related("user")}
    return [
        replace(
            entry,
            customer_name=names.get(entry.event.customer_id, "") if entry.event.customer_id else "",
            member=people.get(parse_uuid(entry.event.subject), ""),
        )
        for entry in customer_entries_of(membership, events)
    ]


def customer_entries_of(membership: Membership, events: Sequence[AuditEvent]) -> list[Entry]:
    """The events of one customer as lines, which need not say whose they are; no query more."""
    sees_records = membership.can(Permission.AGREEMENTS_VIEW_RECORDS)
    return [
        Entry(
            event=event,
            wording=(f"dashboard/events/{event.code}.html", "dashboard/events/other.html"),
            roles=role_labels(event.roles) or [KINDS.get(event.actor_kind, "")],
            who=_who(event, sees_records=sees_records),
            person=_person(event) if sees_records else "",
            values=_values(event),
            granted=role_labels(event.facts.get("roles", [])),
            refused=PERMISSIONS.get(event.facts.get("permission", ""), ""),
            changed=[_field_name(event.code, field) for field in event.changed],
        )
        for event in events
    ]


def _who(event: AuditEvent, *, sees_records: bool) -> str:
    """Who acted. A customer's person whose name is erased, or never was said, is the customer all the same."""
    if event.actor_kind != ActorKind.CUSTOMER or (event.who and sees_records):
        return event.who
    return gettext("The customer (name not kept)") if sees_records else ""


def _values(event: AuditEvent) -> dict[str, Any]:
    return event.detail.values if hasattr(event, "detail") else {}


def _person(event: AuditEvent) -> str:
    """Who accepted the agreement, while that is not erased."""
    if event.code != "agreements.acceptance_recorded":
        return ""
    said = _values(event)
    return " ".join(str(said[field][1]) for field in ("first_name", "last_name") if field in said)


def role_labels(codes: Iterable[str]) -> list[str | Promise]:
    """Roles in the house's order; a code that the portal no longer knows is shown as it is."""
    held = list(codes)
    known = {role.value for role in Role}
    return [LABELS[role] for role in Role if role.value in held] + [code for code in held if code not in known]


def _field_name(code: str, name: str) -> str:
    """A changed field as the forms call it."""
    model = FIELDS_OF.get(code) or (Customer if code.startswith("customers.") else Partner)
    known = {field.name: str(field.verbose_name) for field in model._meta.concrete_fields}
    return known.get(name, name.replace("_", " "))
