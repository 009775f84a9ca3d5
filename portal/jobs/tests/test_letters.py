"""portal.jobs.letters over a real mail server: what is sent, what is remembered, what is tried again."""

import logging
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from pytest_django.fixtures import Settings

from portal.jobs import letters, retries
from portal.jobs.letters import NotSent, deliver, post
from portal.jobs.models import Letter, LetterState, new_message_id
from portal.jobs.tests.sample_tasks import sample, send_sample
from portal.jobs.tests.smtp import MailServer
from portal.jobs.tests.workers import make_due, work

pytestmark = pytest.mark.django_db(transaction=True)


@transaction.atomic
def queue(about: str = "A-1") -> Letter:
    return post(kind="jobs.sample", about=about, task=send_sample)


def row() -> Any:
    return DBTaskResult.objects.get()


def test_a_letter_arrives_as_text_and_html_and_is_marked(mail_server: MailServer) -> None:
    letter = queue()
    assert letter.state == LetterState.QUEUED
    work()
    letter.refresh_from_db()
    assert (letter.state, letter.sending_at) == (LetterState.SENT, None)
    (message,) = mail_server.received
    assert message["Message-ID"] == letter.message_id
    assert parsedate_to_datetime(message["Date"]) == letter.queued_at.replace(microsecond=0)
    assert (message["Subject"], message["To"]) == ("Grüße", "zofia@customer.example")
    assert message["Auto-Submitted"] == "auto-generated"
    parts = {part.get_content_type(): part.get_content().strip() for part in message.iter_parts()}
    assert parts == {"text/plain": "about A-1", "text/html": "<p>about A-1</p>"}


def test_a_letter_needs_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        post(kind="jobs.sample", about="A-1", task=send_sample)
    assert not Letter.objects.exists()


def test_no_change_no_letter(mail_server: MailServer) -> None:
    with transaction.atomic():
        post(kind="jobs.sample", about="A-1", task=send_sample)
        transaction.set_rollback(True)
    work()
    assert not mail_server.received
    assert not Letter.objects.exists()


def test_what_is_done_is_not_done_again(mail_server: MailServer) -> None:
    letter = queue()
    work()
    deliver(letter.pk, sample)
    assert len(mail_server.received) == 1


def test_what_need_not_be_said_any_more_is_withdrawn(mail_server: MailServer) -> None:
    letter = queue()
    deliver(letter.pk, lambda letter: None)
    letter.refresh_from_db()
    assert letter.state == LetterState.WITHDRAWN
    work()
    assert not mail_server.received


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_server_that_says_later_is_asked_later(command: str, mail_server: MailServer) -> None:
    letter = queue()
    mail_server.answers[command] = ["451 4.7.1 <zofia@customer.example> greylisted"]
    work()
    letter.refresh_from_db()
    assert (letter.state, letter.sending_at) == (LetterState.QUEUED, None)
    assert "451" in row().traceback
    assert "zofia@" not in row().traceback, "what is kept of a failure quotes no address"
    make_due()
    work()
    letter.refresh_from_db()
    assert letter.state == LetterState.SENT
    assert [message["Message-ID"] for message in mail_server.received] == [letter.message_id]


@pytest.mark.parametrize(
    ("command", "answer", "status"),
    [
        ("RCPT", "550 5.1.1 <zofia@customer.example> no such user", "5.1.1"),
        ("RCPT", "553 zofia@customer.example is unknown", "5.0.0"),
        ("RCPT", "550 5.1.10.7 is not a status", "5.0.0"),
        ("DATA", "552 5.3.4 too large", "5.3.4"),
    ],
)
def test_a_refusal_for_good_is_a_bounce(command: str, answer: str, status: str, mail_server: MailServer) -> None:
    letter = queue()
    mail_server.answers[command] = [answer]
    work()
    letter.refresh_from_db()
    assert (letter.state, letter.bounce_status) == (LetterState.BOUNCED, status)
    assert row().status == TaskResultStatus.SUCCESSFUL
    deliver(letter.pk, sample)
    assert not mail_server.received


def test_trouble_with_the_portals_own_account_is_no_bounce(mail_server: MailServer) -> None:
    letter = queue()
    mail_server.answers["RCPT"] = ["530 5.7.0 Authentication required"]
    work()
    letter.refresh_from_db()
    assert letter.state == LetterState.QUEUED
    assert row().status == TaskResultStatus.READY


def test_a_server_that_is_down_gets_it_when_it_is_back(mail_server: MailServer) -> None:
    letter = queue()
    mail_server.stop()
    work()
    letter.refresh_from_db()
    assert letter.state == LetterState.QUEUED
    mail_server.start()
    make_due()
    work()
    letter.refresh_from_db()
    assert (letter.state, len(mail_server.received)) == (LetterState.SENT, 1)


def test_a_server_may_be_down_for_a_day(mail_server: MailServer) -> None:
    letter = queue()
    mail_server.stop()
    waited, attempts = timedelta(0), 0
    while row().status == TaskResultStatus.READY:
        letter.refresh_from_db()
        assert letter.state == LetterState.QUEUED
        make_due()
        before = timezone.now()
        work()
        attempts += 1
        if row().status == TaskResultStatus.READY:
            pause = row().run_after - before
            assert pause < timedelta(hours=1, seconds=20)
            waited += pause
    assert attempts == len(row().worker_ids) == 40
    assert timedelta(hours=24) < waited < timedelta(hours=36)
    letter.refresh_from_db()
    assert letter.state == LetterState.FAILED


def test_a_letter_that_was_given_up_can_still_be_sent(mail_server: MailServer) -> None:
    letter = queue()
    letters.give_up(row())
    letter.refresh_from_db()
    assert letter.state == LetterState.FAILED
    work()
    letter.refresh_from_db()
    assert (letter.state, letter.given_up_at) == (LetterState.SENT, None)


def test_a_letter_whose_workers_are_killed_is_given_up_after_as_many_attempts() -> None:
    letter = queue()
    long_ago = timezone.now() - retries.PRESUMED_DEAD_AFTER - timedelta(seconds=1)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=long_ago, worker_ids=["w"] * 39)
    assert retries.recover_orphans() == 1, "other tasks would have been given up by now"
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=long_ago, worker_ids=["w"] * 40)
    assert retries.recover_orphans() == 0
    letter.refresh_from_db()
    assert letter.state == LetterState.FAILED


def test_a_letter_that_another_worker_has_is_left_to_it_while_the_lease_lasts(mail_server: MailServer) -> None:
    letter = queue()
    Letter.objects.update(sending_at=timezone.now())
    with pytest.raises(NotSent):
        deliver(letter.pk, sample)
    assert not mail_server.received
    Letter.objects.update(sending_at=timezone.now() - letters.LEASE - timedelta(seconds=1))
    deliver(letter.pk, sample)
    assert len(mail_server.received) == 1
    assert letters.LEASE < retries.PRESUMED_DEAD_AFTER


def test_a_letter_without_recipient_is_not_said_to_be_sent(mail_server: MailServer) -> None:
    letter = queue()
    with pytest.raises(NotSent):
        deliver(letter.pk, lambda letter: EmailMultiAlternatives("s", "b", to=[""]))
    letter.refresh_from_db()
    assert (letter.state, letter.sending_at) == (LetterState.QUEUED, None)


def test_nothing_in_the_logs_names_the_person(mail_server: MailServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    mail_server.answers["RCPT"] = ["451 zofia@customer.example", "550 5.1.1 zofia@customer.example"]
    for _attempt in range(2):
        queue()
        work()
        make_due()
    work()
    ours = [record for record in caplog.records if not record.name.startswith("mail.")]
    assert any("letter" in record.getMessage() for record in ours)
    handler = logging.getLogger().handlers[0]
    assert not [line for line in map(handler.format, ours) if "zofia@" in line]


@pytest.mark.parametrize("is_read", [True, False])
@pytest.mark.parametrize("is_known", [True, False])
def test_reports_are_asked_for_where_they_are_read_and_known(
    is_read: bool, is_known: bool, mail_server: MailServer, settings: Settings
) -> None:
    settings.MAIL_REPORTS, mail_server.knows_reports = is_read, is_known
    queue()
    work()
    assert len(mail_server.received) == 1
    assert mail_server.asked == (["RET=HDRS", "NOTIFY=SUCCESS,FAILURE"] if is_read and is_known else [])


def test_the_message_id_is_at_the_portals_host(settings: Settings) -> None:
    for url, host in (
        ("https://portal.example:8443", "portal.example"),
        ("http://[::1]:8000", "[::1]"),
        ("https://zażółć.example", "xn--za-6ja4f8n1l.example"),
    ):
        settings.PORTAL_URL = url
        assert new_message_id().endswith(f"@{host}>"), new_message_id()
    assert new_message_id() != new_message_id()
