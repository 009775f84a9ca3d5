"""Tables that people bring: read alike from CSV and workbooks, whatever program wrote them."""

import codecs
import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from portal.common.tables import Table, TableRefused, open_table, write_csv, write_xlsx
from portal.common.tests.workbooks import workbook

Rows = list[tuple[int, list[str]]]


def table(data: bytes, max_rows: int = 100_000) -> Table:
    return open_table(io.BytesIO(data), "customers.csv", max_rows=max_rows)


def read(data: bytes, max_rows: int = 100_000) -> tuple[list[str], Rows]:
    found = table(data, max_rows)
    return found.header, list(found.rows())


def refusal(data: bytes, max_rows: int = 100_000) -> str:
    with pytest.raises(TableRefused) as refused:
        read(data, max_rows)
    assert refused.value.field == "file"
    assert refused.value.status == 400
    return str(refused.value.message)


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


TEXT = "Name;City\r\nŻółw;Łódź\r\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.replace(";", "\t").encode(),
        TEXT.replace(";", ",").encode(),
        TEXT.replace("\r\n", "\n").encode(),
        TEXT.replace("\r\n", "\r").encode(),
        TEXT.rstrip().encode(),
        TEXT.replace("Ż", "\0Ż").encode(),
    ],
)
def test_csv_of_any_program(data: bytes) -> None:
    assert read(data) == (["Name", "City"], [(2, ["Żółw", "Łódź"])])


def test_csv_of_old_windows_programs() -> None:
    assert read("Name,City\nMüller,Zürich\n".encode("cp1252")) == (["Name", "City"], [(2, ["Müller", "Zürich"])])
    assert "CSV UTF-8" in refusal(b"Name\nM\x81ller\n")
    assert "CSV UTF-8" in refusal(codecs.BOM_UTF16_LE + b"N")


def test_letters_are_read_beyond_the_first_block() -> None:
    text = "Name\n" + "x" * 5000 + "\n"
    late = (text * 20).replace("Name", "x").replace("x", "Name", 1)
    assert read((late + "Müller\n").encode("cp1252"))[1][-1][1] == ["Müller"]


def test_the_separator_is_the_headers_most_frequent() -> None:
    assert read(b'\xef\xbb\xbf\n"a;b;c;d",B,C\n1;2,3,4\n') == (["a;b;c;d", "B", "C"], [(3, ["1;2", "3", "4"])])
    assert read(b"Name\nx,y\n") == (["Name"], [(2, ["x", "y"])])


def test_records_are_numbered_as_excel_shows_them() -> None:
    data = b'Name,Note\r\nA,"two\r\nlines"\r\n\r\n , \r\nB,"say ""hi"""\r\n'
    assert read(data)[1] == [(2, ["A", "two\r\nlines"]), (5, ["B", 'say "hi"'])]


def test_rows_are_as_long_as_the_header_or_longer() -> None:
    assert read(b"A,B,,\n1\n1,2,,\n1,2,,4\n") == (
        ["A", "B"],
        [(2, ["1", ""]), (3, ["1", "2"]), (4, ["1", "2", "", "4"])],
    )


def test_a_table_can_be_read_again_and_the_file_stays_open() -> None:
    for data in (b"A\n1\n", workbook('<row><c t="str"><v>A</v></c></row><row><c><v>1</v></c></row>')):
        file = io.BytesIO(data)
        found = open_table(file, "x")
        assert list(found.rows()) == list(found.rows()) == [(2, ["1"])]
        assert next(found.rows())
        assert not file.closed
        assert found.name == "x"


def test_uploads_of_both_kinds_are_read() -> None:
    large = TemporaryUploadedFile("x.csv", "text/csv", 4, None)
    large.write(b"A\n1\n")
    for upload in (SimpleUploadedFile("x.csv", b"A\n1\n"), large):
        assert list(open_table(upload, upload.name).rows()) == [(2, ["1"])]
        assert not upload.closed
    large.close()


def test_workbook_cells_read_as_a_person_would_type_them() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Value", None, "Other"])
    values = [
        " text ", 5, 5.0, 0.1 + 0.2, -1.5, 10**15, 1e21, True, False, date(2026, 1, 2), datetime(2026, 1, 2),
        datetime(2026, 1, 2, 3, 4, 5), time(8, 30), timedelta(hours=30), "#N/A", "a\nb", "'+48 22", "'plain'",
    ]  # fmt: skip
    for value in values:
        book.active.append([value])
    header, rows = read(saved(book))
    assert header == ["Value", "", "Other"]
    assert [cells for _number, cells in rows] == [
        [text, "", ""]
        for text in (
            "text", "5", "5", "0.3", "-1.5", "1000000000000000", "1e+21", "TRUE", "FALSE", "2026-01-02", "2026-01-02",
            "2026-01-02 03:04:05", "08:30:00", "1 day, 6:00:00", "#N/A", "a\nb", "+48 22", "'plain'",
        )
    ]  # fmt: skip


def test_formulas_give_their_last_result() -> None:
    assert read(workbook('<row><c t="str"><f>1+1</f><v>A</v></c></row><row><c><f>1+1</f><v>2</v></c></row>')) == (
        ["A"],
        [(2, ["2"])],
    )


def test_shared_texts_rich_text_readings_and_escapes() -> None:
    texts = (
        "<si><t>Name</t></si><si><r><t>Con</t></r><r><t>toso</t></r></si>"
        "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>"
        "<si><t>a_x000A_b_x005F_x0041__x0000__xD800_</t></si><si/>"
    )
    cells = "".join(f'<row><c t="s"><v>{index}</v></c></row>' for index in range(5))
    header, rows = read(workbook(cells, texts=texts))
    assert header == ["Name"]
    assert [cells[0] for _number, cells in rows] == ["Contoso", "東京", "a\nb_x0041_"]


def test_rows_are_numbered_as_the_sheet_says_and_gaps_cost_nothing() -> None:
    first = '<row r="3"><c r="B3" t="str"><v>B</v></c></row>'
    last = '<row r="1048576"><c r="B1048576"><v>1</v></c><c r="XFD1048576"/></row>'
    assert read(workbook(first + last)) == (["", "B"], [(1_048_576, ["", "1"])])


def test_the_first_visible_sheet_counts() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Hidden"])
    book.active.sheet_state = "hidden"
    book.create_chartsheet("Chart")
    book.create_sheet("Data").append(["Shown"])
    book.active = 2
    assert table(saved(book)).header == ["Shown"]


def test_dates_of_the_calendar_of_1904() -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["Day"])
    book.active.append([date(2026, 1, 2)])
    assert read(saved(book))[1] == [(2, ["2026-01-02"])]


def test_what_follows_the_data_is_not_data() -> None:
    tail = "<controls><control><row>9</row><c><v>1</v></c><t>x</t></control></controls>"
    assert read(workbook('<row><c t="str"><v>A</v></c></row>', tail=tail)) == (["A"], [])


# What a cell can hold after a round trip: stripped, without control characters, not blank.
words = st.text(st.characters(exclude_categories=["C"]) | st.sampled_from("'=+-@;,\"\n_x0041")).filter(
    lambda text: text == text.strip()
)
grids = st.lists(st.tuples(words.filter(bool), words), max_size=5)


@given(grid=grids)
def test_an_exported_csv_comes_back_as_it_was(grid: list[tuple[str, str]]) -> None:
    data = b"".join(write_csv(["Name", "Note"], grid))
    assert read(data) == (["Name", "Note"], [(n, [*row]) for n, row in enumerate(grid, start=2)])


@given(grid=grids.filter(lambda grid: not any("'" in cell for row in grid for cell in row)))
def test_an_exported_workbook_comes_back_as_it_was(grid: list[tuple[str, str]]) -> None:
    data = b"".join(write_xlsx("Customers", ["Name", "Note"], grid))
    assert read(data) == (["Name", "Note"], [(n, [*row]) for n, row in enumerate(grid, start=2)])


def test_numbers_and_dates_come_back_from_both() -> None:
    rows = [[7, Decimal("1.50"), date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5), True]]
    header = ["a", "b", "c", "d", "e"]
    text = ["7", "1.50", "2026-01-02", "2026-01-02 03:04:05", "TRUE"]
    assert read(b"".join(write_csv(header, rows)))[1] == [(2, text)]
    assert read(b"".join(write_xlsx("x", header, rows)))[1] == [(2, ["7", "1.5", *text[2:]])]


def test_memory_does_not_grow_with_the_rows() -> None:
    def rows() -> Iterator[list[str]]:
        return ([f"Customer {number} {column}" for column in range(12)] for number in range(8_000))

    header = [f"Column {column}" for column in range(12)]
    for data in (b"".join(write_csv(header, rows())), b"".join(write_xlsx("Customers", header, rows()))):
        file = io.BytesIO(data)
        tracemalloc.start()
        try:
            assert sum(1 for _row in open_table(file, "x").rows()) == 8_000
            assert tracemalloc.get_traced_memory()[1] < 6_000_000
        finally:
            tracemalloc.stop()


def test_the_process_wide_csv_limit_is_left_alone() -> None:
    assert csv.field_size_limit() == 131_072
