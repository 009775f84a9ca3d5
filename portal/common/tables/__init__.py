"""Sheets of text that people bring and take away, as CSV or Excel workbooks. Knows no business."""

from portal.common.tables.csvs import write_csv
from portal.common.tables.downloads import CSV_TYPE, XLSX_TYPE, download
from portal.common.tables.reading import MAX_ROWS, Table, open_table
from portal.common.tables.safety import Cell, TableRefused
from portal.common.tables.xlsx_writing import write_xlsx

__all__ = [
    "CSV_TYPE",
    "MAX_ROWS",
    "XLSX_TYPE",
    "Cell",
    "Table",
    "TableRefused",
    "download",
    "open_table",
    "write_csv",
    "write_xlsx",
]
