"""A price list is never half imported: killed at each statement, dead workers, two lists at once, 100,000 rows."""

import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from customers.models import Customer
from customers.tests.import_factories import run_queue
from orders.models import Availability, Price, PriceList, PriceListRow, PriceListStatus, Product
from orders.price_lists import work
from orders.price_lists.work import look_after_price_lists, queue_work, read_price_list
from orders.services import Item, apply_price_list, begin_price_list, finish_reading, save_price, set_lines
from orders.tests.factories import CartFactory
from orders.tests.price_list_files import STAFF, applied, as_csv, catalog, checked, many, row, uploaded
from portal.common.actor import Actor
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership
from portal.tests.scenario_plugin import scale


class Killed(Exception):
    """Stands for a worker that is gone."""


class KillAt:
    """Dies before the statement of this number."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        if self.count == self.number:
            raise Killed(sql)
        return execute(sql, params, many, context)


def ready(content: bytes) -> PriceList:
    price_list = checked(content)
    return begin_price_list(by=STAFF, price_list=price_list, queue=None)


def survived(price_list: PriceList, number: int) -> bool:
    """Whether applying ends before the statement of this number comes."""
    with connection.execute_wrapper(KillAt(number)):
        try:
            apply_price_list(by=STAFF, price_list_id=price_list.pk)
        except Killed:
            return False
    return True


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_statement_leaves_all_or_nothing() -> None:
    applied(as_csv([row(), row(Market="DE", Currency="EUR")]))
    before = catalog()
    changed = [row(UnitPrice="99", SkuTitle="Basic 2", ProductTitle="Business 2"), row(SkuId="0007", Market="US")]
    price_list = ready(as_csv(changed))
    number = 1
    while not survived(price_list, number):
        assert catalog() == before, f"half imported at statement {number}"
        price_list.refresh_from_db()
        assert price_list.status == PriceListStatus.APPLYING
        assert price_list.rows.count() == 2
        number += 1
    assert number > 10, "each statement was tried"
    price_list.refresh_from_db()
    assert (price_list.status, price_list.new_count, price_list.changed_count) == ("applied", 1, 1)


@pytest.mark.django_db(transaction=True)
def test_without_its_transaction_a_list_would_be_half_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above."""
    price_list = ready(as_csv([row()]))
    price_list.lease_until = None
    bare = apply_price_list.__wrapped__  # type: ignore[attr-defined]  # what `atomic` wraps
    monkeypatch.setattr("orders.services.applying.lock_price_list", lambda pk: PriceList.objects.get(pk=pk))
    with connection.execute_wrapper(KillAt(6 if connection.vendor == "postgresql" else 5)), pytest.raises(Killed):
        bare(by=STAFF, price_list_id=price_list.pk)
    assert Product.objects.exists()
    assert not Price.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_was_killed_is_gone_on_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "ROWS_READ", 10)
    price_list = uploaded(as_csv(many(35)))

    def die(done: int, total: int) -> None:
        if done == 20:
            raise Killed

    with pytest.raises(Killed):
        read_price_list(price_list, tell=die)
    price_list.refresh_from_db()
    assert (price_list.read_count, price_list.row_count, price_list.rows.count()) == (20, 35, 20)
    seen: list[int] = []
    read_price_list(price_list, tell=lambda done, total: seen.append(done))
    assert seen == [20, 30, 35]
    assert (price_list.status, price_list.rows.count()) == ("checked", 35)
    assert sorted(price_list.rows.values_list("number", flat=True)) == list(range(2, 37))
    assert not default_storage.listdir("price_lists")[1], "the file is removed"


@pytest.mark.django_db
def test_a_reader_that_was_overtaken_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "ROWS_READ", 10)
    price_list = uploaded(as_csv(many(25)))
    slow = PriceList.objects.get(pk=price_list.pk)

    def overtake(done: int, total: int) -> None:
        if done == 10 and PriceList.objects.get(pk=price_list.pk).status == PriceListStatus.READING:
            read_price_list(PriceList.objects.get(pk=price_list.pk))

    read_price_list(slow, tell=overtake)
    assert PriceListRow.objects.count() == 25
    assert finish_reading(price_list_id=price_list.pk).status == "checked"


@pytest.mark.django_db(transaction=True)
def test_the_clock_goes_on_with_what_a_dead_worker_left() -> None:
    reading = uploaded(as_csv([row()]))
    applying = ready(as_csv([row(SkuId="0002")]))
    assert look_after_price_lists() == 0, "their workers live"
    later = timezone.now() + timedelta(minutes=2)
    assert look_after_price_lists(now=later) == 2
    assert look_after_price_lists(now=later) == 0, "once"
    run_queue()
    reading.refresh_from_db()
    applying.refresh_from_db()
    assert (reading.status, applying.status) == ("checked", "applied")


@pytest.mark.django_db(transaction=True)
def test_the_task_is_harmless_when_it_runs_again() -> None:
    done = applied(as_csv([row()]))
    before = catalog()
    queue_work(done)
    queue_work(done)
    run_queue()
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {"SUCCESSFUL"}
    assert catalog() == before


@pytest.mark.django_db
def test_undecided_lists_and_old_reports_do_not_stay_for_ever() -> None:
    undecided = checked(as_csv([row(), row(UnitPrice="free")]))
    look_after_price_lists(now=timezone.now() + timedelta(days=29))
    assert undecided.rows.count() == 2
    look_after_price_lists(now=timezone.now() + timedelta(days=31))
    undecided.refresh_from_db()
    assert (undecided.status, undecided.rows.count()) == ("refused", 0)


@pytest.mark.django_db(transaction=True)
def test_two_lists_at_once_are_applied_one_after_the_other(tmp_path: Path) -> None:
    rows = list(many(60))
    lists = [ready(as_csv(rows)), ready(as_csv(reversed(rows)))]
    with shared_by_threads(tmp_path):
        done, errors = together(2, lambda number: apply_price_list(by=STAFF, price_list_id=lists[number].pk))
        assert not errors
        assert sorted(each.new_count for each in done) == [0, 60]
        assert Price.objects.count() == 60


@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_rows_in_bounded_memory(tmp_path: Path) -> None:
    count = scale(3000, 100_000)
    path = tmp_path / "list.csv"
    path.write_bytes(as_csv(many(count)))
    out = StringIO()
    tracemalloc.start()
    try:
        call_command("import_price_list", str(path), stdout=out)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert Price.objects.count() == count
    assert f"{count:,} new" in out.getvalue()
    assert peak < 40 * 1024 * 1024, f"{peak / 1024 / 1024:.0f} MB"


@pytest.mark.django_db(transaction=True)
def test_lists_staff_and_carts_do_not_block_each_other_for_ever(
    customer: Customer, sales_agent: Membership, actor_for: Callable[..., Actor], tmp_path: Path
) -> None:
    rows = [row(SkuId=f"{number:04}") for number in range(20)]
    applied(as_csv(rows))
    dearer = [{**said, "UnitPrice": "30"} for said in rows]
    lists = [ready(as_csv(dearer)), ready(as_csv(list(reversed(dearer))))]
    cart = CartFactory(customer=customer, owner=sales_agent.user)
    by = actor_for(sales_agent)

    def edit() -> None:
        with transaction.atomic():
            for price in Price.objects.order_by("-pk"):
                price.erp_price = 31
                save_price(by=STAFF, price=price)

    def order() -> None:
        for sold in Availability.objects.order_by("-pk"):
            set_lines(by=by, cart=cart, quantities={Item(sold): 1})

    work = [
        lambda: apply_price_list(by=STAFF, price_list_id=lists[0].pk),
        lambda: apply_price_list(by=STAFF, price_list_id=lists[1].pk),
        edit,
        order,
    ]
    with shared_by_threads(tmp_path):
        _done, errors = together(len(work), lambda number: work[number]())
        assert not errors
        assert cart.lines.count() == 20
        assert PriceList.objects.filter(status="applied").count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_list_that_fails_again_and_again_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    price_list = uploaded(as_csv([row()]), queue=queue_work)

    def fail(*args: Any, **said: Any) -> None:
        raise Killed("secret of the database")

    monkeypatch.setattr(work, "read_price_list", fail)
    run_queue()
    price_list.refresh_from_db()
    assert price_list.status == PriceListStatus.READING, "it is tried again"
    assert price_list.lease_until is not None
    assert price_list.lease_until > timezone.now() + timedelta(minutes=5), "nobody takes over meanwhile"
    DBTaskResult.objects.update(run_after=timezone.now())
    monkeypatch.setattr(work, "MAX_ATTEMPTS", 2)
    run_queue()
    price_list.refresh_from_db()
    assert price_list.status == PriceListStatus.FAILED
    assert "catalog is unchanged" in price_list.problem
    assert not Product.objects.exists()
    assert not any("secret" in each.traceback for each in DBTaskResult.objects.all())
