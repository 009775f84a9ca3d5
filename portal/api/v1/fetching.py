"""What a path names, as far as the caller sees it."""

from uuid import UUID

from customers.models import Customer
from portal.api.v1.callers import ApiRequest
from portal.api.v1.faults import NO_TENANT, Fault


def customer_of(request: ApiRequest, customer_id: UUID, *, active: bool = True) -> Customer:
    """The customer with this Microsoft ID. What the caller may not see does not exist: 404/60003 for both.

    active: only while the reseller relationship holds.
    """
    customers = Customer.objects.visible_to(request.caller.membership).with_account()
    found = (customers.active() if active else customers).filter(tenant_id=customer_id).first()
    if found is None:
        raise Fault(404, NO_TENANT, f"There is no customer {customer_id}.")
    return found
