"""Lines of the activity log as audit records: a page of them in as many queries as one.

Whom an acceptance names is told only to callers who may see the records themselves.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_pascal

from agreements.models import Attestation
from customers.models import Customer
from portal.api.v1.auditing.kinds import kind_of
from portal.api.v1.auditing.schemas import AuditRecord, Pair
from portal.api.v1.callers import ApiRequest
from portal.api.v1.orders.mapping import orders_by_numbers
from portal.api.v1.orders.schemas import OrderOut
from portal.api.v1.wire import Attributes
from portal.audit.models import AuditEvent
from portal.common.actor import ActorKind
from portal.common.ids import parse_uuid
from portal.partners.models import Partner, User
from portal.partners.permissions import Permission

PORTAL = "PartnerPortal"
RECORDED, PLACED, ADDED = "agreements.acceptance_recorded", "orders.order_placed", "customers.customer_created"


@dataclass
class Around:
    """What the lines of a page speak of, by the ids that they carry. sees_people: whom acceptances name."""

    partner: Partner
    sees_people: bool
    customers: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    addresses: dict[int, str] = field(default_factory=dict)
    acceptances: dict[str, Attestation] = field(default_factory=dict)
    orders: dict[str, OrderOut] = field(default_factory=dict)


def records_out(request: ApiRequest, events: Sequence[AuditEvent]) -> list[AuditRecord]:
    """events: read with their details."""
    around = _around(request, events)
    return [_record(event, around) for event in events]


def id_of(event: AuditEvent, partner: Partner) -> str:
    """As Partner Center's: partner, customer, operation, and what makes it the only one."""
    customer = event.customer_id or UUID(int=0)
    return f"{partner.tenant_id}_{customer}_{kind_of(event.code)[0].replace('_', '')}_{event.event_id.hex}"


def event_id_in(text: str) -> UUID | None:
    """The line's own id in a record's id, or alone as notices carry it."""
    return parse_uuid(text.rpartition("_")[2])


def _around(request: ApiRequest, events: Sequence[AuditEvent]) -> Around:
    membership = request.caller.membership
    around = Around(membership.partner, membership.can(Permission.AGREEMENTS_VIEW_RECORDS))
    tenants = {event.customer_id for event in events if event.customer_id is not None}
    known = Customer.objects.filter(partner_id=membership.partner_id, tenant_id__in=tenants)
    for tenant_id, name, domain in known.values_list("tenant_id", "company_name", "tenant__domain"):
        around.customers[tenant_id] = (name, domain)
    people = {event.actor_user_id for event in events if event.actor_kind == ActorKind.AGENT}
    members = User.objects.filter(pk__in=people, memberships__partner_id=membership.partner_id)
    around.addresses = dict(members.values_list("pk", "email"))
    references = [parse_uuid(event.subject) for event in events if event.code == RECORDED]
    acceptances = Attestation.objects.visible_to(membership).filter(reference__in=references)
    rows = acceptances.select_related("document__template", "person") if references and around.sees_people else []
    around.acceptances = {str(row.reference): row for row in rows}
    numbers = [event.subject for event in events if event.code == PLACED]
    around.orders = {order.id: order for order in orders_by_numbers(numbers)} if numbers else {}
    return around


def _record(event: AuditEvent, around: Around) -> AuditRecord:
    operation, resource = kind_of(event.code)
    before, after = _values(event, around)
    return AuditRecord.model_construct(
        id=id_of(event, around.partner),
        partner_id=around.partner.tenant_id,
        customer_id=event.customer_id,
        customer_name=around.customers.get(event.customer_id, (None,))[0] if event.customer_id else None,
        user_principal_name=around.addresses.get(event.actor_user_id or 0),
        application_id=str(event.facts.get("application") or PORTAL),
        resource_type=resource,
        resource_old_value=before,
        resource_new_value=after,
        operation_type=operation,
        original_correlation_id=event.request_id or None,
        operation_date=event.at,
        operation_status="succeeded",
        customized_data=[Pair(key=key, value=value) for key, value in _customized(event, around).items() if value],
        attributes=Attributes(object_type="AuditRecord"),
    )


def _values(event: AuditEvent, around: Around) -> tuple[str | None, str | None]:
    """(resourceOldValue, resourceNewValue): what changed, as far as it is not erased and the caller may see it."""
    order = around.orders.get(event.subject) if event.code == PLACED else None
    if order is not None:
        said = order.model_dump(mode="json", by_alias=True, exclude_none=True)
        return None, _json(said)
    detail = getattr(event, "detail", None)
    is_shown = detail is not None and (around.sees_people or not event.code.startswith("agreements."))
    pairs = {name: pair for name, pair in (detail.values.items() if is_shown else ()) if len(pair) == 2}
    before = {name: pair[0] for name, pair in pairs.items() if pair[0] is not None}
    facts = {name: value for name, value in event.facts.items() if name != "application"}
    after = facts | {name: pair[1] for name, pair in pairs.items() if pair[1] is not None}
    return _json(before) if before else None, _json(after) if after else None


def _customized(event: AuditEvent, around: Around) -> dict[str, str]:
    if event.code == RECORDED:
        return _of_acceptance(event, around.acceptances.get(event.subject))
    if event.code == PLACED:
        order = around.orders.get(event.subject)
        return _of_order(order) if order is not None else {"OrderId": event.subject}
    if event.code == ADDED and event.customer_id in around.customers:
        return {"PrimaryDomainName": around.customers[event.customer_id][1], "Relationship": "Reseller"}
    if kind_of(event.code)[1] == "subscription":
        return {"SubscriptionId": event.subject} | _of_facts(event)
    return _of_facts(event)


def _of_facts(event: AuditEvent) -> dict[str, str]:
    """What else the line says in single words and numbers."""
    facts = event.facts.items()
    return {to_pascal(name): str(value) for name, value in facts if isinstance(value, str | int) and value != ""}


def _of_acceptance(event: AuditEvent, record: Attestation | None) -> dict[str, str]:
    facts = {"Method": "method", "DateAgreed": "agreed_on", "SupersedeReason": "reason"}
    said = {"AgreementReference": event.subject}
    said |= {name: str(event.facts.get(fact, "")) for name, fact in facts.items()}
    if record is None:
        return said
    template, person = record.document.template, getattr(record, "person", None)
    said |= {"AgreementType": record.agreement_type, "TemplateId": str(template.template_id)}
    said |= {"Version": template.version, "Country": str(record.document.country)}
    if person is not None:
        said |= {"FirstName": person.first_name, "LastName": person.last_name, "Email": person.email}
        said |= {"PhoneNumber": str(person.phone)}
    return said


def _of_order(order: OrderOut) -> dict[str, str]:
    """As facts, 5.1 has it: the order, then each line with its number."""
    said = {"OrderId": order.id, "BillingCycle": str(order.billing_cycle)}
    for number, line in enumerate(order.line_items or []):
        said |= {
            f"OfferId-{number}": str(line.offer_id or ""),
            f"SubscriptionId-{number}": str(line.subscription_id or ""),
            f"SubscriptionName-{number}": str(line.friendly_name or ""),
            f"Quantity-{number}": str(line.quantity),
            f"PartnerOnRecord-{number}": str(line.partner_id_on_record or ""),
        }
    return said


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(_pascal(value), separators=(",", ":"))


def _pascal(value: Any) -> Any:
    """With every name in PascalCase, as Partner Center stores resources."""
    if isinstance(value, Mapping):
        return {_name(str(name)): _pascal(each) for name, each in value.items()}
    return [_pascal(each) for each in value] if isinstance(value, list) else value


def _name(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[_\s]+", name) if part)
