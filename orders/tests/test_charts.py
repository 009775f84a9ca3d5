"""orders.charts: scales with round numbers, bars for whatever months come to."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.charts import HEIGHT, LEAST, TOP, draw, steps

D = Decimal


@pytest.mark.parametrize(
    ("highest", "expected"),
    [
        ("0", ["0", "1"]),
        ("0.01", ["0", "0.01"]),
        ("0.03", ["0", "0.01", "0.02", "0.03"]),
        ("1", ["0", "0.5", "1"]),
        ("7", ["0", "2", "4", "6", "8"]),
        ("99.99", ["0", "50", "100"]),
        ("100", ["0", "50", "100"]),
        ("101", ["0", "50", "100", "150"]),
        ("1204", ["0", "500", "1000", "1500"]),
        ("9999999999999999.99", ["0", "5000000000000000", "10000000000000000"]),
    ],
)
def test_a_scale_has_round_numbers(highest: str, expected: list[str]) -> None:
    assert steps(D(highest)) == [D(value) for value in expected]


@given(st.decimals(min_value=D("0.01"), max_value=D(10) ** 16, places=2))
def test_any_scale_reaches_the_highest_with_few_even_steps(highest: Decimal) -> None:
    scale = steps(highest)
    assert 2 <= len(scale) <= 5
    assert scale[0] == 0
    assert scale[-2] < highest <= scale[-1]
    assert len({after - before for before, after in pairwise(scale)}) == 1


def test_bars_stand_on_the_ground_side_by_side() -> None:
    chart = draw([D(0), D(50), D(100), D(25)])
    assert [bar.height for bar in chart.bars] == [0, HEIGHT // 2, HEIGHT, HEIGHT // 4]
    assert all(bar.y + bar.height == TOP + HEIGHT for bar in chart.bars)
    assert [bar.middle for bar in chart.bars] == ["12.50%", "37.50%", "62.50%", "87.50%"]
    assert [(line.value, line.y) for line in chart.lines] == [(0, TOP + HEIGHT), (50, TOP + HEIGHT // 2), (100, TOP)]


@pytest.mark.parametrize("amounts", [[], [D(0)], [D(0)] * 12])
def test_nothing_has_a_scale_and_no_bars(amounts: list[Decimal]) -> None:
    chart = draw(amounts)
    assert [bar.height for bar in chart.bars] == [0] * len(amounts)
    assert [line.value for line in chart.lines] == [0, 1]


def test_one_month_fills_its_place() -> None:
    (bar,) = draw([D("42.50")]).bars
    assert (bar.x, bar.width, bar.middle) == ("20.00%", "60.00%", "50.00%")


def test_a_tiny_amount_beside_a_huge_one_is_seen() -> None:
    chart = draw([D("0.01"), D("9999999999999999.99")])
    assert [bar.height for bar in chart.bars] == [LEAST, HEIGHT]


@given(st.lists(st.decimals(min_value=0, max_value=D(10) ** 16, places=2), min_size=1, max_size=13))
def test_no_bar_leaves_the_chart(amounts: list[Any]) -> None:
    chart = draw(amounts)
    assert all(bar.y >= TOP and bar.y + bar.height == TOP + HEIGHT for bar in chart.bars)
    assert [bar.height > 0 for bar in chart.bars] == [amount > 0 for amount in amounts]
