"""E2: entries removed, moved, slipped in or doubled by who owns the database are found and named."""

from collections.abc import Callable

import pytest

from agreements.models import AgreementDocument, AgreementTemplate
from agreements.proving import verify
from portal.audit.checkpoints import checkpoint_facts, take_checkpoint
from portal.audit.models import ChainEntry, ChainHead
from portal.partners.models import Partner
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.chained import START, add_records
from portal.tests.scenarios.damage import (
    cut,
    do,
    forget_records,
    nothing_in_the_way,
    rehash,
    renumber,
    slip_in,
    swap,
    without_keys_on_entries,
)

pytestmark = pytest.mark.scenario("E2")
MIDDLE = 17


@pytest.fixture
def chain(partner: Partner, template: AgreementTemplate) -> str:
    return add_records(partner, AgreementDocument.objects.all()[0], scale(60, 10_000))


def back_date(chain: str) -> None:
    without_keys_on_entries()
    renumber(chain, MIDDLE)
    slip_in(chain, MIDDLE, at=START)


def fork(chain: str) -> None:
    without_keys_on_entries()
    slip_in(chain, MIDDLE)


def remove(chain: str) -> None:
    do("DELETE FROM audit_chainentry WHERE chain = %s AND seq = %s", chain, MIDDLE)


def remove_all(chain: str) -> None:
    cut(chain, 0)
    ChainHead.objects.all().delete()


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        pytest.param(lambda chain: cut(chain, 50), {("truncated", 51)}, id="last entries removed"),
        pytest.param(remove, {("gap", MIDDLE + 1)}, id="one in the middle removed"),
        pytest.param(lambda chain: swap(chain, 5, 9), {("altered", 5), ("altered", 9)}, id="two exchanged"),
        pytest.param(back_date, {("altered", MIDDLE + 2), ("added", 61)}, id="a back-dated one slipped in"),
        pytest.param(fork, {("fork", MIDDLE + 1)}, id="forked"),
        pytest.param(lambda chain: ChainHead.objects.all().delete(), {("added", 1)}, id="head removed"),
        pytest.param(remove_all, {("record_unchained", None)}, id="everything removed but the records"),
    ],
)
def test_what_is_done_to_entries_is_named(
    chain: str, damage: Callable[[str], object], named: set[tuple[str, int | None]]
) -> None:
    """Entries removed at the end or in the middle, exchanged, back-dated, forked: found, by their numbers"""
    last = ChainHead.objects.get(chain=chain).seq
    named = {(code, last + 1 if seq == 61 else seq) for code, seq in named}
    with nothing_in_the_way():
        damage(chain)
        found = {(finding.code, finding.seq) for finding in verify().findings if finding.chain == chain}
    assert named <= found


def set_back(chain: str) -> None:
    """Head, records and checkpoints fit what is left: from the database alone nobody can tell."""
    cut(chain, 50, with_head=True)
    forget_records(chain)


def tell_it_anew(chain: str) -> None:
    """A file never was: its entry says something else, and every digest from there on is right again."""
    entry = ChainEntry.objects.filter(chain=chain, kind="evidence", seq__gt=10).order_by("seq")[0]
    do("UPDATE audit_chainentry SET kind = 'nothing', payload = '{}' WHERE id = %s", entry.pk)
    rehash(chain, entry.seq)
    forget_records(chain)


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        pytest.param(set_back, ("truncated", 51), id="truncated, with its head"),
        pytest.param(tell_it_anew, ("rewritten", 60), id="rewritten, with its head"),
    ],
)
def test_what_the_database_hides_a_kept_checkpoint_shows(
    chain: str, damage: Callable[[str], object], named: tuple[str, int]
) -> None:
    """A chain cut off or rewritten with head, records and checkpoints looks whole; an exported checkpoint shows it"""
    checkpoint = take_checkpoint(chain=chain)
    assert checkpoint is not None
    kept = checkpoint_facts(checkpoint)
    assert not verify(outside=[kept]).findings
    with nothing_in_the_way():
        damage(chain)
        do("DELETE FROM audit_checkpoint")
        assert not verify().findings, "That is what a checkpoint is for."
        found = [(finding.code, finding.chain, finding.seq) for finding in verify(outside=[kept]).findings]
    code, seq = named
    assert found == [(code, chain, checkpoint.seq if seq == 60 else seq)]
