"""Words that people read are marked for translation in Python too."""

import ast
import re
from collections.abc import Iterator

import pytest

from portal.tests.guards.helpers import Module, project_modules, report

# Keyword arguments and class attributes that end up on a screen.
SHOWN = frozenset("label help_text verbose_name verbose_name_plural empty_label submit_label hint title_text".split())
# Calls whose words are shown: name -> position of the words.
SHOWING_CALLS = {
    **dict.fromkeys(
        ("RuleViolation", "NotPermitted", "NotFound", "AcceptanceRequired", "PortalError", "DomainTaken"), 0
    ),
    **dict.fromkeys(("ValidationError", "Refusal"), 0),
    **dict.fromkeys(("debug", "info", "success", "warning", "error", "add_error"), 1),
    "Section": 1,
    "Panel": 1,
}
MESSAGES = frozenset({"debug", "info", "success", "warning", "error"})
_WORDS = re.compile(r"[^\W\d_]{2,}")


def plain_words(node: ast.AST) -> str | None:
    """The text, if the node is one (an f-string counts) that nobody marked."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _WORDS.search(node.value):
        return node.value
    if isinstance(node, ast.JoinedStr) and any(plain_words(part) for part in node.values):
        return ast.unparse(node)
    return None


def shown(tree: ast.Module) -> Iterator[ast.AST]:
    """Every expression of the module whose words end up on a screen."""
    for node in ast.walk(tree):
        # An app's label is a name for the code, not for people.
        if isinstance(node, ast.ClassDef) and not any("AppConfig" in ast.unparse(base) for base in node.bases):
            yield from (s.value for s in node.body if isinstance(s, ast.Assign) and _targets(s) & SHOWN)
        if not isinstance(node, ast.Call):
            continue
        yield from (keyword.value for keyword in node.keywords if keyword.arg in SHOWN)
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in MESSAGES and not ast.unparse(node.func).startswith("messages."):
            continue
        position = SHOWING_CALLS.get(name)
        if position is not None and len(node.args) > position:
            yield node.args[position]


def _targets(statement: ast.Assign) -> set[str]:
    return {getattr(target, "id", "") for target in statement.targets}


def marked_badly(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls of gettext whose text is put together before it is translated."""
    for node in ast.walk(tree):
        is_marked = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "gettext", "gettext_lazy")
        if is_marked and not isinstance(node.args[0], ast.Constant):
            yield node


def unmarked(modules: list[Module]) -> list[str]:
    complaints = []
    for module in modules:
        tree = module.tree
        for node in shown(tree):
            words = plain_words(node)
            if words:
                complaints.append(f"{module.name}:{node.lineno}: wrap {words!r} in _()")
        complaints += [
            f"{module.name}:{call.lineno}: translate the sentence first, then put the values in with %"
            for call in marked_badly(tree)
        ]
    return complaints


def for_people(modules: list[Module]) -> list[Module]:
    """Without the commands: they speak English to whoever runs the portal. The same goes for the demo's data."""
    return [m for m in modules if ".management" not in m.name and ".demo" not in m.name]


def test_every_word_is_marked_for_translation() -> None:
    complaints = unmarked(for_people(project_modules()))
    assert not complaints, report(complaints)


@pytest.mark.parametrize(
    "bad",
    [
        "x = CharField(label='Name')",
        "x = CharField(help_text=f'Up to {n} letters')",
        "messages.success(request, 'Saved.')",
        "messages.error(request, f'{name} is gone')",
        "raise RuleViolation('No.', field='x')",
        "class F:\n    submit_label = 'Save'",
        "Section('a', 'Company', ())",
        "form.add_error('name', 'Too long')",
        "_(f'Hello {name}')",
        "_('Hello ' + name)",
    ],
)
def test_the_guard_complains(bad: str) -> None:
    assert len(unmarked([Module("x", bad)])) == 1


@pytest.mark.parametrize(
    "fine",
    [
        "x = CharField(label=_('Name'), help_text='')",
        "messages.success(request, _('Saved %(n)s.') % {'n': n})",
        "log.info('request', route=route)",
        "raise RuleViolation(reason)",
        "class C(AppConfig):\n    label = 'audit'",
    ],
)
def test_the_guard_knows_what_is_fine(fine: str) -> None:
    assert unmarked([Module("x", fine)]) == []
