"""Whether a backup is as it was made, and whether this portal has what is in it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.storage import Storage
from django.db import DatabaseError, connection

from portal.audit.backup.databases import UNMIGRATED
from portal.audit.backup.parts import (
    FORMAT,
    MANIFEST,
    SUMS,
    BackupError,
    State,
    digest_of,
    file_digest,
    pieces,
    read_state,
    stores,
)


def damage(folder: Path) -> Iterator[str]:
    """What is wrong with the files of a backup, one sentence each. Raises BackupError where it is none."""
    listed, counts = set(), _counts(_manifest(folder))
    for digest, name in _sums(folder):
        listed.add(name)
        top = name.partition("/")[0]
        counts[top] = counts.get(top, 0) - 1
        path = folder / name
        if not path.is_file():
            yield f"{name} is missing."
        elif file_digest(path) != digest:
            yield f"{name} is not what was backed up."
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    yield from (f"{name} is not of this backup." for name in sorted(there - listed - {SUMS}))
    yield from (f"{SUMS} has not all lines of {name}." for name, left in sorted(counts.items()) if left > 0)


def differences(folder: Path) -> Iterator[str]:
    """What this portal, just restored, has otherwise than the backup, one sentence each."""
    manifest = _manifest(folder)
    if manifest["engine"] != connection.vendor:
        raise BackupError(f"The backup is of {manifest['engine']}, and this database is {connection.vendor}.")
    try:
        with connection.cursor() as cursor:
            here, then = read_state(cursor), State.of_json(manifest)
    except DatabaseError:
        raise BackupError(UNMIGRATED) from None
    yield from _other_heads(then.heads, here.heads)
    for table in sorted({*then.rows, *here.rows}):
        before, now = then.rows.get(table, 0), here.rows.get(table, 0)
        if before != now:
            yield f"{table}: {now:,} rows here, {before:,} in the backup."
    yield from _other_files(folder)


def _other_heads(then: dict[str, tuple[int, str]], here: dict[str, tuple[int, str]]) -> Iterator[str]:
    for chain in sorted({*then, *here}):
        before, now = then.get(chain, (0, "")), here.get(chain, (0, ""))
        if before[0] != now[0]:
            yield f"{chain}: the head is entry {now[0]:,} here, entry {before[0]:,} in the backup."
        elif before != now:
            yield f"{chain}: entry {now[0]:,} at the head has another digest than in the backup."


def _other_files(folder: Path) -> Iterator[str]:
    kept = stores()
    for digest, name in _sums(folder):
        top, _slash, path = name.partition("/")
        if path and top in kept:
            found = _stored_digest(kept[top], path)
            if found != digest:
                yield f"{name} is not restored." if not found else f"{name} is another file here."


def _stored_digest(store: Storage, name: str) -> str:
    """ "" where there is nothing."""
    try:
        with store.open(name) as file:
            return digest_of(pieces(file))
    except FileNotFoundError:
        return ""


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        is_ours = said["format"] == FORMAT and bool(State.of_json(said).rows) and bool(said["engine"])
    except FileNotFoundError:
        raise BackupError(f"{folder} is no backup that was finished: it has no {MANIFEST}.") from None
    except (OSError, ValueError, TypeError, KeyError):
        is_ours = False
    if not is_ours:
        raise BackupError(f"{folder / MANIFEST} cannot be read: take another backup.")
    return said


def _counts(manifest: dict[str, Any]) -> dict[str, int]:
    """First part of a path -> how many files the backup has there."""
    files = {name: about.get("count", 0) for name, about in manifest["files"].items()}
    return {manifest["database"]: 1, MANIFEST: 1, **files}


def _sums(folder: Path) -> Iterator[tuple[str, str]]:
    """(SHA-256, path in the backup) of each of its files."""
    try:
        with (folder / SUMS).open(encoding="utf-8") as lines:
            for line in lines:
                digest, _blanks, name = line.rstrip("\n").partition("  ")
                # A name that leads out of the folder is no name of ours.
                if len(digest) != 64 or not name or ".." in Path(name).parts or Path(name).is_absolute():
                    raise BackupError(f"{folder / SUMS} has a line that cannot be read: {line.strip()[:80]}")
                yield digest, name
    except (OSError, UnicodeDecodeError):
        raise BackupError(f"{folder / SUMS} cannot be read: take another backup.") from None
