"""Excel workbooks read a row at a time, in memory that no file can exceed.

openpyxl finds the sheets, the date formats and the calendar. The two parts that grow with the data, the sheet and the
shared texts, are read as a stream of events: openpyxl builds trees of them, whose size a crafted file decides.
"""

import datetime as dt
import re
import warnings
import zipfile
from array import array
from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.sax.handler import ContentHandler

import openpyxl
from defusedxml.expatreader import create_parser
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.xml.constants import SHARED_STRINGS

from portal.common.tables.safety import MAX_CELL, MAX_COLUMNS, TableRefused
from portal.common.tables.xlsx_archive import BLOCK, Archive, Metered, too_big

if not openpyxl.DEFUSEDXML:
    raise ImproperlyConfigured("Workbooks are read with defusedxml only: install it and unset OPENPYXL_DEFUSEDXML.")

# Shared texts are the one thing that is kept in memory.
MAX_TEXTS = 3_000_000
MAX_TEXTS_BYTES = 100_000_000
LAST_ROW = 1_048_576
MAX_DEPTH = 100
# Blocks of a part in which nothing begins, ends or is said: one endless tag.
MAX_SILENCE = 16

_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class XlsxRecords:
    """The rows of a workbook's first visible sheet. Refuses bombs by what they declare, before unpacking any."""

    def __init__(self, file: BinaryIO) -> None:
        archive = Archive(Metered(file))
        archive.refuse_bombs()
        with warnings.catch_warnings():
            # What openpyxl leaves out (extensions, odd styles) is nothing that is read here.
            warnings.simplefilter("ignore")
            reader = ExcelReader(Metered(file), read_only=True, data_only=True, keep_links=False)
            reader.archive, reader.valid_files = archive, archive.namelist()
            reader.read_manifest()
            reader.read_workbook()
            apply_stylesheet(archive, reader.wb)
            sheets = list(reader.parser.find_sheets())
        self._archive = archive
        self._path = _first_sheet(sheets, archive)
        self._workbook = reader.wb
        texts = reader.package.find(SHARED_STRINGS)
        self._texts = _Texts()
        if texts is not None:
            for _block in _parsed(archive, texts.PartName.lstrip("/"), self._texts):
                pass

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """(row number, cells). Raises TableRefused, and what the libraries raise for damaged files."""
        handler = _Rows(self._texts, self._workbook)
        for _block in _parsed(self._archive, self._path, handler):
            yield from handler.rows
            handler.rows.clear()


def _first_sheet(sheets: list[tuple[Any, Any]], archive: zipfile.ZipFile) -> str:
    parts = set(archive.namelist())
    for sheet, rel in sheets:
        if sheet.state == "visible" and rel.Type.endswith("/worksheet") and rel.target in parts:
            return str(rel.target)
    raise TableRefused(_("The workbook has no visible sheet. Show the sheet with the data and upload it again."))


def _parsed(archive: zipfile.ZipFile, path: str, handler: "_Text") -> Iterator[None]:
    """Feeds a part to the handler, a block at a time. Document types and entities are errors."""
    parser = create_parser(forbid_dtd=True)
    parser.setContentHandler(handler)
    silence = 0
    with archive.open(path) as part:
        while block := part.read(BLOCK):
            handler.is_told = False
            parser.feed(block)
            silence = 0 if handler.is_told else silence + 1
            if silence > MAX_SILENCE:
                raise too_big()
            yield
    parser.close()
    yield


class _Text(ContentHandler):
    """Collects the text of <t> and <v>, without the readings that East Asian texts carry along."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._length = 0
        self._is_open = False
        self._readings = 0
        self._depth = 0
        self.is_told = False

    def begin(self) -> None:
        self._parts.clear()
        self._length = 0

    def startElement(self, name: str, attrs: Any) -> None:
        self.is_told = True
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise too_big()
        local = name.rpartition(":")[2]
        if local == "rPh":
            self._readings += 1
        self._is_open = local in ("t", "v") and not self._readings

    def endElement(self, name: str) -> None:
        self._is_open = False
        self._depth -= 1
        if name.rpartition(":")[2] == "rPh":
            self._readings -= 1

    def characters(self, content: str) -> None:
        self.is_told = True
        if self._is_open:
            if self._length > MAX_CELL:
                self.overflow()
                return
            self._parts.append(content)
            self._length += len(content)

    def overflow(self) -> None:
        """More text than a cell may hold: what comes is dropped."""

    def text(self) -> str:
        text = "".join(self._parts)
        return _ESCAPED.sub(_unescaped, text) if "_x" in text else text


def _unescaped(found: re.Match[str]) -> str:
    """The sign that _x000A_ and the like stand for; nothing for those that no database keeps."""
    code = int(found[1], 16)
    return "" if code == 0 or 0xD800 <= code <= 0xDFFF else chr(code)


class _Texts(_Text):
    """The shared texts by number, packed: a million strings would take three times as much.

    One that is too long for any cell is cut: its row is refused if it is used.
    """

    def __init__(self) -> None:
        super().__init__()
        self._packed = bytearray()
        self._ends = array("Q", [0])

    def startElement(self, name: str, attrs: Any) -> None:
        super().startElement(name, attrs)
        if name.rpartition(":")[2] == "si":
            self.begin()

    def endElement(self, name: str) -> None:
        super().endElement(name)
        if name.rpartition(":")[2] == "si":
            self._packed += self.text().encode()
            self._ends.append(len(self._packed))
            if len(self._ends) > MAX_TEXTS + 1 or len(self._packed) > MAX_TEXTS_BYTES:
                raise too_big()

    def __getitem__(self, number: int) -> str:
        if number < 0:
            raise IndexError(number)
        return self._packed[self._ends[number] : self._ends[number + 1]].decode()


class _Rows(_Text):
    """The sheet's rows that hold something, to be taken from `rows` as they come."""

    def __init__(self, texts: _Texts, workbook: Any) -> None:
        super().__init__()
        self.rows: list[tuple[int, list[str]]] = []
        self._texts = texts
        self._workbook = workbook
        self._is_data = False
        self._row = self._column = 0
        self._cells: dict[int, str] = {}
        self._type, self._style = "n", 0

    def startElement(self, name: str, attrs: Any) -> None:
        super().startElement(name, attrs)
        local = name.rpartition(":")[2]
        if local == "sheetData":
            self._is_data = True
        elif not self._is_data:
            self._is_open = False
        elif local == "row":
            self._begin_row(attrs)
        elif local == "c":
            self._begin_cell(attrs)

    def endElement(self, name: str) -> None:
        super().endElement(name)
        local = name.rpartition(":")[2]
        if local == "sheetData":
            self._is_data = False
        elif self._is_data and local == "c":
            self._end_cell()
        elif self._is_data and local == "row" and self._cells:
            self.rows.append((self._row, [self._cells.get(n, "") for n in range(1, max(self._cells) + 1)]))

    def overflow(self) -> None:
        raise TableRefused(
            _("Row %(row)s has a cell with more than %(limit)s characters. Shorten it.")
            % {"row": self._row, "limit": MAX_CELL}
        )

    def _begin_row(self, attrs: Any) -> None:
        earlier, self._row = self._row, int(attrs["r"]) if "r" in attrs else self._row + 1
        # Excel takes a row that comes twice, or too late, for damage as well: a number tells one row.
        if not earlier < self._row <= LAST_ROW:
            raise ValueError("no such row")
        self._column = 0
        self._cells = {}

    def _begin_cell(self, attrs: Any) -> None:
        self._column += 1
        if "r" in attrs:
            place = _PLACE.fullmatch(attrs["r"])
            if place is None:
                raise ValueError("no such cell")
            self._column = column_index_from_string(place[1])
        self._type = attrs.get("t", "n")
        self._style = int(attrs.get("s", 0))
        self.begin()

    def _end_cell(self) -> None:
        text = self.text()
        if text.strip():
            if self._column > MAX_COLUMNS:
                raise TableRefused(
                    _("Row %(row)s has more than %(limit)s columns. Delete those that are not needed.")
                    % {"row": self._row, "limit": MAX_COLUMNS}
                )
            self._cells[self._column] = self._value(text)

    def _value(self, text: str) -> str:
        """The cell as a person would type it."""
        if self._type == "s":
            return self._texts[int(text)]
        if self._type == "b":
            return "TRUE" if int(text) else "FALSE"
        if self._type == "d":
            return _moment(from_ISO8601(text))
        if self._type == "n":
            return self._number(text)
        return text

    def _number(self, text: str) -> str:
        number = float(text)
        if self._style in self._workbook._date_formats:
            is_span = self._style in self._workbook._timedelta_formats
            try:
                return _moment(from_excel(number, self._workbook.epoch, timedelta=is_span))
            except (OverflowError, ValueError):
                pass  # no day of any calendar: it is shown as the number that it is
        if text.isdecimal():
            return str(int(text))
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else format(number, ".15g")


def _moment(value: dt.date | dt.time | dt.timedelta | None) -> str:
    """ISO 8601, without the time where it is midnight."""
    if isinstance(value, dt.datetime):
        value = value.replace(microsecond=0)
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return "" if value is None else str(value)
