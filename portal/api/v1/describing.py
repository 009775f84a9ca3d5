"""The OpenAPI description put into words, for people: what the page /v1/docs shows."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.api.v1.callers import Callers
from portal.partners.permissions import LABELS, Permission
from portal.partners.roles import LABELS as ROLE_LABELS
from portal.partners.roles import roles_with

Json = Mapping[str, Any]
# operation id -> what it needs, as `needs` declared it
Needs = Mapping[str, tuple[Permission | None, Callers]]
METHODS = ("get", "head", "post", "put", "patch", "delete")
# What every answer has and no request needs to send.
HOUSEKEEPING = frozenset({"links", "attributes"})
# How deep an example goes into the bodies within the body.
DEEPEST = 3
NO_ID = "00000000-0000-0000-0000-000000000000"
REFERENCE = "#/components/schemas/"


class Piece(NamedTuple):
    """A part of what a value is called. described: key of the type that tells more, or ""."""

    words: str
    described: str = ""


Kind = tuple[Piece, ...]


@dataclass(frozen=True)
class Member:
    name: str
    kind: Kind
    is_required: bool
    note: str


@dataclass(frozen=True)
class Parameter(Member):
    """place: where it is sent: path, query or header."""

    place: str


@dataclass(frozen=True)
class Answer:
    """kind: what the body is, empty for an answer without one; members: of the body, where it has its own."""

    status: str
    kind: Kind
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Operation:
    """steps: the parts of the path; title: the first sentence of what it does, text: the rest; body: kind of the
    request's body, empty for none; refusals: statuses of the error envelope.
    """

    key: str
    method: str
    path: str
    steps: tuple[str, ...]
    title: str
    text: str
    callers: str
    permission: str | Promise
    roles: tuple[str | Promise, ...]
    parameters: tuple[Parameter, ...]
    body: Kind
    body_members: tuple[Member, ...]
    answers: tuple[Answer, ...]
    refusals: tuple[str, ...]
    curl: str


@dataclass(frozen=True)
class Area:
    key: str
    title: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Type:
    """A body, or a part of one, that several operations share."""

    key: str
    title: str
    note: str
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Description:
    areas: tuple[Area, ...]
    types: tuple[Type, ...]


def describe(schema: Json, needs: Needs, *, base: str) -> Description:
    """base: address that the paths stand below, for the examples."""
    types: Json = schema.get("components", {}).get("schemas", {})
    areas: dict[str, list[Operation]] = {}
    for path, method, said in _operations(schema):
        area = next(iter(said.get("tags", ())), _("More"))
        areas.setdefault(area, []).append(_operation(path, method, said, types=types, needs=needs, base=base))
    return Description(
        areas=tuple(Area(slug(title), title, tuple(each)) for title, each in areas.items()),
        types=tuple(
            Type(key, title_of(key, said), said.get("description", ""), _members(said, types))
            for key, said in sorted(types.items())
            if not _is_plain(said)
        ),
    )


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def title_of(key: str, said: Json) -> str:
    """What a type is called: Collection[Customer] rather than the key that stands for it."""
    return str(said.get("title") or key)


def _operations(schema: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in schema.get("paths", {}).items():
        yield from ((path, method, methods[method]) for method in METHODS if method in methods)


def _operation(path: str, method: str, said: Json, *, types: Json, needs: Needs, base: str) -> Operation:
    key = said["operationId"]
    permission, callers = needs.get(key, (None, Callers.ANY))
    told = " ".join((said.get("description") or said.get("summary", "")).replace("`", "").split())
    title, _dot, text = told.partition(". ")
    body = _content(said.get("requestBody", {}))
    parameters = tuple(_parameter(each, types) for each in said.get("parameters", ()))
    answers = [(status, _content(each)) for status, each in said.get("responses", {}).items()]
    return Operation(
        key=key if method != "head" else f"{key}-head",
        method=method.upper(),
        path=path,
        steps=tuple(path.strip("/").split("/")),
        title=title.rstrip("."),
        text=text,
        callers=callers.value,
        permission=LABELS[permission] if permission else "",
        roles=tuple(ROLE_LABELS[role] for role in roles_with(permission)) if permission else (),
        parameters=parameters,
        body=kind_of(body, types) if body else (),
        body_members=_members(_resolved(body, types), types),
        answers=tuple(_answer(str(status), each, types) for status, each in answers if int(status) < 400),
        refusals=tuple(str(status) for status, _each in answers if int(status) >= 400),
        curl=_curl(path, method, parameters, example_of(body, types) if body else None, base=base),
    )


def _content(said: Json) -> Json:
    """The schema of a body, whatever type of content it is; {} for none."""
    return next((each.get("schema", {}) for each in said.get("content", {}).values()), {})


def _answer(status: str, body: Json, types: Json) -> Answer:
    return Answer(status, kind_of(body, types) if body else (), _members(_resolved(body, types), types))


def _parameter(said: Json, types: Json) -> Parameter:
    schema = said.get("schema", {})
    note = said.get("description") or schema.get("description", "")
    return Parameter(
        name=said["name"],
        kind=kind_of(schema, types),
        is_required=bool(said.get("required")),
        note=note,
        place=said["in"],
    )


def _members(said: Json, types: Json) -> tuple[Member, ...]:
    required = said.get("required", ())
    return tuple(
        Member(name, kind_of(each, types), name in required, each.get("description", ""))
        for name, each in said.get("properties", {}).items()
    )


def _resolved(said: Json, types: Json) -> Json:
    """The schema that a reference names, else the schema itself."""
    key = str(said.get("$ref", "")).removeprefix(REFERENCE)
    return types.get(key, said)


def _alternatives(said: Json) -> list[Json]:
    """What a value may be, null left aside: a member without a value is absent."""
    every = said.get("anyOf") or said.get("oneOf") or said.get("allOf") or []
    return [each for each in every if each.get("type") != "null"]


def kind_of(said: Json, types: Json) -> Kind:
    """What a value is, in words and links."""
    if "$ref" in said:
        key = said["$ref"].removeprefix(REFERENCE)
        found = types.get(key, {})
        return kind_of(found, types) if _is_plain(found) else (Piece(title_of(key, found), key),)
    if alternatives := _alternatives(said):
        kinds = list(dict.fromkeys(kind_of(each, types) for each in alternatives))
        return tuple(piece for n, kind in enumerate(kinds) for piece in ((Piece(_("or")), *kind) if n else kind))
    if said.get("type") == "array":
        return (Piece(_("list of")), *kind_of(said.get("items", {}), types))
    if isinstance(said.get("additionalProperties"), Mapping):
        return (Piece(_("object by name of")), *kind_of(said["additionalProperties"], types))
    return (Piece(_plain_words(said)),)


def _is_plain(said: Json) -> bool:
    """Whether a described type is a mere value, to be said on the spot."""
    return "properties" not in said and said.get("type", "") not in ("", "object")


def _plain_words(said: Json) -> str:
    if values := said.get("enum"):
        return _("one of %(values)s") % {"values": ", ".join(str(value) for value in values)}
    if "const" in said:
        return str(said["const"])
    words = {
        "date-time": _("date and time"),
        "date": _("date"),
        "uuid": _("UUID"),
        "integer": _("whole number"),
        "number": _("number"),
        "boolean": _("true or false"),
        "string": _("text"),
        "object": _("object"),
    }
    return words.get(said.get("format", ""), "") or words.get(str(said.get("type", "")), _("anything"))


def example_of(said: Json, types: Json, depth: int = 0) -> Any:
    """A value of this shape, to start from."""
    if "$ref" in said:
        return example_of(_resolved(said, types), types, depth)
    for known in ("example", "default", "const"):
        if said.get(known) not in (None, "", [], {}):
            return said[known]
    for values in (said.get("examples"), said.get("enum")):
        if values:
            return values[0]
    if alternatives := _alternatives(said):
        return example_of(alternatives[0], types, depth)
    if said.get("type") == "array":
        return [example_of(said.get("items", {}), types, depth)] if depth < DEEPEST else []
    if "properties" in said:
        return _example_members(said, types, depth)
    plain = {"integer": 1, "number": 1.0, "boolean": True, "object": {}}
    formats = {
        "date-time": "2026-01-10T00:00:00Z",
        "date": "2026-01-10",
        "uuid": NO_ID,
    }
    return plain.get(str(said.get("type", "")), formats.get(said.get("format", ""), "…"))


def _example_members(said: Json, types: Json, depth: int) -> dict[str, Any]:
    if depth >= DEEPEST:
        return {}
    members = said["properties"]
    wanted = said.get("required") or [name for name in members if name not in HOUSEKEEPING]
    return {name: example_of(members[name], types, depth + 1) for name in wanted if name in members}


def _curl(path: str, method: str, parameters: tuple[Parameter, ...], body: Any, *, base: str) -> str:
    """A command to paste: the token and the ids come from the shell's variables, never from the address's text."""
    variable = partial(re.sub, r"[^A-Za-z0-9]+", "_")
    where = re.sub(r"\{([^}]+)\}", lambda found: f"${variable(found[1]).upper()}", path)
    asked = [f"{each.name}=…" for each in parameters if each.place == "query" and each.is_required]
    address = f'"{base}{where}{"?" if asked else ""}{"&".join(asked)}"'
    flag = {"get": "", "head": "--head "}.get(method, f"-X {method.upper()} ")
    lines = [f"curl {flag}{address}", '-H "Authorization: Bearer $TOKEN"']
    if body is not None:
        lines.append('-H "Content-Type: application/json"')
        written = json.dumps(body, indent=2, ensure_ascii=False).replace("'", "'\\''")
        lines.append(f"-d '{written}'")
    return " \\\n  ".join(lines)
