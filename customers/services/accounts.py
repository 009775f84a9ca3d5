"""Customers, their contacts and their administrator."""

import hashlib
import hmac
import secrets
import uuid
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from customers import rules
from customers.models import Contact, Customer, CustomerUser, Tenant
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.models import Partner, PartnerLink, User
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


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


@dataclass(frozen=True)
class AdminCredentials:
    """The customer's first sign-in. The password is nowhere else: the database has only its hash."""

    user_name: str
    password: str


class DomainTaken(RuleViolation):
    """The domain belongs to a tenant already; `customer` is the actor's own one there, if any."""

    default_code = "domain_taken"

    def __init__(self, message: str, *, customer: Customer | None = None) -> None:
        super().__init__(message, field="domain_prefix")
        self.customer = customer


def lock_tenant(tenant_id: uuid.UUID) -> Tenant:
    """The first lock of every transaction about a customer's record or orders (architecture, section 6)."""
    return Tenant.objects.select_for_update().get(pk=tenant_id)


@transaction.atomic
def create_customer(
    *,
    by: Actor,
    partner: Partner,
    domain: str,
    company: CompanyDetails,
    contact: ContactDetails,
    reseller: Partner | None = None,
    password_seed: str = "",
) -> tuple[Customer, AdminCredentials]:
    """Make the customer's tenant with its administrator, and the partner's relationship with it.

    password_seed: a secret of this request; the same seed gives the same password for the same domain, so a
    repeated submit can show it again although it is stored only as a hash. Raises DomainTaken, RuleViolation.
    """
    ensure_may(by=by, partner=partner, permission=Permission.CUSTOMERS_CREATE)
    domain = domain.lower()
    credentials = one_time_credentials(domain, password_seed or secrets.token_hex(32))
    user = User(email=credentials.user_name, name=_("Administrator of %(domain)s") % {"domain": domain})
    user.set_password(credentials.password)
    user.must_change_password = True
    try:
        with transaction.atomic():
            tenant = Tenant.objects.create(domain=domain)
            user.save()
    except IntegrityError:
        own = Customer.objects.filter(tenant__domain=domain, partner=partner).select_related("tenant").first()
        if own is not None:
            raise DomainTaken(_("You have a customer with this domain already. Open it."), customer=own) from None
        raise DomainTaken(_("This domain is taken; choose another one")) from None
    CustomerUser.objects.create(tenant=tenant, user=user, is_admin=True)
    customer = relate_customer(
        by=by, partner=partner, tenant=tenant, company=company, contact=contact, reseller=reseller
    )
    return customer, credentials


def one_time_credentials(domain: str, seed: str) -> AdminCredentials:
    """The first password: 20 letters and digits derived from the seed and the portal's secret key."""
    key = hmac.new(settings.SECRET_KEY.encode(), f"{domain}\n{seed}".encode(), hashlib.sha256).digest()
    alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without 0 O 1 l I o
    letters = [alphabet[byte % len(alphabet)] for byte in key[:20]]
    password = "-".join("".join(letters[i : i + 5]) for i in range(0, 20, 5))
    return AdminCredentials(user_name=f"admin@{domain}", password=password)


@transaction.atomic
def relate_customer(
    *,
    by: Actor,
    partner: Partner,
    tenant: Tenant,
    company: CompanyDetails,
    contact: ContactDetails,
    reseller: Partner | None = None,
) -> Customer:
    """Begin a partner's relationship with a tenant. Raises RuleViolation for a name, address or reseller
    that the rules refuse.

    The customer's own acceptance, if there is one, counts for this partner too.
    """
    ensure_may(by=by, partner=partner, permission=Permission.CUSTOMERS_CREATE)
    if reseller is not None and not PartnerLink.objects.filter(provider=partner, reseller=reseller).exists():
        raise RuleViolation(_("Choose one of your indirect resellers"), field="reseller")
    _check_company(company)
    direct_on = Customer.objects.filter(tenant=tenant).values_list("direct_on", flat=True).first()
    customer = Customer.objects.create(
        tenant=tenant, partner=partner, reseller=reseller, direct_on=direct_on, **asdict(company)
    )
    _check_email(customer, contact.email)
    Contact.objects.create(customer=customer, is_primary=True, **asdict(contact))
    record_event(
        by=by,
        code="customers.customer_created",
        partner_id=partner.pk,
        customer_id=tenant.pk,
        facts={"country": company.country},
        changes={"company_name": (None, company.company_name), "primary_contact": (None, asdict(contact))},
    )
    return customer


@transaction.atomic
def renew_admin_password(*, by: Actor, customer: Customer) -> AdminCredentials:
    """A new one-time password for the customer's administrator, shown once; the old one stops working.

    Raises RuleViolation once the administrator has chosen a password of their own.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_CREATE)
    tenant = lock_tenant(customer.tenant_id)
    user = User.objects.get(customer_user__tenant=tenant, customer_user__is_admin=True)
    if not user.must_change_password:
        raise RuleViolation(_("The administrator has chosen a password already. They can reset it themselves."))
    credentials = one_time_credentials(tenant.domain, secrets.token_hex(32))
    user.set_password(credentials.password)
    user.save(update_fields=["password"])
    record_event(
        by=by, code="customers.admin_password_renewed", partner_id=customer.partner_id, customer_id=tenant.pk
    )
    return credentials


@transaction.atomic
def edit_company(*, by: Actor, customer: Customer, company: CompanyDetails, version: int) -> Customer:
    """Change what the partner knows of the company.

    version: of the row the change was made on; raises RuleViolation when somebody was faster.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_EDIT)
    customer = _lock_version(customer, version)
    _check_company(company)
    before = asdict(CompanyDetails(**{f: str(getattr(customer, f)) for f in asdict(company)}))
    changes = {f: (before[f], after) for f, after in asdict(company).items() if before[f] != after}
    if changes:
        for field, (_before, after) in changes.items():
            setattr(customer, field, after)
        _touch(customer, *changes)
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
    version: int,
) -> Contact:
    """Add a contact or change one. Making one primary takes it from the other; the primary one stays so.

    Raises RuleViolation for an address the rules refuse, and when the row has changed since `version`.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_EDIT)
    customer = _lock_version(customer, version)
    _check_email(customer, details.email)
    contact = contact or Contact(customer=customer)
    before = {f: str(getattr(contact, f)) for f in asdict(details)} if contact.pk else None
    for field, value in asdict(details).items():
        setattr(contact, field, value)
    if is_primary and not contact.is_primary:
        customer.contacts.filter(is_primary=True).update(is_primary=False)
        contact.is_primary = True
    contact.save()
    _touch(customer)
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


def _lock_version(customer: Customer, version: int) -> Customer:
    current = Customer.objects.select_for_update(of=("self",)).select_related("tenant", "partner").get(pk=customer.pk)
    if current.version != version:
        raise RuleViolation(
            _("Somebody else changed this customer meanwhile. Check what you typed and save again."),
            code="stale_version",
        )
    return current


def _touch(customer: Customer, *fields: str) -> None:
    customer.version = models.F("version") + 1
    customer.save(update_fields=[*fields, "version", "updated_at"])
    customer.refresh_from_db(fields=["version"])


def _check_company(company: CompanyDetails) -> None:
    reason = rules.why_not_a_company_name(company.company_name)
    if reason is not None:
        raise RuleViolation(reason, field="company_name")


def _check_email(customer: Customer, email: str) -> None:
    reason = rules.why_not_a_customer_email(email, partner_domain=customer.partner.domain)
    if reason is not None:
        raise RuleViolation(reason, field="email")
