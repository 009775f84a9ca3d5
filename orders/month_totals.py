"""What orders come to per month: of a partner as it is kept, of fewer orders as it is counted."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from orders.listing import OrderQuery, begin_of, listed
from orders.models import MonthTotal, OrderStatus
from portal.partners.models import Membership

MONTHS = 12


@dataclass(frozen=True)
class Month:
    """A calendar month (UTC). first: its first day."""

    first: date
    order_count: int = 0
    amount: Decimal = Decimal(0)

    @property
    def last(self) -> date:
        return following(self.first) - timedelta(days=1)


@dataclass(frozen=True)
class Series:
    """The last twelve months in one currency. currencies: all there are, the one with most orders first."""

    currency: str
    currencies: list[str]
    months: list[Month]


def series(membership: Membership, query: OrderQuery, *, currency: str, today: date) -> Series | None:
    """Totals of the orders that the member sees, of the question's customer and reseller; cancelled ones are left
    out. None where there was no order in these months. currency: the wanted one; today: in UTC.
    """
    months = last_months(today)
    counted: dict[str, dict[date, Month]] = defaultdict(dict)
    for code, month in _counted(membership, query, months[0], following(months[-1])):
        if month.order_count:
            counted[code][month.first] = month
    if not counted:
        return None
    sizes = {code: sum(month.order_count for month in known.values()) for code, known in counted.items()}
    currencies = sorted(counted, key=lambda code: (-sizes[code], code))
    chosen = currency if currency in counted else currencies[0]
    return Series(chosen, currencies, [counted[chosen].get(first, Month(first)) for first in months])


def _counted(membership: Membership, query: OrderQuery, start: date, end: date) -> Iterable[tuple[str, Month]]:
    """(currency, month) of each month from start to before end."""
    if not (membership.partner.is_reseller or query.customer or query.reseller):
        kept = MonthTotal.objects.of_partner(membership).filter(month__gte=start, month__lt=end)
        return [(row.currency, Month(row.month, row.order_count, row.amount)) for row in kept]
    orders = listed(membership, OrderQuery(customer=query.customer, reseller=query.reseller))
    orders = orders.filter(placed_at__gte=begin_of(start), placed_at__lt=begin_of(end))
    rows = orders.exclude(status=OrderStatus.CANCELLED).order_by()
    grouped = rows.values("currency", first=TruncMonth("placed_at", tzinfo=UTC))
    totals = grouped.annotate(number=Count("pk"), amount=Sum("total"))
    return [(row["currency"], Month(row["first"].date(), row["number"], row["amount"])) for row in totals]


def last_months(today: date, count: int = MONTHS) -> list[date]:
    """The first days of so many months, the one of today last."""
    newest = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(newest - count + 1, newest + 1)]


def following(first: date) -> date:
    """The first day of the next month."""
    return last_months(first + timedelta(days=31), 1)[0]
