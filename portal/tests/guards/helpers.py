"""What the guards walk: modules, URLs, models, templates. Every guard here answers a list of complaints, so that
its own test can feed it a bad sample and see it complain."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

ROOT: Path = settings.BASE_DIR
TOP = ("portal", "customers", "agreements", "orders")


@dataclass(frozen=True)
class Module:
    """name: dotted; tree: parsed source."""

    name: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)


def project_modules() -> list[Module]:
    """Every module of the project except tests and migrations."""
    found = []
    for top in TOP:
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "tests" in parts or "migrations" in parts:
                continue
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(Module(name, path.read_text()))
    return found


@dataclass(frozen=True)
class Import:
    """One imported module; is_late: inside a function; is_for_types: only a type checker sees it."""

    target: str
    line: int
    is_late: bool = False
    is_for_types: bool = False
    is_star: bool = False


def imports_of(module: Module, known: frozenset[str]) -> list[Import]:
    """`known`: names of the project's modules, to tell `from package import module` from `… import name`."""
    return list(_imports(module.tree.body, known, is_late=False, is_for_types=False))


def _imports(
    body: Iterable[ast.stmt], known: frozenset[str], *, is_late: bool, is_for_types: bool
) -> Iterator[Import]:
    for node in body:
        flags = {"is_late": is_late, "is_for_types": is_for_types}
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, **flags) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                target = whole if whole in known else node.module or ""
                yield Import(target, node.lineno, is_star=alias.name == "*", **flags)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _imports(node.body, known, is_late=True, is_for_types=is_for_types)
        else:
            for_types = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            for part in ("body", "orelse", "finalbody", "handlers"):
                yield from _imports(
                    getattr(node, part, []) if isinstance(node, ast.stmt | ast.ExceptHandler) else [],
                    known,
                    is_late=is_late,
                    is_for_types=is_for_types or (for_types and part == "body"),
                )


@dataclass(frozen=True)
class Url:
    """One URL: its whole route, its full name (namespace:name) and what it calls."""

    route: str
    name: str
    callback: Callable[..., object]


def all_urls(patterns: Iterable[URLPattern | URLResolver] | None = None) -> list[Url]:
    return list(_urls(get_resolver().url_patterns if patterns is None else patterns, "", ""))


def _urls(patterns: Iterable[URLPattern | URLResolver], route: str, namespace: str) -> Iterator[Url]:
    for pattern in patterns:
        here = f"{route}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _urls(pattern.url_patterns, here, inner)
        else:
            yield Url(here, f"{namespace}{pattern.name or ''}", pattern.callback)


def unwrapped(callback: Callable[..., object]) -> Iterator[Callable[..., object]]:
    """The callback and everything that its decorators wrap."""
    seen: Callable[..., object] | None = callback
    while seen is not None:
        yield seen
        seen = getattr(seen, "__wrapped__", None)


def is_ours(thing: object) -> bool:
    return str(getattr(thing, "__module__", "")).split(".")[0] in TOP


def own_models() -> list[type[models.Model]]:
    from django.apps import apps

    return [model for model in apps.get_models() if is_ours(model)]


def templates() -> dict[str, str]:
    """Name -> text of every template of the project, mails included."""
    folder = ROOT / "templates"
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def report(complaints: list[str]) -> str:
    return "\n" + "\n".join(complaints)
