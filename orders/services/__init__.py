"""Every write to orders: one module a subject, one import path for all."""

from orders.refusing import Item
from orders.services.amending import amend_order
from orders.services.api_carts import (
    CheckedOut,
    GroupError,
    change_api_cart,
    check_out,
    open_api_cart,
    remove_old_api_carts,
)
from orders.services.api_orders import AskedLine, named_reseller, order_lines
from orders.services.applying import apply_price_list
from orders.services.cancelling import cancel_order
from orders.services.carts import LinesRefused, discard_cart, keep_cart, lock_cart, set_lines, start_cart
from orders.services.catalog import (
    save_availability,
    save_price,
    save_product,
    save_sku,
    withdraw_availability,
    withdraw_price,
)
from orders.services.exporting import log_export
from orders.services.filling import fill_cart, order_again, put_add_on
from orders.services.licences import change_licence_count
from orders.services.onboarding import OnboardedWithCart, onboard_with_cart
from orders.services.ordering import LineRefused, place_order, relied_on
from orders.services.price_lists import (
    AlreadyImported,
    begin_price_list,
    fail_price_list,
    keep_price_list_lease,
    refuse_price_list,
    remove_old_price_lists,
    take_over_price_lists,
    upload_price_list,
)
from orders.services.price_rows import finish_reading, note_row_count, store_price_rows
from orders.services.prompting import confirm_in_order
from orders.services.relationship import remove_customer
from orders.services.renewals import advance_subscription
from orders.services.subscriptions import (
    cancel_subscription,
    reactivate_subscription,
    set_auto_renew,
    suspend_subscription,
)
from orders.services.totals import correct_month_totals
from orders.services.updating import Wished, set_support_contact, update_subscription

__all__ = [
    "AlreadyImported",
    "AskedLine",
    "CheckedOut",
    "GroupError",
    "Item",
    "LineRefused",
    "LinesRefused",
    "OnboardedWithCart",
    "Wished",
    "advance_subscription",
    "amend_order",
    "apply_price_list",
    "begin_price_list",
    "cancel_order",
    "cancel_subscription",
    "change_api_cart",
    "change_licence_count",
    "check_out",
    "confirm_in_order",
    "correct_month_totals",
    "discard_cart",
    "fail_price_list",
    "fill_cart",
    "finish_reading",
    "keep_cart",
    "keep_price_list_lease",
    "lock_cart",
    "log_export",
    "named_reseller",
    "note_row_count",
    "onboard_with_cart",
    "open_api_cart",
    "order_again",
    "order_lines",
    "place_order",
    "put_add_on",
    "reactivate_subscription",
    "refuse_price_list",
    "relied_on",
    "remove_customer",
    "remove_old_api_carts",
    "remove_old_price_lists",
    "save_availability",
    "save_price",
    "save_product",
    "save_sku",
    "set_auto_renew",
    "set_lines",
    "set_support_contact",
    "start_cart",
    "store_price_rows",
    "suspend_subscription",
    "take_over_price_lists",
    "update_subscription",
    "upload_price_list",
    "withdraw_availability",
    "withdraw_price",
]
