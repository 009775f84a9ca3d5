"""The task of queue `bulk` that has checkpoints stamped: it alone talks to the time-stamp authority."""

from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from portal.audit.timestamps import has_due, stamp_due
from portal.jobs.retries import retried


@retried
@task(queue_name="bulk")
def stamp_checkpoints() -> None:
    stamp_due()


def queue_stamping() -> None:
    """In the transaction of what somebody waits for; the rest is found by the clock."""
    stamp_checkpoints.enqueue()


def look_after_stamps() -> bool:
    """What the clock does: have asked again what is due again; whether that was needed."""
    waiting = DBTaskResult.objects.filter(
        task_path=stamp_checkpoints.module_path, status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING]
    )
    is_needed = has_due() and not waiting.exists()
    if is_needed:
        queue_stamping()
    return is_needed
