"""The tables of docs/performance.md. What stands around them is written by hand."""

import json
import re
from pathlib import Path
from typing import Any

from benchmarks.measure import CLIENTS, Measured

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT, KEPT = ROOT / "docs" / "performance.md", ROOT / "var" / "bench"
AIM, GROWTH_AIM = 2.0, 1.3
FEW, MANY = 100_000, 1_000_000
Rows = list[dict[str, Any]]
HEAD = (
    f"| page | floor p50 / p95, ms | floor at {CLIENTS}, 1/s | portal p50 / p95, ms | portal at {CLIENTS}, 1/s "
    "| **p50, portal : floor** | 1/s, floor : portal | SQL, floor / portal | bytes, floor / portal |\n"
    "|---|---|---|---|---|---|---|---|---|\n"
)
GROWTH_HEAD = (
    "| page | portal p50, 100,000 | portal p50, 1,000,000 | **ratio** | floor, ratio | bytes, ratio |\n"
    "|---|---|---|---|---|---|\n"
)


def line(each: Measured) -> str:
    """One case for the terminal, while the next one is measured."""
    floor, portal = each.floor, each.portal
    return (
        f"{each.title:36} floor {floor.p50:7.2f} {floor.p95:7.2f} ms {floor.rps:7.1f}/s"
        f"   portal {portal.p50:7.2f} {portal.p95:7.2f} ms {portal.rps:7.1f}/s   p50 x{portal.p50 / floor.p50:.2f}"
    )


def table(rows: Rows) -> str:
    return HEAD + "".join(f"{_row(each)}\n" for each in rows)


def _row(each: dict[str, Any]) -> str:
    floor, portal = each["floor"], each["portal"]
    cells = [
        each["title"],
        f"{floor['p50']:.1f} / {floor['p95']:.1f}",
        f"{floor['rps']:.0f}",
        f"{portal['p50']:.1f} / {portal['p95']:.1f}",
        f"{portal['rps']:.0f}",
        _judged(portal["p50"] / floor["p50"], AIM),
        f"{floor['rps'] / portal['rps']:.2f}",
        f"{floor['statements']} / {portal['statements']}",
        f"{floor['size']:,} / {portal['size']:,}",
    ]
    return f"| {' | '.join(cells)} |"


def _judged(ratio: float, aim: float) -> str:
    return f"**{ratio:.2f}**" + (" (over)" if ratio > aim else "")


def growth(few: Rows, many: Rows) -> str:
    """The same pages at ten times as many customers; what is kept may be older than the newest pages."""
    before = {each["key"]: each for each in few}
    rows = []
    for after in many:
        earlier = before.get(after["key"])
        if earlier is None:
            continue
        portal, floor, size = (
            after[side][what] / earlier[side][what]
            for side, what in (("portal", "p50"), ("floor", "p50"), ("portal", "size"))
        )
        shown = f"{earlier['portal']['p50']:.1f} | {after['portal']['p50']:.1f}"
        rows.append(f"| {after['title']} | {shown} | {_judged(portal, GROWTH_AIM)} | {floor:.2f} | {size:.2f} |\n")
    return GROWTH_HEAD + "".join(rows)


def write(count: int, measured: list[Measured]) -> None:
    """Keep the figures, and put the tables that can be made from what is kept into the document."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{count}.json").write_text(json.dumps([each.as_json() for each in measured], indent=1))
    known = {n: json.loads(path.read_text()) for n in (FEW, MANY) if (path := KEPT / f"{n}.json").exists()}
    text = DOCUMENT.read_text()
    for number, rows in known.items():
        text = _put(text, str(number), table(rows))
    if len(known) == len((FEW, MANY)):
        text = _put(text, "growth", growth(known[FEW], known[MANY]))
    DOCUMENT.write_text(text)


def _put(text: str, name: str, content: str) -> str:
    """Replace what stands between the two comments of this name."""
    begin, end = f"<!-- bench {name} -->\n", f"<!-- end {name} -->\n"
    return re.sub(f"({re.escape(begin)}).*?({re.escape(end)})", lambda m: m[1] + content + m[2], text, flags=re.S)
