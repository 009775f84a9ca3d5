"""Sheets to take away: streamed, exact, and dead text whatever people typed into them."""

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from defusedxml.ElementTree import fromstring

from portal.common.tables import CSV_TYPE, Cell, download, write_csv, write_xlsx, xlsx_writing
from portal.common.tables.xlsx_writing import clean_sheet_name

Writer = Callable[[Sequence[str], Iterable[Sequence[Cell]]], Iterator[bytes]]
FORMULA = "=cmd|' /C calc'!A0"


def customers_xlsx(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    return write_xlsx("Customers", header, rows)


both = pytest.mark.parametrize("write", [write_csv, customers_xlsx], ids=["csv", "xlsx"])


def csv_rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def sheet_of(
    rows: Iterable[Sequence[Cell]], header: Sequence[str] = ("Name",)
) -> openpyxl.worksheet.worksheet.Worksheet:
    return openpyxl.load_workbook(io.BytesIO(b"".join(customers_xlsx(header, rows))))["Customers"]


@both
def test_the_first_bytes_leave_before_the_first_row_is_read(write: Writer) -> None:
    asked: list[int] = []

    def rows() -> Iterator[list[Cell]]:
        for number in range(50_000):
            asked.append(number)
            yield [number]

    stream = write(["Number"], rows())
    assert next(stream)
    assert asked == []
    assert next(stream)
    assert 0 < len(asked) < 25_000


@both
def test_memory_does_not_grow_with_the_rows(write: Writer) -> None:
    rows = ([f"Customer {number} {column}" for column in range(12)] for number in range(20_000))
    tracemalloc.start()
    try:
        size = sum(map(len, write([f"Column {column}" for column in range(12)], rows)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 300_000
    assert peak < 4_000_000


@both
def test_a_download_that_is_broken_off_does_no_harm(write: Writer) -> None:
    stream = write(["Number"], ([number] for number in range(10_000)))
    next(stream)
    next(stream)
    stream.close()  # type: ignore[attr-defined]  # both are generators


def test_csv_is_what_excel_reads() -> None:
    cells: list[Cell] = [
        "Ż\0ółw, S.A.",
        7,
        Decimal("1.50"),
        date(2026, 1, 2),
        datetime(2026, 1, 2, 3, 4, 5),
        None,
        True,
    ]
    data = b"".join(write_csv(["Name", "b", "c", "d", "e", "f", "g"], [cells, ['say "hi"\nthere']]))
    assert data.startswith(b"\xef\xbb\xbfName,b,")
    assert data.count(b"\r\n") == 3
    assert csv_rows(data)[1:] == [
        ["Żółw, S.A.", "7", "1.50", "2026-01-02", "2026-01-02 03:04:05", "", "TRUE"],
        ['say "hi"\nthere'],
    ]


def test_csv_cells_cannot_run_but_numbers_stay_numbers() -> None:
    data = b"".join(write_csv(["=Name"], [[FORMULA], [-5], [Decimal("-1.5")], ["plain"], ["\0=1"]]))
    assert [row[0] for row in csv_rows(data)] == ["'=Name", "'" + FORMULA, "-5", "-1.5", "plain", "'=1"]


def test_the_workbook_opens_with_types_header_and_styles() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    row: list[Cell] = [
        "Ż <&> 'ó'",
        7,
        Decimal("1.50"),
        date(2026, 1, 2),
        moment,
        None,
        False,
        date(1850, 1, 1),
        10**18,
    ]
    sheet = sheet_of([row, [], [" two\nlines "]], header=[f"H{number}" for number in range(9)])
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.b
    assert not sheet["A2"].font.b
    assert [cell.value for cell in sheet[2]] == [
        "Ż <&> 'ó'", 7, 1.5, datetime(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5), None, False,
        "1850-01-01", str(10**18),
    ]  # fmt: skip
    assert sheet["D2"].number_format.replace("\\", "") == "yyyy-mm-dd"
    assert sheet["A4"].value == " two\nlines "
    assert 14 <= sheet.column_dimensions["A"].width <= 40


def test_a_workbook_holds_no_formula_and_marks_what_looks_like_one() -> None:
    rows: list[list[Cell]] = [[FORMULA], ["plain"], ["＝1"], [" -1"]]
    sheet = sheet_of(rows)
    assert [cell.value for cell in sheet["A"]] == ["Name", FORMULA, "plain", "＝1", " -1"]
    # openpyxl takes any text with "=" in front for a formula when it reads, so the file itself is asked.
    archive = zipfile.ZipFile(io.BytesIO(b"".join(customers_xlsx(["Name"], rows))))
    xml = fromstring(archive.read("xl/worksheets/sheet1.xml"))
    tags = {element.tag.rpartition("}")[2] for element in xml.iter()}
    assert "f" not in tags
    assert [cell.quotePrefix for cell in sheet["A"]] == [False, True, False, True, True]
    risky = sheet_of([], header=["=Name"])["A1"]
    assert (risky.quotePrefix, risky.font.b, risky.value) == (True, True, "=Name")


def test_formulas_are_seen_where_there_are_some() -> None:
    """The control of the test above: a sheet with a formula has the element that it looks for."""
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    saved = io.BytesIO()
    book.save(saved)
    assert b"<f>" in zipfile.ZipFile(saved).read("xl/worksheets/sheet1.xml")


def test_what_xml_and_excel_cannot_hold_is_dropped_or_cut() -> None:
    sheet = sheet_of([["a\x00\x0b\x1f\ufffe\ud800b"], ["x" * 40_000], ["😀" * 20_000], [Decimal("NaN")]])
    assert sheet["A2"].value == "ab"
    assert sheet["A3"].value == "x" * 32_767
    assert sheet["A4"].value == "😀" * 16_383
    assert sheet["A5"].value == "NaN"


def test_every_part_is_well_formed_and_the_archive_is_whole() -> None:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(customers_xlsx(["<H>", "H2"], [["]]>", "&amp;"]] * 500))))
    assert archive.testzip() is None
    for part in archive.namelist():
        assert fromstring(archive.read(part)).tag


def test_rows_and_columns_beyond_the_header_are_kept() -> None:
    sheet = sheet_of([[f"c{number}" for number in range(30)]])
    assert sheet["AD2"].value == "c29"
    assert sheet_of([], header=[]).max_row == 1


@pytest.mark.parametrize(("count", "sheets"), [(3, 1), (4, 2), (6, 2), (7, 3)])
def test_more_rows_than_a_sheet_holds_go_on_in_another(
    monkeypatch: pytest.MonkeyPatch, count: int, sheets: int
) -> None:
    monkeypatch.setattr(xlsx_writing, "MAX_SHEET_ROWS", 4)
    data = b"".join(customers_xlsx(["Number"], ([number] for number in range(count))))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Customers", "Customers 2", "Customers 3"][:sheets]
    assert [cell.value for sheet in book for cell in sheet["A"][1:]] == list(range(count))


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Customers: A/B [x]?", "Customers A B x"),
        ("'quoted'", "quoted"),
        ("", "Sheet"),
        ("History", "History sheet"),
        ("a\x00\tb", "a b"),
        ("n" * 50, "n" * 31),
        ("😀" * 20, "😀" * 15),
    ],
)
def test_sheet_names_are_such_as_excel_accepts(name: str, clean: str) -> None:
    assert clean_sheet_name(name) == clean
    assert len(clean_sheet_name(name, 12).encode("utf-16-le")) <= 62


def test_a_download_is_a_file_in_no_cache() -> None:
    response = download(iter([b"a", b"b"]), "klienci Łódź\r\n/../x.csv", CSV_TYPE)
    assert response.streaming
    assert b"".join(response) == b"ab"
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"] == CSV_TYPE
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''klienci%20%C5%81%C3%B3d%C5%BA_.._x.csv"
    assert download([], 'a"b.csv', CSV_TYPE)["Content-Disposition"] == 'attachment; filename="a_b.csv"'
    assert download([], "\n", CSV_TYPE)["Content-Disposition"] == 'attachment; filename="table"'
