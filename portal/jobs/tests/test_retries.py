"""portal.jobs.retries, with the worker and the database backend as they run in production."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from portal.jobs import retries
from portal.jobs.tests import sample_tasks
from portal.jobs.tests.workers import make_due, work
from portal.partners.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_fails() -> Iterator[None]:
    sample_tasks.failures_left.clear()
    yield
    sample_tasks.failures_left.clear()


def row() -> Any:
    return DBTaskResult.objects.get()


def test_a_failed_task_goes_back_to_the_queue_for_later() -> None:
    sample_tasks.failures_left[:] = ["first"]
    sample_tasks.flaky.enqueue()
    before = timezone.now()
    work()
    assert row().status == TaskResultStatus.READY
    assert row().finished_at is None
    assert row().run_after >= before + retries.BASE_DELAY
    work()  # not due yet: nothing happens
    assert len(row().worker_ids) == 1
    make_due()
    work()
    assert (row().status, row().return_value) == (TaskResultStatus.SUCCESSFUL, "done")


def test_each_pause_is_twice_as_long_until_the_attempts_are_used_up() -> None:
    sample_tasks.failures_left[:] = ["again"] * 20
    sample_tasks.flaky.enqueue()
    pauses = []
    for _attempt in range(retries.MAX_ATTEMPTS - 1):
        before = timezone.now()
        work()
        pauses.append(round((row().run_after - before) / retries.BASE_DELAY))
        make_due()
    assert pauses == [1, 2, 4, 8, 16]
    work()
    assert row().status == TaskResultStatus.FAILED
    assert len(row().worker_ids) == retries.MAX_ATTEMPTS
    work()
    assert len(row().worker_ids) == retries.MAX_ATTEMPTS
    assert "OSError" in row().traceback


def test_a_task_that_is_not_marked_fails_once() -> None:
    sample_tasks.never_retried.enqueue()
    work()
    work()
    assert row().status == TaskResultStatus.FAILED
    assert len(row().worker_ids) == 1


def test_a_task_whose_worker_died_runs_again() -> None:
    sample_tasks.flaky.enqueue()
    task = row()
    task.claim("worker that was killed")
    assert retries.recover_orphans() == 0, "a task that just started is not an orphan"
    long_ago = timezone.now() - retries.PRESUMED_DEAD_AFTER - timedelta(seconds=1)
    DBTaskResult.objects.update(started_at=long_ago)
    assert retries.recover_orphans() == 1
    work()
    assert row().status == TaskResultStatus.SUCCESSFUL
    assert len(row().worker_ids) == 2


def test_a_task_that_kills_its_workers_is_given_up() -> None:
    sample_tasks.count_users.enqueue()
    long_ago = timezone.now() - retries.PRESUMED_DEAD_AFTER - timedelta(seconds=1)
    workers = [str(number) for number in range(retries.MAX_ATTEMPTS)]
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=long_ago, worker_ids=workers)
    assert retries.recover_orphans() == 0
    assert row().status == TaskResultStatus.FAILED


def test_a_task_is_there_only_if_its_change_is() -> None:
    with transaction.atomic():
        User.objects.create_user("a@partner.example", "A")
        sample_tasks.count_users.enqueue()
        transaction.set_rollback(True)
    assert not DBTaskResult.objects.exists()
    with transaction.atomic():
        User.objects.create_user("a@partner.example", "A")
        sample_tasks.count_users.enqueue()
    work()
    assert row().return_value == 1
