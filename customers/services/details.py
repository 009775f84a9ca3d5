"""What the services are told of a company and of a person, and what both must meet."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from customers import rules
from customers.models import Customer
from portal.common.errors import RuleViolation
from portal.partners.models import Partner


@dataclass(frozen=True, kw_only=True)
class CompanyDetails:
    """A company as a partner knows it. country: ISO 3166, two letters; address lines in the country's manner."""

    company_name: str
    country: str
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    registration_number: str = ""
    language: str = "en-US"


@dataclass(frozen=True, kw_only=True)
class ContactDetails:
    """A person as typed; phone in E.164 or empty."""

    first_name: str
    last_name: str
    email: str
    phone: str = ""


class EditConflict(RuleViolation):
    """Somebody else saved meanwhile. current: the row as it is now (None when it is gone); nothing was written."""

    default_code = "stale_version"

    def __init__(self, current: object | None) -> None:
        super().__init__(_("Somebody else changed this meanwhile. Compare both versions and choose."))
        self.current = current


class RelationshipEnded(RuleViolation):
    """Nothing can be done for a customer whose reseller relationship was removed."""

    default_code = "relationship_ended"

    def __init__(self) -> None:
        super().__init__(_("The reseller relationship with this customer was removed; only its records are left."))


def check_company(company: CompanyDetails) -> None:
    """Raise RuleViolation for a name that the rules refuse."""
    reason = rules.why_not_a_company_name(company.company_name)
    if reason is not None:
        raise RuleViolation(reason, field="company_name")


def check_email(partner: Partner, email: str, *, qualification: str = "none") -> None:
    """Raise RuleViolation for an address that a customer of this partner cannot have (facts 2.7)."""
    reason = rules.why_not_a_customer_email(email, partner_domain=partner.domain, qualification=qualification)
    if reason is not None:
        raise RuleViolation(reason, field="email")


def ensure_active(customer: Customer) -> None:
    """Raise RelationshipEnded unless the relationship holds. The row is read fresh or locked by the caller."""
    if customer.removed_at is not None:
        raise RelationshipEnded
