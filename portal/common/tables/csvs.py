"""CSV: written as Excel reads it, read as people's programs write it. Both a row at a time."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO

from django.utils.translation import gettext as _

from portal.common.tables.safety import MAX_CELL, MAX_COLUMNS, Cell, TableRefused, guard

ROWS_A_CHUNK = 200
BLOCK = 65_536
# A row with every cell full, and room for quotes.
MAX_RECORD = MAX_COLUMNS * (MAX_CELL + 3)
DELIMITERS = ",;\t"


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, CRLF; the header comes at once, then a chunk for some 200 rows."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([_text(name) for name in header])
    yield codecs.BOM_UTF8 + _taken(buffer)
    for count, row in enumerate(rows, start=1):
        writer.writerow([_text(cell) for cell in row])
        if count % ROWS_A_CHUNK == 0:
            yield _taken(buffer)
    if buffer.tell():
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    """What was written since the last time."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return guard(cell.replace("\0", ""))
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None).isoformat(" ", "seconds")
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)


class CsvRecords:
    """The records of a CSV file, in UTF-8, in UTF-16 with a byte order mark, or else in Windows-1252."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._encoding = _encoding(file)
        file.seek(0)
        head = codecs.getincrementaldecoder(self._encoding)().decode(file.read(BLOCK))
        _refuse_other_formats(head)
        self._delimiter = _delimiter(head)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """(record number from 1, cells). TableRefused where a record is beyond all bounds."""
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, encoding=self._encoding, newline="")
        lines = _Lines(text)
        try:
            for number, cells in enumerate(csv.reader(lines, delimiter=self._delimiter), start=1):
                yield number, cells
                lines.number, lines.taken = number + 1, 0
        except csv.Error as error:
            raise _unreadable_row(lines.number) from error
        finally:
            # The file is the caller's: without this the wrapper would close it.
            text.detach()


class _Lines:
    """A text's lines without NUL. Refuses where one record takes more than any record may."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.number = 1
        self.taken = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(MAX_RECORD + 1):
            self.taken += len(line)
            if self.taken > MAX_RECORD:
                raise _unreadable_row(self.number)
            yield line.replace("\0", "")


def _unreadable_row(number: int) -> TableRefused:
    return TableRefused(
        _("Row %(row)s is too long to read. Look for a quotation mark that is never closed there.") % {"row": number}
    )


def _encoding(file: BinaryIO) -> str:
    """The encoding in which the whole file can be read; TableRefused where there is none."""
    file.seek(0)
    head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif head.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    else:
        candidates = ["utf-8", "cp1252"]
    for encoding in candidates:
        if _decodes(file, encoding):
            return encoding
    raise TableRefused(
        _("The letters of this file cannot be read. In Excel, save it as “CSV UTF-8” and upload that file.")
    )


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while block := file.read(BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _refuse_other_formats(head: str) -> None:
    """Web pages, XML and what only looks like text. A few stray control characters do no harm."""
    stray = sum(ch < " " and ch not in "\t\r\n\f" for ch in head)
    if stray * 20 > len(head) or head.lstrip().startswith("<"):
        raise TableRefused(
            _("This file is not a table. Upload a CSV file or an Excel workbook (.xlsx) with one header row.")
        )


def _delimiter(head: str) -> str:
    """The separator that the first line with text has most of, outside of quotation marks."""
    counts = dict.fromkeys(DELIMITERS, 0)
    is_quoted = False
    for ch in head.lstrip("\ufeff \r\n"):
        if ch == '"':
            is_quoted = not is_quoted
        elif not is_quoted and ch in "\r\n":
            break
        elif not is_quoted and ch in counts:
            counts[ch] += 1
    return max(DELIMITERS, key=lambda ch: counts[ch])
