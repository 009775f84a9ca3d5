"""No upload fills the disk: a file that is too large is dropped while it comes in, the rest of the form is kept."""

import hashlib
from typing import Any

from django.core.files import File
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

MAX_UPLOAD = 30 * 1024 * 1024


class LimitedUploads(FileUploadHandler):
    """Stands before the handlers that store; `was_too_large` tells the view why a file is missing.

    All files of a request share the limit: a hundred of them would fill the disk as well.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._received += len(raw_data)
        if self._received > MAX_UPLOAD:
            if self.request is not None:
                self.request.META["portal.upload_too_large"] = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers behind this one have the file."""


def was_too_large(request: HttpRequest) -> bool:
    return bool(request.META.get("portal.upload_too_large"))


def file_digest(file: File[Any]) -> str:
    """SHA-256 over what the file holds, read piece by piece; it is left at its beginning."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
