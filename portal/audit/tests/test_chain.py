"""portal.audit.services: the chain is whole, and every way of tampering shows where it happened."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from agreements.proving import verify
from portal.audit import services, triggers
from portal.audit.models import ChainEntry, ChainHead
from portal.audit.services import append_to_chain, canonical, genesis
from portal.jobs.tests.concurrency import shared_by_threads, together

CHAIN = "partner:test"


def grow(count: int, chain: str = CHAIN) -> list[ChainEntry]:
    with transaction.atomic():
        return [
            append_to_chain(chain=chain, kind="test", subject=f"s{n}", payload={"n": n, "name": "Zażółć"})
            for n in range(1, count + 1)
        ]


def raw(model: type[Any]) -> Any:
    """A queryset without the Python guard: what somebody with database access has."""
    return QuerySet(model)


def found() -> list[tuple[str, str, int | None]]:
    """What is wrong with any chain: code, chain, number."""
    return [(finding.code, finding.chain, finding.seq) for finding in verify().findings]


def test_an_empty_chain_is_whole(db: None) -> None:
    assert found() == []


def test_entries_link_to_the_one_before(db: None) -> None:
    first, second = grow(2)
    assert (first.seq, first.prev) == (1, genesis(CHAIN))
    assert (second.seq, second.prev) == (2, first.digest)
    assert found() == []


def test_the_digest_can_be_recomputed_with_nothing_but_hashlib(db: None) -> None:
    """Whoever distrusts the portal checks the chain with a few lines of their own."""
    (entry,) = grow(1)
    text = json.dumps({"n": 1, "name": "Zażółć"}, sort_keys=True, separators=(",", ":"))
    payload_digest = hashlib.sha256(text.encode()).hexdigest()
    time = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    link = {"a": "sha256/2", "c": CHAIN, "s": 1, "p": genesis(CHAIN), "k": "test", "d": payload_digest}
    link |= {"t": time, "u": "s1"}
    whole = json.dumps(link, sort_keys=True, separators=(",", ":"))
    assert entry.payload == text
    assert entry.digest == hashlib.sha256(whole.encode()).hexdigest()


def test_entries_of_before_still_verify(db: None) -> None:
    """Those of sha256/1 do not cover their time and subject; new ones go on behind them."""
    with pytest.MonkeyPatch.context() as before:
        before.setattr(services, "ALGORITHM", "sha256/1")
        old, _second = grow(2)
    (new,) = grow(1)
    assert (old.algorithm, new.algorithm) == ("sha256/1", "sha256/2")
    payload_digest = hashlib.sha256(old.payload.encode()).hexdigest()
    link = {"a": "sha256/1", "c": CHAIN, "s": 1, "p": genesis(CHAIN), "k": "test", "d": payload_digest}
    whole = json.dumps(link, sort_keys=True, separators=(",", ":"))
    assert old.digest == hashlib.sha256(whole.encode()).hexdigest()
    assert found() == []


def test_chains_do_not_touch_each_other(db: None) -> None:
    grow(2, "partner:a")
    grow(3, "partner:b")
    assert [ChainHead.objects.get(chain=f"partner:{c}").seq for c in "ab"] == [2, 3]
    assert found() == []


def test_needs_a_transaction(transactional_db: None) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        append_to_chain(chain=CHAIN, kind="test", subject="", payload={})


def test_goes_with_the_transaction(transactional_db: None) -> None:
    grow(1)
    with transaction.atomic():
        append_to_chain(chain=CHAIN, kind="test", subject="lost", payload={})
        transaction.set_rollback(True)
    assert ChainEntry.objects.get().subject == "s1"
    assert ChainHead.objects.get().seq == 1
    assert found() == []


def test_payloads_are_json_only() -> None:
    with pytest.raises(TypeError):
        canonical({"when": timezone.now()})
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"n": float("nan")})


def forge(entry: ChainEntry, payload: dict[str, Any]) -> None:
    """Rewrite an entry so that it is right in itself: only the link of the next one gives it away."""
    text = canonical(payload)
    kept = {name: getattr(entry, name) for name in ("algorithm", "chain", "seq", "prev", "kind", "at", "subject")}
    digest = services.entry_digest(**kept, payload_digest=services.sha256(text))
    raw(ChainEntry).filter(pk=entry.pk).update(payload=text, payload_digest=services.sha256(text), digest=digest)


def set_column(column: str, value: object) -> Callable[[ChainEntry], object]:
    return lambda entry: raw(ChainEntry).filter(pk=entry.pk).update(**{column: value})


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        pytest.param(set_column("payload", '{"n":99}'), ["altered 5"], id="payload"),
        pytest.param(set_column("payload_digest", "0" * 64), ["altered 5"], id="payload digest"),
        pytest.param(set_column("kind", "other"), ["altered 5"], id="kind"),
        pytest.param(set_column("algorithm", "sha256/1"), ["altered 5"], id="older algorithm"),
        pytest.param(set_column("algorithm", "sha256/9"), ["altered 5"], id="unknown algorithm"),
        pytest.param(set_column("subject", "other"), ["altered 5"], id="subject"),
        pytest.param(set_column("at", F("at") + timedelta(microseconds=1)), ["altered 5"], id="time"),
        pytest.param(set_column("prev", "0" * 64), ["altered 5", "unlinked 5"], id="link"),
        pytest.param(set_column("digest", "0" * 64), ["altered 5", "unlinked 6"], id="digest"),
        pytest.param(
            set_column("chain", "partner:other"), ["altered 5", "gap 5", "added 1", "gap 6"], id="moved away"
        ),
        pytest.param(set_column("seq", 99), ["gap 6", "altered 99", "gap 99", "added 11"], id="renumbered"),
        pytest.param(lambda e: raw(ChainEntry).filter(pk=e.pk).delete(), ["gap 6"], id="removed"),
        pytest.param(lambda e: forge(e, {"n": 99}), ["unlinked 6"], id="rewritten with its digest"),
        pytest.param(lambda e: raw(ChainEntry).filter(seq__gte=e.seq).delete(), ["truncated 5"], id="tail cut off"),
        pytest.param(
            lambda e: ChainHead.objects.update(seq=9),
            ["added 10", "rewritten 9"],
            id="head set back without its digest",
        ),
        pytest.param(lambda e: ChainHead.objects.all().delete(), ["added 1"], id="head removed"),
    ],
)
def test_tampering_is_found_where_it_happened(
    transactional_db: None, tamper: Callable[[ChainEntry], object], expected: list[str]
) -> None:
    fifth = grow(10)[4]
    with triggers.lifted(connection):
        tamper(fifth)
    assert [f"{code} {seq}" for code, _chain, seq in found()] == expected


def test_a_fork_is_impossible(db: None) -> None:
    first, second = grow(2)
    twin = {"algorithm": "sha256/1", "kind": "test", "subject": "", "payload": "", "payload_digest": ""}
    for seq, prev, name in (
        (3, first.digest, "prev|no_fork|never replaced"),
        (2, second.digest, "seq|never replaced"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            ChainEntry.objects.create(
                **twin, chain=CHAIN, seq=seq, prev=prev, digest=f"{seq}" * 64, at=timezone.now()
            )


@pytest.mark.django_db(transaction=True)
def test_eight_writers_leave_no_gap(tmp_path: Path) -> None:
    def append_ten(number: int) -> None:
        for step in range(10):
            with transaction.atomic():
                append_to_chain(chain=CHAIN, kind="test", subject=f"{number}.{step}", payload={"n": step})

    with shared_by_threads(tmp_path):
        _done, errors = together(8, append_ten)
        assert errors == []
        seqs = list(ChainEntry.objects.filter(chain=CHAIN).order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, 81))
        assert found() == []


@pytest.mark.scenario("I9")
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_database_refuses_the_second_writer(tmp_path: Path) -> None:
    """Negative control: two writers that both read the head before either wrote cannot both be right."""
    grow(1)

    def append_blindly(number: int) -> None:
        with transaction.atomic():
            link = {
                "algorithm": services.ALGORITHM,
                "chain": CHAIN,
                "seq": head.seq + 1,
                "prev": head.digest,
                "kind": f"test{number}",
                "payload_digest": services.sha256("{}"),
                "at": timezone.now(),
                "subject": "",
            }
            digest = services.entry_digest(**link)
            ChainEntry.objects.create(**link, digest=digest, payload="{}")
            ChainHead.objects.filter(chain=CHAIN).update(seq=F("seq") + 1, digest=digest)

    with shared_by_threads(tmp_path):
        head = ChainHead.objects.get(chain=CHAIN)
        done, errors = together(2, append_blindly)
        assert (len(done), [type(error) for error in errors]) == (1, [IntegrityError])
        assert found() == []
