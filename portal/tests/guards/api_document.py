"""The table of docs/api.md: every operation, who may call it and what it is for, from what the operations declare.

`.venv/bin/python -m portal.tests.guards.api_document` writes it.
"""

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from portal.tests.guards.api_operations import Operation

BEGIN, END = "<!-- operations -->", "<!-- end operations -->"
TOKENS = {"ANY": "any", "USER": "App+User", "APP": "app-only"}


def table(found: "Iterable[Operation]") -> str:
    """One table for each area, in the order of the description."""
    areas: dict[str, list[str]] = {}
    for each in found:
        said = " ".join((each.described.get("description") or each.described.get("summary", "")).split())
        path = each.path.removeprefix("/v1")
        cells = (f"`{each.method} {path}`", TOKENS[each.callers.name], _roles(each), said.replace("|", "\\|"))
        areas.setdefault(each.area, []).append(f"| {' | '.join(cells)} |")
    head = "| call | token | roles | what it does |\n|---|---|---|---|\n"
    return "\n\n".join(f"### {area}\n\n{head}" + "\n".join(rows) for area, rows in areas.items())


def _roles(operation: "Operation") -> str:
    from portal.partners.roles import LABELS, Role, roles_with

    if operation.permission is None:
        return "all"
    roles = roles_with(operation.permission)
    return "all" if len(roles) == len(Role) else ", ".join(str(LABELS[role]) for role in roles)


def in_document(text: str) -> str:
    return text.partition(BEGIN)[2].partition(END)[0].strip()


def written(text: str, new: str) -> str:
    """The document with this table."""
    return re.sub(f"{BEGIN}.*{END}", lambda found: f"{BEGIN}\n{new}\n{END}", text, flags=re.DOTALL)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.tests.settings")
    django.setup()
    from portal.tests.guards.api_operations import operations
    from portal.tests.guards.helpers import ROOT

    document = ROOT / "docs" / "api.md"
    document.write_text(written(document.read_text(), table(operations().values())))


if __name__ == "__main__":
    main()
