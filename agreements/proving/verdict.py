"""The rows of the database given to the engine that also checks exports, in little memory."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any
from uuid import UUID

from django.core.exceptions import SuspiciousFileOperation
from django.db import connection

from agreements.evidence_store import open_stored
from agreements.proving import feed
from portal.audit.models import ChainHead, Checkpoint, SigningKey
from portal.audit.verify_evidence import (
    NOTES,
    Finding,
    Kept,
    Matching,
    Row,
    check_chain,
    check_signature,
    event_row,
    file_row,
    read_keys,
    record_row,
)

MOST_TOLD = 10_000
"""Findings that are kept to be told; the others are counted."""
ROWS_A_MESSAGE = 500


@dataclass
class Verdict:
    """findings, notes: the first of each; counts: of what was looked at, and of all findings."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            ("chains", "entries", "records", "events", "files", "checkpoints", "findings"), 0
        )
    )

    def tell(self, finding: Finding) -> None:
        told = self.notes if finding.code in NOTES else self.findings
        self.counts["findings"] += finding.code not in NOTES
        if len(told) < MOST_TOLD:
            told.append(finding)

    def counted(self, what: str, rows: Iterable[Any]) -> Iterator[Any]:
        for row in rows:
            self.counts[what] += 1
            yield row


def verify(
    *, chain: str | None = None, outside: Sequence[Row] = (), with_bytes: bool = False, readers: int = 0
) -> Verdict:
    """Compare one chain or all with each other, the rows, the heads and the checkpoints with their signatures.

    outside: checkpoints that were kept elsewhere, as files say them. with_bytes: also hash the files that are stored.
    readers: processes beside this one, for PostgreSQL.
    """
    verdict, matching = Verdict(), Matching()
    with feed.one_moment() as moment, _readers(moment, chain, readers if moment else 0, with_bytes) as pipes:
        checkpoints = [*_checkpoints(chain), *(each for each in outside if chain in (None, each["chain"]))]
        walk = verdict.counted("entries", _matched(feed.entries(chain), matching, verdict, pipes))
        for finding in _check_chains(walk, checkpoints, chain, verdict):
            verdict.tell(finding)
        keys = read_keys(SigningKey.objects.values("key_id", "public_key"))
        for checkpoint in verdict.counted("checkpoints", checkpoints):
            for finding in check_signature(checkpoint, keys):
                verdict.tell(finding)
        if not pipes:
            _match(_rows(chain, with_bytes=with_bytes), matching, verdict)
        for pipe in pipes:
            while _take(pipe, matching, verdict):
                pass
    for finding in matching.findings():
        verdict.tell(finding)
    return verdict


def _rows(chain: str | None, *, with_bytes: bool, part: int = 0, parts: int = 1) -> Iterator[Kept]:
    """What the tables keep, for the matching. part of parts: a share; the first one has events and files, too."""
    yield from map(record_row, feed.records(chain, part=part, parts=parts))
    if part == 0:
        yield from map(event_row, feed.events(chain))
        for row in feed.files(chain):
            stated = row["facts"]["sha256"], row["facts"]["size"]
            yield file_row(row, _stored(row["partner"], stated[0]) if with_bytes else stated)


def _match(rows: Iterable[Kept], matching: Matching, verdict: Verdict) -> None:
    for row in rows:
        verdict.counts[f"{row.noun}s"] += 1
        matching.add(row)


def _stored(partner: str | None, sha256: str) -> tuple[str, int] | None:
    """Digest and size of the bytes that are kept; None where there are none. Raises StoreUnavailable."""
    digest, size = hashlib.sha256(), 0
    try:
        with open_stored(UUID(partner), sha256) as file:
            for chunk in file.chunks():
                digest.update(chunk)
                size += len(chunk)
    except (FileNotFoundError, SuspiciousFileOperation, ValueError, TypeError):
        return None
    return digest.hexdigest(), size


def _check_chains(
    entries: Iterable[Row], checkpoints: Sequence[Row], chain: str | None, verdict: Verdict
) -> Iterator[Finding]:
    heads = {head.chain: (head.seq, head.digest) for head in ChainHead.objects.all() if chain in (None, head.chain)}
    marks: dict[str, list[tuple[int, str]]] = {}
    for each in checkpoints:
        marks.setdefault(each["chain"], []).append((each["seq"], each["digest"]))
    seen: set[str] = set()
    for name, of_chain in groupby(entries, key=lambda entry: entry["chain"]):
        seen.add(name)
        yield from check_chain(name, of_chain, head=heads.get(name), marks=marks.get(name, ()))
    for name in sorted({*heads, *marks} - seen):
        seen.add(name)
        yield from check_chain(name, (), head=heads.get(name), marks=marks.get(name, ()))
    verdict.counts["chains"] = len(seen)


def _checkpoints(chain: str | None) -> Iterator[Row]:
    kept = Checkpoint.objects.select_related("key").order_by("chain", "seq", "id")
    for each in (kept if chain is None else kept.filter(chain=chain)).iterator():
        facts = {name: getattr(each, name) for name in ("chain", "seq", "digest", "statement", "signature")}
        yield facts | {"key": each.key.key_id}


def _matched(
    entries: Iterable[Row], matching: Matching, verdict: Verdict, pipes: Sequence[Connection]
) -> Iterator[Row]:
    """The entries, each also given to the matching; on the way, what the readers have made already is taken in."""
    for number, entry in enumerate(entries):
        matching.add_entry(entry)
        yield entry
        if number % ROWS_A_MESSAGE == 0:
            for pipe in pipes:
                while pipe.poll() and _take(pipe, matching, verdict):
                    pass


# Readers: the rows are most of the work, and each stands for itself.


@contextmanager
def _readers(moment: str, chain: str | None, count: int, with_bytes: bool) -> Iterator[list[Connection]]:
    """Processes that read a share of the rows each, as they stood at that moment; what they make comes by pipe."""
    context = get_context("fork")
    pairs = [context.Pipe(duplex=False) for _ in range(count)]
    processes = [
        context.Process(target=_read, args=(sender, moment, chain, part, count, with_bytes), daemon=True)
        for part, (_receiver, sender) in enumerate(pairs)
    ]
    try:
        for process in processes:
            process.start()
        for _receiver, sender in pairs:
            sender.close()
        yield [receiver for receiver, _sender in pairs]
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _read(pipe: Connection, moment: str, chain: str | None, part: int, parts: int, with_bytes: bool) -> None:
    # The other process's connection is not this one's to use, nor to close: that would end it at the server.
    connection.connection = None
    with feed.one_moment(moment):
        made: list[Kept] = []
        for row in _rows(chain, with_bytes=with_bytes, part=part, parts=parts):
            made.append(row)
            if len(made) == ROWS_A_MESSAGE:
                pipe.send(made)
                made = []
        pipe.send(made)
        pipe.send([])


def _take(pipe: Connection, matching: Matching, verdict: Verdict) -> bool:
    """Take one message in; False once there is none any more. Raises EOFError where the reader failed."""
    if pipe.closed:
        return False
    rows: list[Kept] = pipe.recv()
    _match(rows, matching, verdict)
    if not rows:
        pipe.close()
    return bool(rows)
