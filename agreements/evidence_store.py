"""Where the bytes of evidence are: below their partner, under their SHA-256, in a folder or an S3-compatible store.

Never under a name that a person chose, and never at an address of the store: only the portal hands them out.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from portal.common.errors import UpstreamError
from portal.common.ids import parse_uuid

ALIAS = "evidence"


class StoreUnavailable(UpstreamError):
    """The store does not answer, or does not keep what it is given."""

    def __init__(self) -> None:
        super().__init__(_("The store of files cannot be reached at present. Try again in a few minutes."))


class LocalEvidence(FileSystemStorage):
    """A folder beside the other media, for the portal's own user. A file is there as a whole or not at all."""

    def __init__(self) -> None:
        super().__init__(allow_overwrite=True, directory_permissions_mode=0o700)

    @cached_property
    def base_location(self) -> str:
        return str(Path(settings.MEDIA_ROOT) / "evidence")

    def _save(self, name: str, content: File[bytes]) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in content.chunks():
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        return name

    def url(self, name: str | None) -> str:
        raise ValueError("Evidence has no address of its own; the portal serves it.")


def stored_path(partner_tenant_id: UUID, sha256: str) -> str:
    """The name in the store, the same in a folder, in a bucket and in a backup."""
    return f"{partner_tenant_id}/{sha256[:2]}/{sha256}"


def store(partner_tenant_id: UUID, data: bytes) -> str:
    """Keep the bytes and answer their SHA-256. What is there already, whole, is not written again.

    Raises StoreUnavailable, also when what was written reads back differently.
    """
    digest = hashlib.sha256(data).hexdigest()
    path = stored_path(partner_tenant_id, digest)
    with _told():
        storage = storages[ALIAS]
        if _digest_at(storage, path) != digest:
            storage.save(path, ContentFile(data))
            if _digest_at(storage, path) != digest:
                raise StoreUnavailable
    return digest


def is_stored(partner_tenant_id: UUID, sha256: str) -> bool:
    with _told():
        return bool(storages[ALIAS].exists(stored_path(partner_tenant_id, sha256)))


def open_stored(partner_tenant_id: UUID, sha256: str) -> File[Any]:
    """The file, to be read from its beginning. Raises FileNotFoundError, StoreUnavailable."""
    with _told():
        file = storages[ALIAS].open(stored_path(partner_tenant_id, sha256))
        # A bucket is asked for the bytes here, not when the answer has begun.
        file.seek(0)
        return file


def delete_stored(partner_tenant_id: UUID, sha256: str) -> None:
    """Remove the bytes, if they are there. Raises StoreUnavailable."""
    with _told():
        storages[ALIAS].delete(stored_path(partner_tenant_id, sha256))


def stored_under(prefix: str) -> Iterator[tuple[UUID, str, datetime]]:
    """(partner's tenant, name, when it was written) of every file whose digest begins with these two digits.

    A name longer than a digest is of a writing that broke off. Raises StoreUnavailable.
    """
    with _told():
        storage = storages[ALIAS]
        for tenant_id in filter(None, map(parse_uuid, _listed(storage, "")[0])):
            folder = f"{tenant_id}/{prefix}"
            for name in _listed(storage, folder)[1]:
                yield tenant_id, name, storage.get_modified_time(f"{folder}/{name}")


def _listed(storage: Storage, path: str) -> tuple[list[str], list[str]]:
    try:
        return storage.listdir(path)
    except FileNotFoundError:
        return [], []


def _digest_at(storage: Storage, path: str) -> str:
    """ "" where there is nothing."""
    digest = hashlib.sha256()
    try:
        with storage.open(path) as file:
            for chunk in file.chunks():
                digest.update(chunk)
    except FileNotFoundError:
        return ""
    return digest.hexdigest()


@contextmanager
def _told() -> Iterator[None]:
    """The store's own trouble, in the house's words; a missing file stays what it is."""
    try:
        yield
    except FileNotFoundError:
        raise
    except _trouble() as error:
        raise StoreUnavailable from error


def _trouble() -> tuple[type[Exception], ...]:
    if isinstance(storages[ALIAS], FileSystemStorage):
        return (OSError,)
    # Imported only where a bucket is in use: the library takes a good part of a second.
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    return (OSError, Boto3Error, BotoCoreError, ClientError)
