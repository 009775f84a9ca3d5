"""Every write to orders: one module a subject, one import path for all."""

from orders.services.carts import LinesRefused, discard_cart, lock_cart, set_lines, start_cart
from orders.services.catalog import save_price, save_product, save_sku, withdraw_price
from orders.services.onboarding import OnboardedWithCart, onboard_with_cart
from orders.services.ordering import change_licence_count, place_order, relied_on
from orders.services.relationship import remove_customer
from orders.services.subscriptions import reactivate_subscription, suspend_subscription

__all__ = [
    "LinesRefused",
    "OnboardedWithCart",
    "change_licence_count",
    "discard_cart",
    "lock_cart",
    "onboard_with_cart",
    "place_order",
    "reactivate_subscription",
    "relied_on",
    "remove_customer",
    "save_price",
    "save_product",
    "save_sku",
    "set_lines",
    "start_cart",
    "suspend_subscription",
    "withdraw_price",
]
