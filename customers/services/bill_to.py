"""Where a customer's invoices go: the company and its primary contact, until somebody says otherwise."""

import hashlib
from dataclasses import asdict, dataclass, replace

from django.db import transaction

from customers.models import BillTo, Contact, Customer
from customers.services.details import EditConflict, check_email
from customers.services.editing import check_version, company_of, edit_company, lock_customer
from portal.audit.models import AuditEvent
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

SAVED = "customers.bill_to_saved"
ADDRESS = ("company_name", "country", "address_line1", "address_line2", "city", "state", "postal_code")
PERSON = ("first_name", "last_name", "email")


@dataclass(frozen=True, kw_only=True)
class BillToDetails:
    """Company, address and person on the invoices; phone in E.164 or empty."""

    company_name: str
    country: str
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""


def bill_to_of(customer: Customer, bill_to: BillTo | None) -> BillToDetails:
    """Where the invoices go now. bill_to: the customer's row, None while it has none."""
    person: BillTo | Contact | None = bill_to or customer.primary_contact
    place = bill_to or customer
    said = {name: str(getattr(place, name)) for name in ADDRESS}
    if person is not None:
        said |= {name: getattr(person, name) for name in PERSON}
        said["phone"] = person.phone.as_e164 if person.phone else ""
    return BillToDetails(**said)


def bill_to_stamp(customer: Customer, bill_to: BillTo | None) -> str:
    """Changes with everything that `bill_to_of` reads; a signed number of 64 bits, as Partner Center's etags are."""
    person = customer.primary_contact
    read = [customer.pk, customer.version, bill_to and bill_to.version, person and (person.pk, person.version)]
    digest = hashlib.sha256(repr(read).encode()).digest()
    return str(int.from_bytes(digest[:8], signed=True))


@transaction.atomic
def replace_bill_to(
    *, by: Actor, customer: Customer, details: BillToDetails, language: str = "", stamp: str | None = None
) -> Customer:
    """Send the invoices there, and write to the company in this language ("" leaves it as it is).

    stamp: what the change was made on (`bill_to_stamp`), None for whatever is there now. Raises as `save_bill_to`.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_EDIT)
    customer = lock_customer(customer)
    row = BillTo.objects.filter(customer=customer).first()
    if stamp is not None and stamp != bill_to_stamp(customer, row):
        raise EditConflict(row)
    save_bill_to(by=by, customer=customer, details=details, version=row.version if row else 0)
    company = company_of(customer)
    if language and language != company.language:
        company = replace(company, language=language)
        customer = edit_company(by=by, customer=customer, company=company, version=customer.version)
    return customer


@transaction.atomic
def save_bill_to(*, by: Actor, customer: Customer, details: BillToDetails, version: int) -> BillTo | None:
    """Send the invoices there. What is the company's and its primary contact's anyway needs no row of its own.

    version: of the row the change was made on, 0 while there was none. Answers the row, None where there is none.
    Raises EditConflict (current None: the company's own is used again), RelationshipEnded, RuleViolation.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_EDIT)
    customer = lock_customer(customer)
    row = BillTo.objects.filter(customer=customer).first()
    before = asdict(bill_to_of(customer, row))
    changes = {f: (before[f], after) for f, after in asdict(details).items() if before[f] != after}
    if not changes:
        return row
    _check_version(row, version)
    check_email(customer.partner, details.email)
    row = row or BillTo(customer=customer)
    for field, value in asdict(details).items():
        setattr(row, field, value)
    row.version = _next_version(customer)
    row.save()
    customer.save(update_fields=["updated_at"])
    record_event(by=by, code=SAVED, partner_id=customer.partner_id, customer_id=customer.tenant_id, changes=changes)
    return row


@transaction.atomic
def remove_bill_to(*, by: Actor, customer: Customer, version: int) -> None:
    """Use the company's address and its primary contact again. Doing so again does nothing.

    Raises EditConflict when somebody changed it meanwhile, RelationshipEnded.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_EDIT)
    customer = lock_customer(customer)
    row = BillTo.objects.filter(customer=customer).first()
    if row is None:
        return
    check_version(row, version)
    row.delete()
    customer.save(update_fields=["updated_at"])
    record_event(
        by=by, code="customers.bill_to_removed", partner_id=customer.partner_id, customer_id=customer.tenant_id
    )


def _check_version(row: BillTo | None, version: int) -> None:
    if row is not None:
        check_version(row, version)
    elif version != 0:
        raise EditConflict(None)


def _next_version(customer: Customer) -> int:
    """One more than how often it was saved, so that a row that comes after a removed one is no earlier version."""
    saved = AuditEvent.objects.filter(partner_id=customer.partner_id, customer_id=customer.tenant_id, code=SAVED)
    return saved.count() + 1
