"""One row of a price list: what it says, or what to correct in it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from orders.models import BillingPlan, PriceList, PriceListRow, Term
from orders.price_lists import cells
from orders.price_lists.cells import CellRefused
from orders.price_lists.columns import TITLES, Column
from orders.pricing import price_day

# Column -> field of PriceListRow, and how its cell is read.
READERS: Mapping[Column, tuple[str, Callable[[str], Any]]] = {
    Column.PRODUCT_ID: ("product_code", cells.product_code),
    Column.SKU_ID: ("sku_code", cells.sku_code),
    Column.PRODUCT_TITLE: ("product_title", partial(cells.text, longest=200)),
    Column.SKU_TITLE: ("sku_title", partial(cells.text, longest=200)),
    Column.PUBLISHER: ("publisher", partial(cells.text, longest=100)),
    Column.SKU_DESCRIPTION: ("sku_description", partial(cells.text, longest=5000)),
    Column.UNIT: ("unit", partial(cells.text, longest=100)),
    Column.TAGS: ("tags", partial(cells.text, longest=500)),
    Column.TERM: ("term", cells.term),
    Column.BILLING_PLAN: ("billing_plan", cells.billing_plan),
    Column.MARKET: ("market", cells.market),
    Column.CURRENCY: ("currency", cells.currency),
    Column.SEGMENT: ("segment", cells.segment),
    Column.TIER_MIN: ("tier_min", cells.lowest),
    Column.TIER_MAX: ("tier_max", cells.highest),
    Column.END: ("effective_until", cells.last_day),
    Column.UNIT_PRICE: ("unit_price", cells.price),
    Column.ERP_PRICE: ("erp_price", cells.optional_price),
}
# How often a term can be billed.
PLANS = {
    Term.MONTH: (BillingPlan.MONTHLY, BillingPlan.NONE),
    Term.YEAR: (BillingPlan.MONTHLY, BillingPlan.ANNUAL, BillingPlan.NONE),
    Term.THREE_YEARS: tuple(BillingPlan),
}
Problem = tuple[str, str]


class RowReader:
    """Reads the rows of one list. Prices without a first day hold from the day on which the list came (UTC)."""

    def __init__(self, price_list: PriceList, columns: Mapping[Column, int]) -> None:
        self._price_list = price_list
        self._columns = columns
        self._today = price_day(price_list.uploaded_at)

    def read(self, number: int, row: Sequence[str]) -> PriceListRow:
        said = {column: row[place] for column, place in self._columns.items()}
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for column, (field, read) in READERS.items():
            try:
                values[field] = read(said.get(column, ""))
            except CellRefused as refused:
                problems.append((column, str(refused)))
        try:
            values["effective_from"] = cells.day(said[Column.START]) if said.get(Column.START) else self._today
        except CellRefused as refused:
            problems.append((Column.START, str(refused)))
        problems += _across(values)
        if not problems:
            return PriceListRow(price_list=self._price_list, number=number, **values)
        kept = {str(column): text for column, text in said.items() if text}
        return PriceListRow(price_list=self._price_list, number=number, is_good=False, problems=problems, cells=kept)


def _across(values: Mapping[str, Any]) -> list[Problem]:
    """What only several cells together show; `values` lacks those that could not be read."""
    problems: list[Problem] = []
    if not values.get("product_title", "?") and not values.get("sku_title", "?"):
        problems.append((TITLES[0], _("Enter a title of the product or of the SKU")))
    tier_max = values.get("tier_max")
    if tier_max is not None and tier_max < values.get("tier_min", 1):
        problems.append((Column.TIER_MAX, _("Enter a number that is not below the tier's first one")))
    if _is_before(values.get("effective_until"), values.get("effective_from")):
        problems.append((Column.END, _("Enter a day that is not before the first one")))
    plans = PLANS.get(values.get("term"), tuple(BillingPlan))  # type: ignore[arg-type]  # None has no plans
    if values.get("billing_plan", plans[0]) not in plans:
        message = _("A term of %(term)s cannot be billed like that. Enter one of: %(names)s")
        words = {"term": values["term"], "names": ", ".join(plans)}
        problems.append((Column.BILLING_PLAN, message % words))
    return problems


def _is_before(end: date | None, start: date | None) -> bool:
    return end is not None and start is not None and end < start
