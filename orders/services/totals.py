"""Month totals put right: a repair, for the orders' own transactions keep them."""

from datetime import UTC, date
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from orders.models import MonthTotal, Order, OrderStatus
from portal.partners.models import Partner

#: The first day of a month (UTC), and a currency.
Key = tuple[date, str]
Sums = dict[Key, tuple[int, Decimal]]
NOTHING = (0, Decimal(0))


@transaction.atomic
def correct_month_totals(*, partner: Partner, is_dry: bool = False) -> list[Key]:
    """Compare the partner's totals with its orders; answers which were wrong. is_dry: and leave them so.

    Orders that are being placed or cancelled meanwhile wait at the rows that are locked here, or have counted
    themselves already; a month that gets its first order right now is left alone.
    """
    if not is_dry:
        missing = [MonthTotal(partner=partner, month=month, currency=code) for month, code in summed(partner)]
        MonthTotal.objects.bulk_create(missing, ignore_conflicts=True)
    known = {(row.month, row.currency): row for row in _locked(partner)}
    right = summed(partner)
    if is_dry:
        kept = {**_kept(partner), **{key: (row.order_count, row.amount) for key, row in known.items()}}
        return sorted(key for key in right.keys() | kept.keys() if right.get(key, NOTHING) != kept.get(key, NOTHING))
    wrong = [key for key, row in known.items() if right.get(key, NOTHING) != (row.order_count, row.amount)]
    for key in wrong:
        row = known[key]
        row.order_count, row.amount = right.get(key, NOTHING)
        row.save(update_fields=["order_count", "amount"])
    return sorted(wrong)


def summed(partner: Partner) -> Sums:
    """What the orders come to, cancelled ones left out, read from every one of them."""
    counted = Order.objects.filter(partner=partner).exclude(status=OrderStatus.CANCELLED).order_by()
    rows = counted.values("currency", first=TruncMonth("placed_at", tzinfo=UTC))
    totals = rows.annotate(number=Count("pk"), amount=Sum("total"))
    # SQLite adds up in binary fractions.
    return {(row["first"].date(), row["currency"]): (row["number"], round(row["amount"], 2)) for row in totals}


def _locked(partner: Partner) -> list[MonthTotal]:
    return list(MonthTotal.objects.filter(partner=partner).select_for_update().order_by("pk"))


def _kept(partner: Partner) -> Sums:
    rows = MonthTotal.objects.filter(partner=partner)
    return {(row.month, row.currency): (row.order_count, row.amount) for row in rows}
