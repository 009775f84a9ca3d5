"""What is not a table, is too much, or is meant to harm: refused with what to do, and never an error of ours."""

import contextlib
import io
import random
import tracemalloc
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.common.tables import TableRefused, open_table, write_csv, write_xlsx, xlsx_archive, xlsx_reading
from portal.common.tests.test_tables_reading import read, refusal
from portal.common.tests.workbooks import MAIN, SHEET, parts_of, workbook, zipped

ONE = '<row><c t="str"><v>A</v></c></row>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\n", b" , ,\n,,\n", workbook(""), workbook("<row/>")])
def test_empty_files(data: bytes) -> None:
    assert "first row" in refusal(data)


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        (b"%PDF-1.7\n...", "not a table"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a table"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "not a table"),
        (b"\x1f\x8b\x08" + bytes(100), "not a table"),
        (b"<!doctype html><p>Sign in", "not a table"),
        (b"\x01\x02\x03\x04 a,b\n", "not a table"),
        ("Name,City\nA,B\n".encode("utf-16-le"), "not a table"),
        (OLE, "old Office format"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "xlsx"),
        (zipped({}), "xlsx"),
        (b"PK\x03\x04", "damaged"),
        (workbook(ONE)[:-30], "damaged"),
        (workbook(ONE, book=f"<workbook {MAIN}><sheets/></workbook>".encode()), "no visible sheet"),
        (workbook(ONE, book=b"<workbook"), "damaged"),
        (workbook(ONE, sheet=b"<worksheet><sheetData><row>"), "damaged"),
        (workbook(ONE + '<row r="1048577"/>'), "damaged"),
        (workbook(ONE + '<row r="-1"/>'), "damaged"),
        (workbook(ONE + '<row><c r="A"><v>1</v></c></row>'), "damaged"),
        (workbook(ONE + '<row><c t="s"><v>7</v></c></row>'), "damaged"),
        (workbook(ONE + '<row><c t="s"><v>-1</v></c></row>', texts="<si><t>x</t></si>"), "damaged"),
        (workbook(ONE + '<row><c t="s"><v>1</v></c></row>', texts="<si><t>x</t></si>"), "damaged"),
        (workbook(ONE + "<row><c><v>x</v></c></row>"), "damaged"),
    ],
)
def test_other_formats_and_damaged_files(data: bytes, advice: str) -> None:
    assert advice in refusal(data)


def test_two_columns_of_one_name() -> None:
    assert "“NAME”" in refusal(b"Name,City,NAME\n")
    assert "own name" in refusal(workbook('<row><c t="str"><v>A</v></c><c t="str"><v>a</v></c></row>'))


def test_too_many_rows() -> None:
    assert len(read(b"A\n1\n2\n", max_rows=2)[1]) == 2
    assert "more than 2 rows" in refusal(b"A\n1\n2\n3\n", max_rows=2)


def test_too_many_columns() -> None:
    names = [f"c{number}" for number in range(201)]
    for write in (lambda h: write_csv(h, []), lambda h: write_xlsx("x", h, [])):
        assert len(read(b"".join(write(names[:200])))[0]) == 200
        assert "Row 1 has more than 200 columns" in refusal(b"".join(write(names)))


def test_cells_that_are_too_long_are_named_by_row() -> None:
    for size, limit in ((10_000, None), (10_001, 10_000), (200_000, None)):
        text = "x" * size
        files = [f"A\n\n1\n{text}\n".encode(), workbook(f'{ONE}<row r="4"><c t="str"><v>{text}</v></c></row>')]
        files.append(workbook(f'{ONE}<row r="4"><c t="s"><v>0</v></c></row>', texts=f"<si><t>{text}</t></si>"))
        for data in files:
            if size == 10_000:
                assert read(data)[1][-1] == (4, [text])
            else:
                assert refusal(data).startswith("Row 4 ")
                assert limit is None or str(limit) in refusal(data)


def test_a_quotation_mark_that_is_never_closed_is_named_by_row() -> None:
    many = "x,y\n" * 200_000
    assert "Row 3 is too long" in refusal(f'A,B\n1,2\n3,"{many}'.encode())
    assert "Row 2 is too long" in refusal(b"A,B\n" + b"," * 3_000_000)
    assert "Row 2 is too long" in refusal(b"A,B\n" + b'"\n",' * 1_000_000)


def test_bombs_are_refused_before_anything_is_unpacked() -> None:
    parts = {f"x{number}.xml": bytes(2**20) for number in range(5)}
    tracemalloc.start()
    try:
        data = zipped(parts | parts_of(workbook(ONE)))
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        assert "unpacks to more" in refusal(data)
        assert tracemalloc.get_traced_memory()[1] - before < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_workbook_that_declares_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    data = workbook(ONE)
    monkeypatch.setattr(xlsx_archive, "MAX_UNPACKED", sum(map(len, parts_of(data).values())))
    assert read(data)
    monkeypatch.setattr(xlsx_archive, "MAX_UNPACKED", sum(map(len, parts_of(data).values())) - 1)
    assert "unpacks to more" in refusal(data)


def test_declared_sizes_are_not_taken_on_trust() -> None:
    """A part that says it is small gives no more than it says, and its sum no longer fits."""
    data = bytearray(workbook(ONE * 100_000))
    true = len(parts_of(bytes(data))[SHEET]).to_bytes(4, "little")
    while true in data:
        place = data.index(true)
        data[place : place + 4] = (600).to_bytes(4, "little")
    tracemalloc.start()
    try:
        assert "damaged" in refusal(bytes(data))
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(method: int) -> None:
    assert "damaged" in refusal(zipped(parts_of(workbook(ONE)), method))


def test_an_encrypted_part_is_refused() -> None:
    data = bytearray(workbook(ONE))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert "password" in refusal(bytes(data))


FLOODS = {
    "rows": "<row/>" * 400_000,
    "cells": f"<row>{'<c/>' * 400_000}</row>",
    "depth": "<a>" * 300_000,
    "values": f"<row>{'<c><v>1</v></c>' * 150_000}</row>",
    "attributes": "<row " + " ".join(f"a{number}=''" for number in range(300_000)) + "/>",
    "comment": f"<!--{'x' * 3_000_000}-->",
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_elements_takes_no_memory(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(xlsx_archive, "MAX_RATIO", 2_000)
    file = io.BytesIO(workbook(FLOODS[name]))
    tracemalloc.start()
    try:
        with pytest.raises(TableRefused):
            list(open_table(file, "x").rows())
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_a_directory_of_countless_parts_is_not_read() -> None:
    parts = zipped({f"{number}": b"" for number in range(25_000)}, zipfile.ZIP_STORED)
    assert "unpacks to more" in refusal(parts)


def test_a_flood_of_styles_or_shared_texts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_archive, "MAX_RATIO", 2_000)
    monkeypatch.setattr(xlsx_reading, "MAX_TEXTS", 1_000)
    styles = f"<styleSheet {MAIN}><cellXfs>{'<xf/>' * 210_000}</cellXfs></styleSheet>"
    assert "unpacks to more" in refusal(workbook(ONE, styles=styles.encode()))
    assert "unpacks to more" in refusal(workbook(ONE, styles=b" " * 9_000_000))
    assert read(workbook(ONE, texts="<si/>" * 1_000))
    assert "unpacks to more" in refusal(workbook(ONE, texts="<si/>" * 1_001))
    monkeypatch.setattr(xlsx_reading, "MAX_TEXTS_BYTES", 9)
    assert read(workbook(ONE, texts="<si><t>Żółw</t></si><si><t>xx</t></si>"))
    assert "unpacks to more" in refusal(workbook(ONE, texts="<si><t>Żółw</t></si><si><t>xxx</t></si>"))


DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize("doctype", [DOCTYPE, b"<!DOCTYPE x>", b'<!DOCTYPE x SYSTEM "file:///etc/passwd">'])
@pytest.mark.parametrize("part", ["sheet", "styles", "book", "types"])
def test_document_types_and_entities_are_refused(part: str, doctype: bytes) -> None:
    names = {"sheet": SHEET, "styles": "xl/styles.xml", "book": "xl/workbook.xml", "types": "[Content_Types].xml"}
    plain = parts_of(workbook(ONE))[names[part]]
    start = plain.index(b"?>") + 2 if plain.startswith(b"<?xml") else 0
    assert read(workbook(ONE, **{part: plain}))
    refusal(workbook(ONE, **{part: plain[:start] + doctype + plain[start:]}))


def test_markup_in_unusual_encodings_is_refused() -> None:
    styles = parts_of(workbook(ONE))["xl/styles.xml"].decode()
    refusal(workbook(ONE, styles=styles.encode("utf-16")))
    refusal(workbook(ONE, styles=styles.replace("UTF-8", "cp037").encode()))


GOOD = [
    b"".join(write_csv(["Name", "Note"], [["Żółw", 'a "b"\n;c'], ["=1", None]])),
    b"".join(write_xlsx("Customers", ["Name", "Note"], [["Żółw", Decimal("1.5")], ["=1", None]])),
    workbook(f'{ONE}<row><c t="s"><v>0</v></c></row>', texts="<si><t>x</t></si>"),
]


def survives(data: bytes) -> None:
    """Read or refused: anything else that is raised fails the test."""
    with contextlib.suppress(TableRefused):
        read(data)


@given(data=st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    survives(data)
    for start in (b"PK\x03\x04", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b'A,"'):
        survives(start + data)


@settings(max_examples=150)
@given(good=st.sampled_from(GOOD), seed=st.integers(0, 2**32), flips=st.integers(0, 4), is_cut=st.booleans())
def test_no_damage_raises_anything_else(good: bytes, seed: int, flips: int, is_cut: bool) -> None:
    chance = random.Random(seed)
    data = bytearray(good)
    for _flip in range(flips):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    survives(bytes(data[: chance.randrange(len(data))] if is_cut else data))


@settings(max_examples=150)
@given(part=st.sampled_from(sorted(parts_of(GOOD[2]))), seed=st.integers(0, 2**32), junk=st.binary(max_size=8))
def test_no_damage_inside_a_part_raises_anything_else(part: str, seed: int, junk: bytes) -> None:
    chance = random.Random(seed)
    parts = parts_of(GOOD[2])
    start = chance.randrange(len(parts[part]))
    parts[part] = parts[part][:start] + junk + parts[part][start + chance.randrange(12) :]
    survives(zipped(parts))
