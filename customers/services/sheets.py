"""The way of an uploaded sheet: its columns are named, its rows read and checked, then imported, once.

The work is done upstairs, where acceptances are known, in steps that each begin where the last one ended. Here is
what a step may write: `lock_at` tells whether the sheet still stands where the step began.
"""

import uuid
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import CustomerImport, ImportRow, ImportStatus, RowStatus
from customers.services.sheet_keeping import RUNNING, remove_file
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.common.uploads import file_digest
from portal.jobs.services import submit_once
from portal.partners.models import Partner
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

# A step that was not heard of for so long is presumed dead.
LEASE = timedelta(seconds=30)
# Puts the next step into the queue, in the transaction that made it necessary.
Queue = Callable[[CustomerImport], None]
SheetRow = tuple[int, Sequence[str]]


@transaction.atomic
def upload_import(
    *,
    by: Actor,
    partner: Partner,
    file: File[Any],
    file_name: str,
    header: Sequence[str],
    first_rows: Iterable[SheetRow],
    submit_key: str,
) -> CustomerImport:
    """Keep a sheet, under a name of the portal's own. The same submit_key again answers the same import.

    first_rows: shown while the columns are named. Raises NotPermitted, SubmissionConflict.
    """
    ensure_may(by=by, partner=partner, permission=Permission.CUSTOMERS_IMPORT)

    def effect() -> str:
        sheet = CustomerImport(partner=partner, owner_id=by.person_id, file_name=file_name, header=list(header))
        sheet.file.save(uuid.uuid4().hex, file, save=False)
        try:
            sheet.save()
            _add_rows(sheet, first_rows)
        except Exception:
            sheet.file.delete(save=False)
            raise
        # Without the file's name, in which anything may stand.
        facts = {"import": str(sheet.pk)}
        record_event(by=by, code="customers.import_uploaded", partner_id=partner.pk, facts=facts)
        return str(sheet.pk)

    body = {"partner": partner.pk, "name": file_name, "content": file_digest(file)}
    made, _was_repeated = submit_once(
        by=by, form="customers.import", key=submit_key or uuid.uuid4().hex, body=body, effect=effect
    )
    sheet = CustomerImport.objects.filter(pk=made).first()
    if sheet is None:
        raise RuleViolation(_("This upload was discarded. Choose the file again."), field="file")
    return sheet


@transaction.atomic
def map_import(
    *, by: Actor, sheet: CustomerImport, mapping: Mapping[str, str], country: str, queue: Queue
) -> CustomerImport:
    """Say what the columns are, and have all rows read and checked anew. Raises NotPermitted, RuleViolation."""
    ensure_may(by=by, partner=sheet.partner, permission=Permission.CUSTOMERS_IMPORT)
    sheet = _lock_before_commit(sheet)
    sheet.rows.all().delete()
    sheet.mapping, sheet.country, sheet.problem = dict(mapping), country, ""
    sheet.read_count = sheet.checked_count = sheet.valid_count = 0
    sheet.is_read, sheet.status = False, ImportStatus.CHECKING
    return _go_on(sheet, queue)


def lock_at(sheet_id: uuid.UUID, position: str) -> CustomerImport | None:
    """The sheet, locked, if it still stands where a step began; None when another one was faster, or it is gone."""
    sheet = CustomerImport.objects.select_for_update(of=("self",)).filter(pk=sheet_id).first()
    return sheet if sheet is not None and position_of(sheet) == position else None


def position_of(sheet: CustomerImport) -> str:
    """How far the work has come, and for which columns; every step that is done changes it."""
    columns = zlib.crc32(f"{sorted(sheet.mapping.items())} {sheet.country}".encode())
    counts = f"{sheet.read_count} {sheet.is_read:d} {sheet.checked_count} {sheet.done_count}"
    return f"{sheet.status} {counts} {columns:08x}"


@transaction.atomic
def store_rows(*, sheet_id: uuid.UUID, position: str, rows: Sequence[ImportRow], queue: Queue | None) -> str | None:
    """Add rows that were read; answers the new position, None when another step was faster. queue: all are read."""
    sheet = lock_at(sheet_id, position)
    if sheet is None:
        return None
    ImportRow.objects.bulk_create(rows)
    sheet.read_count += len(rows)
    sheet.is_read = queue is not None
    if queue is not None:
        _go_on(sheet, queue)
    else:
        sheet.lease_until = timezone.now() + LEASE
        sheet.save()
    return position_of(sheet)


@transaction.atomic
def store_checked(*, sheet_id: uuid.UUID, position: str, rows: Sequence[ImportRow], queue: Queue) -> None:
    """Keep what the check of these rows found; without further rows the sheet is checked."""
    sheet = lock_at(sheet_id, position)
    if sheet is None:
        return
    # The columns may have been named anew, alike, and all rows read anew since: then these rows are gone.
    if sheet.rows.filter(pk__in=[row.pk for row in rows], status=RowStatus.READ).count() < len(rows):
        return
    _store_statuses(rows)
    sheet.checked_count += len(rows)
    sheet.valid_count += sum(row.status == RowStatus.VALID for row in rows)
    if sheet.checked_count < sheet.read_count:
        _go_on(sheet, queue)
    else:
        _stop(sheet, ImportStatus.CHECKED)


@transaction.atomic
def begin_import(*, by: Actor, sheet: CustomerImport, submit_key: str, queue: Queue) -> CustomerImport:
    """Have the checked rows imported; what was begun already, by whomever, is not begun again.

    Whoever has it imported answers for it from then on. An import that stopped half-way goes on. Raises
    NotPermitted, RuleViolation.
    """
    ensure_may(by=by, partner=sheet.partner, permission=Permission.CUSTOMERS_IMPORT)
    sheet = _lock(sheet)
    partner, body = sheet.partner, {"sheet": str(sheet.pk)}

    def effect() -> str:
        if sheet.status in (ImportStatus.COMMITTING, ImportStatus.DONE):
            return str(sheet.pk)
        is_halfway = sheet.status == ImportStatus.FAILED and sheet.committed_at is not None
        if not (sheet.status == ImportStatus.CHECKED or is_halfway):
            raise RuleViolation(_("The rows are not checked yet. Wait for the check, then import them."))
        if not sheet.file:
            raise RuleViolation(_("The file and its rows were removed after 30 days. Upload the sheet again."))
        if sheet.valid_count == 0:
            raise RuleViolation(_("There is no row to import. Correct the rows and upload them again."))
        sheet.status, sheet.problem, sheet.owner_id = ImportStatus.COMMITTING, "", by.person_id
        sheet.committed_at = sheet.committed_at or timezone.now()
        _go_on(sheet, queue)
        facts = {"import": str(sheet.pk), "rows": sheet.valid_count - sheet.done_count}
        record_event(by=by, code="customers.import_committed", partner_id=partner.pk, facts=facts)
        return str(sheet.pk)

    key = submit_key or uuid.uuid4().hex
    submit_once(by=by, form="customers.import_commit", key=key, body=body, effect=effect)
    return sheet


def store_imported(*, by: Actor, sheet: CustomerImport, rows: Sequence[ImportRow], queue: Queue) -> None:
    """Keep what became of these rows; after the last one the import is done. The caller locked the sheet."""
    _store_statuses(rows)
    sheet.done_count += len(rows)
    sheet.created_count += sum(row.status == RowStatus.CREATED for row in rows)
    if sheet.done_count < sheet.valid_count:
        _go_on(sheet, queue)
        return
    sheet.finished_at = timezone.now()
    _stop(sheet, ImportStatus.DONE)
    facts = {"import": str(sheet.pk), "created": sheet.created_count, "rows": sheet.read_count}
    record_event(by=by, code="customers.import_finished", partner_id=sheet.partner_id, facts=facts)


@transaction.atomic
def fail_import(*, sheet_id: uuid.UUID, problem: str) -> None:
    """Stop the work, and tell why. Nothing that was imported is undone."""
    sheet = CustomerImport.objects.select_for_update(of=("self",)).filter(pk=sheet_id, status__in=RUNNING).first()
    if sheet is not None:
        sheet.problem = problem[:500]
        _stop(sheet, ImportStatus.FAILED)


@transaction.atomic
def discard_import(*, by: Actor, sheet: CustomerImport) -> None:
    """Throw a sheet away before it is imported, with its file and rows. Raises NotPermitted, RuleViolation."""
    ensure_may(by=by, partner=sheet.partner, permission=Permission.CUSTOMERS_IMPORT)
    sheet = _lock_before_commit(sheet)
    record_event(
        by=by, code="customers.import_discarded", partner_id=sheet.partner_id, facts={"import": str(sheet.pk)}
    )
    remove_file(sheet)
    sheet.rows.all().delete()
    sheet.delete()


def take_over_dead(*, now: datetime, queue: Queue) -> int:
    """Go on with the sheets whose step was not heard of any more; answers how many."""
    dead = CustomerImport.objects.filter(status__in=RUNNING, lease_until__lt=now).values_list("pk", flat=True)
    taken = 0
    for sheet_id in list(dead):
        with transaction.atomic():
            locked = CustomerImport.objects.select_for_update(of=("self",))
            sheet = locked.filter(pk=sheet_id, status__in=RUNNING, lease_until__lt=now).first()
            if sheet is not None:
                _go_on(sheet, queue)
                taken += 1
    return taken


def keep_lease(*, sheet_id: uuid.UUID, until: datetime) -> None:
    """The work is looked after elsewhere until then."""
    CustomerImport.objects.filter(pk=sheet_id, status__in=RUNNING).update(lease_until=until)


def _lock(sheet: CustomerImport) -> CustomerImport:
    locked = CustomerImport.objects.select_for_update(of=("self",)).filter(pk=sheet.pk).select_related("partner")
    current = locked.first()
    if current is None:
        raise RuleViolation(_("This import was discarded."))
    return current


def _lock_before_commit(sheet: CustomerImport) -> CustomerImport:
    current = _lock(sheet)
    if current.committed_at is not None:
        raise RuleViolation(_("This import has begun and cannot be changed any more."))
    return current


def _go_on(sheet: CustomerImport, queue: Queue) -> CustomerImport:
    sheet.lease_until = timezone.now() + LEASE
    sheet.save()
    queue(sheet)
    return sheet


def _stop(sheet: CustomerImport, status: ImportStatus) -> None:
    sheet.status, sheet.lease_until = status, None
    sheet.save()


def _add_rows(sheet: CustomerImport, rows: Iterable[SheetRow]) -> None:
    width = len(sheet.header)
    ImportRow.objects.bulk_create(
        [
            ImportRow(partner_id=sheet.partner_id, sheet=sheet, number=number, cells=list(cells[:width]))
            for number, cells in rows
        ]
    )


def _store_statuses(rows: Sequence[ImportRow]) -> None:
    """Most rows of a check are fine and need no words: one query for all of them."""
    plain = [row for row in rows if row.status == RowStatus.VALID]
    ImportRow.objects.filter(pk__in=[row.pk for row in plain]).update(status=RowStatus.VALID)
    others = [row for row in rows if row.status != RowStatus.VALID]
    # An insert that finds the rows there takes a fraction of the time of bulk_update's CASE for every column.
    ImportRow.objects.bulk_create(
        others, update_conflicts=True, unique_fields=["id"], update_fields=["status", "problems", "customer"]
    )
