"""Special qualifications: partners ask for one, staff decide (facts 5.2)."""

from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers import rules
from customers.models import Customer, EducationSegment, Qualification, QualificationStatus
from customers.services.account_status import ensure_staff
from customers.services.details import check_email
from customers.services.editing import check_version, lock_customer
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

ASKED = ("qualification", "education_segment", "website")


class DenialReason(models.TextChoices):
    """Why a special qualification is denied."""

    NOT_EDUCATION = "not_education", gettext_lazy("Not an education customer")
    NO_LONGER = "no_longer", gettext_lazy("No longer an education customer")
    AFTER_REVIEW = "after_review", gettext_lazy("Not eligible after review")
    RESTRICTED = "restricted", gettext_lazy("Restricted")
    NOT_ACADEMIC_DOMAIN = "not_academic_domain", gettext_lazy("The domain is not an academic one")
    NOT_ELIGIBLE_LIBRARY = "not_eligible_library", gettext_lazy("Not an eligible library or museum")


@transaction.atomic
def set_qualification(
    *, by: Actor, customer: Customer, qualification: str, education_segment: str = "", website: str = "", version: int
) -> Customer:
    """Ask for a special qualification, which is in review from then on, or give it up with Qualification.NONE.

    version: of the customer's row. What was denied may be asked for again. Raises EditConflict, RelationshipEnded,
    and RuleViolation for an education customer without a segment or with an address that is not a school's.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_EDIT)
    customer = lock_customer(customer)
    is_school = qualification == Qualification.EDUCATION
    said = (qualification, education_segment if is_school else "", website if is_school else "")
    is_same = said == tuple(getattr(customer, field) for field in ASKED)
    if is_same and customer.qualification_status != QualificationStatus.DENIED:
        return customer
    check_version(customer, version)
    _check(customer, *said)
    changes = {
        field: (getattr(customer, field), value)
        for field, value in zip(ASKED, said, strict=True)
        if getattr(customer, field) != value
    }
    for field, value in zip(ASKED, said, strict=True):
        setattr(customer, field, value)
    is_asked = qualification != Qualification.NONE
    customer.qualification_status = QualificationStatus.IN_REVIEW if is_asked else ""
    customer.qualification_asked_at = timezone.now() if is_asked else None
    _save(customer, *ASKED, "qualification_status", "qualification_asked_at")
    where: dict[str, Any] = {"partner_id": customer.partner_id, "customer_id": customer.tenant_id}
    facts = {"qualification": qualification}
    if is_asked:
        record_event(by=by, code="customers.qualification_asked", **where, facts=facts, changes=changes)
    else:
        record_event(by=by, code="customers.qualification_cleared", **where, facts=facts, changes=changes)
    return customer


@transaction.atomic
def decide_qualification(*, by: Actor, customer: Customer, is_approved: bool, reason: str = "") -> Customer:
    """Staff approve or deny what the partner asked for; either may be revised later.

    reason: a DenialReason, needed to deny. Raises NotPermitted for others than staff, RelationshipEnded,
    RuleViolation when nothing was asked for or the reason is missing.
    """
    ensure_staff(by)
    customer = lock_customer(customer)
    if customer.qualification == Qualification.NONE:
        raise RuleViolation(_("The partner has not asked for a special qualification."), field="decision")
    if not is_approved and reason not in DenialReason.values:
        raise RuleViolation(_("Choose why the qualification is denied"), field="denial_reason")
    status = QualificationStatus.APPROVED if is_approved else QualificationStatus.DENIED
    customer.qualification_status = status
    _save(customer, "qualification_status")
    record_event(
        by=by,
        code="customers.qualification_decided",
        partner_id=customer.partner_id,
        customer_id=customer.tenant_id,
        facts={"status": str(status), "reason": "" if is_approved else reason},
    )
    return customer


def _check(customer: Customer, qualification: str, education_segment: str, website: str) -> None:
    if qualification not in Qualification.values:
        raise RuleViolation(_("Choose one of the listed answers"), field="qualification")
    if qualification != Qualification.EDUCATION:
        return
    if education_segment not in EducationSegment.values:
        raise RuleViolation(_("Choose the education segment"), field="education_segment")
    why_not = rules.why_not_a_website(website) if website else None
    if why_not is not None:
        raise RuleViolation(why_not, field="website")
    contact = customer.primary_contact
    if contact is None:
        raise RuleViolation(_("Add a primary contact first, with an address at the school's own domain."))
    try:
        check_email(customer.partner, contact.email, qualification=qualification)
    except RuleViolation:
        message = _("Change the primary contact's email address first: a school's is at its own domain.")
        raise RuleViolation(message, field="qualification") from None


def _save(customer: Customer, *fields: str) -> None:
    customer.version += 1
    customer.save(update_fields=[*fields, "version", "updated_at"])
