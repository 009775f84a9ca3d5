"""Every write to orders: one module a subject, one import path for all."""

from orders.services.carts import LinesRefused, discard_cart, lock_cart, set_lines, start_cart
from orders.services.catalog import save_price, save_product, save_sku, withdraw_price
from orders.services.ordering import change_licence_count, place_order, relied_on

__all__ = [
    "LinesRefused",
    "change_licence_count",
    "discard_cart",
    "lock_cart",
    "place_order",
    "relied_on",
    "save_price",
    "save_product",
    "save_sku",
    "set_lines",
    "start_cart",
    "withdraw_price",
]
