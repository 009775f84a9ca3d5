"""Reading subscriptions, and changing one."""

from uuid import UUID, uuid4

from django.http import HttpResponse
from ninja import Router

from customers.models import Customer
from orders.models import Subscription
from orders.querysets import SubscriptionQuerySet
from orders.services import update_subscription
from portal.api.v1.access import needs
from portal.api.v1.answers import answer, out
from portal.api.v1.callers import ApiRequest
from portal.api.v1.fetching import customer_of
from portal.api.v1.orders.offering import sold_now
from portal.api.v1.orders.pages import page_of
from portal.api.v1.subscriptions.fetching import subscription_of
from portal.api.v1.subscriptions.mapping import path_of, subscriptions_out
from portal.api.v1.subscriptions.reading import wished_of
from portal.api.v1.subscriptions.schemas import SubscriptionIn, SubscriptionOut
from portal.api.v1.wire import Collection
from portal.partners.permissions import Permission

router = Router(tags=["Subscriptions"])

ONE = "/customers/{customer_id}/subscriptions/{subscription_id}"
NEWEST_FIRST = ("-started_at", "id")
SubscriptionPage = Collection[SubscriptionOut]


@router.get(
    "/customers/{customer_id}/subscriptions",
    response=out(SubscriptionPage),
    operation_id="listSubscriptions",
)
@needs(Permission.ORDERS_VIEW)
def list_subscriptions(
    request: ApiRequest,
    customer_id: UUID,
    order_id: str = "",
    mpn_id: str = "",
    size: int = 0,
) -> HttpResponse:
    """A customer's subscriptions, the newest first, of any status; those of one order or one reseller."""
    customer = customer_of(request, customer_id)
    rows = _of(request, customer)
    if order_id:
        rows = rows.filter(order_line__order__number=order_id.upper())
    if mpn_id:
        rows = rows.filter(order_line__order__reseller__mpn_id=mpn_id)
    said = {"order_id": order_id, "mpn_id": mpn_id, "size": size}
    return _page(request, rows, customer, path=f"/customers/{customer_id}/subscriptions", said=said)


@router.get(ONE, response=out(SubscriptionOut), operation_id="getSubscription")
@needs(Permission.ORDERS_VIEW)
def get_subscription(request: ApiRequest, customer_id: UUID, subscription_id: UUID) -> HttpResponse:
    """One subscription."""
    customer = customer_of(request, customer_id)
    row = subscription_of(request, customer, subscription_id, sold=sold_now(customer))
    return answer(subscriptions_out([row], customer)[0])


@router.patch(ONE, response=out(SubscriptionOut), operation_id="updateSubscription")
@needs(Permission.ORDERS_CHANGE_LICENCES)
def patch_subscription(
    request: ApiRequest, customer_id: UUID, subscription_id: UUID, body: SubscriptionIn
) -> HttpResponse:
    """Change the licence count, the status, auto-renew or the own name: all that is said, or nothing.

    Another licence count needs the customer's acceptance (403/13605). A version (attributes.etag, If-Match) that is
    not the present one is 400/2055; without one the change is made as it is.
    """
    customer = customer_of(request, customer_id)
    row = subscription_of(request, customer, subscription_id)
    wished, versions = wished_of(request, row, body)
    update_subscription(
        by=request.caller.actor, subscription=row, wished=wished, versions=versions, submit_key=uuid4().hex
    )
    changed = subscription_of(request, customer, subscription_id, sold=sold_now(customer))
    return answer(subscriptions_out([changed], customer)[0])


@router.get(ONE + "/addons", response=out(SubscriptionPage), operation_id="listAddOns")
@needs(Permission.ORDERS_VIEW)
def list_add_ons(request: ApiRequest, customer_id: UUID, subscription_id: UUID, size: int = 0) -> HttpResponse:
    """The subscriptions that were bought as add-ons of this one."""
    customer = customer_of(request, customer_id)
    base = subscription_of(request, customer, subscription_id)
    rows = _of(request, customer).filter(parent=base)
    path = f"{path_of(customer_id, subscription_id)}/addons"
    return _page(request, rows, customer, path=path, said={"size": size})


def _of(request: ApiRequest, customer: Customer) -> SubscriptionQuerySet:
    return Subscription.objects.visible_to(request.caller.membership).filter(customer=customer)


def _page(
    request: ApiRequest, rows: SubscriptionQuerySet, customer: Customer, *, path: str, said: dict[str, object]
) -> HttpResponse:
    rows = rows.with_wire(sold_now(customer))
    return page_of(
        request, rows, NEWEST_FIRST, path=path, said=said, show=lambda found: subscriptions_out(found, customer)
    )
