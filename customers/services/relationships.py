"""Relationships that a company accepts by itself, because a partner asked for it."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers import rules
from customers.models import Customer, CustomerUser, RelationshipRequest, Tenant
from customers.services.accounts import begin_relationship, lock_tenant
from customers.services.details import CompanyDetails, ContactDetails
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import NotFound, RuleViolation
from portal.partners.models import Partner, PartnerLink, User
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@dataclass(frozen=True, kw_only=True)
class JoiningCompany:
    """domain: in full, as `rules.spelled_domain` spells it; tenant: the company, where its own administrator is
    signed in for it, so that the domain is not asked.
    """

    company: CompanyDetails
    domain: str = ""
    tenant: Tenant | None = None


@transaction.atomic
def create_relationship_request(
    *,
    by: Actor,
    partner: Partner,
    company_name: str,
    reseller: Partner | None = None,
    includes_delegated_admin: bool = True,
) -> RelationshipRequest:
    """Note that a company is asked. partner: whose customer it would become; a reseller names its provider here.

    Who asks is the actor's own partner. Raises NotPermitted; NotFound for another partner that is no reseller's
    provider; RuleViolation for a name that is none (field "company_name"), and for two companies that do not work
    together (field "partner" or "reseller").
    """
    asked_by = by.membership.partner if by.membership is not None else partner
    ensure_may(by=by, partner=asked_by, permission=Permission.CUSTOMERS_REQUEST_RELATIONSHIP)
    if asked_by.is_reseller:
        reseller = asked_by
    elif asked_by != partner:
        raise NotFound(_("There is no such thing here."))
    if reseller is not None and not PartnerLink.objects.filter(provider=partner, reseller=reseller).exists():
        field = "partner" if asked_by == reseller else "reseller"
        message = _("Choose one of your indirect providers") if field == "partner" else ""
        raise RuleViolation(message or _("Choose one of your indirect resellers"), field=field)
    reason = rules.why_not_a_company_name(company_name)
    if reason is not None:
        raise RuleViolation(reason, field="company_name")
    request = RelationshipRequest.objects.create(
        partner=partner,
        reseller=reseller,
        asked_by=asked_by,
        company_name=company_name,
        includes_delegated_admin=includes_delegated_admin,
    )
    for partner_id in dict.fromkeys((partner.pk, asked_by.pk)):
        record_event(
            by=by,
            code="customers.relationship_requested",
            partner_id=partner_id,
            subject=str(request.public_id),
            facts={"asked_by": str(asked_by.tenant_id), "delegated_admin": includes_delegated_admin},
            changes={"company_name": (None, company_name)},
        )
    return request


def join_tenant(*, joining: JoiningCompany, contact: ContactDetails) -> Tenant:
    """The joining company's tenant, made if it is new here, and locked; runs in the transaction of its acceptance.

    Raises RuleViolation, field "domain": for one that is none, or (code "sign_in_first") whose company has accepted
    relationships already, so that its own administrator has to sign in.
    """
    if joining.tenant is not None:
        return lock_tenant(joining.tenant.pk)
    reason = rules.why_not_a_domain(joining.domain)
    if reason is not None:
        raise RuleViolation(reason, field="domain")
    try:
        with transaction.atomic():
            tenant = Tenant.objects.create(domain=joining.domain)
    except IntegrityError:
        tenant = lock_tenant(Tenant.objects.get(domain=joining.domain).pk)
        if Customer.objects.filter(tenant=tenant, relationship_accepted_at__isnull=False).exists():
            raise RuleViolation(
                _("This company is known here already. Sign in as its administrator to answer the request."),
                field="domain",
                code="sign_in_first",
            ) from None
    _make_administrator(tenant, contact)
    return tenant


def accept_relationship(
    *, by: Actor, request: RelationshipRequest, tenant: Tenant, company: CompanyDetails, contact: ContactDetails
) -> Customer:
    """Make the company the partner's customer because it agreed, or confirm a relationship the partner has claimed.

    tenant: from `join_tenant`, locked. Raises RuleViolation as `begin_relationship` does.
    """
    known = Customer.objects.select_for_update(of=("self",)).filter(partner=request.partner, tenant=tenant).first()
    if known is not None and known.is_active:
        customer = _confirmed(by, known, request)
    else:
        customer = begin_relationship(
            by=by,
            partner=request.partner,
            tenant=tenant,
            company=company,
            contact=contact,
            reseller=request.reseller,
            is_accepted=True,
            allows_delegated_admin=request.includes_delegated_admin,
        )
    request.customer = customer
    request.save(update_fields=["customer"])
    return customer


def accept_claimed_relationship(*, by: Actor, customer: Customer) -> None:
    """The company says that the relationship holds which so far only the partner claimed; again changes nothing.

    The tenant and the customer are locked by the caller.
    """
    if customer.relationship_accepted_at is not None:
        return
    customer.relationship_accepted_at = timezone.now()
    customer.save(update_fields=["relationship_accepted_at", "updated_at"])
    record_event(
        by=by,
        code="customers.relationship_accepted",
        partner_id=customer.partner_id,
        customer_id=customer.tenant_id,
    )


def _make_administrator(tenant: Tenant, contact: ContactDetails) -> None:
    """Who accepts for a company that is new becomes its administrator, with a password still to be chosen.

    Somebody whose address signs in for anything else already stays what they are.
    """
    if User.objects.with_email(contact.email) is not None or tenant.customer_users.filter(is_admin=True).exists():
        return
    user = User(email=contact.email, name=f"{contact.first_name} {contact.last_name}")
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        # The same person accepts for another company at the same moment.
        return
    CustomerUser.objects.create(tenant=tenant, user=user, is_admin=True)


def _confirmed(by: Actor, customer: Customer, request: RelationshipRequest) -> Customer:
    """A relationship that holds, or is claimed, with what the request adds to it."""
    accept_claimed_relationship(by=by, customer=customer)
    customer.allows_delegated_admin = customer.allows_delegated_admin or request.includes_delegated_admin
    if request.reseller is not None and request.reseller_id != customer.reseller_id:
        before, customer.reseller = customer.reseller, request.reseller
        _log_reseller(by, customer, before, request.reseller)
    customer.save(update_fields=["allows_delegated_admin", "reseller_id", "updated_at"])
    return customer


def _log_reseller(by: Actor, customer: Customer, before: Partner | None, after: Partner) -> None:
    """As `set_reseller` does, for the change that the company agreed to."""
    ids = {"before": before, "after": after}
    record_event(
        by=by,
        code="customers.reseller_changed",
        partner_id=customer.partner_id,
        customer_id=customer.tenant_id,
        facts={way: str(each.tenant_id) for way, each in ids.items() if each is not None},
        changes={"reseller": (before.name if before else None, after.name)},
    )
