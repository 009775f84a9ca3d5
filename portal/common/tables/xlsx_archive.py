"""The archive that a workbook is, opened with nothing taken on trust."""

import re
import zipfile
from typing import BinaryIO

from django.utils.translation import gettext as _

from portal.common.tables.safety import TableRefused

BLOCK = 65_536
MAX_UNPACKED = 300 * 1024 * 1024
MAX_RATIO = 200
RATIO_MATTERS_FROM = 1024 * 1024
# Parts that are read as a whole (styles, relations).
MAX_PART = 8 * 1024 * 1024
MAX_PART_TAGS = 200_000
MAX_PART_ATTRIBUTES = 1_000_000
# What is asked of the file at once: the archive's directory is the most, some 70 bytes a part.
MAX_READ = 1024 * 1024

_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""")


class Metered:
    """A file whose reader may not ask for more at once than any honest workbook needs."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(MAX_READ + 1 if size < 0 else min(size, MAX_READ + 1))
        if len(data) > MAX_READ:
            raise too_big()
        return data


class Archive(zipfile.ZipFile):
    """A workbook's archive. Call `refuse_bombs` before anything is read from it."""

    def refuse_bombs(self) -> None:
        """By declared sizes; zipfile gives out no byte more than a part declares, and checks its sum."""
        parts = self.infolist()
        unpacked = sum(part.file_size for part in parts)
        packed = sum(part.compress_size for part in parts)
        if unpacked > MAX_UNPACKED or (unpacked > RATIO_MATTERS_FROM and unpacked > packed * MAX_RATIO):
            raise too_big()
        if any(part.flag_bits & 1 for part in parts):
            raise TableRefused(
                _("The workbook is protected with a password. Save it without one and upload it again.")
            )
        # Other methods unpack as much as they like at once.
        if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
            raise zipfile.BadZipFile("unusual compression")

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        """A part that is read as a whole: small, plain UTF-8, without a document type."""
        with self.open(name) as part:
            data = bytearray()
            while block := part.read(BLOCK):
                data += block
                if len(data) > MAX_PART:
                    raise too_big()
        _refuse_tricks(data)
        if data.count(b"<") > MAX_PART_TAGS or data.count(b"=") > MAX_PART_ATTRIBUTES:
            raise too_big()
        return bytes(data)


def _refuse_tricks(part: bytearray) -> None:
    """Markup is counted as ASCII: other encodings, which no spreadsheet program writes, would hide it."""
    encoding = _ENCODING.match(part.removeprefix(b"\xef\xbb\xbf"))
    if b"<!DOCTYPE" in part or b"\0" in part or (encoding and encoding[1].upper() not in (b"UTF-8", b"US-ASCII")):
        raise ValueError("unusual markup")


def too_big() -> TableRefused:
    return TableRefused(
        _("The workbook unpacks to more than the portal reads. Save only the sheet with the data, or as “CSV UTF-8”.")
    )
