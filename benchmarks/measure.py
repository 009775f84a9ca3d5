"""Asks portal and floor in turn, block by block, so that whatever else the machine does hits both."""

import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.browser import Browser
from benchmarks.cases import Case, Request, listed
from benchmarks.servers import FLOOR, PORTAL

CLIENTS = 8
SIDES = ("floor", "portal")


@dataclass(frozen=True)
class Effort:
    """blocks: turns of each side; pages, writes: timed requests of one block; seconds: of one block at 8 clients."""

    blocks: int
    pages: int
    writes: int
    seconds: float


@dataclass(frozen=True)
class Side:
    """Milliseconds at one client, requests a second at eight; count: of the timed requests at one client."""

    p50: float
    p95: float
    rps: float
    size: int
    statements: int
    count: int


@dataclass(frozen=True)
class Measured:
    key: str
    title: str
    floor: Side
    portal: Side

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Bench:
    """Measures cases. statements: (side, case) -> SQL statements of one request."""

    def __init__(self, sessions: dict[str, str], effort: Effort, statements: Callable[[str, Case], int]) -> None:
        self.sessions, self.effort, self.statements = sessions, effort, statements

    def browser(self, side: str) -> Browser:
        return Browser(PORTAL if side == "portal" else FLOOR, self.sessions[side])

    def measure(self, case: Case) -> Measured:
        sizes = self._warm(case)
        times = self._one_client(case)
        rates = self._eight_clients(case)
        made = {
            side: Side(
                p50=_ms(statistics.median(times[side])),
                p95=_ms(statistics.quantiles(times[side], n=20, method="inclusive")[-1]),
                rps=round(statistics.median(rates[side]), 1),
                size=sizes[side],
                statements=self.statements(side, case),
                count=len(times[side]),
            )
            for side in SIDES
        }
        return Measured(case.key, case.title, **made)

    def _warm(self, case: Case) -> dict[str, int]:
        """Let every worker load what it loads once; both sides must list the same customers."""
        sizes, rows = {}, {}
        for side in SIDES:
            for _ in range(4 if case.is_write else 12):
                browser = self.browser(side)
                for _ in range(1 if case.is_write else 3):
                    answer = self._send(case, side, browser, _prepare(case, side, browser))
            sizes[side], rows[side] = len(answer.body), listed(answer)
        if case.has_rows and sorted(rows["floor"]) != sorted(set(rows["portal"])):
            sys.exit(f"{case.title}: the portal lists {len(rows['portal'])} customers that are not the floor's.")
        return sizes

    def _one_client(self, case: Case) -> dict[str, list[float]]:
        times: dict[str, list[float]] = {side: [] for side in SIDES}
        size = self.effort.writes if case.is_write else self.effort.pages
        for _ in range(self.effort.blocks):
            for side in SIDES:
                browser = self.browser(side)
                # The first one opens the connection.
                self._send(case, side, browser, _prepare(case, side, browser))
                for _ in range(size):
                    request = _prepare(case, side, browser)
                    times[side].append(self._send(case, side, browser, request).seconds)
        return times

    def _eight_clients(self, case: Case) -> dict[str, list[float]]:
        rates: dict[str, list[float]] = {side: [] for side in SIDES}
        for _ in range(3):
            for side in SIDES:
                rates[side].append(self._crowd(case, side))
        return rates

    def _crowd(self, case: Case, side: str) -> float:
        """Requests a second of 8 clients; what a write needs is prepared before the clock starts."""
        ready: list[list[Request]] = []
        browsers = [self.browser(side) for _ in range(CLIENTS)]
        for browser in browsers:
            number = self.effort.writes if case.is_write else 1
            ready.append([_prepare(case, side, browser) for _ in range(number)])
        for browser in browsers:
            # The server has closed those that were idle meanwhile.
            browser.reconnect()
        start, ends, done = threading.Barrier(CLIENTS + 1), [], []

        def run(browser: Browser, requests: list[Request]) -> None:
            start.wait()
            number, until = 0, time.perf_counter() + self.effort.seconds
            while number < len(requests) if case.is_write else time.perf_counter() < until:
                self._send(case, side, browser, requests[number % len(requests)])
                number += 1
            done.append(number)
            ends.append(time.perf_counter())

        threads = [threading.Thread(target=run, args=pair) for pair in zip(browsers, ready, strict=True)]
        for thread in threads:
            thread.start()
        start.wait()
        started = time.perf_counter()
        for thread in threads:
            thread.join()
        if len(done) != CLIENTS:
            sys.exit(f"{case.title}: a client of the {side} failed.")
        return sum(done) / (max(ends) - started)

    def _send(self, case: Case, side: str, browser: Browser, request: Request) -> Any:
        answer = request(browser)
        if answer.status != case.status:
            sys.exit(f"{case.title}: the {side} answered {answer.status} {answer.location}")
        return answer


def _prepare(case: Case, side: str, browser: Browser) -> Request:
    return case.portal(browser) if side == "portal" else case.floor(browser)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
