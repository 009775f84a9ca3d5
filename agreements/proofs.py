"""What makes the digests of a record: the texts behind them, for whoever computes them again.

A record has an entry in its chain, and one more for each file and for each thing that happened to it since.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agreements.models import Attestation, AttestationEvent, AttestationEventDetail, AttestationPerson
from agreements.services.records import chain_of, chained_facts
from portal.audit.models import ChainEntry, Checkpoint
from portal.audit.services import canonical, entry_text, sha256

RECORD = "attestation"


class About(StrEnum):
    """What a digest is of. The first four stand in the facts of an entry, with a salt before the text."""

    PERSON = "person"
    RECORDED_BY = "recorded_by"
    APPROVED_BY = "approved_by"
    REASON = "reason"
    FACTS = "facts"
    ENTRY = "entry"


@dataclass(frozen=True)
class Proof:
    """A digest, with the text that it is of; salt: stands before the text on a line of its own, "" for none."""

    about: About
    text: str
    digest: str
    salt: str = ""

    @property
    def is_right(self) -> bool:
        return sha256(f"{self.salt}\n{self.text}" if self.salt else self.text) == self.digest


@dataclass(frozen=True)
class EntryProof:
    """An entry of the chain with its proofs, in the order in which they build on each other."""

    entry: ChainEntry
    proofs: tuple[Proof, ...]

    def of(self, about: About) -> Proof | None:
        return next((proof for proof in self.proofs if proof.about == about), None)


@dataclass(frozen=True)
class RecordProof:
    """entries: of the record, oldest first; checkpoint: the newest signed one that covers the record's own entry.

    is_whole: the entry is there, every digest is right, and the record's rows still say what the entry covers.
    """

    chain: str
    entries: tuple[EntryProof, ...]
    checkpoint: Checkpoint | None
    is_whole: bool

    @property
    def own(self) -> EntryProof | None:
        """Of the record itself, rather than of what came later."""
        return next((proof for proof in self.entries if proof.entry.kind == RECORD), None)

    @property
    def person(self) -> Proof | None:
        """What the named person can keep, to show what was said of it after it was erased here."""
        return self.own.of(About.PERSON) if self.own else None


def proof_of(record: Attestation) -> RecordProof:
    """Of a record with its person, text, partner and events (`with_details`)."""
    chain = chain_of(record)
    entries = ChainEntry.objects.filter(chain=chain, subject=str(record.reference)).order_by("seq")
    proofs = tuple(_of_entry(entry, record) for entry in entries)
    own = next((proof.entry for proof in proofs if proof.entry.kind == RECORD), None)
    checkpoints = Checkpoint.objects.of_chain(chain)
    return RecordProof(
        chain=chain,
        entries=proofs,
        checkpoint=checkpoints.filter(seq__gte=own.seq).newest_first().first() if own is not None else None,
        is_whole=own is not None
        and _says(own, record)
        and all(proof.is_right for entry in proofs for proof in entry.proofs),
    )


def _of_entry(entry: ChainEntry, record: Attestation) -> EntryProof:
    facts = _facts_of(entry)
    salted = _people(record, facts) if entry.kind == RECORD else _words(record, entry.kind, facts)
    return EntryProof(
        entry,
        (
            *salted,
            Proof(About.FACTS, entry.payload, entry.payload_digest),
            Proof(About.ENTRY, _covered(entry), entry.digest),
        ),
    )


def _facts_of(entry: ChainEntry) -> dict[str, Any]:
    """What the entry says; nothing where it was damaged: then its digests are wrong, and the page says so."""
    try:
        facts = json.loads(entry.payload)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _people(record: Attestation, facts: dict[str, Any]) -> Iterator[Proof]:
    """Who accepted, recorded and approved it, while the salt that their digests share is not erased."""
    person: AttestationPerson | None = getattr(record, "person", None)
    if person is None:
        return
    recorder = [record.actor_kind, record.actor_user_id, record.recorded_by]
    yield _salted(About.PERSON, person.salt, person.covered(person.details), facts.get("person", ""))
    yield _salted(About.RECORDED_BY, person.salt, recorder, facts.get("recorded_by", ""))
    if record.approver_user_id is not None:
        approver = [record.approver_user_id, record.approver_name]
        yield _salted(About.APPROVED_BY, person.salt, approver, facts.get("approved_by", ""))


def _words(record: Attestation, kind: str, facts: dict[str, Any]) -> Iterator[Proof]:
    """What was said of it when something happened to it, and by whom."""
    event = _event(record, kind, facts)
    detail: AttestationEventDetail | None = getattr(event, "detail", None)
    if event is None or detail is None or not facts.get("reason"):
        return
    said = [detail.reason, event.actor_kind, event.actor_user_id, event.who]
    yield _salted(About.REASON, detail.salt, said, facts["reason"])


def _event(record: Attestation, kind: str, facts: dict[str, Any]) -> AttestationEvent | None:
    same = (each for each in record.events.all() if f"{RECORD}.{each.kind}" == kind)
    return next((each for each in same if each.at.isoformat() == facts.get("at")), None)


def _salted(about: About, salt: str, value: object, digest: str) -> Proof:
    return Proof(about, canonical({"v": value}), digest, salt)


def _covered(entry: ChainEntry) -> str:
    """What the entry's digest is of; "" for an algorithm that nobody has defined."""
    try:
        return entry_text(
            algorithm=entry.algorithm,
            chain=entry.chain,
            seq=entry.seq,
            prev=entry.prev,
            kind=entry.kind,
            payload_digest=entry.payload_digest,
            at=entry.at,
            subject=entry.subject,
        )
    except ValueError:
        return ""


def _says(entry: ChainEntry, record: Attestation) -> bool:
    """Whether the record's row says what its entry covers. Those whom a salt stands before have their own proof."""
    told, covered = chained_facts(record, "", ""), _facts_of(entry)
    behind_salt = (About.RECORDED_BY, About.APPROVED_BY)
    return all(told.get(name) == value for name, value in covered.items() if name not in behind_salt)
