"""The portal's own worker: in this process until nothing is due, or as a process that can be killed."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from portal.jobs.models import Letter
from portal.jobs.retries import PRESUMED_DEAD_AFTER, recover_orphans


def work(queue: str = "mail") -> None:
    """Run what is due in the queue, then stop. Needs `django_db(transaction=True)`."""
    Worker(
        queue_names=[queue],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=uuid4().hex,
    ).run()


def make_due() -> None:
    DBTaskResult.objects.filter(status=TaskResultStatus.READY).update(run_after=timezone.now())


def bury() -> int:
    """As if the workers had died long enough ago: their tasks are put back; answers how many."""
    ago = PRESUMED_DEAD_AFTER + timedelta(seconds=1)
    DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING).update(started_at=F("started_at") - ago)
    Letter.objects.exclude(sending_at=None).update(sending_at=F("sending_at") - ago)
    return recover_orphans()


@dataclass
class Forked:
    pid: int
    status: int | None = None

    def kill(self) -> None:
        """At once, as the kernel or a power cut does it."""
        os.kill(self.pid, signal.SIGKILL)

    def is_over(self) -> bool:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return self.status is not None

    def wait(self) -> bool:
        """Until it is gone; whether it ended by itself and well."""
        if self.status is None:
            _pid, self.status = os.waitpid(self.pid, 0)
        return self.status == 0


@contextmanager
def forked(job: Callable[[], None] = work) -> Iterator[Forked]:
    """A process of its own that does the job, with this one's settings. On SQLite within `shared_by_threads`."""
    connection.close()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            job()
            code = 0
        finally:
            os._exit(code)
    process = Forked(pid)
    try:
        yield process
    finally:
        if process.status is None:
            process.kill()
            process.wait()
