"""Scenarios: tests that the product must survive, small in `make test`, in full by `make scenarios`.

A scenario test is marked `@pytest.mark.scenario("I6")` and takes its sizes from `scale(small, full)`. With
`--scenario-report=FILE` a run writes what became of each scenario into a table in FILE; a second run adds to it.
"""

import os
import re
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

IN_FULL = os.environ.get("SCENARIOS") == "full"
# Upper bound in seconds -> how long a test took, in words: figures would change with every run.
DURATIONS = ((1, "under 1 s"), (10, "under 10 s"), (60, "under 1 min"), (600, "under 10 min"))
LONGER = "10 min or more"
HEAD = """# Scenarios

What the portal must survive, and what became of it in the last full run on PostgreSQL. `make scenarios` writes this
file; `make test` runs the same tests in small. A negative control takes the guard away and shows that the scenario
then fails, so that passing means something. Sizes are the numbers that a test scales with. P1 and P6 are measured by
`make bench`; see [performance.md](performance.md).

| id | scenario | test | size | outcome | duration |
|---|---|---|---|---|---|
"""
_ROW = re.compile(r"^\| [A-Z]+\d+ \|.*\| `([^`]+)` \|")


def scale(small: int, full: int) -> int:
    """The size of a scenario: small, or in full where SCENARIOS=full asks for it."""
    size = full if IN_FULL else small
    _sizes.append(size)
    return size


# What the running test scales with.
_sizes: list[int] = []


@dataclass
class Outcome:
    """What became of one scenario test. cases: id of each of its parametrized cases -> its outcome."""

    ids: tuple[str, ...]
    title: str
    test: str
    cases: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    sizes: list[int] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Passed only where every case did."""
        counts = Counter(self.cases.values())
        if len(counts) == 1 and "failed" not in counts:
            return next(iter(counts))
        words = (
            f"**{n} failed**" if outcome == "failed" else f"{n} {outcome}" for outcome, n in sorted(counts.items())
        )
        return ", ".join(words)

    @property
    def rows(self) -> Iterator[str]:
        duration = next((words for limit, words in DURATIONS if self.seconds < limit), LONGER)
        size = ", ".join(f"{n:,}" for n in dict.fromkeys(self.sizes)) or "–"
        said = self.said if len(self.cases) == 1 else f"{self.said} ({len(self.cases)} cases)"
        for each in self.ids:
            yield f"| {each} | {self.title} | `{self.test}` | {size} | {said} | {duration} |"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--scenario-report", metavar="FILE", help="write the table of the scenarios into this file")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    _sizes.clear()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    ids = list(dict.fromkeys(str(marker.args[0]) for marker in item.iter_markers("scenario")))
    if ids:
        # Reports are what a worker sends to the run that it belongs to.
        sizes = list(_sizes) if report.when == "call" else []
        report.user_properties.append((SAID, {"ids": ids, "title": title_of(item), "sizes": sizes}))
    return report


def pytest_configure(config: pytest.Config) -> None:
    target = config.getoption("--scenario-report")
    if target and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Table(Path(target)))


class Table:
    """Hears what became of every scenario, whichever worker ran it, and writes the table at the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.outcomes: dict[str, Outcome] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for said in (value for name, value in report.user_properties if name == SAID):
            test = report.nodeid.partition("[")[0]
            outcome = self.outcomes.setdefault(test, Outcome(tuple(said["ids"]), said["title"], test))
            outcome.ids = tuple(dict.fromkeys((*outcome.ids, *said["ids"])))
            outcome.seconds += report.duration
            outcome.sizes += said["sizes"]
            if report.outcome != "passed" or report.nodeid not in outcome.cases:
                outcome.cases[report.nodeid] = report.outcome

    def pytest_sessionfinish(self) -> None:
        known = self.path.read_text() if self.path.exists() else ""
        self.path.write_text(HEAD + table(known, list(self.outcomes.values())))


SAID = "scenario"


def title_of(item: pytest.Item) -> str:
    """The first line of the test's docstring, else its name in words; negative controls say that they are."""
    function = getattr(item, "function", None)
    name = item.name.partition("[")[0].removeprefix("test_").replace("_", " ")
    words = (getattr(function, "__doc__", None) or "").strip().partition("\n")[0] or name.capitalize()
    if "negative control" in name and "negative control" not in words.lower():
        words = f"negative control: {words}"
    return re.sub(r"\s+", " ", words.rstrip(".").replace("|", r"\|"))


def table(known: str, outcomes: list[Outcome]) -> str:
    """The rows of all outcomes and of the tests that an earlier run left in the table, by id."""
    ran = {outcome.test for outcome in outcomes}
    kept = [line for line in known.splitlines() if (found := _ROW.match(line)) and found[1] not in ran]
    rows = {*kept, *(row for outcome in outcomes for row in outcome.rows)}
    return "".join(f"{row}\n" for row in sorted(rows, key=_order))


def _order(row: str) -> tuple[str, int, str]:
    letter, number = re.match(r"\| ([A-Z]+)(\d+)", row).groups()  # type: ignore[union-attr]  # rows begin with an id
    return letter, int(number), row
