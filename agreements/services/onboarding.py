"""New customer: everything that the wizard's Submit does, in one transaction."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from agreements.services.invitations import invite_customer, primary_invitee
from agreements.services.recording import confirm_acceptance
from agreements.services.records import Acceptance
from customers.models import Customer, OnboardingDraft
from customers.services import (
    AdminCredentials,
    CompanyDetails,
    ContactDetails,
    create_customer,
    finish_draft,
    lock_draft,
    one_time_credentials,
    set_qualification,
)
from portal.common.actor import Actor
from portal.partners.models import Partner, User
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

# How long a repeated submit may show the one-time password again.
REPEAT_WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class AskedQualification:
    """qualification: a Qualification but NONE; segment and website: of an education customer."""

    qualification: str
    education_segment: str = ""
    website: str = ""


@dataclass(frozen=True, kw_only=True)
class NewCustomer:
    """domain: in full; acceptance: what the agent confirms, or None; is_invited: the customer will accept itself;
    qualification: the special one that is asked for, None for none.
    """

    domain: str
    company: CompanyDetails
    contact: ContactDetails
    reseller: Partner | None = None
    qualification: AskedQualification | None = None
    acceptance: Acceptance | None = None
    is_invited: bool = False


@dataclass(frozen=True)
class Onboarded:
    """credentials: shown once, None when this is too late a repetition of a submit."""

    customer: Customer
    credentials: AdminCredentials | None


@transaction.atomic
def onboard_customer(*, by: Actor, draft: OnboardingDraft, new: NewCustomer | None, submit_key: str) -> Onboarded:
    """Create the customer, its administrator and contact, and the acceptance or the invitation: all or nothing.

    A draft makes one customer: submitting it again answers that one, `new` is not looked at then (and may be
    None). Raises DomainTaken, NotPermitted, RuleViolation.
    """
    draft = lock_draft(draft.pk)
    if draft.customer is not None:
        return Onboarded(draft.customer, _shown_again(draft, submit_key))
    if new is None:
        raise ValueError("A draft that is not submitted yet needs its details.")
    ensure_may(by=by, partner=draft.partner, permission=Permission.CUSTOMERS_CREATE)
    customer, credentials = create_customer(
        by=by,
        partner=draft.partner,
        domain=new.domain,
        company=new.company,
        contact=new.contact,
        reseller=new.reseller,
        password_seed=submit_key,
    )
    if new.qualification is not None:
        set_qualification(by=by, customer=customer, **asdict(new.qualification), version=customer.version)
    if new.acceptance is not None:
        confirm_acceptance(by=by, customer=customer, acceptance=new.acceptance)
    elif new.is_invited:
        invite_customer(by=by, customer=customer, invitee=primary_invitee(customer))
    customer.refresh_from_db()  # with the standing that the acceptance gave it
    finish_draft(draft=draft, customer=customer)
    return Onboarded(customer, credentials)


def _shown_again(draft: OnboardingDraft, submit_key: str) -> AdminCredentials | None:
    """The same submit soon after (double click, lost answer) sees the password of the first one."""
    customer, submitted_at = draft.customer, draft.submitted_at
    if customer is None or submitted_at is None or timezone.now() - submitted_at > REPEAT_WINDOW:
        return None
    credentials = one_time_credentials(customer.tenant.domain, submit_key)
    user = User.objects.get(customer_user__tenant=customer.tenant, customer_user__is_admin=True)
    return credentials if user.check_password(credentials.password) else None
