"""The files by which the demo's partners prove acceptances: small, real, and made here from what was said."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from agreements.models import EvidenceKind
from agreements.services import Person


def proof_of(kind: str, *, company: str, person: Person, agreed_on: date, note: str) -> tuple[str, bytes] | None:
    """(name, content) of the file for this kind of evidence; None where there is none."""
    name = f"{person.first_name} {person.last_name}"
    if kind == EvidenceKind.SIGNED_DOCUMENT:
        lines = ["Microsoft Customer Agreement", company, f"Signed by {name}", agreed_on.isoformat(), "Demo data"]
        return f"{company} - signed copy.pdf", pdf(lines)
    if kind == EvidenceKind.ESIGN_CERTIFICATE:
        lines = ["Certificate of completion", company, f"Signer: {name}, {person.email}", f"Signed on {agreed_on}"]
        return f"certificate-{agreed_on}.pdf", pdf([*lines, "Demo data"])
    if kind == EvidenceKind.EMAIL:
        return f"{note.removeprefix('Subject: ')}.eml", _mail(name, person.email, agreed_on, note)
    if kind == EvidenceKind.CALL_NOTE:
        text = f"{note}\n{agreed_on}: {name} ({company}) accepts the Microsoft Customer Agreement.\nDemo data\n"
        return f"call-{agreed_on}.txt", text.encode()
    return None


def _mail(name: str, address: str, agreed_on: date, note: str) -> bytes:
    message = EmailMessage()
    message["From"] = f'"{name}" <{address}>'
    message["To"] = "sales@vistula-cloud.example"
    message["Subject"] = note.removeprefix("Subject: ")
    message["Date"] = datetime.combine(agreed_on, time(10, 30), ZoneInfo("Europe/Warsaw"))
    message["Message-ID"] = f"<{agreed_on:%Y%m%d}.{address.replace('@', '.')}>"
    message.set_content("We accept the Microsoft Customer Agreement.\n\nDemo data\n")
    return message.as_bytes()


def pdf(lines: Sequence[str]) -> bytes:
    """One page with these lines; letters that the built-in font lacks lose their accents."""
    shown = [unicodedata.normalize("NFKD", line).encode("ascii", "ignore").decode() for line in lines]
    escaped = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in shown]
    stream = "BT /F1 14 Tf 72 770 Td 22 TL " + " ".join(f"({line}) ' " for line in escaped) + "ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    text, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return f"{text}{end}startxref\n{len(text)}\n%%EOF\n".encode("ascii")
