"""The work on a price list: its rows are read, later it is applied. In the background, or while a terminal waits.

A worker that dies loses nothing: what it read is kept, the next one goes on behind it; what it was applying is undone
by the database and applied anew.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import BinaryIO, TypeVar, cast

from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import TaskContext, task

from agreements.tasks import StepFailed
from orders.models import PriceList, PriceListStatus
from orders.price_lists.columns import find_columns
from orders.price_lists.rows import RowReader
from orders.services import (
    apply_price_list,
    fail_price_list,
    finish_reading,
    keep_price_list_lease,
    note_row_count,
    remove_old_price_lists,
    store_price_rows,
    take_over_price_lists,
)
from portal.common.actor import Actor, ActorKind, Door
from portal.common.logs import frames
from portal.common.tables import Table, TableRefused, open_table
from portal.jobs.retries import MAX_ATTEMPTS, retried

# Ten times what a list is made for: a file has an end.
MAX_ROWS = 1_000_000
ROWS_READ = 1000
# Longer than any pause between the attempts of a failing task.
WHILE_RETRIED = timedelta(minutes=10)

#: Told how many rows of how many are read.
Tell = Callable[[int, int], None]
T = TypeVar("T")


@retried
@task(queue_name="bulk", takes_context=True)
def work_on(context: TaskContext, price_list_id: str) -> None:
    """Read or apply a price list, whichever is next. Doing it again does no harm."""
    price_list = PriceList.objects.filter(pk=price_list_id).first()
    if price_list is None:
        return
    try:
        if price_list.status == PriceListStatus.APPLYING:
            apply_price_list(by=applier(price_list), price_list_id=price_list.pk)
        else:
            read_price_list(price_list)
    except Exception as error:
        if context.attempt >= MAX_ATTEMPTS:
            message = _("The portal could not go on with this file; the catalog is unchanged. Upload it again.")
            fail_price_list(price_list_id=price_list.pk, problem=message)
        else:
            keep_price_list_lease(price_list_id=price_list.pk, until=timezone.now() + WHILE_RETRIED)
        raise StepFailed(type(error).__name__, *frames(error.__traceback__)) from None


def queue_work(price_list: PriceList) -> None:
    """The work that is next, in the transaction that made it necessary."""
    work_on.enqueue(str(price_list.pk))


def look_after_price_lists(*, now: datetime | None = None) -> int:
    """What the clock does: go on where a worker died, remove what was kept long enough; answers how many went on."""
    now = now or timezone.now()
    taken = take_over_price_lists(now=now, queue=queue_work)
    remove_old_price_lists(now=now)
    return taken


def read_price_list(price_list: PriceList, *, tell: Tell = lambda done, total: None) -> PriceList:
    """Read the rows that are not read yet, until the list is checked; a file that is no price list fails.

    Another worker on the same list makes this one stop.
    """
    if price_list.status != PriceListStatus.READING:
        return price_list
    try:
        with price_list.file.open("rb") as file:
            table = open_table(cast(BinaryIO, file), price_list.file_name, max_rows=MAX_ROWS)
            _read(price_list, table, tell)
    except TableRefused as refused:
        fail_price_list(price_list_id=price_list.pk, problem=str(refused.message))
    else:
        finish_reading(price_list_id=price_list.pk)
    price_list.refresh_from_db()
    return price_list


def _read(price_list: PriceList, table: Table, tell: Tell) -> None:
    reader = RowReader(price_list, find_columns(table.header))
    if not price_list.row_count:
        price_list.row_count = sum(1 for _row in table.rows())
        if not price_list.row_count:
            raise TableRefused(_("The file has no rows below the columns' names. Put the prices there."))
        note_row_count(price_list_id=price_list.pk, count=price_list.row_count)
    done = price_list.read_count
    tell(done, price_list.row_count)
    for chunk in _chunks(islice(table.rows(), done, None)):
        rows = [reader.read(number, cells) for number, cells in chunk]
        if not store_price_rows(price_list_id=price_list.pk, after=done, rows=rows):
            return
        done += len(rows)
        tell(done, price_list.row_count)


def _chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    left = iter(rows)
    while chunk := list(islice(left, ROWS_READ)):
        yield chunk


def applier(price_list: PriceList) -> Actor:
    """Who answers for what is applied: whoever decided, through the background work."""
    kind = ActorKind.STAFF if price_list.decided_by_id else ActorKind.JOB
    name = price_list.decided_by_name
    return Actor(kind=kind, name=name, user_id=price_list.decided_by_id, door=Door.JOB)
