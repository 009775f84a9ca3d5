"""The catalog, carts, orders, and the subscriptions that come from them."""

from orders.models.carts import (
    Cart,
    CartLine,
)
from orders.models.catalog import (
    BillingPlan,
    Price,
    Product,
    Sku,
    Term,
)
from orders.models.orders import (
    LicenceChange,
    Order,
    OrderLine,
    OrderStatus,
    Subscription,
    SubscriptionStatus,
    new_order_number,
)
from orders.models.reliance import (
    ReliesOnAcceptance,
)

__all__ = [
    "BillingPlan",
    "Cart",
    "CartLine",
    "LicenceChange",
    "Order",
    "OrderLine",
    "OrderStatus",
    "Price",
    "Product",
    "ReliesOnAcceptance",
    "Sku",
    "Subscription",
    "SubscriptionStatus",
    "Term",
    "new_order_number",
]
