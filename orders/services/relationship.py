"""The end of a reseller relationship, as far as subscriptions have a say in it."""

from django.db import transaction

from agreements.services import end_invitations
from customers.models import Customer
from customers.services import end_relationship, lock_tenant
from orders.models import ChangeReason, Subscription
from orders.services.ordering import keep_count
from orders.services.subscriptions import end_all
from portal.common.actor import Actor
from portal.jobs.services import submit_once
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@transaction.atomic
def remove_customer(*, by: Actor, customer: Customer, submit_key: str) -> Customer:
    """Remove the reseller relationship once all subscriptions are suspended; in the sandbox, delete the customer
    and end its subscriptions along (facts 2.8).

    The same submit_key again does nothing more. Raises NotPermitted, RelationshipEnded, SubmissionConflict, and
    RuleViolation while a subscription of a production customer still runs.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.CUSTOMERS_REMOVE)
    lock_tenant(customer.tenant_id)

    def effect() -> str:
        running = Subscription.objects.running(customer)
        ended = end_relationship(by=by, customer=customer, running_count=running.count())
        if ended.deleted_at is not None:
            end_all(Subscription.objects.living(customer), by=by, reason=ChangeReason.RELATIONSHIP_ENDS)
            keep_count(customer)
        end_invitations(by=by, customer=ended)
        return str(customer.tenant_id)

    body = {"customer": str(customer.tenant_id), "since": customer.created_at.isoformat()}
    submit_once(by=by, form="orders.remove_customer", key=submit_key, body=body, effect=effect)
    return Customer.objects.select_related("tenant", "partner").get(pk=customer.pk)
