"""Writing the activity log and the chain. Both are called inside the transaction of the change they record."""

import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from portal.audit.models import AuditEvent, AuditEventDetail, ChainEntry, ChainHead
from portal.common.actor import Actor

ALGORITHM = "sha256/1"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(payload: Mapping[str, Any]) -> str:
    """The one text of a payload: sorted keys, no blanks, ASCII only. Values must be JSON types already."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def salted_digest(salt: str, value: object) -> str:
    """SHA-256 over salt and the value's canonical text; without the salt it says nothing about the value."""
    return sha256(f"{salt}\n{canonical({'v': value})}")


def record_event(
    *,
    by: Actor,
    code: str,
    partner_id: int | None,
    customer_id: uuid.UUID | None = None,
    subject: str = "",
    facts: Mapping[str, Any] | None = None,
    changes: Mapping[str, tuple[object, object]] | None = None,
) -> AuditEvent:
    """Add one line to the activity log.

    facts: values free of personal data. changes: field -> (before, after), JSON values, possibly personal:
    the event keeps their salted digests, the values themselves go into the erasable side row.
    """
    event, detail = new_event(
        by=by,
        changes=changes or {},
        at=timezone.now(),
        code=code,
        partner_id=partner_id,
        customer_id=customer_id,
        subject=subject,
        facts=dict(facts or {}),
    )
    event.save()
    if changes:
        detail.event = event
        detail.save()
    return event


def new_event(
    *, by: Actor, changes: Mapping[str, tuple[object, object]], **line: Any
) -> tuple[AuditEvent, AuditEventDetail]:
    """A line of the log and its erasable detail, not saved yet. line: further columns of the event."""
    salt = secrets.token_hex(32)
    event = AuditEvent(
        **line,
        actor_kind=by.kind,
        actor_user_id=by.user_id,
        actor_name=by.name,
        roles=list(by.roles),
        door=by.door,
        request_id=by.request_id,
        changed={
            field: [salted_digest(salt, before), salted_digest(salt, after)]
            for field, (before, after) in changes.items()
        },
    )
    values = {field: list(pair) for field, pair in changes.items()}
    return event, AuditEventDetail(event=event, salt=salt, values=values)


def genesis(chain: str) -> str:
    """What the first entry of a chain points to."""
    return sha256(chain)


def entry_digest(*, algorithm: str, chain: str, seq: int, prev: str, kind: str, payload_digest: str) -> str:
    return sha256(canonical({"a": algorithm, "c": chain, "s": seq, "p": prev, "k": kind, "d": payload_digest}))


def append_to_chain(*, chain: str, kind: str, subject: str, payload: Mapping[str, Any]) -> ChainEntry:
    """Add the next entry. Must be the last lock a transaction takes (architecture, section 6: order of locks)."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A chain entry belongs to the transaction of its record.")
    heads = ChainHead.objects.select_for_update()
    head = heads.filter(chain=chain).first()
    if head is None:
        ChainHead.objects.get_or_create(chain=chain, defaults={"digest": genesis(chain)})
        head = heads.get(chain=chain)
    text = canonical(payload)
    link: dict[str, Any] = {
        "algorithm": ALGORITHM,
        "chain": chain,
        "seq": head.seq + 1,
        "prev": head.digest,
        "kind": kind,
        "payload_digest": sha256(text),
    }
    entry = ChainEntry.objects.create(
        **link, digest=entry_digest(**link), at=timezone.now(), subject=subject, payload=text
    )
    head.seq, head.digest = entry.seq, entry.digest
    head.save(update_fields=["seq", "digest"])
    return entry


def find_break(*, chain: str) -> int | None:
    """The sequence number of the first entry that does not fit, None when the chain is whole.

    Checks numbering, links, digests and the head, so a removed tail is found as well. Streams in constant
    memory.
    """
    prev, seq = genesis(chain), 0
    for entry in ChainEntry.objects.filter(chain=chain).order_by("seq").iterator(chunk_size=2000):
        seq += 1
        link = {"algorithm": entry.algorithm, "chain": chain, "seq": seq, "prev": prev, "kind": entry.kind}
        payload_digest = sha256(entry.payload)
        expected = entry_digest(**link, payload_digest=payload_digest)
        kept = (entry.seq, entry.prev, entry.payload_digest, entry.digest)
        if kept != (seq, prev, payload_digest, expected):
            return seq
        prev = entry.digest
    head = ChainHead.objects.filter(chain=chain).first()
    end = (head.seq, head.digest) if head else (0, genesis(chain))
    return None if end == (seq, prev) else seq + 1
