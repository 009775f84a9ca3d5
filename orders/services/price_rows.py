"""The rows of a price list while it is read: kept chunk by chunk, then held against each other."""

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Window
from django.db.models.functions import FirstValue
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.models import PriceList, PriceListRow, PriceListStatus
from orders.price_lists.columns import Column
from orders.price_lists.rows import READERS
from orders.services.price_lists import LEASE, lock_price_list, remove_file

CHUNK = 1000
# What names a price, and what a row says of it.
_PRICE = "market currency segment product_code sku_code term billing_plan tier_min effective_from".split()
_SAID = "tier_max effective_until unit_price erp_price".split()
_SHOWN = {**{column: field for column, (field, _read) in READERS.items()}, Column.START: "effective_from"}


@transaction.atomic
def note_row_count(*, price_list_id: uuid.UUID, count: int) -> None:
    """Say how many rows the file has, before they are read."""
    PriceList.objects.filter(pk=price_list_id).update(row_count=count, lease_until=timezone.now() + LEASE)


@transaction.atomic
def store_price_rows(*, price_list_id: uuid.UUID, after: int, rows: Sequence[PriceListRow]) -> bool:
    """Add the rows that follow the first `after`; False when another worker was faster, or the list was refused."""
    price_list = lock_price_list(price_list_id)
    if price_list.status != PriceListStatus.READING or price_list.read_count != after:
        return False
    PriceListRow.objects.bulk_create(rows)
    price_list.read_count += len(rows)
    price_list.bad_count += sum(not row.is_good for row in rows)
    price_list.lease_until = timezone.now() + LEASE
    price_list.save(update_fields=["read_count", "bad_count", "lease_until"])
    return True


@transaction.atomic
def finish_reading(*, price_list_id: uuid.UUID) -> PriceList:
    """All rows are there: find those that give one price twice, and ask for the decision. Twice is once."""
    price_list = lock_price_list(price_list_id)
    if price_list.status == PriceListStatus.READING and price_list.read_count == price_list.row_count:
        price_list.bad_count += _refuse_contradictions(price_list)
        price_list.status, price_list.lease_until = PriceListStatus.CHECKED, None
        remove_file(price_list)
        price_list.save()
    return price_list


def _refuse_contradictions(price_list: PriceList) -> int:
    """Rows that say what an earlier one says go; those that say otherwise are bad: answers how many these are."""
    earlier = {f"first_{name}": _of_first(name) for name in ("number", *_SAID)}
    repeated = price_list.rows.filter(is_good=True).annotate(**earlier).filter(number__gt=F("first_number"))
    spare: list[int] = []
    contradicted: dict[int, int] = {}
    for pk, first, *said in repeated.values_list("pk", "first_number", *_SAID, *(f"first_{name}" for name in _SAID)):
        if said[: len(_SAID)] == said[len(_SAID) :]:
            spare.append(pk)
        else:
            contradicted[pk] = first
    for start in range(0, len(spare), CHUNK):
        PriceListRow.objects.filter(pk__in=spare[start : start + CHUNK]).delete()
    keys = list(contradicted)
    for start in range(0, len(keys), CHUNK):
        _refuse(PriceListRow.objects.in_bulk(keys[start : start + CHUNK]), contradicted)
    return len(contradicted)


def _of_first(name: str) -> Window:
    return Window(FirstValue(name), partition_by=[F(key) for key in _PRICE], order_by="number")


def _refuse(rows: dict[int, PriceListRow], contradicted: dict[int, int]) -> None:
    for row in rows.values():
        message = _("Line %(number)d has another price for the same. Keep one of them.")
        row.problems = [["", message % {"number": contradicted[row.pk]}]]
        said = {str(column): getattr(row, field) for column, field in _SHOWN.items()}
        row.cells = {column: str(value) for column, value in said.items() if value not in (None, "")}
        row.is_good = False
    PriceListRow.objects.bulk_update(rows.values(), ["problems", "cells", "is_good"], batch_size=100)
