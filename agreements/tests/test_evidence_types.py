"""What a file is, and what it may be called."""

import io
import zipfile

import pytest

from agreements.evidence_types import MOST_BYTES, clean_name, why_not_a_size, why_not_a_type
from agreements.tests.factories import PDF

MAIL = b"Received: from mail.customer.example\r\n by mail.partner.example\r\nFrom: z@customer.example\r\n\r\nYes\r\n"
OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "__properties_version1.0".encode("utf-16-le")


def word(**parts: bytes) -> bytes:
    """A small .docx, with more parts where they are named."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>", **parts}.items():
            archive.writestr(name, data)
    return file.getvalue()


GOOD = {
    "contract.pdf": PDF,
    "CONTRACT.PDF": b"\n" + PDF,
    "scan.png": b"\x89PNG\r\n\x1a\n\0\0",
    "scan.jpeg": b"\xff\xd8\xff\xe0\0",
    "note.txt": "Zadzwoniłem o 10:00 — zgoda\n".encode(),
    "old.txt": "Zażółć".encode("cp1250"),
    "wide.txt": "Zażółć".encode("utf-16"),
    "reply.eml": MAIL,
    "reply.msg": OUTLOOK,
    "letter.docx": word(),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_proves_something_is_taken(name: str) -> None:
    assert why_not_a_type(name, GOOD[name]) is None


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("contract.pdf", b"MZ\x90\0"),
        ("contract.pdf", b"<html><script>alert(1)</script>"),
        ("contract.pdf", b" " * 2000 + PDF),
        ("scan.png", b"GIF89a"),
        ("scan.jpg", b"\x89PNG\r\n\x1a\n"),
        ("note.txt", b"MZ\x90\0\x03"),
        ("note.txt", b"\xff\xfe\x00"),
        ("note.txt", "a\0b".encode("utf-16")),
        ("reply.eml", b"<html>From: z@customer.example</html>\n"),
        ("reply.eml", b"Title: nothing of mail\n\nFrom: z@customer.example\n"),
        ("reply.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"WordDocument"),
        ("letter.docx", b"PK\x03\x04 xl/workbook.xml [Content_Types].xml"),
    ],
)
def test_what_is_not_what_its_name_says_is_refused(name: str, data: bytes) -> None:
    assert "does not hold what its name says" in str(why_not_a_type(name, data))


@pytest.mark.parametrize("name", ["page.html", "run.exe", "contract.pdf.js", "contract", ".pdf.", "a.svg", "pdf"])
def test_other_types_are_refused_by_name(name: str) -> None:
    reason = str(why_not_a_type(clean_name(name), PDF))
    assert ("is of a type that is not taken" in reason) == (name != ".pdf.")


@pytest.mark.scenario("S7")
def test_a_bomb_is_never_unpacked() -> None:
    bomb = word(**{"word/bomb.xml": b"\0" * 20_000_000})
    assert len(bomb) < 100_000
    assert why_not_a_type("bomb.docx", bomb) is None


def test_sizes() -> None:
    assert "is empty" in str(why_not_a_size("a.pdf", 0))
    assert why_not_a_size("a.pdf", MOST_BYTES) is None
    assert "larger than 10 MB" in str(why_not_a_size("a.pdf", MOST_BYTES + 1))


@pytest.mark.scenario("S7")
@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("contract.pdf", "contract.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\sam\\contract.pdf", "contract.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie: x.pdf"),
        ("a\x00\x1b[2Jb.pdf", "a[2Jb.pdf"),
        ("  Umowa   Zażółć .pdf ", "Umowa Zażółć.pdf"),
        ("حقوق\u200cبشر.pdf", "حقوق\u200cبشر.pdf"),
        ("contract.pdf. .", "contract.pdf"),
        (".pdf", "file.pdf"),
        ("", "file"),
        ("x" * 400 + ".pdf", "x" * 251 + ".pdf"),
    ],
    ids=range(12),
)
def test_names_say_what_they_seem_to_say(sent: str, shown: str) -> None:
    assert clean_name(sent) == shown
