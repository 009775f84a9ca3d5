"""Which numbers the refusals of lines and carts have in Partner Center (facts, 3.5)."""

# Code of a RuleViolation -> (status, number).
CODES: dict[str, tuple[int, int]] = {
    "item_unknown": (400, 800004),
    "item_not_sold": (403, 800020),
    "not_in_market": (400, 800070),
    "term_unfit": (403, 800028),
    "plan_unfit": (400, 6000),
    "segment_closed": (403, 400030),
    "other_currency": (400, 800009),
    "parent_unfit": (400, 800009),
    "no_lines": (400, 800009),
    "quantity_unavailable": (400, 800017),
    "order_too_large": (400, 800017),
    "reseller_unknown": (400, 800016),
    "promotion_unknown": (400, 27007),
    "renewal_unfit": (400, 800042),
    "end_unfit": (400, 800042),
}
CART_NOT_FOUND = 800008

# The words that a cart's line has for the same; what every client knows (facts, 3.2).
LINE_ERRORS = {
    "item_unknown": "catalog_item_id_is_not_valid",
    "item_not_sold": "catalog_item_id_is_not_valid",
    "not_in_market": "catalog_item_id_is_not_valid",
    "segment_closed": "catalog_item_id_is_not_valid",
    "other_currency": "currency_is_not_supported",
    "parent_unfit": "subscription_is_not_valid",
    "quantity_unavailable": "quota_not_available",
    "sandbox_full": "sandbox_limit_exceeded",
    "reseller_unknown": "participants_is_not_supported_for_partner",
}
ANY_LINE_ERROR = "unable_to_process_cart_line_item"
