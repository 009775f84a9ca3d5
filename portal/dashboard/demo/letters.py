"""Letters of the demo's past: they went out on their day, so that the first worker finds only the latest ones."""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from portal.jobs.models import Letter

# The latest letters are left to the worker: one sees in the folder of mails what customers get.
LATEST = timedelta(hours=36)


def send_the_past() -> None:
    """What waits since before the latest day counts as sent when it was queued, and waits no more."""
    past = Letter.objects.filter(queued_at__lt=timezone.now() - LATEST)
    past.filter(sent_at=None, withdrawn_at=None).update(sent_at=F("queued_at"))
    sent = set(past.values_list("pk", flat=True))
    waiting = DBTaskResult.objects.filter(queue_name="mail")
    over = [task.pk for task in waiting if task.args_kwargs["args"][0] in sent]
    DBTaskResult.objects.filter(pk__in=over).delete()
