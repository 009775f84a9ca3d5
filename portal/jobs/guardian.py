"""Stops what a supervisor leaves behind when it is killed itself.

Runs as a program of its own, started by `portal.jobs.supervisor`, which writes one line to its standard
input for each child: `+PID` started, `-PID` gone. The end of that input means that the supervisor is gone.
Uses the standard library only, so that it starts at once and outlives any trouble with the portal's code.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE = 10.0
"""Seconds between asking a child to stop and killing it."""


def still_running(lines: Iterable[str]) -> set[int]:
    """Read `+PID` and `-PID` lines to their end; returns the process ids that were not taken back."""
    children: set[int] = set()
    for line in lines:
        change, pid = line[0], int(line[1:])
        if change == "+":
            children.add(pid)
        else:
            children.discard(pid)
    return children


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def send(target: int, number: int, *, to_group: bool = False) -> None:
    """Send a signal to a process or to its whole group; a target that is gone is fine."""
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if to_group else os.kill)(target, number)


def stop(children: set[int], grace: float = GRACE) -> None:
    """Ask every child to stop, wait up to `grace` seconds, then kill what is left of their groups."""
    for pid in children:
        send(pid, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline and any(is_alive(pid) for pid in children):
        time.sleep(0.1)
    for pid in children:
        send(pid, signal.SIGKILL, to_group=True)


if __name__ == "__main__":
    stop(still_running(sys.stdin))
