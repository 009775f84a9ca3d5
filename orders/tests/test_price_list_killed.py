"""A price list whose worker is killed while it reads and while it applies: the next worker goes on."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from customers.tests.test_import_survives import MOST_MEMORY_KB, Worker
from orders.models import Availability, Price, PriceList, PriceListStatus
from orders.price_lists.work import look_after_price_lists, queue_work
from orders.services import begin_price_list
from orders.services.price_lists import RUNNING
from orders.tests.price_list_files import STAFF, as_csv, many, uploaded
from portal.jobs.tests.concurrency import shared_by_threads
from portal.tests.scenario_plugin import IN_FULL, scale

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    started = Worker(tmp_path)
    yield started
    started.kill()


def wait(price_list: PriceList, worker: Worker, until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + (1800 if IN_FULL else 180)
    while not until():
        log = (worker.folder / "worker.log").read_text()[-4000:]
        assert time.monotonic() < deadline, f"{price_list.status} at {price_list.read_count}: {log}"
        worker.look()
        time.sleep(0.02)
        price_list.refresh_from_db()


def kill_and_take_over(worker: Worker) -> None:
    worker.kill()
    PriceList.objects.filter(status__in=RUNNING).update(lease_until=timezone.now() - timedelta(seconds=1))
    look_after_price_lists()
    worker.start()


def test_killed_while_reading_and_while_applying(worker: Worker, tmp_path: Path) -> None:
    count = scale(3000, 100_000)
    with shared_by_threads(tmp_path):
        price_list = uploaded(as_csv(many(count)), queue=queue_work)
        worker.start()
        wait(price_list, worker, lambda: price_list.read_count >= count // 3)
        kill_and_take_over(worker)
        wait(price_list, worker, lambda: price_list.status != PriceListStatus.READING)
        assert (price_list.status, price_list.read_count, price_list.bad_count) == ("checked", count, 0)
        assert price_list.rows.count() == count
        assert not Price.objects.exists()
        begin_price_list(by=STAFF, price_list=price_list, queue=queue_work)
        price_list.refresh_from_db()
        time.sleep(0.15)
        assert Price.objects.count() in (0, count), "seen from outside it is all or nothing"
        kill_and_take_over(worker)
        wait(price_list, worker, lambda: price_list.status != PriceListStatus.APPLYING)
        assert (price_list.status, price_list.new_count, price_list.problem) == ("applied", count, "")
        assert Price.objects.count() == count
        assert Availability.objects.count() == min(count, 5000)
        assert not price_list.rows.exists()
        assert worker.memory_kb < MOST_MEMORY_KB
