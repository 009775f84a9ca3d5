"""What became of a cart. Beside the carts themselves, whose lines orders are made of as well."""

from portal.api.v1.orders.schemas import OrderOut
from portal.api.v1.wire import Attributes, Wire


class OrderError(Wire):
    order_group_id: str
    code: int
    description: str


class CheckoutOut(Wire):
    """One order a group; what became of no order is in orderErrors."""

    orders: list[OrderOut]
    order_errors: list[OrderError]
    attributes: Attributes
