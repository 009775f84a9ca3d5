"""Any table that people bring, as rows of text. What cannot be read is refused with what to do about it."""

from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _

from portal.common.tables.csvs import CsvRecords
from portal.common.tables.safety import MAX_CELL, MAX_COLUMNS, TableRefused, unguard
from portal.common.tables.xlsx_reading import XlsxRecords

MAX_ROWS = 100_000

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# PDF, pictures, archives, rich text.
OTHERS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"RIFF",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"{\\rtf",
    b"BZh",
)


class Table:
    """A sheet with one header row.

    name: that of the file, as uploaded. header: the columns' names, unique whatever their case; a column
    without a name between others is "".
    """

    def __init__(self, records: CsvRecords | XlsxRecords, *, name: str, max_rows: int) -> None:
        self._records = records
        self._max_rows = max_rows
        self.name = name
        self.header = self._read_header()

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(row number as Excel shows it, cells as text) of the rows below the header that are not blank.

        Each row has a cell for every column of the header; it is longer where more cells are filled. Reads the
        file anew each time it is called; two iterations at a time would disturb each other. TableRefused, also
        half way: too many rows, a cell that is too long, a damaged file.
        """
        for count, (number, cells) in enumerate(self._filled()):
            if count > self._max_rows:
                raise TableRefused(
                    _("The file has more than %(limit)s rows. Split it into several files.")
                    % {"limit": self._max_rows}
                )
            if count:
                yield number, cells + [""] * (len(self.header) - len(cells))

    def _read_header(self) -> list[str]:
        for _number, names in self._filled():
            seen: set[str] = set()
            for name in filter(None, names):
                if name.casefold() in seen:
                    raise TableRefused(
                        _("Two columns are named “%(name)s”. Give each column its own name.") % {"name": name[:100]}
                    )
                seen.add(name.casefold())
            return names
        raise TableRefused(_("The file is empty. Put the columns' names into the first row, and the data below."))

    def _filled(self) -> Iterator[tuple[int, list[str]]]:
        """Rows with at least one filled cell, without blank cells at their end. Raises TableRefused only."""
        try:
            for number, raw in self._records:
                cells = [_tidy(cell) for cell in raw]
                while cells and not cells[-1]:
                    cells.pop()
                if cells:
                    _check(number, cells)
                    yield number, cells
        except TableRefused:
            raise
        except Exception as error:  # whatever the libraries say about damaged bytes
            raise _damaged() from error


def open_table(file: BinaryIO, name: str, *, max_rows: int = MAX_ROWS) -> Table:
    """The table in a CSV file or the first visible sheet of an Excel workbook, told apart by content.

    file: seekable, stays open and the caller's. Raises TableRefused for everything that is not such a table.
    """
    try:
        file.seek(0)
        head = file.read(65_536)
        _refuse_other_formats(head)
        records = XlsxRecords(file) if head.startswith(ZIP) else CsvRecords(file)
        return Table(records, name=name, max_rows=max_rows)
    except TableRefused:
        raise
    except Exception as error:  # as above
        raise _damaged() from error


def _refuse_other_formats(head: bytes) -> None:
    if head.startswith(OLE) and ENCRYPTED in head:
        raise TableRefused(_("The workbook is protected with a password. Save it without one and upload it again."))
    if head.startswith(OLE):
        raise TableRefused(
            _("This is an old Office format. In Excel, save the file as “Excel Workbook (.xlsx)” and upload that.")
        )
    if head.startswith(OTHERS):
        raise TableRefused(
            _("This file is not a table. Upload a CSV file or an Excel workbook (.xlsx) with one header row.")
        )


def _damaged() -> TableRefused:
    return TableRefused(
        _("The file is damaged or not a table. In Excel, save it as “Excel Workbook (.xlsx)” and upload that.")
    )


def _tidy(cell: str) -> str:
    text = cell.strip()
    return unguard(text).strip() if "'" in text else text


def _check(number: int, cells: list[str]) -> None:
    if len(cells) > MAX_COLUMNS:
        raise TableRefused(
            _("Row %(row)s has more than %(limit)s columns. Delete those that are not needed.")
            % {"row": number, "limit": MAX_COLUMNS}
        )
    if any(len(cell) > MAX_CELL for cell in cells):
        raise TableRefused(
            _("Row %(row)s has a cell with more than %(limit)s characters. Shorten it.")
            % {"row": number, "limit": MAX_CELL}
        )
