"""Tasks that the tests of the queue run for real."""

import time
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives
from django_tasks import task

from portal.jobs.letters import deliver, retried_mail
from portal.jobs.models import Letter
from portal.jobs.retries import retried

failures_left: list[str] = []


@retried
@task(queue_name="mail")
def flaky() -> str:
    """Fails as often as there is something in `failures_left`."""
    if failures_left:
        raise OSError(failures_left.pop())
    return "done"


@task(queue_name="mail")
def never_retried() -> None:
    raise OSError("once")


@retried
@task(queue_name="mail")
def count_users() -> int:
    return get_user_model().objects.count()


@task(queue_name="bulk")
def busy_until_gone(path: str) -> None:
    """Takes as long as there is such a file."""
    while Path(path).exists():
        time.sleep(0.02)


def sample(letter: Letter) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives("Grüße", f"about {letter.about}", to=["zofia@customer.example"])
    message.attach_alternative(f"<p>about {letter.about}</p>", "text/html")
    return message


@retried_mail
@task(queue_name="mail")
def send_sample(letter_id: int) -> None:
    deliver(letter_id, sample)
