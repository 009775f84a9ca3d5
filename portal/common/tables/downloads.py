"""A sheet on its way to a browser."""

import unicodedata
from collections.abc import Iterable

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(stream: Iterable[bytes], file_name: str, content_type: str) -> StreamingHttpResponse:
    """The stream as a file to keep, in no cache. file_name: any script (RFC 6266), shown as it is."""
    name = "".join("_" if ch in '/\\"' else ch for ch in file_name if unicodedata.category(ch)[0] != "C")
    response = StreamingHttpResponse(stream, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name or "table")
    response["Cache-Control"] = "no-store"
    return response
