"""Changing what a partner knows of a customer. Whoever saves a version that is no longer the last one is told."""

from dataclasses import asdict
from typing import Protocol

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Contact, Customer
from customers.services.details import (
    CompanyDetails,
    ContactDetails,
    EditConflict,
    check_company,
    check_email,
    ensure_active,
)
from customers.services.facts import refresh_search
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import NotFound, RuleViolation
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


class Versioned(Protocol):
    version: int


def lock_customer(customer: Customer) -> Customer:
    """The row as it is now, locked until the transaction ends. Raises RelationshipEnded."""
    # PostgreSQL reads joined rows as of before the wait; what is joined here never changes with a customer.
    rows = Customer.objects.select_for_update(of=("self",)).select_related("tenant", "partner")
    current = rows.get(pk=customer.pk)
    ensure_active(current)
    return current


def check_version(current: Versioned, version: int) -> None:
    """Raise EditConflict unless `version`, on which somebody worked, is still that of the locked row."""
    if current.version != version:
        raise EditConflict(current)


def company_of(customer: Customer) -> CompanyDetails:
    """What a customer's row says of the company."""
    return CompanyDetails(**{field: str(getattr(customer, field)) for field in CompanyDetails.__dataclass_fields__})


def person_of(contact: Contact) -> ContactDetails:
    """What a contact's row says of the person."""
    phone = contact.phone.as_e164 if contact.phone else ""
    return ContactDetails(
        first_name=contact.first_name, last_name=contact.last_name, email=contact.email, phone=phone
    )


@transaction.atomic
def edit_company(*, by: Actor, customer: Customer, company: CompanyDetails, version: int) -> Customer:
    """Change what the partner knows of the company.

    version: of the row the change was made on. Raises EditConflict with the row as it is now when somebody was
    faster, RelationshipEnded, RuleViolation for a name that the rules refuse.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_EDIT)
    customer = lock_customer(customer)
    before = asdict(company_of(customer))
    changes = {f: (before[f], after) for f, after in asdict(company).items() if before[f] != after}
    if not changes:
        return customer
    check_version(customer, version)
    check_company(company)
    for field, (_before, after) in changes.items():
        setattr(customer, field, after)
    customer.version += 1
    customer.save(update_fields=[*changes, "version", "updated_at"])
    refresh_search(customer)
    record_event(
        by=by,
        code="customers.company_edited",
        partner_id=customer.partner_id,
        customer_id=customer.tenant_id,
        changes=changes,
    )
    return customer


@transaction.atomic
def save_contact(
    *,
    by: Actor,
    customer: Customer,
    details: ContactDetails,
    contact: Contact | None = None,
    is_primary: bool = False,
    version: int = 0,
) -> Contact:
    """Add a contact or change one. The first one is the primary contact; making another one primary takes it from
    it, and the primary one stays so until then.

    version: of the contact that is changed. Raises EditConflict (current None: it was removed meanwhile),
    RelationshipEnded, RuleViolation for an address that the rules refuse.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_EDIT)
    customer = lock_customer(customer)
    before = None
    if contact is not None:
        contact = _lock_contact(customer, contact)
        before = person_of(contact)
        if before == details and (contact.is_primary or not is_primary):
            return contact
        if before != details:
            check_version(contact, version)
        contact.version += 1
    check_email(customer.partner, details.email, qualification=customer.qualification)
    contact = contact or Contact()
    contact.customer = customer
    for field, value in asdict(details).items():
        setattr(contact, field, value)
    if is_primary or customer.primary_contact_id is None:
        customer.primary_contact_id = contact.public_id
    customer.save(update_fields=["primary_contact", "updated_at"])
    contact.save()
    refresh_search(customer)
    record_event(
        by=by,
        code="customers.contact_saved",
        partner_id=customer.partner_id,
        customer_id=customer.tenant_id,
        subject=str(contact.public_id),
        facts={"is_primary": contact.is_primary},
        changes={"contact": (asdict(before) if before is not None else None, asdict(details))},
    )
    return contact


@transaction.atomic
def make_primary_contact(*, by: Actor, customer: Customer, contact: Contact) -> Contact:
    """Let another contact be the primary one. Raises NotFound when it was removed meanwhile, RelationshipEnded, and
    RuleViolation for an address that a primary contact may not have.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_EDIT)
    customer = lock_customer(customer)
    chosen = Contact.objects.filter(customer=customer, pk=contact.pk).first()
    if chosen is None:
        raise NotFound(_("This contact was removed meanwhile."))
    chosen.customer = customer
    if chosen.is_primary:
        return chosen
    check_email(customer.partner, chosen.email, qualification=customer.qualification)
    customer.primary_contact_id = chosen.public_id
    customer.save(update_fields=["primary_contact", "updated_at"])
    _log_contact(by, "customers.primary_contact_chosen", chosen)
    return chosen


@transaction.atomic
def remove_contact(*, by: Actor, customer: Customer, contact: Contact, version: int) -> None:
    """Remove a contact; records that were made with the person keep it. Removing it again does nothing.

    Raises EditConflict when somebody changed it meanwhile, RelationshipEnded, and RuleViolation for the primary
    contact: a customer that has contacts always has one.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_EDIT)
    customer = lock_customer(customer)
    known = Contact.objects.filter(customer=customer, pk=contact.pk).first()
    if known is None:
        return
    if known.public_id == customer.primary_contact_id:
        raise RuleViolation(_("The primary contact cannot be removed. Make another contact the primary one first."))
    check_version(known, version)
    known.delete()
    known.customer = customer
    customer.save(update_fields=["updated_at"])
    refresh_search(customer)
    _log_contact(by, "customers.contact_removed", known)


def _lock_contact(customer: Customer, contact: Contact) -> Contact:
    """The contact as it is now; its customer's row is the lock. Raises EditConflict(None) when it is gone."""
    known = Contact.objects.filter(customer=customer, pk=contact.pk).first()
    if known is None:
        raise EditConflict(None)
    known.customer = customer
    return known


def _log_contact(by: Actor, code: str, contact: Contact) -> None:
    customer = contact.customer
    record_event(
        by=by,
        code=code,
        partner_id=customer.partner_id,
        customer_id=customer.tenant_id,
        subject=str(contact.public_id),
    )


def touch(customer: Customer) -> None:
    """Something about the customer changed that is not in its row."""
    Customer.objects.filter(pk=customer.pk).update(updated_at=timezone.now())
