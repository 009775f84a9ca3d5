"""Delivery reports of mail servers (RFC 3464), and what they say of a letter."""

from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message

from django.utils import timezone

from portal.jobs.letters import enhanced_status
from portal.jobs.models import Letter

RETURNED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
STATUS = ("message/delivery-status", "message/global-delivery-status")


@dataclass(frozen=True)
class Report:
    """message_id: of the message that it is about; action: "failed", "delivered", "delayed" …; status: as "5.1.1"."""

    message_id: str
    action: str
    status: str


def read_report(raw: bytes) -> Report | None:
    """What a delivery report says; None if this is none. Raises whatever a broken message makes the parser raise."""
    parts = message_from_bytes(raw).walk()
    report = next((part for part in parts if part.get_content_type() == "multipart/report"), None)
    if report is None or not report.is_multipart():
        return None
    message_id, recipients = "", []
    # Only what lies directly in the report: the message it returns may hold reports of its own.
    for part in report.get_payload():
        if not isinstance(part, Message):
            continue
        if part.get_content_type() in RETURNED and not message_id:
            message_id = _word(_returned(part), "Message-ID")
        elif part.get_content_type() in STATUS:
            recipients += [said for said in _blocks(part) if said["Action"]]
    if not message_id or not recipients:
        return None
    # A list behind the address may answer for several people: bad news first, then good news.
    order = {"failed": 0, "delivered": 1}
    worst = min(recipients, key=lambda said: order.get(_word(said, "Action").lower(), 2))
    return Report(message_id, _word(worst, "Action").lower(), enhanced_status(_word(worst, "Status")))


def take_report(report: Report) -> Letter | None:
    """Note what became of the letter; None if it is no letter of the portal's, or the report is not final."""
    letter = Letter.objects.filter(message_id=report.message_id).first()
    if letter is None or report.action not in ("failed", "delivered"):
        return None
    now = timezone.now()
    if report.action == "delivered":
        Letter.objects.filter(pk=letter.pk, delivered_at=None).update(delivered_at=now)
    else:
        Letter.objects.filter(pk=letter.pk, bounced_at=None).update(bounced_at=now, bounce_status=report.status)
    letter.refresh_from_db()
    return letter


def _word(part: Message, name: str) -> str:
    """The first word of a header; "" if it is not there. What follows is a comment."""
    words = str(part[name] or "").split()
    return words[0].rstrip(";") if words else ""


def _returned(part: Message) -> Message:
    """The headers of the returned message."""
    inner = part.get_payload()
    return inner[0] if isinstance(inner, list) else message_from_string(_text(part).lstrip())


def _blocks(part: Message) -> list[Message]:
    """The blocks of headers of a status: the first is about the message, each other one about a recipient."""
    inner = part.get_payload()
    # The parser takes one of the two types apart, and the other one for a message.
    text = "\n\n".join(map(str, inner)) if isinstance(inner, list) else _text(part)
    return [message_from_string(block.lstrip()) for block in text.replace("\r\n", "\n").split("\n\n")]


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
