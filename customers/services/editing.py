"""Changing what a partner knows of a customer. Whoever saves a version that is no longer the last one is told."""

from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

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
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


def lock_customer(customer: Customer) -> Customer:
    """The row as it is now, locked until the transaction ends. Raises RelationshipEnded."""
    # PostgreSQL reads joined rows as of before the wait; what is joined here never changes with a customer.
    rows = Customer.objects.select_for_update(of=("self",)).select_related("tenant", "partner")
    current = rows.get(pk=customer.pk)
    ensure_active(current)
    return current


@transaction.atomic
def edit_company(*, by: Actor, customer: Customer, company: CompanyDetails, version: int) -> Customer:
    """Change what the partner knows of the company.

    version: of the row the change was made on. Raises EditConflict with the row as it is now when somebody was
    faster, RelationshipEnded, RuleViolation for a name that the rules refuse.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_EDIT)
    customer = lock_customer(customer)
    before = asdict(CompanyDetails(**{f: str(getattr(customer, f)) for f in asdict(company)}))
    changes = {f: (before[f], after) for f, after in asdict(company).items() if before[f] != after}
    if not changes:
        return customer
    if customer.version != version:
        raise EditConflict(customer)
    check_company(company)
    for field, (_before, after) in changes.items():
        setattr(customer, field, after)
    customer.version = version + 1
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

    version: of the contact that is changed. Raises EditConflict, RelationshipEnded, RuleViolation for an address
    that the rules refuse.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_EDIT)
    customer = lock_customer(customer)
    check_email(customer.partner, details.email, qualification=customer.qualification)
    before = None
    if contact is not None:
        contact = Contact.objects.filter(customer=customer, pk=contact.pk).first()
        if contact is None or contact.version != version:
            raise EditConflict(contact)
        before = {f: str(getattr(contact, f)) for f in asdict(details)}
        contact.version = version + 1
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
        changes={"contact": (before, asdict(details))},
    )
    return contact


def touch(customer: Customer) -> None:
    """Something about the customer changed that is not in its row."""
    Customer.objects.filter(pk=customer.pk).update(updated_at=timezone.now())
