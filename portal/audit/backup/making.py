"""Making a backup: under another name until it is whole, the database first and then the files.

Whatever a row names was stored before the row was committed, and evidence is only ever added: so files that are
copied after the database hold all that its rows name. The other way round, one that came in between would be missing.
"""

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage
from django.db import connection
from django.utils import timezone

from portal.audit.backup.databases import copy_database
from portal.audit.backup.parts import (
    DATABASES,
    FORMAT,
    MANIFEST,
    SUMS,
    BackupError,
    State,
    file_digest,
    names_in,
    pieces,
    stores,
)

COMPLETE = re.compile(r"portal-\d{8}T\d{6}Z")
UNFINISHED = ".unfinished"


@dataclass(frozen=True)
class Backup:
    """One that is complete. seconds: what the database and the files took; left_out: stores that were not copied."""

    folder: Path
    state: State
    database_bytes: int
    file_count: int
    file_bytes: int
    left_out: tuple[str, ...]
    seconds: tuple[float, float]


def make_backup(*, target: Path, with_bucket: bool = False) -> Backup:
    """Write a folder `portal-<time in UTC>` into the folder `target`.

    with_bucket: copy files that are kept in a bucket, too. Raises BackupError; then nothing of it is left.
    """
    _refuse(target)
    at = timezone.now()
    whole = target / f"portal-{at:%Y%m%dT%H%M%SZ}"
    try:
        with _whole_or_gone(whole) as folder:
            return _fill(folder, whole, at, with_bucket=with_bucket)
    except OSError as error:
        raise BackupError(f"The backup could not be written: {error.strerror or error}.") from None


def drop_older(target: Path, *, keep: int) -> list[str]:
    """Remove all complete backups in `target` but the newest `keep`; the names of those removed."""
    complete = sorted(path for path in target.iterdir() if COMPLETE.fullmatch(path.name) and path.is_dir())
    for path in complete[:-keep]:
        # Half of one must not look like one.
        shutil.rmtree(path.rename(path.with_name(f"{path.name}{UNFINISHED}")))
    return [path.name for path in complete[:-keep]]


def unfinished_in(target: Path) -> list[str]:
    """What is left of backups that were killed, or is being written by another one."""
    return sorted(path.name for path in target.glob(f"portal-*{UNFINISHED}"))


def _refuse(target: Path) -> None:
    if not target.is_dir():
        raise BackupError(f"There is no folder {target}: make it, or mount what it is on.")
    if not os.access(target, os.W_OK | os.X_OK):
        raise BackupError(f"This user cannot write into {target}.")
    served = [Path(settings.STATIC_ROOT), Path(settings.MEDIA_ROOT)]
    places = [Path(store.location) for store in stores().values() if isinstance(store, FileSystemStorage)]
    for place in (each.resolve() for each in served + places):
        if place == target.resolve() or place in target.resolve().parents:
            raise BackupError(f"{target} is within {place}, which the portal serves: choose a folder of its own.")


@contextmanager
def _whole_or_gone(whole: Path) -> Iterator[Path]:
    """A folder for the portal's user alone, which gets its name once everything in it is on the disk."""
    folder = whole.with_name(f"{whole.name}{UNFINISHED}")
    if whole.exists() or folder.exists():
        raise BackupError(f"{whole.name} is there, or being made: try again in a second.")
    folder.mkdir(mode=0o700)
    try:
        yield folder
        os.sync()
        folder.rename(whole)
        os.sync()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _fill(folder: Path, whole: Path, at: datetime, *, with_bucket: bool) -> Backup:
    began = time.monotonic()
    database = folder / DATABASES[connection.vendor]
    state = copy_database(database)
    copied = time.monotonic()
    with (folder / SUMS).open("w", encoding="utf-8") as sums:
        _add_sum(sums, file_digest(database), database.name)
        kept: dict[str, dict[str, Any]] = {}
        for name, store in stores().items():
            if isinstance(store, FileSystemStorage) or with_bucket:
                kept[name] = _copy_files(store, folder, name, sums)
            else:
                kept[name] = {"not_copied": f"It is in the bucket {getattr(store, 'bucket_name', name)}."}
        said = {"format": FORMAT, "made_at": at.isoformat(), "engine": connection.vendor, "database": database.name}
        manifest = folder / MANIFEST
        manifest.write_text(json.dumps({**said, **state.as_json(), "files": kept}, indent=1), encoding="utf-8")
        _add_sum(sums, file_digest(manifest), manifest.name)
    return Backup(
        whole,
        state,
        database.stat().st_size,
        sum(files.get("count", 0) for files in kept.values()),
        sum(files.get("bytes", 0) for files in kept.values()),
        tuple(name for name, files in kept.items() if "not_copied" in files),
        (copied - began, time.monotonic() - copied),
    )


def _copy_files(store: Storage, folder: Path, name: str, sums: TextIO) -> dict[str, int]:
    """Every file of the store into the folder's folder `name`; how many they are, and of how many bytes."""
    (folder / name).mkdir()
    count = size = 0
    try:
        for each in names_in(store):
            path = folder / name / each
            try:
                digest = _copy(store, each, path)
            except FileNotFoundError:
                # It was removed in between, as the sheets of old imports are.
                continue
            _add_sum(sums, digest, f"{name}/{each}")
            count, size = count + 1, size + path.stat().st_size
    except OSError:
        raise
    except Exception as error:
        # A bucket's library has errors of many kinds.
        raise BackupError(f"The files of {name} cannot be read: {error}") from None
    return {"count": count, "bytes": size}


def _copy(store: Storage, name: str, path: Path) -> str:
    """The SHA-256 of what was copied."""
    digest = hashlib.sha256()
    with store.open(name) as file:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as copy:
            for piece in pieces(file):
                digest.update(piece)
                copy.write(piece)
    return digest.hexdigest()


def _add_sum(sums: TextIO, digest: str, name: str) -> None:
    """A line as the program sha256sum writes and reads it."""
    if "\n" in name or "\\" in name:
        raise BackupError(f"A stored file has a name that cannot be written down: {name!r}.")
    sums.write(f"{digest}  {name}\n")
