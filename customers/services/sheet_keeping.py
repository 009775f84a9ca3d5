"""How long sheets are kept: they hold personal data and go when they are no longer needed."""

from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db import transaction

from customers.models import CustomerImport, ImportStatus

KEPT = timedelta(days=30)
# A file that no import names after so long never got one: the upload broke off.
ABANDONED = timedelta(days=1)
FOLDER = "imports"
RUNNING = (ImportStatus.CHECKING, ImportStatus.COMMITTING)


def remove_file(sheet: CustomerImport) -> None:
    """Once the transaction is there: whoever still sees the import finds its file."""
    storage, name = sheet.file.storage, sheet.file.name
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def remove_old_sheets(*, now: datetime) -> int:
    """Remove files and rows once they were kept long enough; of a finished import the counts stay."""
    old = CustomerImport.objects.filter(created_at__lt=now - KEPT).exclude(status__in=RUNNING).exclude(file="")
    removed = 0
    for sheet_id in list(old.values_list("pk", flat=True)):
        with transaction.atomic():
            sheet = CustomerImport.objects.select_for_update(of=("self",)).filter(pk=sheet_id).first()
            if sheet is None or sheet.status in RUNNING:
                continue
            if sheet.committed_at is not None and (sheet.finished_at or sheet.committed_at) >= now - KEPT:
                continue
            remove_file(sheet)
            sheet.rows.all().delete()
            if sheet.committed_at is None:
                sheet.delete()
            else:
                CustomerImport.objects.filter(pk=sheet.pk).update(file="", header=[], mapping={})
            removed += 1
    return removed


def remove_abandoned_files(*, now: datetime) -> int:
    """Remove the files of uploads that broke off before their import was there."""
    if not default_storage.exists(FOLDER):
        return 0
    names = {f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]}
    known = set(CustomerImport.objects.exclude(file="").values_list("file", flat=True))
    old = [name for name in names - known if default_storage.get_modified_time(name) < now - ABANDONED]
    for name in old:
        default_storage.delete(name)
    return len(old)
