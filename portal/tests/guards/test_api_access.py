"""Operation x role x kind of partner x cloud x kind of token: what everybody gets from the API."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from portal.api.v1.callers import Callers
from portal.api.v1.faults import APP_ONLY, NO_ACCESS, NO_TENANT
from portal.partners.permissions import Permission as P
from portal.partners.roles import permissions_of
from portal.tests.guards.api_document import in_document, table, written
from portal.tests.guards.api_operations import (
    Operation,
    address,
    bodies,
    filled,
    operations,
    send,
    token_of,
    values_of,
)
from portal.tests.guards.api_table import API_TABLE, ApiRule
from portal.tests.guards.helpers import ROOT, report
from portal.tests.guards.world import ACTORS, World, build

OPEN, REFUSED, MISSING = "open", "refused", "missing"
WHO = [who for who, (roles, _relation) in ACTORS.items() if roles]
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(autouse=True)
def no_pace(settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 10**9


def differences(found: dict[str, Operation], table: dict[str, ApiRule]) -> list[str]:
    """Where the operations, what they declare, and the table do not say the same."""
    complaints = [
        f"{key}: there is no such operation any more; take it off API_TABLE" for key in table.keys() - found
    ]
    for key, operation in found.items():
        if key not in table:
            complaints.append(f"{operation.method} {operation.path} ({key}): say in API_TABLE who may use it")
            continue
        said, declared = (table[key].permission, table[key].callers), (operation.permission, operation.callers)
        if said != declared:
            complaints.append(f"{key}: the operation declares {declared}, API_TABLE says {said}")
    return complaints


def expected(who: str, rule: ApiRule, callers: Callers) -> str:
    """What this person, or a program with the same roles, is to get."""
    roles, relation = ACTORS[who]
    if rule.callers not in (Callers.ANY, callers):
        return REFUSED
    is_vetoed = (relation == "reseller" and not rule.resellers) or (relation == "government" and not rule.national)
    if is_vetoed or (rule.permission is not None and rule.permission not in permissions_of(roles)):
        return REFUSED
    return MISSING if relation == "stranger" and rule.on else OPEN


def seen(response: Any, rule: ApiRule) -> str:
    if response.status_code >= 500:
        return f"broken ({response.status_code})"
    code = response.json()["code"] if response.status_code in (403, 404) and response.content else 0
    # An answer to HEAD has no body that says why.
    if code in (NO_ACCESS, APP_ONLY) or (response.status_code == 403 and not response.content):
        return REFUSED
    return MISSING if rule.on and code == NO_TENANT else OPEN


def surprises(world: World, callers: Callers, table: dict[str, ApiRule], **changed: object) -> list[str]:
    """Where somebody gets something else than the table says; every request starts from the same rows."""
    complaints, token, values = [], token_of(world, callers), values_of(world) | changed
    for key, rule in table.items():
        operation = operations()[key]
        with transaction.atomic():
            response = send(token, operation, address(operation, values, rule.query), filled(rule.body, values))
            transaction.set_rollback(True)
        wanted, got = expected(world.who, rule, callers), seen(response, rule)
        if changed and wanted == OPEN and rule.on:
            wanted = MISSING
        if got != wanted:
            complaints.append(
                f"{world.who}, {callers}: {operation.method} {operation.path} ({key}) is {got}, must be {wanted}: "
                f"see API_TABLE and the operation ({response.status_code} {response.content[:200]!r})"
            )
    return complaints


def test_the_table_names_every_operation_as_it_declares_itself() -> None:
    complaints = differences(operations(), API_TABLE)
    assert not complaints, report(complaints)


@pytest.mark.django_db
@pytest.mark.parametrize("callers", [Callers.APP, Callers.USER], ids=["app-only", "app-and-user"])
@pytest.mark.parametrize("who", WHO)
def test_everybody_gets_what_is_theirs_from_every_operation(who: str, callers: Callers) -> None:
    complaints = surprises(build(who), callers, API_TABLE)
    assert not complaints, report(complaints)


@pytest.mark.django_db
def test_what_does_not_exist_is_answered_like_what_is_a_strangers() -> None:
    complaints = surprises(build("admin agent"), Callers.USER, API_TABLE, customer_id=NOBODY)
    assert not complaints, report(complaints)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "callers", "key", "wrong"),
    [
        ("sales agent", Callers.USER, "getCustomer", {"permission": P.PARTNER_MANAGE_MEMBERS}),
        ("admin agent", Callers.APP, "getCustomer", {"callers": Callers.USER}),
        ("admin agent", Callers.USER, "getCustomer", {"callers": Callers.APP}),
        ("reseller's admin agent", Callers.USER, "getCustomer", {"resellers": False}),
        ("government admin agent", Callers.USER, "getCustomer", {"national": False}),
    ],
)
def test_the_guard_sees_what_is_wrong(who: str, callers: Callers, key: str, wrong: dict[str, Any]) -> None:
    world = build(who)
    assert not surprises(world, callers, {key: API_TABLE[key]})
    assert surprises(world, callers, {key: replace(API_TABLE[key], **wrong)})


@pytest.mark.django_db
def test_the_guard_sees_what_a_stranger_is_shown() -> None:
    """As if the stranger were to see the customer: the answer is that there is none."""
    world = build("stranger with all roles")
    shown = replace(world, who="admin agent")
    assert not surprises(world, Callers.USER, {"getCustomer": API_TABLE["getCustomer"]})
    assert surprises(shown, Callers.USER, {"getCustomer": API_TABLE["getCustomer"]})


def test_the_guard_misses_nothing() -> None:
    key, rule = next(iter(API_TABLE.items()))
    assert differences(operations(), {**API_TABLE, "nothing": rule})
    assert differences(operations(), {each: said for each, said in API_TABLE.items() if each != key})
    assert differences(operations(), {**API_TABLE, key: replace(rule, permission=P.PARTNER_MANAGE_MEMBERS)})


def test_the_document_lists_every_operation() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    wanted = table(operations().values())
    assert in_document(text) == wanted, "run `.venv/bin/python -m portal.tests.guards.api_document`"
    assert in_document(written(text, "nothing")) == "nothing"


def namesakes(kinds: Iterable[type]) -> list[str]:
    """Bodies of one name: in the description one of them stands for all."""
    homes: dict[str, list[str]] = {}
    for kind in kinds:
        if kind.__module__.startswith("portal."):
            homes.setdefault(kind.__name__, []).append(kind.__module__)
    return [f"{name}: rename all but one of {', '.join(each)}" for name, each in homes.items() if len(each) > 1]


def test_every_body_has_a_name_of_its_own() -> None:
    complaints = namesakes(bodies())
    assert not complaints, report(complaints)
    assert namesakes([World, type("World", (), {"__module__": "portal.elsewhere"})])
