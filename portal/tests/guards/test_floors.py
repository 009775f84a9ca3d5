"""Floors and storeys (architecture, section 3): which way imports go, and how big things get."""

import ast

import pytest

from portal.tests.guards.helpers import Module, imports_of, project_modules, report

COMMON, AUDIT, JOBS, PARTNERS = "portal.common", "portal.audit", "portal.jobs", "portal.partners"
WEBHOOKS = "portal.webhooks"
# Room -> the rooms downstairs, which its domain may use.
DOWNSTAIRS: dict[str, frozenset[str]] = {
    COMMON: frozenset(),
    AUDIT: frozenset({COMMON}),
    JOBS: frozenset({COMMON}),
    PARTNERS: frozenset({COMMON, AUDIT, JOBS}),
    "portal.tokens": frozenset({COMMON, AUDIT, JOBS, PARTNERS}),
    WEBHOOKS: frozenset({COMMON, AUDIT, JOBS, PARTNERS}),
    "customers": frozenset({COMMON, AUDIT, JOBS, PARTNERS, WEBHOOKS}),
    "agreements": frozenset({COMMON, AUDIT, JOBS, PARTNERS, WEBHOOKS, "customers"}),
    "orders": frozenset({COMMON, AUDIT, JOBS, PARTNERS, WEBHOOKS, "customers", "agreements"}),
}
# Rooms that are screens from floor to ceiling.
UPSTAIRS = frozenset({"portal.dashboard", "portal.api"})
# The building itself: settings, URLs, environment. It puts the rooms together.
BUILDING = "portal"
SCREENS = frozenset(
    {"views", "steps", "panels", "imports", "exports", "admin", "urls", "management", "middleware", "signin_required"}
)
# What screens of other rooms may use.
SHOWN_ELSEWHERE = frozenset({"steps", "panels"})
LONGEST_MODULE, LONGEST_VIEW = 400, 25
# Who verifies evidence without the portal gets one file (docs/adr/0034), which cannot become a package.
HANDED_OUT = {"portal.audit.verify_evidence": 670}


def room_of(module: str) -> str:
    parts = module.split(".")
    if parts[0] != "portal":
        return parts[0]
    whole = ".".join(parts[:2])
    return whole if whole in DOWNSTAIRS or whole in UPSTAIRS else BUILDING


def piece_of(module: str) -> str:
    """The furniture that a module is part of: views, services, …"""
    inside = module.removeprefix(room_of(module)).strip(".")
    return inside.split(".")[0]


def is_screen(module: str) -> bool:
    return room_of(module) in UPSTAIRS or piece_of(module) in SCREENS


def why_not_import(importer: str, target: str) -> str | None:
    """What is wrong with this import, or None."""
    own, other = room_of(importer), room_of(target)
    if BUILDING in (own, other):
        return None
    is_domain = not is_screen(importer)
    if is_domain and is_screen(target):
        return "domain modules know no screens; move what is needed into a domain module"
    if own == other:
        return None
    if is_screen(target) and piece_of(target) not in SHOWN_ELSEWHERE and not is_admin_base(importer, target):
        return "nothing imports another room's screens, except its panels and steps"
    if is_domain and other not in DOWNSTAIRS[own]:
        return f"imports go downstairs: {own} may use {', '.join(sorted(DOWNSTAIRS[own])) or 'nobody'}"
    return None


def is_admin_base(importer: str, target: str) -> bool:
    """Admin classes build on those downstairs (view-only models, who acts): Django's admin is one site."""
    is_admin = piece_of(importer) == piece_of(target) == "admin"
    return is_admin and room_of(target) in DOWNSTAIRS.get(room_of(importer), frozenset())


def wrong_imports(modules: list[Module]) -> list[str]:
    known = frozenset(module.name for module in modules)
    complaints = []
    for module in modules:
        for found in imports_of(module, known):
            where = f"{module.name}:{found.line} imports {found.target}"
            if found.is_star:
                complaints.append(f"{where} with a star: name what you use")
            if found.target not in known or found.is_for_types:
                continue
            reason = why_not_import(module.name, found.target)
            if reason:
                complaints.append(f"{where}: {reason}")
            if found.is_late and room_of(found.target) != room_of(module.name):
                complaints.append(f"{where} inside a function: import other rooms at the top")
    return complaints


def room_cycles(modules: list[Module]) -> list[str]:
    """Chains of modules that import each other in a circle through more than one room."""
    known = frozenset(module.name for module in modules)
    graph = {
        m.name: {i.target for i in imports_of(m, known) if i.target in known and not i.is_for_types} for m in modules
    }
    complaints: list[str] = []
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> None:
        if name in path:
            circle = path[path.index(name) :]
            if len({room_of(each) for each in circle}) > 1:
                complaints.append(f"{' -> '.join([*circle, name])}: break the circle between the rooms")
            return
        if name in done:
            return
        for target in sorted(graph[name]):
            walk(target, [*path, name])
        done.add(name)

    for name in graph:
        walk(name, [])
    return complaints


def body_lines(function: ast.FunctionDef) -> int:
    """Lines from the first statement after the docstring to the last one."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (function.body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def too_long(modules: list[Module]) -> list[str]:
    complaints = []
    for module in modules:
        lines = module.text.count("\n")
        if lines > HANDED_OUT.get(module.name, LONGEST_MODULE):
            complaints.append(f"{module.name} has {lines} lines: make it a package of the same name")
        if piece_of(module.name) != "views":
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef) and body_lines(node) > LONGEST_VIEW:
                complaints.append(
                    f"{module.name}.{node.name} has {body_lines(node)} lines: a view fetches, asks a service, answers"
                )
    return complaints


def test_imports_go_downstairs() -> None:
    complaints = wrong_imports(project_modules())
    assert not complaints, report(complaints)


def test_no_circles_between_rooms() -> None:
    complaints = room_cycles(project_modules())
    assert not complaints, report(complaints)


def test_modules_and_views_stay_small() -> None:
    complaints = too_long(project_modules())
    assert not complaints, report(complaints)


SAMPLES = {
    "customers.services": "from orders.models import Order",
    "customers.rules": "import agreements.models",
    "portal.audit.services": "from portal.jobs.models import Submission",
    "portal.common.tools": "from portal.partners.models import Partner",
    "orders.querysets": "from orders.views import page",
    "orders.forms": "from customers.panels import company",
    "agreements.views": "from customers.views import page",
    "portal.dashboard.views": "from customers.admin import x",
    "customers.models": "def f():\n    from portal.partners.models import Partner",
    "customers.admin": "from orders.admin import Base",
    "orders.rules": "try:\n    from portal.common.errors import *\nexcept ImportError:\n    pass",
}
TARGETS = (
    "orders.models agreements.models portal.jobs.models portal.partners.models orders.views customers.panels "
    "customers.views customers.admin orders.admin portal.common.errors"
).split()


@pytest.mark.parametrize("name", SAMPLES)
def test_the_import_guard_complains(name: str) -> None:
    modules = [Module(name, SAMPLES[name]), *(Module(target, "") for target in TARGETS if target != name)]
    assert len(wrong_imports(modules)) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("customers.views", "from orders.panels import orders\nfrom agreements.services import confirm"),
        ("orders.services", "from agreements.models import A\nfrom customers.models import C"),
        ("portal.common.actor", "if TYPE_CHECKING:\n    from portal.partners.models import Membership"),
        ("orders.admin", "from orders.services import place\nfrom customers.admin import Base"),
        ("portal.dashboard.home", "from orders.models import Order"),
    ],
)
def test_the_import_guard_lets_the_right_ones_through(name: str, text: str) -> None:
    targets = (
        "orders.panels agreements.services agreements.models customers.models orders.services customers.admin "
        "portal.partners.models orders.models"
    ).split()
    modules = [Module(name, text), *(Module(target, "") for target in targets)]
    assert wrong_imports(modules) == []


def test_the_circle_guard_complains() -> None:
    circle = [Module("customers.models", "import orders.models"), Module("orders.models", "import customers.models")]
    assert len(room_cycles(circle)) == 1
    within = [Module("orders.a", "import orders.b"), Module("orders.b", "import orders.a")]
    assert room_cycles(within) == []


def test_the_size_guard_complains() -> None:
    long_view = "def page(request):\n    '''Doc.'''\n" + "    x = 1\n" * 26
    assert len(too_long([Module("orders.views.page", long_view)])) == 1
    assert too_long([Module("orders.services.page", long_view)]) == []
    fits = "@decorated(\n    1\n)\ndef page(\n    request\n):\n    '''Doc.'''\n" + "    x = 1\n" * 25
    assert too_long([Module("orders.views.page", fits)]) == []
    assert len(too_long([Module("orders.models", "x = 1\n" * 401)])) == 1
