"""What the Subscriptions page of New customer has before it: what was typed, and what of it is sold where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from orders.models import Availability, Segment, Sku
from orders.offers import Offer, offers_of, those_sold
from orders.pricing import price_day
from orders.querysets import AvailabilityQuerySet

#: How many offers a page shows: a market may have thousands.
MOST_OFFERS = 25

# How the names of the page's fields begin. What is chosen is named by key (see `key_of`), an offer by catalog code.
CHOSEN, SEEN = "quantity-", "seen-"
PLAN, ADD = "plan-", "add-"
SEARCH, REMOVE = "search", "remove"


@dataclass(frozen=True)
class Shelf:
    """lines: key -> what was chosen and is still sold, in the order of the catalog; offers: what else can be chosen;
    is_more: the search found more than are offered; currency: "" where nothing is sold; on: the day of the prices.
    """

    lines: Mapping[str, Availability]
    offers: tuple[Offer, ...]
    is_more: bool
    currency: str
    has_other_currencies: bool
    is_sandbox: bool
    on: date

    def seen(self, availability: Availability) -> str:
        """What the page says that this costs, in a form that can be compared: currency, first quantity:price…"""
        tiers = (f"{tier.tier_min}:{tier.price.unit_price:.4f}" for tier in availability.tiers(on=self.on))
        return " ".join((availability.currency, *tiers))


def key_of(availability: Availability) -> str:
    """SKU, term and billing plan: what was typed stays beside its product when the price changes."""
    return f"{availability.sku.catalog_code}.{plan_of(availability)}"


def plan_of(availability: Availability) -> str:
    return f"{availability.term}.{availability.billing_plan}"


def shelf_of(said: Mapping[str, str], *, country: str, is_sandbox: bool) -> Shelf:
    """said: the page's answers by field name. What is an add-on is not offered: there is nothing to add it to yet."""
    today = price_day()
    keys, added = set(_filled(said, CHOSEN)), set(_filled(said, ADD))
    sold = Availability.objects.sold_in(country, on=today)
    currency, is_choice = _currency(said, sorted(keys), country, sold)
    sold = sold.filter(currency=currency)
    skus = Sku.objects.filter(add_on_to__isnull=True)
    found = list(skus.offered(sold).search(said.get(SEARCH, ""))[: MOST_OFFERS + 1])
    shown = found[:MOST_OFFERS]
    # Asked for by themselves: joined, they would keep the engine from reading along the market's index.
    typed = skus.filter(catalog_code__in=added | {key.partition(".")[0] for key in keys})
    rows = list(sold.filter(sku__in=[*shown, *typed]).with_prices(on=today))
    # What was typed beside an offer stays on the page, whatever is searched for next.
    offered = {sku.pk for sku in shown}
    others = [
        row for row in rows if key_of(row) not in keys and (row.sku_id in offered or row.sku.catalog_code in added)
    ]
    return Shelf(
        lines={key_of(row): row for row in rows if key_of(row) in keys},
        offers=tuple(offers_of(others)),
        is_more=len(found) > MOST_OFFERS,
        currency=currency if rows or said.get(SEARCH) else "",
        has_other_currencies=is_choice,
        is_sandbox=is_sandbox,
        on=today,
    )


def _filled(said: Mapping[str, str], beginning: str) -> Iterable[str]:
    """Of the answers whose name begins so, the rest of the name, where something is typed."""
    names = (name for name, value in said.items() if value.strip())
    return (name.removeprefix(beginning) for name in names if name.startswith(beginning))


def _currency(
    said: Mapping[str, str], keys: Iterable[str], country: str, sold: AvailabilityQuerySet
) -> tuple[str, bool]:
    """That of what was chosen, else the one in which most is sold, "" for none; and whether there are others."""
    # Most markets have one currency, of which nothing has to be asked.
    listed = Availability.objects.filter(market=country, segment=Segment.COMMERCIAL)
    currencies = listed.currencies()
    if len(currencies) > 1:
        currencies = those_sold(currencies, sold)
    seen = (said.get(f"{SEEN}{key}", "").partition(" ")[0] for key in keys)
    usual = currencies[0] if currencies else ""
    return next((code for code in seen if code in currencies), usual), len(currencies) > 1


def settle(said: Mapping[str, str]) -> dict[str, str]:
    """The answers of a page that was sent: an offer with a quantity becomes chosen, what is removed goes.

    What was typed last beside an offer counts, should the same be chosen already.
    """
    settled = dict(said)
    for code in list(_filled(said, ADD)):
        if plan := said.get(f"{PLAN}{code}"):
            settled[f"{CHOSEN}{code}.{plan}"] = settled.pop(f"{ADD}{code}")
            del settled[f"{PLAN}{code}"]
    removed = settled.pop(REMOVE, None)
    kept = {key for key in _filled(settled, CHOSEN) if key != removed and settled[f"{CHOSEN}{key}"].strip() != "0"}
    return {name: value for name, value in settled.items() if _stays(name, kept)}


def _stays(name: str, kept: set[str]) -> bool:
    key = next((name.removeprefix(start) for start in (CHOSEN, SEEN) if name.startswith(start)), None)
    return key is None or key in kept
