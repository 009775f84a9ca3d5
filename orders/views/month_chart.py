"""The totals per month as a chart: its bars and lines with their words."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.charts import HEIGHT, TOP, Bar, draw
from orders.month_totals import Month, Series
from orders.views.list_filters import Choice, Links, month_name
from portal.common.templatetags.portal_tags import money

# Below the bars: a line for the month, one for the year.
FOOT = 36
# Pixels of a digit of the scale, and the gap beside it.
DIGIT, GAP = 7, 8


@dataclass(frozen=True)
class MonthBar:
    """A month in chart and table. label, year: below its bar, the year where it begins, and first of all unless the
    next month has it; text: all of it.
    """

    bar: Bar
    month: Month
    label: str
    year: str
    name: str
    text: str
    url: str


@dataclass(frozen=True)
class MonthChart:
    """scale: (label, pixels from the top) of each line; currencies: to choose from, none where there is one."""

    currency: str
    currencies: list[Choice]
    bars: list[MonthBar]
    scale: list[tuple[str, int]]
    scale_width: int
    highest: MonthBar
    text_y: int = TOP + HEIGHT + 16
    year_y: int = TOP + HEIGHT + 30
    height: int = TOP + HEIGHT + FOOT


def month_chart(totals: Series, links: Links) -> MonthChart:
    drawn = draw([month.amount for month in totals.months])
    bars = [
        _bar(month, bar, totals.currency, links, is_first=number == 0)
        for number, (month, bar) in enumerate(zip(totals.months, drawn.bars, strict=True))
    ]
    scale = [(short(line.value, drawn.lines[-1].value), line.y) for line in drawn.lines]
    codes = totals.currencies if len(totals.currencies) > 1 else []
    return MonthChart(
        currency=totals.currency,
        currencies=[Choice(code, links.in_currency(code), code == totals.currency) for code in codes],
        bars=bars,
        scale=scale,
        scale_width=max(len(label) for label, _y in scale) * DIGIT + GAP,
        highest=max(bars, key=lambda each: each.month.amount),
    )


def _bar(month: Month, bar: Bar, currency: str, links: Links, *, is_first: bool) -> MonthBar:
    name, count = month_name(month.first), month.order_count
    words = ngettext("%(month)s: %(amount)s, %(number)d order", "%(month)s: %(amount)s, %(number)d orders", count)
    return MonthBar(
        bar=bar,
        month=month,
        label=formats.date_format(month.first, "M"),
        year=str(month.first.year) if month.first.month == 1 or (is_first and month.first.month != 12) else "",
        name=name,
        text=words % {"month": name, "amount": money(month.amount, currency), "number": count},
        url=links.of_month(month),
    )


def short(value: Decimal, highest: Decimal) -> str:
    """A number of a scale in few letters, in thousands or millions as its highest one needs."""
    if highest >= 10**9:
        return _("%(number)s bn") % {"number": _number(value / 10**9)} if value else "0"
    if highest >= 10**6:
        return _("%(number)s M") % {"number": _number(value / 10**6)} if value else "0"
    if highest >= 10**4:
        return _("%(number)s k") % {"number": _number(value / 10**3)} if value else "0"
    return _number(value)


def _number(value: Decimal) -> str:
    plain = Decimal(f"{value.normalize():f}")
    return formats.number_format(plain, use_l10n=True, force_grouping=True)
