"""Mail that arrives: a letter is queued with the change it tells of, and sent at least once.

Between handing a letter to the mail server and marking it as sent a worker may die. So it is sent first and marked
then: the worst is one more message with the same Message-ID, never none.
"""

import re
import smtplib
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any, TypeVar

import structlog
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks.base import Task

from portal.jobs.models import Letter
from portal.jobs.retries import Patience, retried_with

T = TypeVar("T")
Compose = Callable[[Letter], EmailMultiAlternatives | None]

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
"""How long a worker has a letter for itself; over before the tasks of a dead worker are put back."""
ENHANCED_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
NOT_SIGNED_IN = (530, 534, 535, 538)
"""Refusals that are about the portal's own account with the mail server, whatever they were given for."""


class NotSent(Exception):
    """The letter is to be tried again later. Says why by type and code only: servers quote addresses."""


def post(*, kind: str, about: str, task: Task[Any, Any], **said: str) -> Letter:
    """Queue a letter with the change that it tells of: both are there or neither.

    kind: which message, such as "agreements.invitation"; about: public id of what it is about, by which `task` finds
    what to say; task: gets the letter's id, and delivers it; said: what else the task gets, such as the language.
    Raises TransactionManagementError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A letter belongs to the transaction of what it tells of.")
    letter = Letter.objects.create(kind=kind, about=about)
    task.enqueue(letter.pk, **said)
    return letter


def deliver(letter_id: int, compose: Compose) -> None:
    """Send the letter that `compose` writes, unless that is done already.

    compose: answers None when there is nothing to say any more. A recipient whom the server refuses for good is a
    bounce. For anything else that fails this raises: NotSent, an OSError or what compose raises; then the task is to
    be tried again. No transaction is open while the mail server is talked to.
    """
    letter = _claim(letter_id)
    if letter is None:
        return
    try:
        outcome = _send(letter, compose(letter))
    except BaseException:
        # Back at once, so that the next attempt need not wait until the lease is over.
        Letter.objects.filter(pk=letter.pk, sending_at=letter.sending_at).update(sending_at=None)
        raise
    Letter.objects.filter(pk=letter.pk).update(sending_at=None, **outcome)
    log.info("letter", letter=str(letter.public_id), kind=letter.kind, became=next(iter(outcome)))


def give_up(row: Any) -> None:
    """Remember that a letter's task has used up its attempts. row: the task's row in the queue."""
    letters = Letter.objects.filter(pk=row.args_kwargs["args"][0], sent_at=None, bounced_at=None)
    letters.update(given_up_at=timezone.now())


retried_mail: Callable[[T], T] = retried_with(
    # A mail server that is down for a day has not lost a letter: 40 attempts take 30 hours.
    Patience(max_attempts=40, longest_pause=timedelta(hours=1), when_given_up=give_up)
)
"""Marks a task that takes a letter's id and delivers it: `@retried_mail @task(queue_name="mail")`."""


def _claim(letter_id: int) -> Letter | None:
    """The letter, for this worker alone while the lease lasts; None if it is settled. Raises NotSent if taken."""
    now = timezone.now()
    free = Letter.objects.filter(Q(sending_at=None) | Q(sending_at__lt=now - LEASE), pk=letter_id)
    is_taken = free.filter(sent_at=None, delivered_at=None, bounced_at=None, withdrawn_at=None).update(sending_at=now)
    letter = Letter.objects.get(pk=letter_id)
    if is_taken:
        return letter
    if letter.is_settled:
        return None
    raise NotSent("Another worker is sending it.")


def _send(letter: Letter, message: EmailMultiAlternatives | None) -> dict[str, Any]:
    """Hand the message to the mail server; what to remember of the letter."""
    if message is None:
        return {"withdrawn_at": timezone.now()}
    message.extra_headers |= {
        "Message-ID": letter.message_id,
        "Date": format_datetime(letter.queued_at),
        "Auto-Submitted": "auto-generated",
    }
    try:
        taken = message.send()
    except smtplib.SMTPException as refusal:
        code, status = _refusal(refusal)
        if status:
            return {"bounced_at": timezone.now(), "bounce_status": status}
        # Without the exception behind it, which quotes the address and is kept with the task.
        raise NotSent(f"{type(refusal).__name__} {code}") from None
    if not taken:
        raise NotSent("It has no recipient.")
    return {"sent_at": timezone.now(), "given_up_at": None}


def _refusal(error: smtplib.SMTPException) -> tuple[int, str]:
    """The server's code (0 if it gave none), and for a recipient or a message refused for good the status."""
    code, said = 0, b""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        # A letter has one recipient.
        code, said = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
    is_about_letter = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
    if not is_about_letter or not 500 <= code < 600 or code in NOT_SIGNED_IN:
        return code, ""
    return code, enhanced_status(said.decode("ascii", "replace") if isinstance(said, bytes) else said)


def enhanced_status(said: str) -> str:
    """The enhanced status code (RFC 3463) at the beginning of what a server said, "5.0.0" if it gave none."""
    found = ENHANCED_STATUS.match(said)
    return found[1] if found else "5.0.0"
