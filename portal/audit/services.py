"""Writing the activity log and the chain. Both are called inside the transaction of the change they record."""

import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from portal.audit.models import AuditEvent, AuditEventDetail, ChainEntry, ChainHead
from portal.common.actor import Actor, ActorKind

# Of new entries. Those of "sha256/1", from before, do not cover their time and subject.
ALGORITHM = "sha256/2"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(payload: Mapping[str, Any]) -> str:
    """The one text of a payload: sorted keys, no blanks, ASCII only. Values must be JSON types already."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def salted_text(salt: str, value: object) -> str:
    """The text that `salted_digest` digests: the salt on a line of its own, then the value's canonical text."""
    return f"{salt}\n{canonical({'v': value})}"


def salted_digest(salt: str, value: object) -> str:
    """SHA-256 over salt and the value's canonical text; without the salt it says nothing about the value."""
    return sha256(salted_text(salt, value))


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
    the event keeps their salted digests, the values themselves go into the erasable side row, as does the name of a
    customer's own person.
    """
    event, detail = new_event(
        by=by,
        changes=changes or {},
        at=timezone.now(),
        code=code,
        partner_id=partner_id,
        customer_id=customer_id,
        subject=subject,
        facts={**(facts or {}), **_application(by)},
    )
    event.save()
    if detail.is_needed:
        detail.event = event
        detail.save()
    return event


def _application(by: Actor) -> dict[str, str]:
    """Through which API client somebody acted, where it was one."""
    return {"application": by.client_id} if by.client_id else {}


def new_event(
    *, by: Actor, changes: Mapping[str, tuple[object, object]], **line: Any
) -> tuple[AuditEvent, AuditEventDetail]:
    """A line of the log and its erasable detail, not saved yet. line: further columns of the event."""
    salt = secrets.token_hex(32)
    is_customers = by.kind == ActorKind.CUSTOMER
    event = AuditEvent(
        **line,
        actor_kind=by.kind,
        actor_user_id=by.user_id,
        actor_name="" if is_customers else by.name,
        roles=list(by.roles),
        door=by.door,
        request_id=by.request_id,
        changed={
            field: [salted_digest(salt, before), salted_digest(salt, after)]
            for field, (before, after) in changes.items()
        },
    )
    values = {field: list(pair) for field, pair in changes.items()}
    detail = AuditEventDetail(
        event=event,
        salt=salt,
        values=values,
        actor_name=by.name if is_customers else "",
        ip_address=by.ip_address,
        user_agent=by.user_agent,
    )
    return event, detail


def genesis(chain: str) -> str:
    """What the first entry of a chain points to."""
    return sha256(chain)


def entry_digest(
    *, algorithm: str, chain: str, seq: int, prev: str, kind: str, payload_digest: str, at: datetime, subject: str
) -> str:
    """What an entry's digest must be. Raises ValueError as `entry_text` does."""
    text = entry_text(
        algorithm=algorithm,
        chain=chain,
        seq=seq,
        prev=prev,
        kind=kind,
        payload_digest=payload_digest,
        at=at,
        subject=subject,
    )
    return sha256(text)


def entry_text(
    *, algorithm: str, chain: str, seq: int, prev: str, kind: str, payload_digest: str, at: datetime, subject: str
) -> str:
    """The text that an entry's digest covers. Raises ValueError for an algorithm that nobody has defined."""
    covered = {"a": algorithm, "c": chain, "s": seq, "p": prev, "k": kind, "d": payload_digest}
    if algorithm == "sha256/1":
        return canonical(covered)
    if algorithm == "sha256/2":
        return canonical(covered | {"t": entry_time(at), "u": subject})
    raise ValueError(f"{algorithm} is no algorithm of the chain.")


def entry_time(at: datetime) -> str:
    """An entry's time as its digest covers it: UTC, microseconds always written."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


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
        "at": timezone.now(),
        "subject": subject,
    }
    entry = ChainEntry.objects.create(**link, digest=entry_digest(**link), payload=text)
    head.seq, head.digest = entry.seq, entry.digest
    head.save(update_fields=["seq", "digest"])
    return entry
