"""What is sold to whom, in which quantities and for how much. Answers a reason, or None where nothing hinders."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Generic, NamedTuple, Protocol, TypeVar

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What a sandbox has room for (facts 3.4).
SANDBOX_SUBSCRIPTIONS, SANDBOX_LICENCES = 5, 25

# Qualification of a customer -> the segment that it opens beside the commercial one (facts 3.1, 5.2).
_SEGMENTS = {"education": "education", "government_community_cloud": "government"}


class QuantityRange(Protocol):
    min_quantity: int
    max_quantity: int


class Priced(Protocol):
    """A price of one availability. None is without end; both ends still count."""

    tier_min: int
    tier_max: int | None
    effective_from: date
    effective_until: date | None


P = TypeVar("P", bound=Priced)


def price_in_force(prices: Iterable[P], *, quantity: int, on: date) -> P | None:
    """What holds for this quantity on this day: the price that came into effect last, then the higher tier."""
    holding = [
        price
        for price in prices
        if price.tier_min <= quantity
        and (price.tier_max is None or quantity <= price.tier_max)
        and _is_in_effect(price, on)
    ]
    return max(holding, key=lambda price: (price.effective_from, price.tier_min), default=None)


class Tier(NamedTuple, Generic[P]):
    """The price that holds from one quantity to another; tier_max: None is without end, else it still counts."""

    tier_min: int
    tier_max: int | None
    price: P


def tiers_in_force(prices: Iterable[P], *, on: date) -> list[Tier[P]]:
    """What every quantity costs on this day, by quantity; quantities that are not sold are in no tier."""
    known = [price for price in prices if _is_in_effect(price, on)]
    ends = {price.tier_max + 1 for price in known if price.tier_max is not None}
    starts = sorted({price.tier_min for price in known} | ends)
    tiers: list[Tier[P]] = []
    for place, start in enumerate(starts):
        price = price_in_force(known, quantity=start, on=on)
        last = starts[place + 1] - 1 if place + 1 < len(starts) else None
        if price is None:
            continue
        if tiers and tiers[-1].price is price and tiers[-1].tier_max == start - 1:
            tiers[-1] = tiers[-1]._replace(tier_max=last)
        else:
            tiers.append(Tier(start, last, price))
    return tiers


def _is_in_effect(price: Priced, on: date) -> bool:
    return price.effective_from <= on and (price.effective_until is None or on <= price.effective_until)


def amount(unit_price: Decimal, quantity: int) -> Decimal:
    """What so many licences cost for one billing period, rounded half up to two decimals."""
    return (unit_price * quantity).quantize(Decimal("0.01"), ROUND_HALF_UP)


def grouped(count: int) -> str:
    """A count as the pages write it, like "1,000,000"."""
    return formats.number_format(count, use_l10n=True, force_grouping=True)


def why_not_quantity(sku: QuantityRange, quantity: int) -> str | Promise | None:
    """Licences of one line or subscription stay between the SKU's bounds (Partner Center error 2002)."""
    if quantity < sku.min_quantity:
        return _("Enter %(count)s or more licences") % {"count": grouped(sku.min_quantity)}
    if quantity > sku.max_quantity:
        return _("Enter %(count)s or fewer licences") % {"count": grouped(sku.max_quantity)}
    return None


def why_not_in_sandbox(*, is_sandbox: bool, quantity: int) -> str | Promise | None:
    """A sandbox subscription has 25 licences at most (facts 3.4, error 800018)."""
    if is_sandbox and quantity > SANDBOX_LICENCES:
        return _("Enter %(count)d or fewer licences; a sandbox has no room for more") % {"count": SANDBOX_LICENCES}
    return None


def why_no_more_subscriptions(*, is_sandbox: bool, count: int) -> str | Promise | None:
    """A sandbox customer has 5 subscriptions at most (facts 3.4, error 800018). count: with the new ones."""
    if is_sandbox and count > SANDBOX_SUBSCRIPTIONS:
        text = _("A sandbox customer has room for %(count)d subscriptions. Order fewer, or cancel one first.")
        return text % {"count": SANDBOX_SUBSCRIPTIONS}
    return None


def why_not_in_market(*, market: str, country: str) -> str | Promise | None:
    """Both ISO 3166 codes: a price holds in one market only, the customer's own."""
    if market != country:
        return _("This is not sold in the customer's country")
    return None


def segments_of(*, qualification: str, qualification_status: str) -> tuple[str, ...]:
    """What is sold to a customer: the commercial segment, and that of an approved special qualification."""
    special = _SEGMENTS.get(qualification) if qualification_status == "approved" else None
    return ("commercial", special) if special else ("commercial",)


def why_not_segment(*, segment: str, segments: Collection[str]) -> str | Promise | None:
    """segments: those of the customer (Partner Center error 400030)."""
    if segment not in segments:
        return _("This is sold to customers with another special qualification only")
    return None


def why_not_currency(*, currency: str, others: Collection[str]) -> str | Promise | None:
    """One order has one currency; others: ISO 4217 codes of what else is in the cart."""
    if any(other != currency for other in others):
        return _("This is sold in another currency than the rest of the cart. Order it separately.")
    return None


def why_not_parent(
    *, add_on_to: Collection[int], parent_sku: int | None, parent_status: str | None
) -> str | Promise | None:
    """An add-on needs an active subscription of one of its base SKUs (error 27009); nothing else has a parent.

    add_on_to: keys of the base SKUs, empty for what is no add-on; parent_sku, parent_status: None without parent.
    """
    if not add_on_to:
        return _("This is not an add-on. Order it by itself.") if parent_sku is not None else None
    if parent_sku is None:
        return _("This is an add-on. Open the subscription that it belongs to and order it from there.")
    if parent_sku not in add_on_to:
        return _("This is not an add-on of that subscription")
    if parent_status != "active":
        return _("The subscription that this add-on belongs to is not active. Reactivate it first.")
    return None


def why_not_attested(*, is_attested: bool | None, kind: str, names_reseller: bool) -> str | Promise | None:
    """An order needs the statement as what kind of partner its partner acts (Partner Center error 900206).

    is_attested: None where a client knows no such statement, as the older ones do not. That is let pass where the
    order leaves no doubt: a direct-bill partner sells by itself, and an indirect provider that names the reseller of
    this order acts with it.
    """
    if is_attested or (is_attested is None and (kind == "direct_bill" or names_reseller)):
        return None
    return _("Confirm how your company acts in this order")
