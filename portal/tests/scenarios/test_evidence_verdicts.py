"""E3: three ways to check the evidence say the same: the engine over the database, SQL, the program offline."""

import random
import re
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models

from agreements.evidence_store import store
from agreements.exports import begin
from agreements.exports.span import Span
from agreements.models import AgreementDocument, AgreementTemplate, Attestation, Evidence
from agreements.proving import verify
from agreements.proving.in_sql import verify_in_sql
from portal.audit import verify_evidence as program
from portal.audit.checkpoints import take_checkpoint
from portal.audit.models import ChainEntry, ChainHead, Checkpoint
from portal.audit.verify_evidence import Finding
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.chained import add_records
from portal.tests.scenarios.chained_columns import CHAINED
from portal.tests.scenarios.damage import (
    TABLES,
    Bits,
    cut,
    do,
    nothing_in_the_way,
    slip_in,
    swap,
    undone,
    without_keys_on_entries,
)

pytestmark = pytest.mark.scenario("E3")
Place = tuple[str, str, int | None]
Column = tuple[type[models.Model], str]
COLUMNS: list[Column] = [(model, column) for model, columns in CHAINED.items() for column in columns]


# What leads to other rows, or is a time or a number: an export is made by pages that could not read the row, or
# it goes as far as the chain's head says and no further.
UNREADABLE = re.compile(r".*(_id|_at|_on)|at|reference|roles|seq")
READABLE = [(model, column) for model, column in COLUMNS if not UNREADABLE.fullmatch(column)]


def places(findings: list[Finding]) -> set[Place]:
    """What is compared: which code, where."""
    return {(finding.code, finding.chain, finding.seq) for finding in findings if finding.code != "bad_signature"}


class Vandal:
    """Damages the tables in random ways, several at once. is_readable: so that an export has all of it."""

    def __init__(self, luck: random.Random, *, is_readable: bool = False) -> None:
        self.luck, self.bits = luck, Bits(luck)
        self.columns, self.is_readable = READABLE if is_readable else COLUMNS, is_readable
        self.ways: list[Callable[[], object]] = [
            *(self.flip,) * 6,
            *(self.remove_row,) * 2,
            *(self.cut, self.swap, self.fork),
        ]
        if not is_readable:
            self.ways += [self.move_head, self.bend_checkpoint]

    def damage(self) -> list[str]:
        chosen = self.luck.choices(self.ways, k=self.luck.randint(1, 5))
        for way in chosen:
            way()
        return [way.__name__ for way in chosen]

    def flip(self) -> None:
        model, column = self.luck.choice(self.columns)
        rows = list(model._default_manager.values_list("pk", flat=True))
        if rows:
            self.bits.flip(model, column, self.luck.choice(rows))

    def remove_row(self) -> None:
        model = self.luck.choice(list(TABLES))
        rows = list(model._default_manager.values_list("pk", flat=True))
        if rows:
            do(f"DELETE FROM {TABLES[model]} WHERE id = %s", self.luck.choice(rows))  # noqa: S608 - our own names

    def entry(self) -> ChainEntry:
        entries = list(ChainEntry.objects.filter(seq__gte=1).order_by("chain", "seq", "id"))
        return self.luck.choice([each for each in entries if each.seq < 15] if self.is_readable else entries)

    def cut(self) -> None:
        entry = self.entry()
        cut(entry.chain, max(1, entry.seq - 1), with_head=self.luck.random() < 0.5)

    def swap(self) -> None:
        one, other = self.entry(), self.entry()
        if one.chain == other.chain:
            swap(one.chain, one.seq, other.seq)

    def fork(self) -> None:
        entry = self.entry()
        slip_in(entry.chain, entry.seq)

    def move_head(self) -> None:
        head = self.luck.choice([*ChainHead.objects.all()] or [None])
        if head is not None:
            do("UPDATE audit_chainhead SET seq = %s WHERE id = %s", self.luck.randint(0, head.seq + 3), head.pk)

    def bend_checkpoint(self) -> None:
        checkpoint = self.luck.choice(list(Checkpoint.objects.all()))
        column = self.luck.choice(["seq", "digest"])
        value: Any = self.luck.randint(1, 90) if column == "seq" else "f" * 64
        do(f"UPDATE audit_checkpoint SET {column} = %s WHERE id = %s", value, checkpoint.pk)  # noqa: S608 - our own names


@pytest.fixture
def chains(partner: Partner, provider: Partner, template: AgreementTemplate) -> list[str]:
    document = AgreementDocument.objects.get(country="PL", language="pl-PL")
    names = [
        add_records(partner, document, 40),
        add_records(provider, document, 15, first=20_000_000),
        add_records(None, document, 20, first=50_000_000),
    ]
    for name in names:
        take_checkpoint(chain=name)
    return names


@pytest.mark.skipif(connection.vendor != "postgresql", reason="The second implementation is in PostgreSQL's SQL.")
def test_the_engine_and_sql_agree(chains: list[str]) -> None:
    """Random damaged sets of several damages each: the engine and SQL name the same entries and records"""
    sets, luck = scale(30, 1_000), random.Random(3)
    told: Counter[str] = Counter()
    unseen = 0
    assert not verify().findings
    assert not verify_in_sql().findings
    with nothing_in_the_way():
        do("ALTER TABLE audit_checkpoint DISABLE TRIGGER ALL")
        for _number in range(sets):
            with undone():
                ways = Vandal(luck).damage()
                by_engine, by_sql = places(verify().findings), places(verify_in_sql().findings)
            assert by_engine == by_sql, ways
            told.update(code for code, _chain, _seq in by_engine)
            unseen += not by_engine
    assert Attestation.objects.exists()
    sys.stdout.write(f"{sets} damaged sets, the same verdict; {unseen} had nothing to damage; {dict(told)}\n")


def test_the_program_agrees_offline(
    chains: list[str],
    admin_agent: Membership,
    actor_for: Callable[..., Actor],
    tmp_path: Path,
) -> None:
    """Random damaged sets: the program, over an export of the database, says the same of the partner's chain"""
    sets, luck, by = scale(10, 1_000), random.Random(4), actor_for(admin_agent)
    span = Span(admin_agent, date(2024, 1, 1), date(2024, 12, 31))
    own, path = chains[0], tmp_path / "evidence.zip"
    for file in Evidence.objects.select_related("attestation", "partner"):
        store(file.partner.tenant_id, str(file.attestation.reference).encode())
    told: Counter[str] = Counter()
    with nothing_in_the_way():
        without_keys_on_entries()
        for _number in range(sets):
            with undone():
                ways = Vandal(luck, is_readable=True).damage()
                with path.open("wb") as file:
                    file.writelines(begin(by=by, span=span).stream())
                by_engine = {place for place in places(verify(with_bytes=True).findings) if place[1] == own}
            by_program = {place for place in places(list(program.verify(program.Export(path)))) if place[1] == own}
            assert by_engine == {place for place in by_program if place[0] != "clock_back"}, ways
            told.update(code for code, _chain, _seq in by_engine)
    sys.stdout.write(f"{sets} damaged sets, the same verdict offline; {dict(told)}\n")
