"""Workbooks made by hand, down to the byte: what Excel writes, and what only an attacker would."""

import io
import zipfile
from collections.abc import Mapping

from portal.common.tables import write_xlsx

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET, TEXTS, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def workbook(rows: str, *, texts: str = "", tail: str = "", **changed: bytes) -> bytes:
    """rows: the content of <sheetData>; texts: the shared ones, <si> by <si>; changed: parts by these names."""
    parts = parts_of(b"".join(write_xlsx("Customers", [], [])))
    parts[SHEET] = f"<worksheet {MAIN}><sheetData>{rows}</sheetData>{tail}</worksheet>".encode()
    if texts:
        parts[TEXTS] = f"<sst {MAIN}>{texts}</sst>".encode()
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        override = f'<Override PartName="/{TEXTS}" ContentType="{kind}"/></Types>'
        types = "[Content_Types].xml"
        parts[types] = parts[types].replace(b"</Types>", override.encode())
    names = {"sheet": SHEET, "styles": STYLES, "book": "xl/workbook.xml", "types": "[Content_Types].xml"}
    return zipped(parts | {names[name]: data for name, data in changed.items()})
