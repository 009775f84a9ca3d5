"""How a relationship ends. The records of it stay."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Customer, CustomerUser
from customers.services.accounts import lock_tenant
from customers.services.editing import lock_customer
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.models import Environment
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may
from portal.webhooks.rules import Event
from portal.webhooks.services import announce


@transaction.atomic
def end_relationship(*, by: Actor, customer: Customer, running_count: int) -> Customer:
    """Remove the reseller relationship (production), or delete the customer (sandbox; facts 2.8).

    running_count: how many subscriptions still run, as `orders` counts them under the tenant's lock, which
    `orders.services.remove_customer` takes first. Production refuses while any does; a sandbox deletes them along.
    Raises NotPermitted, RelationshipEnded, RuleViolation.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_REMOVE)
    lock_tenant(customer.tenant_id)
    customer = lock_customer(customer)
    is_sandbox = customer.partner.environment == Environment.SANDBOX
    if running_count and not is_sandbox:
        raise RuleViolation(_("Suspend all subscriptions first; then the relationship can be removed."))
    customer.removed_at, customer.removed_by_name = timezone.now(), by.name
    customer.deleted_at = customer.removed_at if is_sandbox else None
    customer.invited_at = None
    customer.save(update_fields=["removed_at", "removed_by_name", "deleted_at", "invited_at", "updated_at"])
    partner_id, customer_id = customer.partner_id, customer.tenant_id
    if is_sandbox:
        event = record_event(by=by, code="customers.customer_deleted", partner_id=partner_id, customer_id=customer_id)
        _free_domain(customer)
    else:
        event = record_event(
            by=by, code="customers.relationship_removed", partner_id=partner_id, customer_id=customer_id
        )
    announce(
        partner_id=partner_id,
        event=Event.CUSTOMER_REMOVED,
        resource_name="customer",
        resource_uri=f"/v1/customers/{customer_id}",
        audit_id=event.event_id,
    )
    return customer


def _free_domain(customer: Customer) -> None:
    """A deleted sandbox customer's domain can be used again; its tenant and records stay under another name."""
    tenant = customer.tenant
    if Customer.objects.filter(tenant=tenant, deleted_at__isnull=True).exists():
        return
    for admin in CustomerUser.objects.filter(tenant=tenant).select_related("user"):
        admin.user.email, admin.user.is_active = f"deleted-{tenant.pk.hex}-{admin.pk}@invalid", False
        admin.user.set_unusable_password()
        admin.user.save(update_fields=["email", "is_active", "password"])
    tenant.domain = f"deleted-{tenant.pk.hex}.invalid"
    tenant.save(update_fields=["domain"])
