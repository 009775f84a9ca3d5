"""The rows that an export proves, as the tables have them, each with its entry in the chain.

Read some at a time, by time and id: nothing is held between two chunks, neither rows nor a transaction.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from agreements.exports.span import Span
from agreements.facts import EventFacts, FileFacts
from agreements.models import Attestation, AttestationEvent, AttestationPerson, EventKind, Evidence
from agreements.services.records import chain_of, chained_facts
from portal.audit.models import ChainEntry
from portal.audit.services import canonical, entry_time
from portal.common.ids import parse_uuid

CHUNK = 500
# An entry is written soon after its row; a clock may go back meanwhile.
MARGIN = timedelta(days=1)
RECORD, FILE = "attestation", "evidence"
EVENTS = [f"{RECORD}.{kind}" for kind in EventKind.values]
OF_RECORD = ("person", "partner", "supersedes", "document__template", "tenant")

Row = dict[str, Any]


def records(span: Span) -> Iterator[tuple[Attestation, ChainEntry | None]]:
    """Every record of the span with its entry; None where somebody took the entry away."""
    for found in (span.own_records(), span.direct_records()):
        rows = found.select_related(*OF_RECORD)
        yield from _paired(
            rows,
            span,
            at="recorded_at",
            kinds=[RECORD],
            key=lambda row: (chain_of(row), str(row.reference)),
            key_in=lambda entry: (entry.chain, entry.subject),
            subject=lambda row: str(row.reference),
        )


def events(span: Span) -> Iterator[tuple[AttestationEvent, ChainEntry | None]]:
    """What happened to records, in the span."""
    for found in (span.own_records(), span.direct_records()):
        rows = AttestationEvent.objects.filter(attestation__in=found.order_by())
        yield from _paired(
            rows.select_related("detail", "attestation__partner"),
            span,
            at="at",
            kinds=EVENTS,
            key=lambda row: (
                chain_of(row.attestation),
                str(row.attestation.reference),
                f"{RECORD}.{row.kind}",
                row.at.isoformat(),
            ),
            key_in=lambda entry: (entry.chain, entry.subject, entry.kind, _said(entry).get("at")),
            subject=lambda row: str(row.attestation.reference),
        )


def files(span: Span) -> Iterator[tuple[Evidence, ChainEntry | None]]:
    """Files put to records in the span."""
    rows = Evidence.objects.filter(partner_id=span.membership.partner_id)
    yield from _paired(
        rows.select_related("attestation__partner"),
        span,
        at="added_at",
        kinds=[FILE],
        key=lambda row: (span.own_chain, str(row.public_id)),
        key_in=lambda entry: (entry.chain, _said(entry).get("file")),
        subject=lambda row: str(row.attestation.reference),
    )


def _paired(
    rows: QuerySet[Any],
    span: Span,
    *,
    at: str,
    kinds: list[str],
    key: Callable[[Any], Hashable],
    key_in: Callable[[ChainEntry], Hashable],
    subject: Callable[[Any], str],
) -> Iterator[tuple[Any, ChainEntry | None]]:
    near = rows.filter(**{f"{at}__gte": span.starts_at - MARGIN, f"{at}__lt": span.ends_at + MARGIN})
    for chunk in chunks(near, at):
        entries = ChainEntry.objects.filter(
            chain__in=span.chains, kind__in=kinds, subject__in={subject(row) for row in chunk}
        )
        known: dict[Hashable, ChainEntry] = {}
        for entry in entries.order_by("seq", "id"):
            known.setdefault(key_in(entry), entry)
        for row in chunk:
            found = known.get(key(row))
            if span.has(found, getattr(row, at)):
                yield row, found


def chunks(rows: QuerySet[Any], field: str) -> Iterator[list[Any]]:
    """Some rows at a time, by this field and id."""
    ordered, after = rows.order_by(field, "id"), Q()
    while chunk := list(ordered.filter(after)[:CHUNK]):
        yield chunk
        last = getattr(chunk[-1], field)
        # Its first part is redundant and lets both engines walk the index.
        later = Q(**{f"{field}__gt": last}) | Q(**{field: last}, id__gt=_id(chunk[-1]))
        after = Q(**{f"{field}__gte": last}) & later


def _id(row: Model) -> int:
    return int(row.pk)


def record_lines(span: Span) -> Iterator[bytes]:
    for record, entry in records(span):
        yield line(record_row(record, entry))


def record_row(record: Attestation, entry: ChainEntry | None) -> Row:
    """As `record_row` of the verifier takes it. Without a person the salt is gone, and digests are the chain's."""
    person: AttestationPerson | None = getattr(record, "person", None)
    found: Row = {"chain": chain_of(record), "reference": str(record.reference)}
    if person is None:
        facts = chained_facts(record, "", "")
        hidden = [name for name in ("recorded_by", "approved_by") if name in facts]
        said = _said(entry)
        return found | {"facts": facts | {name: said.get(name) for name in hidden}, "person": None}
    told: Row = person.details | {
        "recorded_by": person.recorded_by,
        "actor": [record.actor_kind, record.actor_user_id, record.recorded_by],
        "salt": person.salt,
    }
    if record.approver_user_id is not None:
        told["approver"] = [record.approver_user_id, record.approver_name]
    return found | {"facts": chained_facts(record, person.salt, record.recorded_by), "person": told}


def event_lines(span: Span) -> Iterator[bytes]:
    for event, entry in events(span):
        yield line(event_row(event, entry))


def event_row(event: AttestationEvent, entry: ChainEntry | None) -> Row:
    """As `event_row` of the verifier takes it. What was erased, and what older entries leave out, is the chain's."""
    record, detail, said = event.attestation, getattr(event, "detail", None), _said(entry)
    facts = EventFacts(attestation=str(record.reference), at=event.at.isoformat(), door=event.door, roles=event.roles)
    found: Row = {"chain": chain_of(record), "attestation": facts.attestation, "kind": event.kind}
    if detail is None:
        return found | {"facts": facts._asdict() | {"reason": said.get("reason")}, "detail": None}
    actor = (event.actor_kind, event.actor_user_id, event.who)
    covered = facts.chained(salt=detail.salt, reason=detail.reason, actor=actor)
    if "reason" in said and said["reason"] is None:
        covered["reason"] = None
    return found | {"facts": covered, "detail": {"reason": detail.reason, "actor": list(actor), "salt": detail.salt}}


def file_lines(span: Span) -> Iterator[bytes]:
    for file, _entry in files(span):
        facts = FileFacts(
            attestation=str(file.attestation.reference),
            file=str(file.public_id),
            sha256=file.sha256,
            size=file.size,
            type=file.media_type,
            added_at=file.added_at.isoformat(),
            door=file.door,
            roles=file.roles,
        )
        found = {"chain": chain_of(file.attestation), "attestation": facts.attestation, "file": facts.file}
        yield line(found | {"facts": facts._asdict(), "name": file.name})


def chain_lines(span: Span, chain: str, last: int) -> Iterator[bytes]:
    """A chain from its beginning to this entry. Of others' acceptances in the portal's chain only what links it."""
    rows = ChainEntry.objects.filter(chain=chain, seq__lte=last)
    for chunk in chunks(rows, "seq"):
        hidden = set() if chain == span.own_chain else _hidden(span, chunk)
        for entry in chunk:
            found = {
                "algorithm": entry.algorithm,
                "chain": entry.chain,
                "seq": entry.seq,
                "at": entry_time(entry.at),
                "kind": entry.kind,
                "subject": entry.subject,
                "payload_digest": entry.payload_digest,
                "prev": entry.prev,
                "digest": entry.digest,
            }
            yield line(found if entry.subject in hidden else found | {"payload": entry.payload})


def _hidden(span: Span, entries: Iterable[ChainEntry]) -> set[str]:
    subjects = {entry.subject: parse_uuid(entry.subject) for entry in entries}
    seen: set[UUID] = span.seen_of({reference for reference in subjects.values() if reference is not None})
    return {subject for subject, reference in subjects.items() if reference not in seen}


def line(row: Row) -> bytes:
    return (canonical(row) + "\n").encode()


def _said(entry: ChainEntry | None) -> Row:
    """What the entry covers; nothing where that cannot be read."""
    try:
        said = json.loads(entry.payload) if entry is not None else {}
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
