"""The catalog and its price lists, carts, orders, and the subscriptions that come from them."""

from orders.models.carts import (
    ApiCart,
    Cart,
    CartLine,
    CartStage,
)
from orders.models.catalog import (
    Availability,
    BillingPlan,
    Price,
    Product,
    Segment,
    Sku,
    Term,
)
from orders.models.orders import (
    MonthTotal,
    Order,
    OrderLine,
    OrderStatus,
    new_order_number,
)
from orders.models.price_lists import (
    PriceList,
    PriceListRow,
    PriceListStatus,
)
from orders.models.reliance import (
    ReliesOnAcceptance,
)
from orders.models.subscriptions import (
    PEOPLES_REASONS,
    ChangeReason,
    LicenceChange,
    Subscription,
    SubscriptionEvent,
    SubscriptionEventKind,
    SubscriptionStatus,
)

__all__ = [
    "PEOPLES_REASONS",
    "ApiCart",
    "Availability",
    "BillingPlan",
    "Cart",
    "CartLine",
    "CartStage",
    "ChangeReason",
    "LicenceChange",
    "MonthTotal",
    "Order",
    "OrderLine",
    "OrderStatus",
    "Price",
    "PriceList",
    "PriceListRow",
    "PriceListStatus",
    "Product",
    "ReliesOnAcceptance",
    "Segment",
    "Sku",
    "Subscription",
    "SubscriptionEvent",
    "SubscriptionEventKind",
    "SubscriptionStatus",
    "Term",
    "new_order_number",
]
