"""E1: one bit of whatever the chain covers, turned by who owns the database, is found and named."""

import random
import sys
from collections import Counter
from dataclasses import dataclass

import pytest
from django.db import models

from agreements.models import AgreementDocument, AgreementTemplate, Attestation
from agreements.proving import Verdict, verify
from portal.audit.models import ChainEntry
from portal.partners.models import Partner
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.chained import add_records
from portal.tests.scenarios.chained_columns import CHAINED, NOT_CHAINED
from portal.tests.scenarios.damage import Bits, do, nothing_in_the_way, undone

Column = tuple[type[models.Model], str]
# Of each line of records, by reference: the ids of what belongs to the record.
Rows = dict[object, dict[str, dict[type[models.Model], list[int]]]]
COLUMNS: list[Column] = [(model, column) for model, columns in CHAINED.items() for column in columns]
ENTRIES_A_RECORD = 1.5
OF_RECORDS = ("record_", "person_", "event_", "file_")


@pytest.mark.scenario("E1")
@pytest.mark.parametrize("model", list(CHAINED), ids=lambda model: model._meta.label)
def test_every_column_is_said_to_be_chained_or_not(model: type[models.Model]) -> None:
    """Every column of what is proved is listed: the chain covers it, or it is said why it need not"""
    columns = {field.column for field in model._meta.concrete_fields}
    covered, other = set(CHAINED[model]), set(NOT_CHAINED[model])
    assert not covered & other
    assert columns == covered | other, "Say in chained_columns.py whether the chain covers it."


@dataclass(frozen=True)
class Flip:
    """subject: reference of the record; entry: id of the chain's entry, None where a row of the record is flipped."""

    where: str
    subject: str
    entry: int | None

    def is_named(self, verdict: Verdict) -> bool:
        """Whether a finding names the record, or the entry by the place that it says it has now."""
        if self.entry is None:
            return any(f.subject == self.subject and f.code.startswith(OF_RECORDS) for f in verdict.findings)
        ((chain, seq),) = do("SELECT chain, seq FROM audit_chainentry WHERE id = %s", self.entry)
        return any((f.code, f.chain, f.seq) == ("altered", chain, seq) for f in verdict.findings)


@pytest.mark.scenario("E1")
def test_one_bit_is_found(partner: Partner, template: AgreementTemplate) -> None:
    """One bit of any chained column of any record, turned as the owner: the entry or record is named, every time"""
    records, count = scale(100, 10_000), scale(200, 5_000)
    document = AgreementDocument.objects.get(country="PL", language="pl-PL")
    own = add_records(partner, document, int(records * ENTRIES_A_RECORD * 0.8))
    add_records(None, document, int(records * ENTRIES_A_RECORD * 0.2), first=50_000_000)
    luck = random.Random(1)
    batch = max(8, min(250, records // 12))
    done: Counter[str] = Counter()
    missed: list[str] = []
    assert not verify().findings
    rows = _rows()
    with nothing_in_the_way():
        waiting: list[Column] = []
        while done.total() < count:
            with undone():
                flips = _flip_some(luck, rows, waiting, min(batch, count - done.total()))
                verdict = verify()
                missed += [flip.where for flip in flips if not flip.is_named(verdict)]
                done.update(flip.where for flip in flips)
        assert not verify().findings, "It was all undone."
    assert not missed
    assert len(done) == len(COLUMNS), {f"{m.__name__}.{c}" for m, c in COLUMNS} - set(done)
    sys.stdout.write(f"{done.total()} bits in {len(done)} columns over {records} records ({own}): all found\n")


def _flip_some(luck: random.Random, rows: Rows, waiting: list[Column], count: int) -> list[Flip]:
    """One bit each in that many records of different lines: a record is also named where its predecessor is changed.

    waiting: columns in the order in which they are turned; those that a record has no value in stay in front.
    """
    bits, flips = Bits(luck), []
    for tenant in luck.sample(list(rows), min(count, len(rows))):
        reference = luck.choice(list(rows[tenant]))
        own = rows[tenant][reference]
        if len(waiting) < len(COLUMNS):
            waiting += luck.sample(COLUMNS, len(COLUMNS))
        for model, column in waiting[: len(COLUMNS)]:
            row = luck.choice(own[model]) if own.get(model) else None
            if row and bits.flip(model, column, row):
                waiting.remove((model, column))
                flips.append(Flip(f"{model.__name__}.{column}", reference, row if model is ChainEntry else None))
                break
    return flips


def _rows() -> Rows:
    """Ids of the rows that belong to each record."""
    found: Rows = {}
    own: dict[str, dict[type[models.Model], list[int]]] = {}
    for tenant, reference, record in Attestation.objects.values_list("tenant_id", "reference", "pk"):
        own[str(reference)] = found.setdefault(tenant, {})[str(reference)] = {Attestation: [record]}
    for entry, subject in ChainEntry.objects.values_list("pk", "subject"):
        own[subject].setdefault(ChainEntry, []).append(entry)
    for model in CHAINED.keys() - {Attestation, ChainEntry}:
        is_direct = "attestation" in {field.name for field in model._meta.fields}
        path = "attestation__reference" if is_direct else "event__attestation__reference"
        for row, reference in model._default_manager.values_list("pk", path):
            own[str(reference)].setdefault(model, []).append(row)
    return found


@pytest.mark.scenario("E1")
def test_negative_control_a_column_that_is_not_covered_is_not_found(
    partner: Partner, template: AgreementTemplate
) -> None:
    """negative control: what the chain does not cover can be changed unseen, so being found means something"""
    add_records(partner, AgreementDocument.objects.all()[0], 20)
    with nothing_in_the_way(), undone():
        do("UPDATE agreements_attestation SET request_id = 'x'")
        assert Attestation.objects.filter(request_id="x").exists()
        assert not verify().findings
