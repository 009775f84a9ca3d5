"""Every write to customers: one module a subject, one import path for all."""

from customers.services.accounts import (
    AdminCredentials,
    CompanyDetails,
    ContactDetails,
    DomainTaken,
    create_customer,
    edit_company,
    lock_tenant,
    one_time_credentials,
    relate_customer,
    renew_admin_password,
    save_contact,
)
from customers.services.drafts import discard_draft, finish_draft, lock_draft, save_draft, start_draft
from customers.services.facts import keep_agreement_facts, keep_invitation

__all__ = [
    "AdminCredentials",
    "CompanyDetails",
    "ContactDetails",
    "DomainTaken",
    "create_customer",
    "discard_draft",
    "edit_company",
    "finish_draft",
    "keep_agreement_facts",
    "keep_invitation",
    "lock_draft",
    "lock_tenant",
    "one_time_credentials",
    "relate_customer",
    "renew_admin_password",
    "save_contact",
    "save_draft",
    "start_draft",
]
