"""`manage.py take_bounce`: delivery reports as mail servers write them, and everything else that may come."""

import io
import sys
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError

from portal.jobs.management.commands import take_bounce
from portal.jobs.models import Letter, LetterState

pytestmark = pytest.mark.django_db

ADDRESS = "zofia@customer.example"
RECIPIENT = f"""Final-Recipient: rfc822; {ADDRESS}
Action: {{action}}
Status: {{status}}
Diagnostic-Code: smtp; 550 5.1.1 <{ADDRESS}>: żadnego
 such user
"""
REPORT = """From: MAILER-DAEMON@mail.example (Mail Delivery System)
To: portal@portal.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"
Message-ID: <of-the-report@mail.example>

This is a MIME-encapsulated message.

--b1
Content-Type: text/plain

{address} could not be reached.

--b1
Content-Type: {status_type}

Reporting-MTA: dns; mail.example
Arrival-Date: Sat, 21 Nov 2026 12:00:00 +0000

{recipients}
--b1
Content-Type: {returned_type}

Subject: You are invited
{header}: {message_id}
To: {address}

{rest}
--b1--
"""


@pytest.fixture
def letter(db: None) -> Letter:
    return Letter.objects.create(kind="jobs.sample", about="A-1")


def said(letter: Letter, *recipients: tuple[str, str], **changed: str) -> str:
    values = {
        "address": ADDRESS,
        "header": "Message-ID",
        "message_id": letter.message_id,
        "status_type": "message/delivery-status",
        "returned_type": "message/rfc822",
        "rest": "What it said.",
        "recipients": "\n".join(RECIPIENT.format(action=action, status=status) for action, status in recipients),
    }
    return REPORT.format(**values | changed)


@pytest.fixture
def take(monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(message: str | bytes) -> str:
        raw = message.encode() if isinstance(message, str) else message
        source, answer = io.BytesIO(raw), io.StringIO()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(source))
        call_command("take_bounce", stdout=answer)
        assert source.tell() == len(raw), "what is piped is read to its end"
        assert ADDRESS not in answer.getvalue()
        return answer.getvalue()

    return run


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"returned_type": "text/rfc822-headers"},
        {"returned_type": "message/global-headers"},
        {"returned_type": "message/global", "status_type": "message/global-delivery-status"},
        {"header": "message-id"},
        {"header": "Message-ID", "message_id": "\n {id}"},
    ],
)
@pytest.mark.parametrize("end_of_line", ["\n", "\r\n"])
def test_a_letter_that_came_back_is_bounced(
    changed: dict[str, str], end_of_line: str, letter: Letter, take: Any
) -> None:
    changed = {name: text.replace("{id}", letter.message_id) for name, text in changed.items()}
    answer = take(said(letter, ("failed", "5.1.1"), **changed).replace("\n", end_of_line))
    letter.refresh_from_db()
    assert (letter.state, letter.bounce_status) == (LetterState.BOUNCED, "5.1.1")
    assert answer == f"Letter {letter.public_id} is bounced 5.1.1.\n"


def test_a_letter_that_was_delivered_is_delivered(letter: Letter, take: Any) -> None:
    answer = take(said(letter, ("Delivered", "2.0.0 (fine)")))
    letter.refresh_from_db()
    assert letter.state == LetterState.DELIVERED
    assert answer == f"Letter {letter.public_id} is delivered.\n"


@pytest.mark.parametrize("action", ["delayed", "relayed", "expanded", "unheard-of"])
def test_what_is_not_final_changes_nothing(action: str, letter: Letter, take: Any) -> None:
    assert take(said(letter, (action, "4.4.1"))).startswith("Ignored")
    letter.refresh_from_db()
    assert letter.state == LetterState.QUEUED


def test_of_several_recipients_behind_the_address_bad_news_count(letter: Letter, take: Any) -> None:
    take(said(letter, ("delivered", "2.0.0"), ("failed", "5.2.2 (mailbox full)"), ("delayed", "4.4.1")))
    letter.refresh_from_db()
    assert (letter.state, letter.bounce_status) == (LetterState.BOUNCED, "5.2.2")


def test_the_first_bounce_stays(letter: Letter, take: Any) -> None:
    take(said(letter, ("failed", "5.1.1")))
    letter.refresh_from_db()
    first = letter.bounced_at
    take(said(letter, ("failed", "5.7.1")))
    take(said(letter, ("delivered", "2.0.0")))
    letter.refresh_from_db()
    assert (letter.state, letter.bounced_at, letter.bounce_status) == (LetterState.BOUNCED, first, "5.1.1")


def test_a_report_within_the_returned_message_says_nothing(letter: Letter, take: Any) -> None:
    other = Letter.objects.create(kind="jobs.sample", about="A-2")
    inner = said(other, ("failed", "5.1.1")).replace("b1", "b2")
    take(said(letter, ("failed", "5.3.0"), rest=inner))
    other.refresh_from_db()
    assert other.state == LetterState.QUEUED


def test_a_large_message_is_looked_at_as_far_as_needed(letter: Letter, take: Any) -> None:
    take(said(letter, ("failed", "5.3.4"), rest="x" * 70 * 1024 * 1024))
    letter.refresh_from_db()
    assert letter.bounce_status == "5.3.4"


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x00\xff" * 1000,
        b"Subject: I am away\r\n\r\nUntil Monday.",
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x",
        b"Content-Type: multipart/report\r\n\r\nno boundary",
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed",
        b"".join(b"Content-Type: multipart/report; boundary=%d\n\n--%d\n" % (n, n) for n in range(9000)),
        b"Content-Type: message/rfc822\n\n" * 9000,
    ],
)
def test_anything_else_is_ignored_without_an_error(message: bytes, take: Any) -> None:
    assert take(message) == "Ignored: this is no delivery report.\n"


def test_reports_about_other_mail_are_ignored(letter: Letter, take: Any) -> None:
    assert take(said(letter, ("failed", "5.1.1"), message_id="<other@portal.example>")).startswith("Ignored")
    assert take(said(letter, ("failed", "5.1.1"), header="X-Id")).startswith("Ignored")
    assert take(said(letter)).startswith("Ignored")
    assert take(said(letter, ("failed", "5.1.1")).replace("multipart/report", "multipart/mixed")).startswith(
        "Ignored"
    )
    letter.refresh_from_db()
    assert letter.state == LetterState.QUEUED


def test_half_a_report_is_no_error(letter: Letter, take: Any) -> None:
    whole = said(letter, ("failed", "5.1.1")).encode()
    for end in range(0, len(whole), 7):
        take(whole[:end])


def test_a_report_that_a_gateway_wrapped_is_found(letter: Letter, take: Any) -> None:
    notice = "Content-Type: multipart/mixed; boundary=w\n\n--w\nContent-Type: text/plain\n\nFrom outside.\n--w\n"
    take(f"{notice}{said(letter, ('failed', '5.1.1'))}\n--w--\n")
    letter.refresh_from_db()
    assert letter.state == LetterState.BOUNCED


def test_text_that_looks_like_a_report_is_none(letter: Letter, take: Any) -> None:
    quoted = EmailMessage()
    quoted.set_content(said(letter, ("failed", "5.1.1")))
    assert take(quoted.as_bytes()).startswith("Ignored")


def test_while_the_database_is_away_the_mail_server_is_told_to_try_again(
    letter: Letter, take: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(report: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(take_bounce, "take_report", away)
    with pytest.raises(SystemExit) as end:
        take(said(letter, ("failed", "5.1.1")))
    assert end.value.code == 75
