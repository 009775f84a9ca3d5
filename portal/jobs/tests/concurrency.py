"""Real threads against one database, on both engines."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from django.db import connection, connections

T = TypeVar("T")


@contextmanager
def shared_by_threads(folder: Path) -> Iterator[None]:
    """Within, threads and the test use one database with the engine's real locks.

    PostgreSQL needs nothing. The tests' SQLite is in memory, where connections that share it fail at once
    instead of waiting; so it is copied to a file for the while, with the portal's own settings (WAL, BEGIN
    IMMEDIATE). What happens within stays there. Needs `django_db(transaction=True)`.
    """
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    memory, settings = connection.connection, connection.settings_dict
    name, path = settings["NAME"], str(folder / "threads.sqlite3")
    copy = sqlite3.connect(path)
    memory.backup(copy)
    # Changing to WAL does not wait for its turn, so the threads must find it changed, as every process does
    # after the first migrate.
    copy.execute("PRAGMA journal_mode=WAL")
    copy.close()
    connection.connection, settings["NAME"] = None, path
    try:
        yield
    finally:
        connection.close()
        settings["NAME"], connection.connection = name, memory


def together(count: int, work: Callable[[int], T]) -> tuple[list[T], list[Exception]]:
    """Call work(0) … work(count - 1) in threads that start at the same moment.

    Answers what they returned and what they raised, in no order; each has its own connection.
    """
    start = threading.Barrier(count)
    results: list[T] = []
    errors: list[Exception] = []

    def run(number: int) -> None:
        try:
            start.wait(timeout=20)
            results.append(work(number))
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads), "A thread hangs: look for a lock taken out of order."
    return results, errors
