"""Two partners side by side: A tries, B is what must neither show nor change.

What A can try is read off the portal itself: every URL of the resolver, and every form of every page that A opens.
A new page with its objects in portal/tests/guards/world.py is attacked without anybody adding it here.
"""

import io
import itertools
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.test import Client

from agreements.tests.factories import TemplateFactory
from customers.models import Tenant
from portal.audit import triggers
from portal.partners.models import Partner, User
from portal.tests.guards import world as worlds
from portal.tests.guards.access_table import TABLE
from portal.tests.guards.helpers import own_models
from portal.tests.guards.test_access_matrix import URLS, address
from portal.tests.guards.test_models_scoped import PORTAL_WIDE, REACHES
from portal.tests.guards.world import EVERY_ROLE, World
from portal.tests.scenarios.forms_found import BAIT, FREE, Field, Form, Reader, view_name

CANARY = re.compile(r"kanarek\d{5}", re.IGNORECASE)
WRITTEN = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO) "(\w+)"')


@dataclass
class Two:
    """A's person, who holds every role there, and B, with a canary in every text that it has."""

    a: World
    b: World
    planted: Counter[str] = field(default_factory=Counter)

    @property
    def partners(self) -> tuple[Partner, Partner]:
        assert self.a.member is not None
        assert self.b.member is not None
        return self.a.member.partner, self.b.member.partner

    @property
    def foreign(self) -> dict[str, str]:
        """Every id of B's by which something can be named, by what it is of; keys of the database, too."""
        member = self.b.member
        assert member is not None
        return named(self.b) | {"own_membership": str(member.public_id), "pk": str(member.pk)}

    def counterpart(self, value: str | None) -> list[str]:
        """B's own in place of A's."""
        own = {value: name for name, value in named(self.a).items()}
        name = own.get(value or "")
        return [self.foreign[name]] if name in self.foreign else []


def named(world: World) -> dict[str, str]:
    """What the world's addresses name, by what it is of. Tokens are left out: who has a link has what it opens."""
    kinds = {"": world.kwargs, **world.special}
    ids = {f"{kind} {key}".strip(): str(value) for kind, of in kinds.items() for key, value in of.items()}
    member = world.member
    assert member is not None
    open_to_all = ("name", "document_id")
    kept = {key: value for key, value in ids.items() if not key.endswith("token") and key not in open_to_all}
    return {**kept, "partner": str(member.partner.tenant_id)}


_years = itertools.count(2018, -1)


def another(who: str) -> World:
    """One more world in the same portal. The agreement is everybody's: it has one text more, in force before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worlds, "TemplateFactory", lambda: TemplateFactory(effective_on=date(next(_years), 10, 1)))
        return worlds.build(who)


def side_by_side() -> Two:
    """Both with one object of every kind; B's texts are canaries."""
    b, a = worlds.build("admin agent"), another("admin agent")
    assert a.member is not None
    a.member.roles = EVERY_ROLE
    a.member.save()
    two = Two(a, b)
    plant(two)
    return two


# B's rows ---------------------------------------------------------------------------------------------------


def way_to_partner(model: type[models.Model]) -> str:
    """Lookup from a row to the partner's id that it belongs to; "" for what is the portal's."""
    if model is Partner:
        return "pk"
    names = {each.attname for each in model._meta.concrete_fields}
    return "partner_id" if "partner_id" in names else REACHES.get(model._meta.label, "")


def rows_of(model: type[models.Model], partner: Partner) -> models.QuerySet[Any]:
    rows: models.QuerySet[Any] = models.QuerySet(model)
    if model is User:
        return rows.filter(memberships__partner=partner)
    if model is Tenant:
        return rows.filter(customers__partner=partner)
    way = way_to_partner(model)
    if way == "tenant":
        return rows.filter(tenant__customers__partner=partner)
    return rows.filter(**{way: partner.pk}) if way else rows.none()


def scoped() -> list[type[models.Model]]:
    """Models of which a partner has rows of its own."""
    mine = {"partners.Partner", "partners.User", "customers.Tenant"}
    return [m for m in own_models() if m._meta.label in mine or m._meta.label not in PORTAL_WIDE]


def fingerprint(model: type[models.Model], partner: Partner) -> list[tuple[Any, ...]]:
    return sorted(rows_of(model, partner).values_list(), key=repr)


def crossings(model: type[models.Model], ours: Partner, theirs: Partner) -> list[str]:
    """Columns by which a row of ours points to something of theirs."""
    found = []
    for each in model._meta.concrete_fields:
        target = each.related_model
        if isinstance(target, type) and target in scoped() and each.attname != way_to_partner(model):
            pointed = rows_of(target, theirs).values(each.target_field.attname)
            if rows_of(model, ours).filter(**{f"{each.name}__in": pointed}).exists():
                found.append(f"{model._meta.label}.{each.name}")
    return found


def plant(two: Two) -> None:
    """A canary of its own into every text of B's that takes one; what stands in URLs stays."""
    in_addresses = set(named(two.b).values())
    with triggers.lifted(connection):
        for model in scoped():
            for row in list(rows_of(model, two.partners[1])):
                for each in model._meta.concrete_fields:
                    if _takes_text(each) and str(getattr(row, each.attname)) not in in_addresses:
                        _plant(two, row, each)


def _takes_text(each: models.Field[Any, Any]) -> bool:
    if isinstance(each, models.JSONField):
        return True
    is_text = isinstance(each, models.CharField | models.TextField) and not each.choices
    return (
        is_text and (each.max_length or 100) >= 30 and each.name not in ("password", "time_zone", "state", "status")
    )


def _plant(two: Two, row: Any, each: models.Field[Any, Any]) -> None:
    canary = f"{BAIT}{sum(two.planted.values()):05}"
    text: Any = f"{canary}@b.example" if isinstance(each, models.EmailField) else canary
    value = {"company_name": canary, "canary": canary} if isinstance(each, models.JSONField) else text
    try:
        with transaction.atomic():
            models.QuerySet(type(row)).filter(pk=row.pk).update(**{each.name: value})
    except DatabaseError:
        return
    two.planted[type(row)._meta.label] += 1


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Afterwards it is as if nothing had been asked: no row has changed, and the same person is signed in."""
    kept = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.load(kept)


# What A tries -----------------------------------------------------------------------------------------------


def parameters(name: str) -> list[str]:
    """What the address of a page names."""
    return re.findall(r"<(?:\w+:)?(\w+)>", URLS[name].route)


def text_of(answer: Any) -> str:
    """Everything that the answer says: headers, page or file, sheets unpacked."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    return f"{answer.serialize_headers().decode()}\n{body.decode(errors='replace')}"


def urls(method: str, world: World) -> list[str]:
    """URLs that know the method and whose objects the world has; the access guard says which the table lacks."""
    return [name for name, rule in TABLE.items() if method in rule.methods and name not in out_of_reach(world)]


def out_of_reach(world: World) -> set[str]:
    """URLs that nothing here can try: the world has no object for them."""
    return {name for name in TABLE if name not in URLS or not set(parameters(name)) <= set(own(world, name))}


def own(world: World, name: str) -> dict[str, object]:
    """What the address of this page names in the world."""
    return world.values(TABLE[name].on)


@dataclass
class Found:
    """What A's pages offer: forms once each, and what they ask in addresses, as (path, parameter).

    shown: canaries of B's that stood there.
    """

    forms: list[Form]
    queries: list[tuple[str, str]]
    shown: list[str]


def explored(two: Two, pages: Iterable[str]) -> Found:
    """What is on these pages, and on what their forms are answered with: the second of two questions, or mistakes."""
    forms, queries = dict[tuple[str, str, frozenset[str]], Form](), dict[tuple[str, str], tuple[str, str]]()
    client, shown = two.a.client, list[str]()

    def read(path: str, said: dict[str, str] | None) -> None:
        with undone(client):
            answer = client.get(path, follow=True) if said is None else client.post(path, said, follow=True)
            reader, page = Reader(path), text_of(answer)
            shown.extend(f"{path} shows {canary}" for canary in CANARY.findall(page))
            reader.feed(page)
        for form in reader.forms[1:]:
            forms.setdefault(form.key, form)
        asked = [(link, key) for link in reader.links for key, _ in parse_qsl(urlsplit(link).query)]
        asked += [(form.path, key) for form in reader.forms[1:] if form.method == "get" for key in form.fields]
        for link, key in asked:
            queries.setdefault((view_name(link), key), (urlsplit(link).path, key))

    for name in pages:
        read(address(name, own(two.a, name)), None)
    for form in [form for form in forms.values() if form.method == "post"]:
        read(form.path, form.filled)
    return Found([form for form in forms.values() if form.method == "post"], list(queries.values()), shown)


def formless(two: Two, found: Found) -> Iterator[Form]:
    """For URLs that take a POST but stand in no form of the pages: one with every name by which forms say an id."""
    names = sorted({name for form in found.forms for name, one in form.fields.items() if _is_id(one.value)})
    for name in sorted({*urls("POST", two.a)} - {view_name(form.path) for form in found.forms}):
        yield Form(address(name, own(two.a, name)), "post", {each: Field("hidden", None) for each in names})


@contextmanager
def writes_noted() -> Iterator[set[str]]:
    """The tables that are written to within."""
    tables = set[str]()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        tables.update(WRITTEN.findall(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield tables


def swapped(two: Two, form: Form, most: int) -> Iterator[tuple[str, dict[str, str]]]:
    """The form with B's ids in place of what it has: free texts all at once, every other field by itself.

    most: how many ids to try in a field, that of B's counterpart first.
    """
    foreign = list(two.foreign.values())
    free = [name for name, one in form.fields.items() if one.kind in FREE and not _is_id(one.value)]
    if free:
        yield "texts", form.filled | {name: foreign[n % len(foreign)] for n, name in enumerate(free)}
    turn = len(view_name(form.path))
    for name, one in form.fields.items():
        # Who typed a form is sealed, of every form in the same way: tried where there is nothing else.
        if name not in free and (name != "typed_by" or len(form.fields) == 1):
            turn += 1
            others = foreign[turn % len(foreign) :] + foreign[: turn % len(foreign)]
            for value in list(dict.fromkeys([*two.counterpart(one.value), *others]))[:most]:
                yield name, form.filled | {name: value}


def _is_id(value: str | None) -> bool:
    try:
        return bool(UUID(value or ""))
    except ValueError:
        return False


def complaints(
    two: Two, client: Client, forms: Iterable[Form], most: int, step: int = 1
) -> tuple[Counter[str], list[str]]:
    """How often each URL was tried, and where B showed, changed, or became part of what is A's.

    step: 2 tries every other field of a form.
    """
    ours, theirs = two.partners
    by_table = {model._meta.db_table: model for model in scoped()}
    before = {table: fingerprint(model, theirs) for table, model in by_table.items()}
    tried, found, known = Counter[str](), list[str](), set[tuple[str, str, str | None]]()
    for form in forms:
        for name, said in list(swapped(two, form, most))[::step]:
            # Forms of one address differ in a field or two; what they share is tried once.
            if (view_name(form.path), name, said.get(name)) in known:
                continue
            known.add((view_name(form.path), name, said.get(name)))
            tried[view_name(form.path)] += 1
            where = f"{view_name(form.path)} with {name}={said.get(name, '')}"
            with undone(client):
                with writes_noted() as tables:
                    answer = client.post(form.path, said)
                written = [by_table[table] for table in tables if table in by_table]
                found += [f"{where}: shows {each}" for each in shown_by(client, answer, is_followed=bool(written))]
                found += [f"{where}: {answer.status_code}"] if answer.status_code >= 500 else []
                found += [f"{where}: shows {each}" for each in shown_by(client, answer)]
                found += [
                    f"{where}: changed {model._meta.label}"
                    for model in written
                    if fingerprint(model, theirs) != before[model._meta.db_table]
                ]
                found += [f"{where}: {cross}" for model in written for cross in crossings(model, ours, theirs)]
    return tried, found


def shown_by(client: Client, answer: Any, *, is_followed: bool = True) -> set[str]:
    """Canaries in the answer, and on the page that it leads to."""
    seen = set(CANARY.findall(text_of(answer)))
    if is_followed and answer.status_code in (302, 303) and answer["Location"].startswith("/"):
        seen |= set(CANARY.findall(text_of(client.get(answer["Location"]))))
    return seen
