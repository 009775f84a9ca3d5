"""What things of the catalog are called on the wire; orders and subscriptions call them the same."""

from orders.models import Availability, BillingPlan, Sku
from portal.api.v1.wire import Link, choice, link

#: In requests. What no client knew from the beginning comes in, and never goes out.
BillingCycle = choice("unknown", "monthly", "annual", "none", "one_time", "triennial", "biennial")
TermDuration = choice("P1M", "P1Y", "P3Y")

# Java and the open .NET client throw at "triennial": what is billed once for a long term is "one_time" to them.
_CYCLES = {
    BillingPlan.MONTHLY: "monthly",
    BillingPlan.ANNUAL: "annual",
    BillingPlan.TRIENNIAL: "one_time",
    BillingPlan.NONE: "none",
}
_PLANS = {
    "monthly": (BillingPlan.MONTHLY,),
    "annual": (BillingPlan.ANNUAL,),
    "triennial": (BillingPlan.TRIENNIAL,),
    "one_time": (BillingPlan.TRIENNIAL,),
    "none": (BillingPlan.NONE,),
    # Nothing of the catalog is billed so.
    "biennial": ("biennial",),
}
_SYMBOLS = {
    "AUD": "$",
    "BRL": "R$",
    "CAD": "$",
    "CNY": "¥",
    "CZK": "Kč",
    "EUR": "€",
    "GBP": "£",
    "HUF": "Ft",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "NOK": "kr",
    "DKK": "kr",
    "SEK": "kr",
    "PLN": "zł",
    "USD": "$",
}


def offer_id(sku: Sku) -> str:
    """The offer that a SKU is to older clients: "product:SKU". It outlives every availability."""
    return f"{sku.product.code}:{sku.code}"


def availability_id(availability: Availability) -> str:
    return availability.public_id.hex.upper()


def catalog_item_id(availability: Availability) -> str:
    """ "product:SKU:availability"."""
    return f"{offer_id(availability.sku)}:{availability_id(availability)}"


def cycle_of(plan: str) -> str:
    """The billingCycle of a billing plan, from what every client knows."""
    return _CYCLES[BillingPlan(plan)]


def plans_of(cycle: str | None) -> tuple[str, ...]:
    """The billing plans that a billingCycle asks for; none for "unknown" and for no cycle at all."""
    return tuple(str(plan) for plan in _PLANS.get(cycle or "", ()))


def currency_symbol(code: str) -> str:
    return _SYMBOLS.get(code, code)


def sku_link(sku: Sku, root: str = "", query: str = "") -> Link:
    """root: "/customers/…" or nothing; query: with its question mark."""
    return link(f"{root}/products/{sku.product.code}/skus/{sku.code}{query}")
