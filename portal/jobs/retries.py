"""Retries with backoff and recovery of tasks whose worker died; the database backend has neither.

Delivery is at least once, so every task here must be harmless when run again.
"""

from datetime import timedelta
from typing import Any, TypeVar

from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

T = TypeVar("T")

MAX_ATTEMPTS = 6
BASE_DELAY = timedelta(seconds=5)
PRESUMED_DEAD_AFTER = timedelta(minutes=10)

_retried: set[str] = set()


def retried(task: T) -> T:
    """Mark a task as safe to run again after a failure: up to 6 attempts, 5 s, 10 s, 20 s … apart."""
    _retried.add(task.module_path)  # type: ignore[attr-defined]  # tasks are typed loosely by their library
    return task


def reschedule_failed(sender: Any, task_result: Any, **kwargs: Any) -> None:
    """After a failed run: back to the queue, later each time, until the attempts are used up."""
    row = getattr(task_result, "db_result", None)
    if row is None or task_result.status != TaskResultStatus.FAILED or row.task_path not in _retried:
        return
    attempts = len(row.worker_ids)
    if attempts >= MAX_ATTEMPTS:
        return
    # Only if it is still failed: another worker may have seen it first.
    DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.FAILED).update(
        status=TaskResultStatus.READY,
        finished_at=None,
        run_after=timezone.now() + BASE_DELAY * 2 ** (attempts - 1),
    )


def recover_orphans() -> int:
    """Put tasks back whose worker was killed while running them; answers how many.

    A task that has used up its attempts that way is given up as failed: it may be what kills the workers.
    """
    orphans = DBTaskResult.objects.filter(
        status=TaskResultStatus.RUNNING, started_at__lt=timezone.now() - PRESUMED_DEAD_AFTER
    )
    recovered = 0
    for row in orphans:
        still_orphaned = orphans.filter(pk=row.pk)
        if len(row.worker_ids) >= MAX_ATTEMPTS:
            still_orphaned.update(status=TaskResultStatus.FAILED, finished_at=timezone.now())
        else:
            recovered += still_orphaned.update(status=TaskResultStatus.READY)
    return recovered
