"""Text stays text in any spreadsheet, and comes back as it was."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common.tables.safety import guard, is_risky, unguard

tricky = st.text(st.sampled_from("'=+-@＝＋－＠ ;\t\r\n\u00a0\u200bab1")) | st.text()


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+48 22 123 45 67",
        "-1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\nx",
        "  =1",
        "\t=1",
        "\u00a0=1",
        "\ufeff=1",
        "\x01=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "'=1",
    ],
)
def test_what_may_run_begins_with_an_apostrophe(text: str) -> None:
    assert guard(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Contoso", "O'Brien", "a=b", "1-2", "ada@example.com", "'quoted'", "a; b"])
def test_other_text_stays_as_it_is(text: str) -> None:
    """The control of the test above: a guard that marks everything would fail here."""
    assert guard(text) == text
    assert not is_risky(text)


def test_a_part_behind_a_semicolon_is_a_cell_where_excel_splits_there() -> None:
    assert guard("Contoso;=1+1;x") == "Contoso;'=1+1;x"


@pytest.mark.parametrize("line", ["\n", "\r", "\r\n"])
def test_a_line_within_a_cell_is_a_row_where_excel_does_not_see_the_quotation_marks(line: str) -> None:
    """Split at semicolons, a quotation mark in the middle of a line is a letter."""
    assert guard(f"Contoso{line}=1+1") == f"Contoso{line}'=1+1"


@given(text=tricky)
def test_the_guard_comes_off_exactly(text: str) -> None:
    assert unguard(guard(text)) == text


@given(text=tricky)
def test_nothing_guarded_can_run(text: str) -> None:
    assert guard(text)[:1] not in [*"=+-@＝＋－＠\t\r\n"]
    assert not any(part.lstrip()[:1] in [*"=+-@＝＋－＠"] for part in re.split(r"[;\r\n]", guard(text)))
