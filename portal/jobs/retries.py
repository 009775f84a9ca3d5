"""Retries with backoff and recovery of tasks whose worker died; the database backend has neither.

Delivery is at least once, so every task here must be harmless when run again.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

T = TypeVar("T")

MAX_ATTEMPTS = 6
BASE_DELAY = timedelta(seconds=5)
PRESUMED_DEAD_AFTER = timedelta(minutes=10)


def no_word(row: Any) -> None:
    """What most tasks have to do when they are given up: nothing."""


@dataclass(frozen=True)
class Patience:
    """How long a task is tried. when_given_up: called with the task's row once the attempts are used up."""

    max_attempts: int = MAX_ATTEMPTS
    longest_pause: timedelta = timedelta.max
    when_given_up: Callable[[Any], None] = no_word

    def pause(self, attempts: int) -> timedelta:
        """How long to wait after so many attempts: twice as long each time, up to the longest pause."""
        return min(BASE_DELAY * 2 ** min(attempts - 1, 20), self.longest_pause)


_retried: dict[str, Patience] = {}


def retried(task: T) -> T:
    """Mark a task as safe to run again after a failure: up to 6 attempts, 5 s, 10 s, 20 s … apart."""
    return retried_with(Patience())(task)


def retried_with(patience: Patience) -> Callable[[T], T]:
    """Mark a task as safe to run again after a failure, as often and as long as `patience` says."""

    def mark(task: T) -> T:
        _retried[task.module_path] = patience  # type: ignore[attr-defined]  # the library types tasks loosely
        return task

    return mark


def reschedule_failed(sender: Any, task_result: Any, **kwargs: Any) -> None:
    """After a failed run: back to the queue, later each time, until the attempts are used up."""
    row = getattr(task_result, "db_result", None)
    if row is None or task_result.status != TaskResultStatus.FAILED or row.task_path not in _retried:
        return
    # Each start of the task, by whatever worker, adds one worker id.
    attempts, patience = len(row.worker_ids), _retried[row.task_path]
    if attempts >= patience.max_attempts:
        patience.when_given_up(row)
        return
    # Only if it is still failed: another worker may have seen it first.
    DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.FAILED).update(
        status=TaskResultStatus.READY,
        finished_at=None,
        run_after=timezone.now() + patience.pause(attempts),
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
        still_orphaned, patience = orphans.filter(pk=row.pk), _patience_for(row)
        if len(row.worker_ids) < patience.max_attempts:
            recovered += still_orphaned.update(status=TaskResultStatus.READY)
        elif still_orphaned.update(status=TaskResultStatus.FAILED, finished_at=timezone.now()):
            patience.when_given_up(row)
    return recovered


def _patience_for(row: Any) -> Patience:
    # Whoever recovers need not have imported the task, which says what it is marked as.
    with contextlib.suppress(ImportError):
        import_string(row.task_path)
    return _retried.get(row.task_path, Patience())
