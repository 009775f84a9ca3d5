"""Many customers at once, as the rows of a sheet say: known tenants are related to, the others are new."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from customers import rules
from customers.models import Contact, Customer, RowStatus, Tenant
from customers.services.accounts import DomainTaken, relate_customer
from customers.services.details import CompanyDetails, ContactDetails, check_company, check_email
from customers.services.facts import searched
from portal.audit.many import Line, record_events
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.models import Environment, Partner, PartnerLink
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may
from portal.webhooks.rules import Event
from portal.webhooks.services import announce_all


@dataclass(frozen=True, kw_only=True)
class ImportedCustomer:
    """A customer that exists already. number: of its row; domain: in full, in lower case; microsoft_id: None where
    the sheet has none; contact: None where nobody is named.
    """

    number: int
    domain: str
    company: CompanyDetails
    microsoft_id: uuid.UUID | None = None
    contact: ContactDetails | None = None
    reseller: Partner | None = None


@dataclass(frozen=True)
class Outcome:
    """What becomes of a row. customer: the one that was created or that there was; field and message: what is
    wrong and what to do; tenant: the one that the row is about, None for a new one.
    """

    status: RowStatus
    customer: Customer | None = None
    field: str = ""
    message: str = ""
    tenant: Tenant | None = None


def match_rows(*, partner: Partner, rows: Iterable[ImportedCustomer], is_locking: bool = False) -> dict[int, Outcome]:
    """Row number -> VALID, KNOWN for a customer of this partner, or WRONG.

    Nothing in the answer tells of other partners: a tenant of theirs is as valid as a new one. is_locking: lock
    the tenants, in the order of their ids, and this partner's rows of them.
    """
    rows = list(rows)
    wanted = Q(pk__in=[r.microsoft_id for r in rows if r.microsoft_id]) | Q(domain__in=[r.domain for r in rows])
    tenants, own = Tenant.objects.filter(wanted).order_by("pk"), Customer.objects.filter(partner=partner)
    if is_locking:
        tenants, own = tenants.select_for_update(), own.select_for_update(of=("self",))
    by_id = {tenant.pk: tenant for tenant in tenants}
    by_domain = {tenant.domain: tenant for tenant in by_id.values()}
    customers = {customer.tenant_id: customer for customer in own.filter(tenant__in=by_id).order_by("pk")}
    return {row.number: _match(row, by_id, by_domain, customers) for row in rows}


def _match(
    row: ImportedCustomer,
    by_id: dict[uuid.UUID, Tenant],
    by_domain: dict[str, Tenant],
    own: dict[uuid.UUID, Customer],
) -> Outcome:
    named = by_id.get(row.microsoft_id) if row.microsoft_id else None
    at_domain = by_domain.get(row.domain)
    if row.microsoft_id and (named or at_domain) and named != at_domain:
        message = _("This domain and this Microsoft ID do not belong to the same company. Check both.")
        return Outcome(RowStatus.WRONG, field="domain", message=message)
    tenant = named or at_domain
    customer = own.get(tenant.pk) if tenant else None
    if customer is not None and customer.removed_at is None:
        return Outcome(RowStatus.KNOWN, customer, tenant=tenant)
    return Outcome(RowStatus.VALID, customer, tenant=tenant)


@transaction.atomic
def import_customers(*, by: Actor, partner: Partner, rows: Sequence[ImportedCustomer]) -> dict[int, Outcome]:
    """Create the customers of these rows; row number -> CREATED, KNOWN or WRONG. One refused row stops no other.

    Only the partner says that these relationships exist, so the companies' own acceptances do not count for it.
    No administrator is made at the tenants: they exist, and have theirs. Raises NotPermitted.
    """
    ensure_may(by=by, partner=partner, permission=Permission.CUSTOMERS_IMPORT)
    _take_turns()
    room = _room(partner)
    outcomes = _refused(partner, rows)
    return outcomes | _import(by, partner, [row for row in rows if row.number not in outcomes], room)


def _import(by: Actor, partner: Partner, rows: Sequence[ImportedCustomer], room: int | None) -> dict[int, Outcome]:
    """All rows at once; one by one where somebody else makes one of them at the same moment."""
    try:
        with transaction.atomic():
            return _import_at_once(by, partner, rows, room)
    except IntegrityError:
        if len(rows) == 1:
            message = _("Somebody else is creating this customer right now. Import the row again.")
            return {rows[0].number: Outcome(RowStatus.WRONG, field="domain", message=message)}
    outcomes: dict[int, Outcome] = {}
    for row in rows:
        done = Counter(outcome.status for outcome in outcomes.values())[RowStatus.CREATED]
        outcomes |= _import(by, partner, [row], None if room is None else room - done)
    return outcomes


def _import_at_once(
    by: Actor, partner: Partner, rows: Sequence[ImportedCustomer], room: int | None
) -> dict[int, Outcome]:
    outcomes = match_rows(partner=partner, rows=rows, is_locking=True)
    valid = [row for row in rows if outcomes[row.number].status == RowStatus.VALID]
    if room is not None:
        outcomes |= {row.number: _no_room() for row in valid[max(room, 0) :]}
        valid = valid[: max(room, 0)]
    returning = [row for row in valid if outcomes[row.number].customer is not None]
    fresh = [row for row in valid if outcomes[row.number].customer is None]
    outcomes |= {row.number: _return(by, partner, row, outcomes[row.number]) for row in returning}
    outcomes |= _create(by, partner, {row.number: (row, outcomes[row.number].tenant) for row in fresh})
    return outcomes


def _create(
    by: Actor, partner: Partner, rows: dict[int, tuple[ImportedCustomer, Tenant | None]]
) -> dict[int, Outcome]:
    """New relationships, in as many queries for all rows as for one."""
    tenants = {n: t or Tenant(pk=row.microsoft_id or uuid.uuid4(), domain=row.domain) for n, (row, t) in rows.items()}
    Tenant.objects.bulk_create([tenants[n] for n, (_row, known) in rows.items() if known is None])
    customers, contacts, lines = {}, [], []
    for number, (row, _known) in rows.items():
        customer = Customer(
            tenant=tenants[number],
            partner=partner,
            reseller=row.reseller,
            relationship_accepted_at=None,
            **asdict(row.company),
        )
        person = Contact(customer=customer, **asdict(row.contact)) if row.contact else None
        if person is not None:
            customer.primary_contact_id = person.public_id
            contacts.append(person)
        people = [(person.first_name, person.last_name, person.email)] if person else []
        for field, value in searched(customer, people, domain=row.domain).items():
            setattr(customer, field, value)
        customers[number] = customer
        lines.append(_line(row, customer.tenant_id))
    Customer.objects.bulk_create(customers.values())
    Contact.objects.bulk_create(contacts)
    events = record_events(by=by, code="customers.customer_created", partner_id=partner.pk, lines=lines)
    announce_all(
        partners=[partner.pk],
        event=Event.CUSTOMER_CREATED,
        resource_name="customer",
        resources=[(f"/v1/customers/{event.customer_id}", event.event_id) for event in events],
    )
    return {number: Outcome(RowStatus.CREATED, customer) for number, customer in customers.items()}


def _line(row: ImportedCustomer, tenant_id: uuid.UUID) -> Line:
    changes: dict[str, tuple[object, object]] = {
        "company_name": (None, row.company.company_name),
        "primary_contact": (None, asdict(row.contact) if row.contact else None),
    }
    return Line(customer_id=tenant_id, facts={"country": row.company.country, "is_imported": True}, changes=changes)


def _return(by: Actor, partner: Partner, row: ImportedCustomer, found: Outcome) -> Outcome:
    """A relationship that was removed begins again. Rare, so one by one through the service for one."""
    if found.tenant is None:
        raise ValueError("Who comes back has a tenant.")
    said: dict[str, Any] = {"company": row.company, "contact": row.contact, "reseller": row.reseller}
    try:
        with transaction.atomic():
            customer = relate_customer(by=by, partner=partner, tenant=found.tenant, is_accepted=False, **said)
    except DomainTaken as taken:
        return replace(found, status=RowStatus.KNOWN, customer=taken.customer)
    except RuleViolation as refused:
        return Outcome(RowStatus.WRONG, field=refused.field or "", message=str(refused.message))
    return Outcome(RowStatus.CREATED, customer)


def _refused(partner: Partner, rows: Iterable[ImportedCustomer]) -> dict[int, Outcome]:
    """The rows that the rules refuse, whatever the forms said before."""
    resellers = set(PartnerLink.objects.filter(provider=partner).values_list("reseller_id", flat=True))
    refused: dict[int, Outcome] = {}
    for row in rows:
        try:
            check_company(row.company)
            if row.contact is not None:
                check_email(partner, row.contact.email)
            if row.reseller is not None and row.reseller.pk not in resellers:
                raise RuleViolation(_("Choose one of your indirect resellers"), field="reseller")
        except RuleViolation as reason:
            refused[row.number] = Outcome(RowStatus.WRONG, field=reason.field or "", message=str(reason.message))
    return refused


def _take_turns() -> None:
    """One chunk of rows at a time: two that make the same companies in another order would wait for each other.

    SQLite lets one transaction write at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", ["customers: import"])


def _room(partner: Partner) -> int | None:
    """How many more customers there is room for in a sandbox, whose partner's row is the lock; None: no bound."""
    if partner.environment != Environment.SANDBOX:
        return None
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    return rules.SANDBOX_CUSTOMERS - Customer.objects.filter(partner=partner, removed_at__isnull=True).count()


def _no_room() -> Outcome:
    message = _("A sandbox has room for %(count)d customers. Delete one first.") % {"count": rules.SANDBOX_CUSTOMERS}
    return Outcome(RowStatus.WRONG, message=message)
