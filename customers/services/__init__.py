"""Every write to customers: one module a subject, one import path for all."""

from customers.services.accounts import (
    AdminCredentials,
    DomainTaken,
    create_customer,
    lock_tenant,
    one_time_credentials,
    relate_customer,
    renew_admin_password,
)
from customers.services.details import (
    CompanyDetails,
    ContactDetails,
    EditConflict,
    RelationshipEnded,
    check_email,
    ensure_active,
)
from customers.services.drafts import discard_draft, finish_draft, lock_draft, save_draft, start_draft
from customers.services.editing import edit_company, lock_customer, save_contact, touch
from customers.services.facts import (
    keep_agreement_facts,
    keep_invitation,
    keep_subscription_count,
    push_words,
    refresh_search,
    searched,
)
from customers.services.lifecycle import end_relationship

__all__ = [
    "AdminCredentials",
    "CompanyDetails",
    "ContactDetails",
    "DomainTaken",
    "EditConflict",
    "RelationshipEnded",
    "check_email",
    "create_customer",
    "discard_draft",
    "edit_company",
    "end_relationship",
    "ensure_active",
    "finish_draft",
    "keep_agreement_facts",
    "keep_invitation",
    "keep_subscription_count",
    "lock_customer",
    "lock_draft",
    "lock_tenant",
    "one_time_credentials",
    "push_words",
    "refresh_search",
    "relate_customer",
    "renew_admin_password",
    "save_contact",
    "save_draft",
    "searched",
    "start_draft",
    "touch",
]
