"""Where the bars and lines of a chart stand: pure numbers, without words and colours.

Across, places are percentages, so that a chart fills whatever width it has while its letters keep their size; down,
they are pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

HEIGHT = 140
# Room above the highest line for half a line of text.
TOP = 10
# A bar's share of its place.
FILLED = Decimal("0.6")
# What is there is seen, however little it is beside the rest.
LEAST = 2
SMALLEST_STEP = Decimal("0.01")


@dataclass(frozen=True)
class Bar:
    """x, width, middle: percentages; y, height: pixels. height is 0 for nothing."""

    x: str
    width: str
    middle: str
    y: int
    height: int


@dataclass(frozen=True)
class Line:
    value: Decimal
    y: int


@dataclass(frozen=True)
class Chart:
    """lines: of the scale, from nothing upwards."""

    bars: list[Bar]
    lines: list[Line]


def draw(amounts: Sequence[Decimal]) -> Chart:
    """Bars for amounts of nothing or more."""
    scale = steps(max(amounts, default=Decimal(0)))
    top = scale[-1]
    place = Decimal(100) / max(len(amounts), 1)
    bars = [_bar(number, place, _height(amount, top)) for number, amount in enumerate(amounts)]
    return Chart(bars, [Line(value, TOP + HEIGHT - _height(value, top)) for value in scale])


def _bar(number: int, place: Decimal, height: int) -> Bar:
    middle, width = place * number + place / 2, place * FILLED
    return Bar(_percent(middle - width / 2), _percent(width), _percent(middle), TOP + HEIGHT - height, height)


def _height(amount: Decimal, top: Decimal) -> int:
    if amount <= 0:
        return 0
    return max(LEAST, int((amount / top * HEIGHT).quantize(Decimal(1), ROUND_HALF_UP)))


def _percent(value: Decimal) -> str:
    return f"{value:.2f}%"


def steps(highest: Decimal, most: int = 4) -> list[Decimal]:
    """The values of a scale from 0 up to at least the highest: at most so many steps of 1, 2 or 5 times a power
    of ten, a cent at least.
    """
    if highest <= 0:
        return [Decimal(0), Decimal(1)]
    power = Decimal(1).scaleb((highest / most).adjusted())
    step = next(each for each in (power, power * 2, power * 5, power * 10) if each * most >= highest)
    step = max(step, SMALLEST_STEP)
    count = int((highest / step).to_integral_value(ROUND_CEILING))
    return [step * number for number in range(count + 1)]
