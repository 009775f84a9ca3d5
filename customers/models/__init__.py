"""Customer companies, each partner's relationship with them, the people there, and the work on many of them."""

from customers.models.companies import (
    AccountStatus,
    BillTo,
    Customer,
    EducationSegment,
    Qualification,
    QualificationStatus,
    Tenant,
)
from customers.models.imports import CustomerImport, ImportRow, ImportStatus, RowStatus
from customers.models.lists import CustomerCounts, CustomerTag, ListColumns, SavedView, Tag
from customers.models.onboarding import OnboardingDraft
from customers.models.people import Contact, CustomerUser
from customers.models.relationships import RelationshipRequest

__all__ = [
    "AccountStatus",
    "BillTo",
    "Contact",
    "Customer",
    "CustomerCounts",
    "CustomerImport",
    "CustomerTag",
    "CustomerUser",
    "EducationSegment",
    "ImportRow",
    "ImportStatus",
    "ListColumns",
    "OnboardingDraft",
    "Qualification",
    "QualificationStatus",
    "RelationshipRequest",
    "RowStatus",
    "SavedView",
    "Tag",
    "Tenant",
]
