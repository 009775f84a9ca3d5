"""Customers and their administrator: how a relationship begins."""

import hashlib
import hmac
import secrets
import uuid
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers import rules
from customers.models import Contact, Customer, CustomerUser, Tenant
from customers.services.details import CompanyDetails, ContactDetails, check_company, check_email, ensure_active
from customers.services.facts import refresh_search
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.models import Environment, Partner, PartnerLink, User
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may
from portal.webhooks.rules import Event
from portal.webhooks.services import announce


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
    # Before the tenant is made, as an import does: two that wait for each other's lock would not end.
    _check_sandbox(partner)
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
        own = Customer.objects.filter(tenant__domain=domain, partner=partner, deleted_at__isnull=True)
        known = own.select_related("tenant").first()
        if known is not None:
            message = _("You have a customer with this domain already. Open it.")
            raise DomainTaken(message, customer=known) from None
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
    contact: ContactDetails | None,
    reseller: Partner | None = None,
    is_accepted: bool = True,
) -> Customer:
    """Begin a partner's relationship with a tenant, or begin a removed one again.

    is_accepted: the company agreed to the relationship, so its own acceptance of the agreement, if there is
    one, counts for this partner too. False while only the partner says so (an imported row). Raises
    RuleViolation for a name, address or reseller that the rules refuse, a relationship that holds already, and
    in a full sandbox.
    """
    ensure_may(by=by, partner=partner, permission=Permission.CUSTOMERS_CREATE)
    return begin_relationship(
        by=by,
        partner=partner,
        tenant=tenant,
        company=company,
        contact=contact,
        reseller=reseller,
        is_accepted=is_accepted,
    )


def begin_relationship(
    *,
    by: Actor,
    partner: Partner,
    tenant: Tenant,
    company: CompanyDetails,
    contact: ContactDetails | None,
    reseller: Partner | None,
    is_accepted: bool,
    allows_delegated_admin: bool = False,
) -> Customer:
    """What `relate_customer` does once it is decided that the actor may, or that the company itself wants it.

    Raises as that does, but for NotPermitted. Runs in the caller's transaction.
    """
    if reseller is not None and not PartnerLink.objects.filter(provider=partner, reseller=reseller).exists():
        raise RuleViolation(_("Choose one of your indirect resellers"), field="reseller")
    check_company(company)
    if contact is not None:
        check_email(partner, contact.email)
    _check_sandbox(partner)
    lock_tenant(tenant.pk)
    earlier = Customer.objects.select_for_update(of=("self",)).filter(partner=partner, tenant=tenant).first()
    if earlier is not None and earlier.removed_at is None:
        raise DomainTaken(_("You have a customer with this domain already. Open it."), customer=earlier)
    customer = earlier or Customer(tenant=tenant, partner=partner)
    for field, value in asdict(company).items():
        setattr(customer, field, value)
    customer.reseller, customer.allows_delegated_admin = reseller, allows_delegated_admin
    customer.removed_at, customer.removed_by_name, customer.deleted_at = None, "", None
    # Who still edits what the relationship that ended knew is told.
    customer.version += 0 if earlier is None else 1
    # Also for one that returns: the company accepted the relationship that ended, not the one claimed now.
    customer.relationship_accepted_at = timezone.now() if is_accepted else None
    customer.direct_on = _direct_on(tenant) if customer.relationship_accepted_at else None
    person = Contact(**asdict(contact)) if contact is not None else None
    if person is not None:
        customer.primary_contact_id = person.public_id
    customer.save()
    if person is not None:
        person.customer = customer
        person.save()
    refresh_search(customer)
    said: dict[str, Any] = {
        "partner_id": partner.pk,
        "customer_id": tenant.pk,
        "facts": {"country": company.country},
        "changes": {
            "company_name": (None, company.company_name),
            "primary_contact": (None, asdict(contact) if contact is not None else None),
        },
    }
    if earlier is None:
        event = record_event(by=by, code="customers.customer_created", **said)
    else:
        event = record_event(by=by, code="customers.relationship_restored", **said)
    announce(
        partner_id=partner.pk,
        event=Event.CUSTOMER_CREATED,
        resource_name="customer",
        resource_uri=f"/v1/customers/{tenant.pk}",
        audit_id=event.event_id,
    )
    return customer


def _direct_on(tenant: Tenant) -> date | None:
    """When the company accepted by itself, as its other partners' rows know it."""
    known = Customer.objects.filter(tenant=tenant, direct_on__isnull=False)
    return known.values_list("direct_on", flat=True).first()


def _check_sandbox(partner: Partner) -> None:
    """Facts 3.4: a sandbox has room for 75 customers. Its partner's row is the lock."""
    if partner.environment != Environment.SANDBOX:
        return
    # Not the key: whoever holds a tenant and writes an order of this partner does not wait for it.
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    if Customer.objects.filter(partner=partner, removed_at__isnull=True).count() >= rules.SANDBOX_CUSTOMERS:
        message = _("A sandbox has room for %(count)d customers. Delete one first.")
        raise RuleViolation(message % {"count": rules.SANDBOX_CUSTOMERS}, code="sandbox_full")


@transaction.atomic
def renew_admin_password(*, by: Actor, customer: Customer) -> AdminCredentials:
    """A new one-time password for the customer's administrator, shown once; the old one stops working.

    Raises RelationshipEnded, and RuleViolation once the administrator has chosen a password of their own, or where
    the portal made none (an imported customer has its administrator at Microsoft).
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_CREATE)
    tenant = lock_tenant(customer.tenant_id)
    ensure_active(Customer.objects.get(pk=customer.pk))
    user = User.objects.filter(customer_user__tenant=tenant, customer_user__is_admin=True).first()
    if user is None:
        raise RuleViolation(_("The portal made no administrator for this customer; it has its own at Microsoft."))
    if not user.must_change_password:
        raise RuleViolation(_("The administrator has chosen a password already. They can reset it themselves."))
    credentials = one_time_credentials(tenant.domain, secrets.token_hex(32))
    user.set_password(credentials.password)
    user.save(update_fields=["password"])
    record_event(
        by=by, code="customers.admin_password_renewed", partner_id=customer.partner_id, customer_id=tenant.pk
    )
    return credentials
