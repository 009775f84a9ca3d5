"""orders.tasks.advance_due: every due step once, however many clocks run, and one bad row stops no other."""

import copy
import logging
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from customers.models import Customer
from orders import tasks
from orders.models import Subscription, SubscriptionEvent
from orders.services import advance_subscription, renewals
from orders.tasks import advance_due
from orders.tests.lives import copies, kinds, subscribed
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership

YESTERDAY = timedelta(days=1)


def overdue(subscription: Subscription, since: timedelta = YESTERDAY) -> Subscription:
    """Its term ended that long ago."""
    end = timezone.now() - since
    started = end - timedelta(days=365)
    Subscription.objects.filter(pk=subscription.pk).update(
        started_at=started, term_started_at=started, term_ends_at=end, due_at=end
    )
    return Subscription.objects.get(pk=subscription.pk)


def renewed_count() -> int:
    return SubscriptionEvent.objects.filter(kind="renewed").count()


@pytest.fixture
def due(customer: Customer, sales_agent: Membership) -> list[Subscription]:
    """Five whose term ended, the longest ago first."""
    return [overdue(subscribed(customer, sales_agent), timedelta(days=9 - each)) for each in range(5)]


def test_takes_what_is_due_and_nothing_else(
    due: list[Subscription], customer: Customer, sales_agent: Membership
) -> None:
    running = subscribed(customer, sales_agent)
    assert advance_due() == 5
    assert advance_due() == 0
    assert [kinds(each) for each in due] == [["purchased", "renewed"]] * 5
    assert kinds(running) == ["purchased"]


def test_goes_on_batch_by_batch(due: list[Subscription], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "BATCH", 2)
    assert advance_due() == 5


def test_stops_at_its_limit_and_goes_on_next_time(due: list[Subscription]) -> None:
    assert [advance_due(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert [kinds(each) for each in due] == [["purchased", "renewed"]] * 5


def test_a_late_clock_takes_several_steps_of_one_subscription(due: list[Subscription]) -> None:
    end = timezone.now() - timedelta(days=121)
    Subscription.objects.filter(pk=due[0].pk).update(auto_renew=False, term_ends_at=end, due_at=end)
    assert advance_due() == 3 + 4
    assert kinds(due[0]) == ["purchased", "expired", "disabled", "deleted"]


def test_one_bad_row_stops_no_other(
    due: list[Subscription], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tasks, "BATCH", 2)

    def fails_once(*, subscription_id: UUID, **rest: Any) -> bool:
        if subscription_id == due[0].pk:
            raise ValueError("Żabka Nowa Sp. z o.o.")
        return advance_subscription(subscription_id=subscription_id, **rest)

    monkeypatch.setattr(tasks, "advance_subscription", fails_once)
    with caplog.at_level(logging.ERROR):
        assert advance_due() == 4
    assert [kinds(each)[-1] for each in due] == ["purchased", *["renewed"] * 4]
    assert len(caplog.records) == 1
    assert str(due[0].pk) in caplog.text
    monkeypatch.undo()
    assert advance_due() == 1


@pytest.mark.django_db(transaction=True)
def test_the_tick_takes_the_steps(due: list[Subscription]) -> None:
    out = StringIO()
    call_command("tick", "--once", stdout=out)
    assert "5 subscriptions renewed" in out.getvalue()
    assert renewed_count() == 5


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_take_each_step_once(due: list[Subscription], tmp_path: Path) -> None:
    with shared_by_threads(tmp_path):
        taken, errors = together(4, lambda _number: advance_due())
        assert (sum(taken), errors) == (5, [])
        assert renewed_count() == 5


@pytest.mark.django_db(transaction=True)
def test_without_looking_again_under_the_lock_a_step_is_taken_twice(
    due: list[Subscription], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: whoever trusts what was read before the lock renews what is renewed already."""
    with shared_by_threads(tmp_path):
        with transaction.atomic():
            seen = {each.pk: renewals._locked(each.pk) for each in Subscription.objects.all()}
        monkeypatch.setattr(renewals, "_locked", lambda subscription_id: copy.deepcopy(seen[subscription_id]))
        now = timezone.now()

        def once(_number: int) -> list[bool]:
            return [advance_subscription(by=tasks.CLOCK, subscription_id=each.pk, now=now) for each in due]

        _taken, errors = together(2, once)
        assert errors == []
        assert renewed_count() == 10


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Reads PostgreSQL's plan.")
def test_finds_what_is_due_by_its_index(customer: Customer, sales_agent: Membership) -> None:
    pattern = subscribed(customer, sales_agent)
    copies(pattern, 3000)
    overdue(pattern)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_subscription")
    plan = Subscription.objects.due(at=timezone.now()).values_list("due_at", "id")[: tasks.BATCH].explain()
    assert "subscription_due" in plan
    assert "Seq Scan" not in plan
