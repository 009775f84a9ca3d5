"""I12: every scenario of section I has a negative control that takes its guards away and shows what then goes wrong.

| id  | what is taken away                                                                                        |
|-----|-----------------------------------------------------------------------------------------------------------|
| I1  | the key of the submit, and the cart's memory of its order                                                 |
| I2  | the key of the submit; of an import, its key and the look at what was imported                            |
| I3  | the key of the submit, and the cart's memory of its order                                                 |
| I4  | the key of the submit, and the comparison of the content                                                  |
| I5  | the comparison of the content                                                                             |
| I6  | the unique domain                                                                                         |
| I7  | the locks of the tenant and of the customer, and the trigger behind them                                  |
| I8  | the version of what is edited                                                                             |
| I9  | the lock of the chain's head                                                                              |
| I11 | the locks of the tenant and of the customer, and the trigger behind them                                  |
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("portal", "customers", "agreements", "orders")
# By id, as the table above has them.
CONTROLLED = [line.split("|")[1].strip() for line in (__doc__ or "").splitlines() if line.startswith("| I")]


def marked_tests(folders: list[Path]) -> Iterator[tuple[str, str, ast.FunctionDef]]:
    """Every test with a scenario's mark: (id, path, the test)."""
    for path in sorted(path for folder in folders for path in folder.rglob("test_*.py")):
        for test in ast.walk(ast.parse(path.read_text())):
            if isinstance(test, ast.FunctionDef):
                yield from ((str(mark), str(path), test) for mark in marks_of(test))


def marks_of(test: ast.FunctionDef) -> Iterator[str]:
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.scenario":
            yield ast.literal_eval(mark.args[0])


def is_control(test: ast.FunctionDef) -> bool:
    said = ast.get_docstring(test) or ""
    return "negative_control" in test.name or "negative control" in said.lower()


def without_control(folders: list[Path]) -> set[str]:
    """The ids of section I that are marked somewhere and lack a test of either sort."""
    sorts: dict[str, set[bool]] = defaultdict(set)
    for mark, _path, test in marked_tests(folders):
        sorts[mark].add(is_control(test))
    return {mark for mark, found in sorts.items() if mark.startswith("I") and mark != "I12" and len(found) < 2}


@pytest.mark.scenario("I12")
def test_every_scenario_has_its_control() -> None:
    """Each scenario of section I comes with a negative control, which runs wherever the scenario does"""
    folders = [ROOT / room for room in ROOMS]
    assert without_control(folders) == set()
    marked = {mark for mark, _path, _test in marked_tests(folders) if mark.startswith("I")}
    assert marked - {"I12"} == set(CONTROLLED), "Say in the table above what the control takes away."


@pytest.mark.scenario("I12")
def test_negative_control_a_scenario_without_one_is_noticed(tmp_path: Path) -> None:
    """negative control: a scenario without a control is noticed"""
    mark = '@pytest.mark.scenario("I1")\ndef test_{}() -> None:\n    pass\n'
    test = tmp_path / "test_some.py"
    test.write_text(mark.format("one_effect"))
    assert without_control([tmp_path]) == {"I1"}
    test.write_text(mark.format("one_effect") + mark.format("negative_control_of_it"))
    assert without_control([tmp_path]) == set()
