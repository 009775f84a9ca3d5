"""Whatever a service writes in somebody's name stands in the activity log, or here with the reason why not.

A service is a public function of a room's `services` that is given who acts (`by`), or that saves rows. It is logged
where it, or a function of the services that it calls, adds to the log.
"""

import ast
from collections.abc import Iterable

from portal.tests.guards.helpers import Module, project_modules, report

# What adds a line to the activity log.
LOGS = frozenset({"record_event", "record_events"})
SAVES = frozenset({"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "delete"})

OWN = "the person's own workspace: nothing of it is the company's until it is submitted, which is logged"
PIECE = "a piece of services that are logged, and called by nobody else"
READS = "decides or computes, and writes nothing"
THROWN_AWAY = "files that were only on their way are thrown away after their time, whoever brought them"
COUNTED = "kept figures, computed anew from rows whose changes are logged"

# Function, without "services" in its path -> why its write is in no log.
REASONS: dict[str, str] = {
    "portal.audit.record_event": "what the log itself is made of",
    "portal.audit.new_event": "what the log itself is made of",
    "portal.audit.append_to_chain": "the chain has its own entries; what they are about is logged",
    "portal.jobs.submit_once": "remembers that a form was sent, so that it counts once; its effect is logged",
    "portal.jobs.forget_api_requests": "clears away what kept requests from counting twice, long after",
    "portal.partners.ensure_may": READS,
    "portal.webhooks.send_test": "asks the partner's own receiver whether it is there; nothing else changes",
    "portal.webhooks.try_again": "sends once more what the log knows already",
    "portal.tokens.remove_expired_tokens": "codes and tokens that have expired open nothing any more",
    "customers.ensure_staff": READS,
    "customers.start_draft": OWN,
    "customers.save_draft": OWN,
    "customers.discard_draft": OWN,
    "customers.finish_draft": PIECE,
    "customers.save_view": OWN,
    "customers.delete_view": OWN,
    "customers.choose_columns": OWN,
    "customers.count_customers": COUNTED,
    "customers.join_tenant": PIECE,
    "customers.map_import": "prepares a sheet whose upload, import and removal are logged",
    "customers.remove_file": PIECE,
    "customers.remove_old_sheets": THROWN_AWAY,
    "customers.remove_abandoned_files": THROWN_AWAY,
    "customers.store_rows": "prepares a sheet whose upload, import and removal are logged",
    "agreements.why_cannot_resolve": READS,
    "agreements.check_may_erase": READS,
    "agreements.take_uploads": PIECE,
    "agreements.stage_upload": OWN,
    "agreements.remove_unused_uploads": THROWN_AWAY,
    "agreements.close": PIECE,
    "agreements.new_invitation": PIECE,
    "agreements.post_receipt": PIECE,
    "agreements.add_event": PIECE,
    "agreements.changes_of": PIECE,
    "agreements.append_event": PIECE,
    "agreements.actor_columns": READS,
    "orders.lock_subscription": READS,
    "orders.start_cart": OWN,
    "orders.set_lines": OWN,
    "orders.keep_cart": OWN,
    "orders.discard_cart": OWN,
    "orders.fill_cart": OWN,
    "orders.order_again": OWN,
    "orders.put_add_on": OWN,
    "orders.open_api_cart": "a program's workspace, as a person's cart is: what is ordered from it is logged",
    "orders.change_api_cart": "a program's workspace, as a person's cart is: what is ordered from it is logged",
    "orders.remove_old_api_carts": "carts whose time is over: nobody ordered them, or their orders are long known",
    "orders.create_rows": PIECE,
    "orders.note": PIECE,
    "orders.note_all": PIECE,
    "orders.become": PIECE,
    "orders.end_all": PIECE,
    "orders.remove_file": PIECE,
    "orders.begin_price_list": "staff let it begin; that it was applied, and by whom, is logged at its end",
    "orders.store_price_rows": "prepares a price list whose upload and end are logged",
    "orders.finish_reading": "prepares a price list whose upload and end are logged",
    "orders.fail_price_list": "the work itself failed; nobody did it, and staff see it on the list's page",
    "orders.remove_old_price_lists": THROWN_AWAY,
    "orders.correct_month_totals": COUNTED,
}


def is_of_services(module: Module) -> bool:
    return "services" in module.name.split(".") or module.name.endswith(".log_lines")


def short(module: Module, function: str) -> str:
    """room.function, however the room's services are divided into files."""
    parts = module.name.split(".")
    return f"{'.'.join(parts[: 2 if parts[0] == 'portal' else 1])}.{function}"


def called(function: ast.FunctionDef) -> set[str]:
    """The names of whatever it calls or hands on."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return names | {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}


def functions_of(module: Module) -> list[ast.FunctionDef]:
    return [node for node in module.tree.body if isinstance(node, ast.FunctionDef)]


def logging_functions(modules: list[Module]) -> set[tuple[str, str]]:
    """(module, function) of all that add to the log, by themselves or through others; a public one counts wherever
    its name is called, a private one in its own module.
    """
    calls = {(m.name, f.name): called(f) for m in modules for f in functions_of(m)}
    found: set[tuple[str, str]] = set()
    while True:
        public = LOGS | {name for _module, name in found if not name.startswith("_")}
        more = {
            key
            for key, names in calls.items()
            if key not in found and names & (public | {name for module, name in found if module == key[0]})
        }
        if not more:
            return found
        found |= more


def is_write(function: ast.FunctionDef) -> bool:
    """Whether it is given who acts, or saves or deletes rows by itself."""
    given = {argument.arg for argument in (*function.args.kwonlyargs, *function.args.args)}
    attributes = {
        n.func.attr for n in ast.walk(function) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
    }
    return "by" in given or bool(attributes & SAVES)


def unlogged(modules: Iterable[Module]) -> dict[str, str]:
    """room.function -> where it stands, for every write that is in no log."""
    known = [module for module in modules if is_of_services(module)]
    logged = logging_functions(known)
    return {
        short(module, function.name): f"{module.name}:{function.lineno}"
        for module in known
        for function in functions_of(module)
        if not function.name.startswith("_") and (module.name, function.name) not in logged and is_write(function)
    }


def test_every_write_is_logged_or_says_why_not() -> None:
    found = unlogged(project_modules())
    complaints = [
        f"{where} {name}: add record_event(by=…), or a line with the reason to REASONS"
        for name, where in found.items()
        if name not in REASONS
    ]
    complaints += [
        f"{name} is logged or gone: remove its line from REASONS" for name in REASONS.keys() - found.keys()
    ]
    assert not complaints, report(complaints)


def test_the_guard_complains() -> None:
    text = "def change(*, by): row.save()\ndef told(*, by): _note(by)\ndef _note(by): record_event(by=by)"
    assert set(unlogged([Module("orders.services.some", text)])) == {"orders.change"}
    # A private helper of the same name elsewhere does not help.
    other = Module("orders.services.other", "def write(*, by): _note(by)")
    assert "orders.write" in unlogged([Module("orders.services.some", text), other])
    assert unlogged([Module("orders.views.some", "def change(*, by): row.save()")]) == {}
