"""Sending notices, on queue `bulk`; and what the clock does about those that wait."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from portal.jobs.retries import retried
from portal.webhooks.models import Delivery, DeliveryState
from portal.webhooks.sending import send_some

KEPT_FOR = timedelta(days=30)
MOST_REMOVED = 1000


@retried
@task(queue_name="bulk")
def send_due(registration_id: int) -> None:
    """Send what is due to a receiver, for some seconds; what is left gets a task of its own, behind the others'."""
    if send_some(registration_id):
        send_due.enqueue(registration_id)


def look_after_deliveries() -> int:
    """What the clock does: queue the receivers for which something is due again, and forget what is old; answers how
    many were queued.
    """
    waiting = DBTaskResult.objects.filter(
        task_path=send_due.module_path, status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING]
    )
    queued = {row["args"][0] for row in waiting.values_list("args_kwargs", flat=True)}
    due = Delivery.objects.due(timezone.now()).order_by().values_list("registration_id", flat=True).distinct()
    forgotten = [each for each in due if each not in queued]
    for registration_id in forgotten:
        send_due.enqueue(registration_id)
    old = Delivery.objects.filter(occurred_at__lt=timezone.now() - KEPT_FOR).exclude(state=DeliveryState.PENDING)
    Delivery.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:MOST_REMOVED])).delete()
    return len(forgotten)
