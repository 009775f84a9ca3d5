"""What a backup consists of, the same for who makes it and who checks it."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.apps import apps
from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, storages

FORMAT = "portal-backup/1"
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
DATABASES = {"sqlite": "db.sqlite3", "postgresql": "db.dump"}
"""Engine -> the file that holds the database."""
# Storage -> its folder in a backup, where that is not its own name.
FOLDERS = {"default": "media"}
PIECE = 1024 * 1024


class BackupError(Exception):
    """A backup cannot be made or looked at. The message is a sentence that says what to do."""


@dataclass(frozen=True)
class State:
    """What a restore must have again. heads: chain -> (seq, digest); rows: table -> how many."""

    heads: dict[str, tuple[int, str]]
    rows: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        heads = [
            {"chain": chain, "seq": seq, "digest": digest} for chain, (seq, digest) in sorted(self.heads.items())
        ]
        return {"heads": heads, "rows": dict(sorted(self.rows.items()))}

    @classmethod
    def of_json(cls, said: dict[str, Any]) -> "State":
        return cls({head["chain"]: (head["seq"], head["digest"]) for head in said["heads"]}, dict(said["rows"]))


def tables() -> list[str]:
    """The tables of the portal's own rooms; those of sessions, tasks and the like change while nobody works."""
    rooms = {path.name for path in Path(settings.BASE_DIR).iterdir() if (path / "__init__.py").exists()}
    models = (model for model in apps.get_models() if model.__module__.partition(".")[0] in rooms)
    return sorted(model._meta.db_table for model in models if model._meta.managed)


def read_state(cursor: Any) -> State:
    """Of the database that the cursor (Django's, or the engine's own) belongs to."""
    cursor.execute("SELECT chain, seq, digest FROM audit_chainhead")
    heads = {chain: (seq, digest) for chain, seq, digest in cursor.fetchall()}
    rows = {}
    for table in tables():
        cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - our own tables
        rows[table] = cursor.fetchone()[0]
    return State(heads, rows)


def stores() -> dict[str, Storage]:
    """Folder in a backup -> the storage of the files in it; a folder within another store's folder is that one's."""
    kept = {FOLDERS.get(alias, alias): storages[alias] for alias in settings.STORAGES if alias != "staticfiles"}
    places = [Path(store.location) for store in kept.values() if isinstance(store, FileSystemStorage)]
    return {
        folder: store
        for folder, store in kept.items()
        if not isinstance(store, FileSystemStorage) or not any(p in Path(store.location).parents for p in places)
    }


def names_in(store: Storage, folder: str = "") -> Iterator[str]:
    """Every file of the store, one folder after the other."""
    try:
        folders, files = store.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}{name}" for name in sorted(files))
    for each in sorted(folders):
        yield from names_in(store, f"{folder}{each}/")


def pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def digest_of(content: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in content:
        digest.update(piece)
    return digest.hexdigest()


def file_digest(path: str | os.PathLike[str]) -> str:
    with open(path, "rb") as file:
        return digest_of(pieces(file))
