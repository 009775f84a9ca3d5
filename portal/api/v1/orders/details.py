"""What belongs to one order beside itself, and what the portal has none of."""

from uuid import UUID

from django.http import HttpResponse
from ninja import Router

from orders.models import Order
from portal.api.v1.access import needs
from portal.api.v1.answers import answer, collection, out
from portal.api.v1.callers import ApiRequest, Callers
from portal.api.v1.faults import NO_SUCH_OPERATION, NOT_THERE, Fault
from portal.api.v1.fetching import customer_of
from portal.api.v1.orders.mapping import path_of, provisioning_out
from portal.api.v1.orders.operations import ONE, order_of
from portal.api.v1.orders.reading import LINE_NUMBERS
from portal.api.v1.orders.schemas import LineProvisioningOut
from portal.api.v1.subscriptions.schemas import Nothing
from portal.api.v1.wire import Collection
from portal.partners.permissions import Permission

router = Router(tags=["Orders"])
NothingPage = Collection[Nothing]


@router.get(
    ONE + "/provisioningstatus", response=out(Collection[LineProvisioningOut]), operation_id="getOrderProvisioning"
)
@needs(Permission.ORDERS_VIEW, callers=Callers.USER)
def get_order_provisioning(request: ApiRequest, customer_id: UUID, order_id: str) -> HttpResponse:
    """Line by line, whether the licences are there."""
    order = _order(request, customer_id, order_id)
    return answer(collection(provisioning_out(order), self_uri=f"{path_of(order)}/provisioningstatus"))


@router.get(ONE + "/activationlinks", response=out(NothingPage), operation_id="listOrderActivationLinks")
@needs(Permission.ORDERS_VIEW)
def list_order_activation_links(request: ApiRequest, customer_id: UUID, order_id: str) -> HttpResponse:
    """Always empty: nothing that is sold here is activated at a third party."""
    order = _order(request, customer_id, order_id)
    return answer(collection([], self_uri=f"{path_of(order)}/activationlinks"))


@router.get(
    ONE + "/lineitems/{line_number}/activationlinks",
    response=out(NothingPage),
    operation_id="listLineActivationLinks",
)
@needs(Permission.ORDERS_VIEW)
def list_line_activation_links(
    request: ApiRequest, customer_id: UUID, order_id: str, line_number: int
) -> HttpResponse:
    """Always empty, as those of the order are."""
    order = _order(request, customer_id, order_id)
    if line_number not in {line.number for line in order.lines.all()}:
        raise Fault(404, LINE_NUMBERS, "The order has no such line.")
    return answer(collection([], self_uri=f"{path_of(order)}/lineitems/{line_number}/activationlinks"))


@router.get(ONE + "/attachments", response=out(NothingPage), operation_id="listAttachments")
@needs(Permission.ORDERS_VIEW)
def list_attachments(request: ApiRequest, customer_id: UUID, order_id: str) -> HttpResponse:
    """Always empty: no order is held back for a review of documents."""
    order = _order(request, customer_id, order_id)
    return answer(collection([], self_uri=f"{path_of(order)}/attachments"))


@router.post(ONE + "/attachment", response=out(Nothing), operation_id="addAttachment")
@needs(Permission.ORDERS_PLACE)
def add_attachment(request: ApiRequest, customer_id: UUID, order_id: str) -> HttpResponse:
    """Never possible: no order is held back for a review of documents."""
    _order(request, customer_id, order_id)
    raise Fault(400, NO_SUCH_OPERATION, "Orders take no attachments: none is held back for a review.")


@router.get(ONE + "/attachment/{attachment_id}", response=out(Nothing), operation_id="getAttachment")
@needs(Permission.ORDERS_VIEW)
def get_attachment(request: ApiRequest, customer_id: UUID, order_id: str, attachment_id: str) -> HttpResponse:
    """Always 404: orders have no attachments."""
    _order(request, customer_id, order_id)
    raise Fault(404, NOT_THERE, "The order has no attachments.")


def _order(request: ApiRequest, customer_id: UUID, order_id: str) -> Order:
    return order_of(request, customer_of(request, customer_id), order_id)
