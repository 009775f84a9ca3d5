"""Which numbers the refusals of orders and subscriptions have in Partner Center (facts, 3.5)."""

# Code of a RuleViolation -> (status, number).
CODES: dict[str, tuple[int, int]] = {
    "quantity_while_stopping": (400, 2001),
    "quantity_range": (400, 2002),
    "subscription_deleted": (400, 2011),
    "stale_version": (400, 2055),
    "no_such_way": (400, 800040),
    "order_not_cancellable": (400, 800063),
    "subscription_not_active": (400, 800012),
    "renewal_due": (409, 800082),
    "quantity_decrease": (400, 800090),
    "subscription_suspended": (400, 800091),
    "no_further_term": (400, 800093),
    "cancellation_window": (400, 900117),
    "no_support_partner": (400, 800016),
    "parent_inactive": (409, 27009),
    "count_changed_since": (400, 800095),
    "no_such_line": (400, 800071),
}
