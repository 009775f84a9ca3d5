"""Excel workbooks written a row at a time.

A small exact writer of our own, because openpyxl finishes a workbook in a temporary file before its first byte can
leave: here the first bytes leave before the first row is read, and memory stays the same for any number of rows.
"""

import itertools
import re
import unicodedata
import zipfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from portal.common.tables.safety import Cell, is_risky

ROWS_A_CHUNK = 200
# Excel's own limits.
MAX_SHEET_ROWS = 1_048_576
MAX_TEXT = 32_767  # UTF-16 units
MAX_DIGITS = 15
MAX_NAME = 31
FIRST_DAY = date(1900, 3, 1)  # before it, Excel's calendar is off by one
EPOCH = date(1899, 12, 30)
# A part of a streamed archive must stay below 2 GiB: what is longer goes on in a second sheet.
MAX_SHEET_BYTES = 2**30

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKUP = re.compile("[&<>\r]")
# Excel reads _x0041_ as a letter A; written so, it stays what it is.
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")

PLAIN, BOLD, DAY, TIME, QUOTED, BOLD_QUOTED = range(6)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

ROOT_RELS = (
    f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
# The cell formats stand in the order of PLAIN, BOLD and so on.
STYLES = (
    f'{XML}<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def write_xlsx(sheet_name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """A workbook with a bold, frozen header; text stays text, whatever it begins with. Streamed.

    More rows than a sheet of Excel can hold go on in another sheet of the same workbook.
    """
    sink = _Sink()
    left = iter(rows)
    names: list[str] = []
    with zipfile.ZipFile(sink, "w") as archive:
        _add(archive, "_rels/.rels", ROOT_RELS)
        _add(archive, "xl/styles.xml", STYLES)
        while True:
            names.append(clean_sheet_name(sheet_name, len(names) + 1))
            is_full = yield from _sheet(archive, sink, len(names), header, left)
            following = next(left, None) if is_full else None
            if following is None:
                break
            left = itertools.chain([following], left)
        for part, text in _index(names):
            _add(archive, part, text)
    yield sink.taken()


def clean_sheet_name(name: str, number: int = 1) -> str:
    """The name as Excel accepts it; that of a second sheet and further ones ends in its number."""
    suffix = f" {number}" if number > 1 else ""
    name = "".join(" " if unicodedata.category(ch)[0] == "C" else ch for ch in _NOT_IN_NAMES.sub(" ", name))
    name = _cut(" ".join(name.split()), MAX_NAME - len(suffix)).strip(" '")
    if not name or name.casefold() == "history":  # Excel keeps that name for itself
        name = f"{name} sheet".strip().capitalize()
    return name + suffix


def _sheet(
    archive: zipfile.ZipFile, sink: "_Sink", number: int, header: Sequence[str], rows: Iterator[Sequence[Cell]]
) -> Generator[bytes, None, bool]:
    """Writes one sheet; returns whether it is full, so that what is left belongs into another."""
    letters = [_letters(index) for index in range(max(len(header), 1))]
    written = 0
    with archive.open(_info(f"xl/worksheets/sheet{number}.xml"), "w") as part:
        part.write(_sheet_head(header, letters, number).encode())
        yield sink.taken()
        line = 2
        while True:
            batch = list(itertools.islice(rows, min(ROWS_A_CHUNK, MAX_SHEET_ROWS + 1 - line)))
            while batch and len(letters) < max(map(len, batch)):
                letters.append(_letters(len(letters)))
            text = "".join(_row(line + index, letters, row) for index, row in enumerate(batch))
            written += part.write(text.encode())
            line += len(batch)
            is_full = line > MAX_SHEET_ROWS or written > MAX_SHEET_BYTES
            if not batch or is_full:
                break
            if chunk := sink.taken():
                yield chunk
        part.write(b"</sheetData></worksheet>")
    yield sink.taken()
    return is_full


def _sheet_head(header: Sequence[str], letters: Sequence[str], number: int) -> str:
    selected = ' tabSelected="1"' if number == 1 else ""
    widths = "".join(
        f'<col min="{index}" max="{index}" width="{min(max(len(name) + 4, 14), 40)}" customWidth="1"/>'
        for index, name in enumerate(header, start=1)
    )
    cells = "".join(
        _text(f"{letter}1", name, BOLD_QUOTED if is_risky(name) else BOLD)
        for letter, name in zip(letters, header, strict=False)
        if name
    )
    return (
        f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView{selected} workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'{f"<cols>{widths}</cols>" if widths else ""}<sheetData><row r="1">{cells}</row>'
    )


def _row(number: int, letters: Sequence[str], row: Sequence[Cell]) -> str:
    cells = [
        _cell(f"{letter}{number}", value)
        for letter, value in zip(letters, row, strict=False)
        if value is not None and value != ""
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, value: str | int | Decimal | date) -> str:
    if isinstance(value, str):
        return _text(place, value, QUOTED if is_risky(value) else PLAIN)
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | Decimal):
        digits = format(value, "f") if isinstance(value, Decimal) else str(value)
        is_exact = Decimal(value).is_finite() and sum(ch.isdigit() for ch in digits) <= MAX_DIGITS
        return f'<c r="{place}"><v>{digits}</v></c>' if is_exact else _text(place, digits, PLAIN)
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None)
        if value.date() < FIRST_DAY:
            return _text(place, value.isoformat(" ", "seconds"), PLAIN)
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return f'<c r="{place}" s="{TIME}"><v>{(value.date() - EPOCH).days + seconds / 86_400:.9f}</v></c>'
    if value < FIRST_DAY:
        return _text(place, value.isoformat(), PLAIN)
    return f'<c r="{place}" s="{DAY}"><v>{(value - EPOCH).days}</v></c>'


def _text(place: str, text: str, style: int) -> str:
    """A string by its type: no program takes it for a formula."""
    text = _ESCAPE_LIKE.sub("_x005F_", _ILLEGAL.sub("", _cut(text, MAX_TEXT)))
    if _MARKUP.search(text):
        text = escape(text, {"\r": "&#13;"})
    styled = f' s="{style}"' if style else ""
    return f'<c r="{place}"{styled} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _cut(text: str, units: int) -> str:
    """The text within so many UTF-16 units, as Excel counts; no sign is cut in half."""
    if len(text) * 2 <= units:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: units * 2].decode("utf-16-le", "ignore")


def _letters(index: int) -> str:
    """A, B, ... Z, AA ... for 0, 1, ..."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _index(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The parts that list the sheets: known only when the last row is written."""
    numbers = range(1, len(names) + 1)
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, names, strict=True)
    )
    yield (
        "xl/workbook.xml",
        f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{sheets}</sheets></workbook>",
    )
    targets = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{targets}'
        f'<Relationship Id="rId0" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{TYPES}.worksheet+xml"/>'
        for number in numbers
    )
    yield (
        "[Content_Types].xml",
        f'{XML}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPES}.styles+xml"/>{kinds}</Types>',
    )


class _Sink:
    """Where the archive is written: it cannot go back, and hands out what has come since the last time."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._chunks.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Nor is anything open."""

    def taken(self) -> bytes:
        data = b"".join(self._chunks)
        self._chunks.clear()
        return data


def _info(part: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(part)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _add(archive: zipfile.ZipFile, part: str, text: str) -> None:
    archive.writestr(_info(part), text.encode())
