"""The subscription that a path names."""

from uuid import UUID

from customers.models import Customer
from orders.models import Subscription
from orders.querysets import AvailabilityQuerySet
from portal.api.v1.callers import ApiRequest
from portal.api.v1.faults import Fault

NO_SUBSCRIPTION = 20003


def subscription_of(
    request: ApiRequest, customer: Customer, subscription_id: UUID, *, sold: AvailabilityQuerySet | None = None
) -> Subscription:
    """The customer's subscription with this id; 404/20003 where there is none that the caller sees.

    sold: what the customer can buy, where the answer tells of add-ons.
    """
    rows = Subscription.objects.visible_to(request.caller.membership).filter(customer=customer)
    rows = rows.with_wire(sold) if sold is not None else rows.with_line()
    found = rows.filter(pk=subscription_id).first()
    if found is None:
        raise Fault(404, NO_SUBSCRIPTION, f"There is no subscription {subscription_id}.")
    return found
