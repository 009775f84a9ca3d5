"""Imports in the background: one step after the other, each in a transaction that queues the next one.

They are here because the rows of a sheet may state acceptances. A step says where it begins; when the sheet is
further along by then, because the step ran before or another one took over, it does nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import BinaryIO, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import TaskContext, task

from agreements.services import forget_unused_signatories, look_after_uploads, record_imported
from agreements.sheets import ReadRow, RowReader
from customers.models import CustomerImport, ImportRow, ImportStatus, RowStatus
from customers.services import (
    ImportedCustomer,
    Outcome,
    fail_import,
    import_customers,
    keep_lease,
    lock_at,
    match_rows,
    position_of,
    remove_abandoned_files,
    remove_old_sheets,
    store_checked,
    store_imported,
    store_rows,
    take_over_dead,
)
from customers.sheets.columns import Column, named
from customers.sheets.companies import Problem
from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import NotPermitted
from portal.common.logs import frames
from portal.common.tables import TableRefused, open_table
from portal.jobs.retries import MAX_ATTEMPTS, retried
from portal.partners.models import Membership

ROWS_READ = 500
ROWS_CHECKED = 500
ROWS_IMPORTED = 200
# Longer than any pause between the attempts of a failing step.
WHILE_RETRIED = timedelta(minutes=10)


class StepFailed(Exception):
    """What went wrong, and where. The queue keeps what an exception says, and a database's quotes the refused row."""


@retried
@task(queue_name="bulk", takes_context=True)
def step(context: TaskContext, sheet_id: str, position: str) -> None:
    """Read, check or import the next rows of a sheet that stands at `position`."""
    sheet = CustomerImport.objects.select_related("partner", "owner").filter(pk=sheet_id).first()
    if sheet is None or position_of(sheet) != position:
        return
    try:
        take_step(sheet)
    except (TableRefused, NotPermitted) as refused:
        fail_import(sheet_id=sheet.pk, problem=str(refused.message))
    except Exception as error:
        if context.attempt >= MAX_ATTEMPTS:
            message = _(
                "The portal could not go on with this file. Try again; if that fails, ask the portal's staff."
            )
            fail_import(sheet_id=sheet.pk, problem=message)
        else:
            keep_lease(sheet_id=sheet.pk, until=timezone.now() + WHILE_RETRIED)
        raise StepFailed(type(error).__name__, *frames(error.__traceback__)) from None


def take_step(sheet: CustomerImport) -> None:
    if sheet.status == ImportStatus.COMMITTING:
        import_rows(sheet)
    elif sheet.is_read:
        check_rows(sheet)
    else:
        read_rows(sheet)


def queue_step(sheet: CustomerImport) -> None:
    """The next step, in the transaction that saved where the sheet stands now."""
    step.enqueue(str(sheet.pk), position_of(sheet))


def look_after_imports() -> int:
    """What the clock does: go on where a worker died, remove what was kept long enough, files of evidence that nobody
    used among it; answers how many went on.
    """
    now = timezone.now()
    # People wait for this; trouble with old files does not keep it from them.
    taken = take_over_dead(now=now, queue=queue_step)
    remove_old_sheets(now=now)
    remove_abandoned_files(now=now)
    look_after_uploads(now=now)
    forget_unused_signatories(now=now)
    return taken


def read_rows(sheet: CustomerImport) -> None:
    """Store the rows of the file. What an earlier step stored is passed over, but counts among duplicates."""
    position: str | None = position_of(sheet)
    seen = Duplicates(sheet)
    with sheet.file.open("rb") as file:
        found = open_table(cast(BinaryIO, file), sheet.file_name).rows()
        for number, cells in islice(found, sheet.read_count):
            seen.find(number, cells)
        batch = _next_rows(sheet, found, seen)
        while position is not None and batch:
            following = _next_rows(sheet, found, seen)
            queue = None if following else queue_step
            position = store_rows(sheet_id=sheet.pk, position=position, rows=batch, queue=queue)
            batch = following


def _next_rows(sheet: CustomerImport, found: Iterator[tuple[int, list[str]]], seen: "Duplicates") -> list[ImportRow]:
    width = len(sheet.header)
    return [
        ImportRow(
            partner_id=sheet.partner_id,
            sheet=sheet,
            number=number,
            cells=cells[:width],
            problems=seen.find(number, cells),
        )
        for number, cells in islice(found, ROWS_READ)
    ]


class Duplicates:
    """Rows of one sheet that are about the same company. Holds a word and a number for each row."""

    def __init__(self, sheet: CustomerImport) -> None:
        self._mapping = {n: c for n, c in sheet.mapping.items() if c in (Column.DOMAIN, Column.MICROSOFT_ID)}
        self._first: dict[tuple[str, str], int] = {}

    def find(self, number: int, cells: Sequence[str]) -> list[Problem]:
        problems: list[Problem] = []
        for column, text in named(cells, self._mapping).items():
            if text:
                first = self._first.setdefault((column, text.casefold()), number)
                if first != number:
                    problems.append([column, _("Row %(row)d has the same. Keep one of them.") % {"row": first}])
        return problems


def check_rows(sheet: CustomerImport) -> None:
    """Hold the next rows against the forms, and against what the portal knows."""
    rows = list(sheet.rows.filter(status=RowStatus.READ).order_by("number")[:ROWS_CHECKED])
    reader = RowReader(sheet)
    read = {row.number: reader.read(row.number, row.cells) for row in rows}
    customers = [each.customer for each in read.values() if each.customer is not None]
    outcomes = match_rows(partner=sheet.partner, rows=customers)
    for row in rows:
        row.problems += read[row.number].problems
        row.status = RowStatus.WRONG if row.problems else RowStatus.VALID
        if row.number in outcomes and not row.problems:
            apply_outcome(row, outcomes[row.number])
    store_checked(sheet_id=sheet.pk, position=position_of(sheet), rows=rows, queue=queue_step)


def import_rows(sheet: CustomerImport) -> None:
    """Create the customers of the next rows and record their acceptances: all of it and the rows' status, or none."""
    by = importer(sheet)
    rows = list(sheet.rows.filter(status=RowStatus.VALID).order_by("number")[:ROWS_IMPORTED])
    reader = RowReader(sheet)
    read = {row.number: reader.read(row.number, row.cells) for row in rows}
    with transaction.atomic():
        locked = lock_at(sheet.pk, position_of(sheet))
        if locked is None:
            return
        customers: list[ImportedCustomer] = [each.customer for each in read.values() if each.customer is not None]
        outcomes = import_customers(by=by, partner=sheet.partner, rows=customers)
        for row in rows:
            row.problems = read[row.number].problems
            row.status = RowStatus.WRONG
            if row.number in outcomes:
                apply_outcome(row, outcomes[row.number])
        _record_acceptances(by, rows, read)
        store_imported(by=by, sheet=locked, rows=rows, queue=queue_step)


def _record_acceptances(by: Actor, rows: list[ImportRow], read: dict[int, ReadRow]) -> None:
    created = {row.number: row for row in rows if row.status == RowStatus.CREATED}
    customers = {number: row.customer for number, row in created.items() if row.customer is not None}
    acceptances = {number: each.acceptance for number, each in read.items() if each.acceptance is not None}
    for number, refused in record_imported(by=by, customers=customers, acceptances=acceptances).items():
        message = _("The customer was created, but not its acceptance: %(reason)s") % {"reason": refused.message}
        created[number].problems = [[refused.field or "", message]]


def apply_outcome(row: ImportRow, outcome: Outcome) -> None:
    row.status = outcome.status
    row.customer = outcome.customer if outcome.status in (RowStatus.CREATED, RowStatus.KNOWN) else None
    if outcome.message:
        row.problems = [[outcome.field, outcome.message]]


def importer(sheet: CustomerImport) -> Actor:
    """Who answers for the import, with the roles held now. Raises NotPermitted for who left the partner."""
    members = Membership.objects.active().filter(partner=sheet.partner, user=sheet.owner)
    membership = members.select_related("user", "partner").first()
    if membership is None:
        raise NotPermitted(_("Whoever started this import is no longer a member. Continue it in your own name."))
    return Actor(
        kind=ActorKind.AGENT,
        name=membership.user.name,
        user_id=membership.user_id,
        membership=membership,
        roles=tuple(membership.roles),
        door=Door.JOB,
    )
