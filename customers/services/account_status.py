"""The vetting of a customer's account: staff decide, orders and licence changes wait for it."""

from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import AccountStatus, Customer
from customers.services.editing import lock_customer
from portal.audit.services import record_event
from portal.common.actor import Actor, ActorKind
from portal.common.errors import NotPermitted, RuleViolation


def ensure_staff(by: Actor) -> None:
    """Raise NotPermitted unless the portal's own staff acts."""
    if by.kind != ActorKind.STAFF:
        raise NotPermitted(_("Only the portal's staff decide this."))


@transaction.atomic
def set_account_status(*, by: Actor, customer: Customer, status: str) -> Customer:
    """Say where the vetting stands; the same again is no change. status: an AccountStatus.

    Raises NotPermitted for others than staff, RelationshipEnded, RuleViolation for an unknown status.
    """
    ensure_staff(by)
    if status not in AccountStatus.values:
        raise RuleViolation(_("Choose one of the listed answers"), field="account_status")
    customer = lock_customer(customer)
    before = customer.account_status
    if before == status:
        return customer
    customer.account_status = status
    customer.version += 1
    customer.save(update_fields=["account_status", "version", "updated_at"])
    record_event(
        by=by,
        code="customers.account_status_changed",
        partner_id=customer.partner_id,
        customer_id=customer.tenant_id,
        facts={"from": before, "to": status},
    )
    return customer
