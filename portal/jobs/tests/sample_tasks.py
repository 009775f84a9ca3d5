"""Tasks that the tests of the queue run for real."""

from django.contrib.auth import get_user_model
from django_tasks import task

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
