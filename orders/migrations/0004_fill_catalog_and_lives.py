"""Rows of before: each price gets its amount, each subscription its term and its history, each month its total."""

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Count, F, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

CHUNK = 1000
MONTHS = {"P1M": 1, "P1Y": 12, "P3Y": 36}
FROM_THE_BEGINNING = date(2020, 1, 1)


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _catalog(apps)
    _subscriptions(apps)
    _histories(apps)
    _month_totals(apps)


def _chunks(rows: Any) -> Iterator[list[Any]]:
    after = None
    while chunk := list((rows if after is None else rows.filter(pk__gt=after)).order_by("pk")[:CHUNK]):
        yield chunk
        after = chunk[-1].pk


def _catalog(apps: Apps) -> None:
    Availability, Price, Sku = (apps.get_model("orders", name) for name in ("Availability", "Price", "Sku"))
    for chunk in _chunks(Availability.objects.all()):
        Price.objects.bulk_create(
            Price(availability=each, effective_from=FROM_THE_BEGINNING, unit_price=each.unit_price) for each in chunk
        )
    for chunk in _chunks(Sku.objects.select_related("product")):
        for sku in chunk:
            sku.catalog_code = f"{sku.product.code}-{sku.code}"
        Sku.objects.bulk_update(chunk, ["catalog_code"])


def _subscriptions(apps: Apps) -> None:
    Subscription, now = apps.get_model("orders", "Subscription"), timezone.now()
    for chunk in _chunks(Subscription.objects.select_related("order_line__order")):
        for each in chunk:
            line = each.order_line
            each.term, each.billing_plan, each.segment = line.term, line.billing_plan, "commercial"
            each.currency, each.unit_price = line.order.currency, line.unit_price
            each.term_started_at, each.term_ends_at = _term(each.started_at, MONTHS[line.term], now)
            each.due_at = each.term_ends_at
        Subscription.objects.bulk_update(
            chunk,
            "term billing_plan segment currency unit_price term_started_at term_ends_at due_at".split(),
        )


def _term(started_at: datetime, months: int, now: datetime) -> tuple[datetime, datetime]:
    """Start and end of the term that runs now."""
    count = 0
    while (end := _later(started_at, (count + 1) * months)) <= now:
        count += 1
    return _later(started_at, count * months), end


def _later(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _histories(apps: Apps) -> None:
    Subscription, Change, Event = (
        apps.get_model("orders", name) for name in ("Subscription", "LicenceChange", "SubscriptionEvent")
    )
    for chunk in _chunks(Subscription.objects.select_related("order_line__order")):
        events = []
        for each in chunk:
            line = each.order_line
            by = line.order.placed_by_name
            events.append(_event(Event, each, "purchased", "ordered", each.started_at, by, line.quantity))
        of_chunk = {each.pk: each for each in chunk}
        for change in Change.objects.filter(subscription__in=of_chunk).order_by("changed_at", "pk"):
            each, at, by = of_chunk[change.subscription_id], change.changed_at, change.changed_by_name
            row = _event(Event, each, "licences_changed", change.reason, at, by, change.to_quantity)
            row.licence_change = change
            events.append(row)
        Event.objects.bulk_create(events)


def _event(model: Any, subscription: Any, kind: str, reason: str, at: datetime, by: str, quantity: int) -> Any:
    return model(
        partner_id=subscription.partner_id,
        subscription=subscription,
        kind=kind,
        reason=reason,
        at=at,
        actor_name=by,
        quantity=quantity,
        unit_price=subscription.unit_price,
        term_ends_at=subscription.term_ends_at,
    )


def _month_totals(apps: Apps) -> None:
    Order, MonthTotal = apps.get_model("orders", "Order"), apps.get_model("orders", "MonthTotal")
    counted = (
        Order.objects.exclude(status="cancelled")
        .annotate(month=TruncMonth("placed_at", tzinfo=UTC))
        .values("partner_id", "month", "currency")
        .annotate(count=Count("pk"), amount=Sum(F("total")))
        .order_by()
    )
    MonthTotal.objects.bulk_create(
        MonthTotal(
            partner_id=row["partner_id"],
            month=row["month"].date(),
            currency=row["currency"],
            order_count=row["count"],
            amount=row["amount"],
        )
        for row in counted
    )


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_catalog_and_lives")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
