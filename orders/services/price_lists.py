"""The way of a price list: it is kept, its rows are read and checked, staff decide, and it is applied at once.

The rows are read by `orders.price_lists.work` and kept by `orders.services.price_rows`; how a list is applied stands
in `orders.services.applying`.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from orders.models import PriceList, PriceListStatus
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.common.errors import NotFound, RuleViolation
from portal.common.uploads import file_digest
from portal.jobs.services import submit_once

# A worker that was not heard of for so long is presumed dead.
LEASE = timedelta(seconds=60)
RUNNING = (PriceListStatus.READING, PriceListStatus.APPLYING)
FOLDER = "price_lists"
# What nobody decides about is refused after so long; the report of bad rows is kept as long.
KEPT = timedelta(days=30)
# A file that no list names after so long never got one: the upload broke off.
ABANDONED = timedelta(days=1)
# Puts the work on a list into the queue, in the transaction that made it necessary.
Queue = Callable[[PriceList], None]


class AlreadyImported(RuleViolation):
    """The same file was applied before: doing it again would change nothing, unless the catalog was edited since."""

    default_code = "price_list_imported"


@transaction.atomic
def upload_price_list(
    *, by: Actor, file: File[Any], file_name: str, submit_key: str, queue: Queue | None, is_again: bool = False
) -> PriceList:
    """Keep a file, under a name of the portal's own, to be read. The same submit_key again answers the same list.

    queue: None where the caller reads it itself. is_again: although the same file was applied before. Raises
    AlreadyImported, SubmissionConflict.
    """
    digest = file_digest(file)

    def effect() -> str:
        earlier = PriceList.objects.filter(digest=digest, status=PriceListStatus.APPLIED).first()
        if earlier is not None and not is_again:
            raise AlreadyImported(_already(earlier), field="file")
        price_list = PriceList(
            file_name=file_name,
            digest=digest,
            status=PriceListStatus.READING,
            uploaded_by_id=by.user_id,
            uploaded_by_name=by.name,
            lease_until=timezone.now() + LEASE,
        )
        price_list.file.save(uuid.uuid4().hex, file, save=False)
        try:
            price_list.save()
            _log(by, "orders.price_list_uploaded", price_list, digest=digest)
            if queue is not None:
                queue(price_list)
        except Exception:
            price_list.file.delete(save=False)
            raise
        return str(price_list.pk)

    body = {"content": digest, "name": file_name, "again": is_again}
    made, _was_repeated = submit_once(by=by, form="orders.price_list", key=submit_key, body=body, effect=effect)
    return PriceList.objects.get(pk=made)


def _already(earlier: PriceList) -> str:
    when = date_format(timezone.localtime(earlier.finished_at or earlier.uploaded_at), "Y-m-d H:i")
    message = _(
        "This file was imported already, on %(when)s. Importing it again changes nothing, unless the catalog was "
        "edited since."
    )
    return message % {"when": when}


@transaction.atomic
def begin_price_list(*, by: Actor, price_list: PriceList, queue: Queue | None) -> PriceList:
    """Decide to apply the good rows. Deciding the same again changes nothing.

    queue: None where the caller applies it itself. Raises NotFound, and RuleViolation for a list that is not
    checked, or has no good row.
    """
    locked = lock_price_list(price_list.pk)
    if locked.status in (PriceListStatus.APPLYING, PriceListStatus.APPLIED):
        return locked
    if locked.status != PriceListStatus.CHECKED:
        raise RuleViolation(_("This price list cannot be imported now. Upload the file again."))
    if not locked.rows.filter(is_good=True).exists():
        raise RuleViolation(_("There is no good row to import. Correct the file and upload it again."))
    locked.status, locked.lease_until = PriceListStatus.APPLYING, timezone.now() + LEASE
    _decide(locked, by)
    if queue is not None:
        queue(locked)
    return locked


@transaction.atomic
def refuse_price_list(*, by: Actor, price_list: PriceList) -> PriceList:
    """Decide that nothing of the list is imported; the bad rows stay for the report. Twice is once.

    Raises NotFound, and RuleViolation for a list that is being applied or was.
    """
    locked = lock_price_list(price_list.pk)
    if locked.status in (PriceListStatus.APPLYING, PriceListStatus.APPLIED):
        raise RuleViolation(_("This price list is imported already."))
    if locked.status in (PriceListStatus.READING, PriceListStatus.CHECKED):
        _end(locked, PriceListStatus.REFUSED)
        _decide(locked, by)
        _log(by, "orders.price_list_refused", locked, bad=locked.bad_count)
    return locked


@transaction.atomic
def fail_price_list(*, price_list_id: uuid.UUID, problem: str) -> None:
    """Give up on a list; what it would have changed is as it was."""
    locked = PriceList.objects.select_for_update(of=("self",)).filter(pk=price_list_id).first()
    if locked is not None and locked.status in RUNNING:
        locked.problem = problem[:500]
        _end(locked, PriceListStatus.FAILED)
        locked.save()


@transaction.atomic
def keep_price_list_lease(*, price_list_id: uuid.UUID, until: datetime) -> None:
    """Somebody will go on by themselves: nobody else takes over before that moment."""
    PriceList.objects.filter(pk=price_list_id, status__in=RUNNING).update(lease_until=until)


def take_over_price_lists(*, now: datetime, queue: Queue) -> int:
    """Go on with the lists whose worker died; answers how many."""
    dead = PriceList.objects.filter(status__in=RUNNING, lease_until__lt=now)
    taken = 0
    for pk in list(dead.values_list("pk", flat=True)):
        with transaction.atomic():
            if dead.filter(pk=pk).update(lease_until=now + LEASE):
                queue(PriceList.objects.get(pk=pk))
                taken += 1
    return taken


def remove_old_price_lists(*, now: datetime) -> int:
    """Refuse lists that nobody decided about, and remove the rows of those that ended long ago; answers how many."""
    old = PriceList.objects.filter(uploaded_at__lt=now - KEPT).exclude(status__in=RUNNING)
    removed = 0
    for pk in list(old.filter(rows__isnull=False).distinct().values_list("pk", flat=True)):
        with transaction.atomic():
            locked = lock_price_list(pk)
            if locked.status == PriceListStatus.CHECKED:
                locked.problem = _("Nobody decided about it in time.")
                _end(locked, PriceListStatus.REFUSED)
                locked.save()
            locked.rows.all()._raw_delete(locked.rows.db)
            removed += 1
    _remove_abandoned_files(now)
    return removed


def _remove_abandoned_files(now: datetime) -> None:
    if not default_storage.exists(FOLDER):
        return
    names = {f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]}
    for name in names - set(PriceList.objects.exclude(file="").values_list("file", flat=True)):
        if default_storage.get_modified_time(name) < now - ABANDONED:
            default_storage.delete(name)


def lock_price_list(price_list_id: uuid.UUID) -> PriceList:
    """The list as it is now, until the transaction ends. Raises NotFound."""
    locked = PriceList.objects.select_for_update(of=("self",)).filter(pk=price_list_id).first()
    if locked is None:
        raise NotFound(_("This price list is gone. Upload the file again."))
    return locked


def remove_file(price_list: PriceList) -> None:
    """Once the transaction is there; the caller saves the row."""
    storage, name = price_list.file.storage, price_list.file.name
    if name:
        transaction.on_commit(lambda: storage.delete(name))
        price_list.file = ""


def _decide(price_list: PriceList, by: Actor) -> None:
    price_list.decided_by_id, price_list.decided_by_name = by.user_id, by.name
    price_list.save()


def _end(price_list: PriceList, status: PriceListStatus) -> None:
    """Good rows go, bad ones stay for the report; the caller saves the row."""
    price_list.status, price_list.finished_at, price_list.lease_until = status, timezone.now(), None
    remove_file(price_list)
    good = price_list.rows.filter(is_good=True)
    good._raw_delete(good.db)


def _log(by: Actor, code: str, price_list: PriceList, **facts: str | int) -> None:
    facts["file"] = price_list.file_name
    record_event(by=by, code=code, partner_id=None, subject=str(price_list.pk), facts=facts)
