"""Runs several child processes as one: they start together, stop together, and none is left behind.

Each child leads a process group of its own, so Ctrl-C in the terminal reaches only the supervisor, which
then stops the children in good order. A guardian process (`portal.jobs.guardian`) does the same should the
supervisor be killed.
"""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType

from portal.jobs import guardian

POLL = 0.1
"""Seconds between two looks at the children."""
STEADY = 30.0
"""A child that ran this many seconds is not in a crash loop: its next restart is quick again."""
LONGEST_PAUSE = 30.0
"""The most seconds that a child which keeps ending waits for its next start."""


@dataclass
class Child:
    """One process to keep running.

    The end of an essential child ends everything; any other child is started again.
    """

    name: str
    command: Sequence[str]
    is_essential: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    pause: float = 1.0

    def start(self) -> int:
        """Start the process in a group of its own; returns its process id."""
        self.process = subprocess.Popen(  # noqa: S603 - the commands are the portal's own
            self.command, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.started_at = time.monotonic()
        return self.process.pid

    def plan_restart(self) -> float:
        """Note when to start again; the seconds to wait double while the child keeps ending early."""
        now = time.monotonic()
        if now - self.started_at >= STEADY:
            self.pause = 1.0
        pause = self.pause
        self.process, self.start_again_at = None, now + pause
        self.pause = min(pause * 2, LONGEST_PAUSE)
        return pause


class Supervisor:
    """Keeps the children running until a signal asks to stop or an essential child ends.

    `notify` gets each notice, a line of text. `is_ready` is asked until it says yes, then `announce` is
    called once.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        notify: Callable[[str], None],
        is_ready: Callable[[], bool],
        announce: Callable[[], None],
        grace: float = 15.0,
    ) -> None:
        self.children = children
        self.notify = notify
        self.is_ready = is_ready
        self.announce = announce
        self.grace = grace
        self.stop_requests = 0
        self._guardian: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Run to the end. Returns 0 when asked to stop, else the exit code of the child that ended it."""
        with self._signals_caught(), self._guarded():
            try:
                for child in self.children:
                    self._start(child)
                return self._watch()
            finally:
                self._stop()

    def _watch(self) -> int:
        is_announced = False
        while not self.stop_requests:
            for child in self.children:
                code = self._look_after(child)
                if code is not None:
                    return code
            if not is_announced and self.is_ready():
                is_announced = True
                self.announce()
            time.sleep(POLL)
        return 0

    def _look_after(self, child: Child) -> int | None:
        """Start the child again when that is due. Returns an exit code when all has to end."""
        if child.process is None:
            if time.monotonic() >= child.start_again_at:
                self._start(child)
            return None
        code = child.process.poll()
        if code is None:
            return None
        self._sweep(child.process)
        if child.is_essential:
            self.notify(f"{child.name} ended with code {code}: stopping everything.")
            return 128 - code if code < 0 else code or 1
        pause = child.plan_restart()
        self.notify(f"{child.name} ended with code {code}: starting it again in {pause:.0f} s.")
        return None

    def _start(self, child: Child) -> None:
        self._tell_guardian(f"+{child.start()}")

    def _stop(self) -> None:
        """Ask all to stop, wait for them, kill what is left after the grace or at a second request."""
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            guardian.send(process.pid, signal.SIGTERM)
        asked, deadline = self.stop_requests, time.monotonic() + self.grace
        while any(process.poll() is None for process in running):
            if time.monotonic() > deadline or self.stop_requests > max(asked, 1):
                break
            time.sleep(POLL)
        for process in running:
            self._sweep(process)

    def _sweep(self, process: subprocess.Popen[bytes]) -> None:
        """Kill what is left of the process and of the group that it led."""
        guardian.send(process.pid, signal.SIGKILL, to_group=True)
        process.wait()
        self._tell_guardian(f"-{process.pid}")

    def _tell_guardian(self, line: str) -> None:
        # A guardian that was killed is no reason to stop serving.
        with contextlib.suppress(BrokenPipeError):
            if self._guardian is not None and self._guardian.stdin is not None:
                self._guardian.stdin.write(f"{line}\n".encode())
                self._guardian.stdin.flush()

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        command = [sys.executable, "-I", guardian.__file__]
        self._guardian = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.PIPE, start_new_session=True
        )
        try:
            yield
        finally:
            self._guardian.communicate()

    @contextlib.contextmanager
    def _signals_caught(self) -> Iterator[None]:
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._request_stop) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_requests += 1
