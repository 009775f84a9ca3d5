"""The table of scenarios: one row each, kept between the runs that make it up."""

from pathlib import Path
from typing import Any, Literal

import pytest

from portal.tests.scenario_plugin import SAID, Outcome, Table, table


def outcome(number: int, said: str = "passed", **known: Any) -> Outcome:
    test = f"room/tests/test_{number}.py::test_it"
    return Outcome((f"I{number}",), "Fifty at once", test, {test: said}, **known)


def test_rows_are_in_the_order_of_ids() -> None:
    rows = table("", [outcome(10), outcome(9, sizes=[50, 1000], seconds=12)]).splitlines()
    assert rows[0] == "| I9 | Fifty at once | `room/tests/test_9.py::test_it` | 50, 1,000 | passed | under 1 min |"
    assert rows[1].startswith("| I10 |")


def test_a_second_run_adds_to_the_first_and_replaces_what_it_repeats() -> None:
    first = table("", [outcome(1, "failed"), outcome(2)])
    both = table(first, [outcome(1), outcome(3)])
    assert [line.split(" | ")[4] for line in both.splitlines()] == ["passed"] * 3


def test_a_test_of_two_scenarios_has_a_row_for_each() -> None:
    twice = Outcome(("I2", "D3"), "Import", "room/test.py::test_it", {"": "passed"}, sizes=[7])
    assert [row.split(" | ")[0] for row in twice.rows] == ["| I2", "| D3"]


def test_a_case_that_failed_or_was_left_out_is_said() -> None:
    cases = {"[a]": "passed", "[b]": "passed", "[c]": "failed", "[d]": "skipped"}
    (row,) = Outcome(("P2",), "Statements", "room/test.py::test_it", cases).rows
    assert "| **1 failed**, 2 passed, 1 skipped (4 cases) |" in row


def report(when: Literal["setup", "call", "teardown"], *said: dict[str, object], outcome: Any = "passed") -> Any:
    """What a worker says of one phase of a test; said: of its scenarios."""
    nodeid, properties = "room/tests/test_1.py::test_it[a]", [(SAID, each) for each in said]
    known: dict[str, Any] = {"location": ("", 0, ""), "keywords": {}, "longrepr": None, "duration": 0.5}
    return pytest.TestReport(nodeid, outcome=outcome, when=when, user_properties=properties, **known)


def test_a_row_is_made_of_what_the_reports_say(tmp_path: Path) -> None:
    written, said = Table(tmp_path / "table.md"), {"ids": ["I1"], "title": "Fifty at once", "sizes": []}
    for heard in (
        report("setup", said),
        report("call", {**said, "sizes": [50]}),
        report("teardown", said),
        report("call"),
    ):
        written.pytest_runtest_logreport(heard)
    written.pytest_sessionfinish()
    last = written.path.read_text().splitlines()[-1]
    assert last == "| I1 | Fifty at once | `room/tests/test_1.py::test_it` | 50 | passed | under 10 s |"
