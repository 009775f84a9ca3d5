"""The columns of a price list, in any order; those that the portal does not know are passed over."""

from collections.abc import Sequence
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.common.tables import TableRefused


class Column(StrEnum):
    """As Microsoft's price list names them."""

    PRODUCT_TITLE = "ProductTitle"
    PRODUCT_ID = "ProductId"
    SKU_ID = "SkuId"
    SKU_TITLE = "SkuTitle"
    PUBLISHER = "Publisher"
    SKU_DESCRIPTION = "SkuDescription"
    UNIT = "UnitOfMeasure"
    TERM = "TermDuration"
    BILLING_PLAN = "BillingPlan"
    MARKET = "Market"
    CURRENCY = "Currency"
    UNIT_PRICE = "UnitPrice"
    TIER_MIN = "PricingTierRangeMin"
    TIER_MAX = "PricingTierRangeMax"
    START = "EffectiveStartDate"
    END = "EffectiveEndDate"
    TAGS = "Tags"
    ERP_PRICE = "ERP Price"
    SEGMENT = "Segment"


REQUIRED = (
    Column.PRODUCT_ID,
    Column.SKU_ID,
    Column.TERM,
    Column.BILLING_PLAN,
    Column.MARKET,
    Column.CURRENCY,
    Column.UNIT_PRICE,
)
# One of them is enough.
TITLES = (Column.PRODUCT_TITLE, Column.SKU_TITLE)


def _folded(name: str) -> str:
    return "".join(ch for ch in name.casefold() if ch.isalnum())


_KNOWN = {_folded(column): column for column in Column}


def find_columns(header: Sequence[str]) -> dict[Column, int]:
    """Where each known column is. Raises TableRefused, which names what is missing or there twice."""
    found: dict[Column, int] = {}
    for place, name in enumerate(header):
        column = _KNOWN.get(_folded(name))
        if column is None:
            continue
        if column in found:
            message = _("Two columns are named “%(name)s”. Give each column its own name.")
            raise TableRefused(message % {"name": column})
        found[column] = place
    missing = [str(column) for column in REQUIRED if column not in found]
    if not any(title in found for title in TITLES):
        missing.append(_("%(one)s or %(other)s") % {"one": TITLES[0], "other": TITLES[1]})
    if missing:
        message = ngettext(
            "This is not a price list: the column %(names)s is missing. The first row has the names.",
            "This is not a price list: the columns %(names)s are missing. The first row has the names.",
            len(missing),
        )
        raise TableRefused(message % {"names": ", ".join(missing)})
    return found
