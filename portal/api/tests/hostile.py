"""Bodies, queries and headers that nobody should send: what is right for an operation, with something wrong in it."""

import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

# In bodies: of every type, too large for every column, and what no text may hold.
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    -(10**40),
    1.5,
    1e308,
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "x" * 1_000_000,
    "ZWJ \u200d \u202e",
    "٣",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-02-30T00:00:00Z",
    "00000000-0000-0000-0000-000000000000",
    "annual' OR 1=1 --",
    "{{7*7}}",
    [],
    {},
    [None],
    [[]],
    {"": None},
    ["x"] * 2000,
)
# Put into the text in place of a value: what Python's own writer would not write.
RAW = ("NaN", "Infinity", "1e999", "-0", "1" * 5000, "[" * 200 + "]" * 200, '"\\ud800\\u0000"', "'x'", "", "//")
QUERIES = (
    "",
    "0",
    "-1",
    "1.5",
    "9" * 30,
    "%00",
    "%ff%fe",
    "x" * 3000,
    "%F0%9F%92%A9",
    "[]",
    "{",
    "*",
    "true",
    "%2e%2e%2f",
)
FILTERS = (
    "{}",
    "[]",
    "null",
    '"x"',
    "{",
    '{"Field": 7, "Value": [], "Operator": {}}',
    '{"Field":"CompanyName","Value":"\\u0000","Operator":"starts_with"}',
    '{"Field":"CompanyName","Value":"%_\\\\","Operator":"substring"}',
    "[" * 3000,
)
IDS = (
    "%00",
    "%2e%2e%2fadmin",
    "9" * 400,
    "..",
    "a" * 3000,
    "%ff",
    "'",
    "NULL",
    "-1",
    "9" * 40,
    "{}",
    "%E2%80%AE",
    "a:b:c",
    "*",
)
HEADERS: dict[str, tuple[str, ...]] = {
    "MS-RequestId": ("", "x" * 5000, "\xe9", "{00000000-0000-0000-0000-000000000000}", "'\"<>"),
    "MS-CorrelationId": ("", "x" * 5000, "\xff"),
    "MS-ContinuationToken": ("x", "\xe9", "e30=", "x" * 9000, ".", ":::"),
    "X-Locale": ("", "xx", "en-US-x-y-z", "\xe9", "*", "zh-Hans-CN" * 50),
    "If-Match": ("", '""', '"x"', "*", "\xe9" * 100, "x" * 9000),
    "Accept": ("text/html", "\xff", "*/*;q=x"),
}

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40)
ANY_JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something can be put into this value."""
    yield above
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*above, key))


def put(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """A copy with this at that place."""
    if not place:
        return new
    made = copy.deepcopy(value)
    target = made
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = new
    return made


@st.composite
def bodies(draw: st.DrawFn, right: Any) -> str:
    """Text of a body: the right one with one to three wrong values, a raw piece, a name twice, or something else."""
    kind = draw(st.sampled_from(("wrong", "wrong", "wrong", "raw", "twice", "wrapped", "cut", "any")))
    if kind == "any":
        return json.dumps(draw(ANY_JSON))
    value = right
    for _ in range(draw(st.integers(1, 3)) if kind == "wrong" else 0):
        place = draw(st.sampled_from(list(places(value))))
        value = put(value, place, draw(st.sampled_from(VALUES)))
    if kind == "wrapped":
        return json.dumps([value])
    text = json.dumps(put(value, draw(st.sampled_from(list(places(value)))), "@HERE@") if kind == "raw" else value)
    if kind == "raw":
        return text.replace('"@HERE@"', draw(st.sampled_from(RAW)))
    if kind == "cut":
        return text[: draw(st.integers(0, len(text)))]
    if kind == "twice" and isinstance(value, dict) and value:
        name = draw(st.sampled_from(list(value)))
        return f"{{{json.dumps(name.upper())}: {json.dumps(draw(st.sampled_from(VALUES[:16])))}, {text[1:]}"
    return text


@st.composite
def queries(draw: st.DrawFn, names: tuple[str, ...]) -> str:
    """A query string with wrong values for some of these names, in any case, perhaps twice."""
    parts = []
    for name in draw(st.lists(st.sampled_from((*names, "filter", "size", "nonsense")), min_size=1, max_size=3)):
        value = draw(st.sampled_from(FILTERS)) if name == "filter" else draw(st.sampled_from(QUERIES))
        spelled = draw(st.sampled_from((name, name.upper())))
        parts.append(f"{spelled}={quote(value, safe='') if name == 'filter' else value}")
    return "&".join(parts)


@st.composite
def headers(draw: st.DrawFn) -> dict[str, str]:
    names = draw(st.lists(st.sampled_from(sorted(HEADERS)), max_size=2, unique=True))
    return {name: draw(st.sampled_from(HEADERS[name])) for name in names}
