"""Requests that die half-way: answered by a process of its own, which is killed at the n-th statement it sends."""

import os
import signal
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Count, Q, Sum
from django.test import Client

from customers.models import Customer
from orders.models import Cart, MonthTotal

# Sign-in and Django's own tables are none of a submit's effects.
OTHERS = ("sessions", "contenttypes", "auth", "admin", "sites")
#: What is there: rows of every table, and what is written into rows that were there before.
State = dict[str, Any]


class Hook:
    """Counts statements and both sides of every COMMIT. at: where the process is killed, 0 for never.

    is_each_committed: every statement is a transaction of its own, as if there were no transactions.
    """

    def __init__(self, at: int, *, is_each_committed: bool) -> None:
        self.at, self.is_each_committed, self.count = at, is_each_committed, 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, execute: Callable[..., Any], sql: str, *said: Any) -> Any:
        self.step()
        if self.is_each_committed and "SAVEPOINT" in sql:
            return None
        done = execute(sql, *said)
        if self.is_each_committed:
            connection.connection.commit()
        return done

    def install(self) -> None:
        commit = connection._commit

        def counted() -> None:
            self.step()
            commit()
            self.step()

        connection.execute_wrappers.append(self)
        connection._commit = counted


def post_and_die(client: Client, path: str, form: dict[str, str], at: int, *, is_each_committed: bool = False) -> int:
    """Send the form in a process that is killed there; how many statements an undisturbed one took, 0 if killed."""
    connection.close()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            hook = Hook(at, is_each_committed=is_each_committed)
            hook.install()
            client.raise_request_exception = False
            client.post(path, form)
            os.write(write, str(hook.count).encode())
        finally:
            os._exit(0)
    os.close(write)
    _pid, status = os.waitpid(child, 0)
    with os.fdopen(read) as said:
        count = int(said.read() or 0)
    assert os.WIFSIGNALED(status) is bool(at), f"statement {at}: {status}, {count}"
    return count


def state() -> State:
    models = [model for model in apps.get_models() if model._meta.app_label not in OTHERS]
    found: State = {model._meta.label: model._base_manager.count() for model in models}
    found |= Cart.objects.aggregate(
        carts_at_review=Count("pk", filter=Q(stage="review")),
        carts_ordered=Count("pk", filter=Q(order__isnull=False)),
        carts_fingerprinted=Count("pk", filter=~Q(ordered_as="")),
    )
    found |= Customer.objects.aggregate(
        counted=Sum("subscription_count"),
        attested=Count("attested_on"),
        worded=Count("pk", filter=~Q(pushed_words="")),
    )
    return found | MonthTotal.objects.aggregate(month_orders=Sum("order_count"), month_amount=Sum("amount"))


def difference(before: State, after: State) -> State:
    """What came on top: name -> by how much; nothing else."""
    return {name: (after[name] or 0) - (was or 0) for name, was in before.items() if after[name] != was}
