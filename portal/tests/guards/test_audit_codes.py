"""Codes of the activity log read `room.noun_past` (architecture, section 8)."""

import ast
import re

from portal.tests.guards.helpers import Module, project_modules, report

ROOMS = ("partners", "customers", "agreements", "orders", "audit", "jobs", "tokens", "webhooks")
# Past forms that do not end in "ed"; a further one is added here.
IRREGULAR = frozenset({"chosen", "sent", "made", "begun", "withdrawn", "taken", "kept", "upheld"})
CODE = re.compile(r"(?P<room>[a-z]+)\.(?P<noun>[a-z]+(?:_[a-z]+)*)_(?P<past>[a-z]+)")


def why_not_a_code(code: str) -> str | None:
    match = CODE.fullmatch(code)
    if match is None:
        return "write it as room.noun_past"
    if match["room"] not in ROOMS:
        return f"begin it with one of {', '.join(ROOMS)}"
    if not match["past"].endswith("ed") and match["past"] not in IRREGULAR:
        return "end it with what happened, in the past"
    return None


def codes_in(module: Module) -> list[tuple[int, str]]:
    """(line, code) of every call that writes to the log: record_event(code=…), or `log_event(by, code, …)`."""
    found = []
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        given = (
            [keyword.value for keyword in node.keywords if keyword.arg == "code"] if name == "record_event" else []
        )
        given += node.args[1:2] if name in ("log_event", "log_invitation", "log_request") else []
        found += [(v.lineno, str(v.value)) for v in given if isinstance(v, ast.Constant)]
    return found


def wrong_codes(modules: list[Module]) -> list[str]:
    return [
        f"{module.name}:{line} {code!r}: {reason}"
        for module in modules
        for line, code in codes_in(module)
        if (reason := why_not_a_code(code))
    ]


def test_every_code_has_the_form() -> None:
    complaints = wrong_codes(project_modules())
    assert not complaints, report(complaints)


def test_the_walk_finds_what_the_services_write() -> None:
    found = {code for module in project_modules() for _line, code in codes_in(module)}
    assert {
        "customers.customer_created",
        "agreements.acceptance_recorded",
        "agreements.acceptance_withdrawn",
        "orders.order_placed",
        "orders.licence_count_changed",
        "partners.member_changed",
    } <= found


def test_the_guard_complains() -> None:
    for code in (
        "customers",
        "customers.create",
        "Customers.customer_created",
        "sales.order_placed",
        "orders.order_place",
    ):
        assert wrong_codes([Module("x", f"record_event(by=by, code={code!r})")]), code
    assert wrong_codes([Module("x", "log_event(by, 'orders.nothing', row)")])
    assert wrong_codes([Module("x", "record_event(code='orders.cart_discarded')")]) == []
