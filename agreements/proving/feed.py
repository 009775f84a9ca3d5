"""Rows of the chains and of what they prove, streamed as the database keeps them, so that no damage is smoothed over.

Nothing is read into dates, numbers or ids on the way: a row that no program could have written is compared like any.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.db import connection

from agreements.facts import EventFacts, FileFacts, RecordFacts
from agreements.services.records import PORTAL_CHAIN
from portal.audit.verify_evidence import PERSONAL, Row, event_key

ROWS_AT_ONCE = 2_000
ENTRY = ("algorithm", "chain", "seq", "at", "kind", "subject", "payload_digest", "prev", "digest", "payload")
ENTRIES = (
    "SELECT algorithm, chain, seq, {at}, kind, subject, payload_digest, prev, digest, payload "
    "FROM audit_chainentry {where} ORDER BY chain, seq, id"
)
RECORDS = (
    "SELECT {a.reference}, {a.tenant_id}, {pa.tenant_id}, a.agreement_type, {t.template_id}, t.version, d.country, "
    "d.language, d.sha256, a.method, a.scenario, a.person_digest, {a.agreed_on}, a.evidence_kind, {s.reference}, "
    "a.supersede_reason, {a.recorded_at}, {a.recorded_on}, a.time_zone, {a.roles}, a.door, "
    "a.actor_kind, a.actor_user_id, a.actor_name, a.approver_user_id, a.approver_name, "
    "p.salt, p.recorded_by, p.authority, p.first_name, p.last_name, p.email, p.phone, p.evidence_note, p.reason_note "
    "FROM agreements_attestation a "
    "LEFT JOIN partners_partner pa ON pa.id = a.partner_id "
    "LEFT JOIN agreements_agreementdocument d ON d.id = a.document_id "
    "LEFT JOIN agreements_agreementtemplate t ON t.id = d.template_id "
    "LEFT JOIN agreements_attestation s ON s.id = a.supersedes_id "
    "LEFT JOIN agreements_attestationperson p ON p.attestation_id = a.id "
    "WHERE abs(a.id) %% %s = %s"
)
EVENTS = (
    "SELECT {pa.tenant_id}, {a.reference}, ev.kind, {ev.at}, ev.door, {ev.roles}, ev.actor_kind, ev.actor_user_id, "
    "ev.actor_name, dt.salt, dt.reason, dt.actor_name "
    "FROM agreements_attestationevent ev "
    "LEFT JOIN agreements_attestation a ON a.id = ev.attestation_id "
    "LEFT JOIN partners_partner pa ON pa.id = a.partner_id "
    "LEFT JOIN agreements_attestationeventdetail dt ON dt.event_id = ev.id"
)
FILES = (
    "SELECT {pa.tenant_id}, {a.reference}, {f.public_id}, f.sha256, f.size, f.media_type, {f.added_at}, f.door, "
    "{f.roles}, f.name FROM agreements_evidence f "
    "LEFT JOIN agreements_attestation a ON a.id = f.attestation_id "
    "LEFT JOIN partners_partner pa ON pa.id = a.partner_id"
)


@contextmanager
def one_moment(known: str = "") -> Iterator[str]:
    """Within, everything is read as it stood at one moment, whatever is written meanwhile; nobody waits for it.

    Answers the name under which another connection reads the same moment, "" where there is none; known: that name.
    """
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        # Bytes that are no text must be told as damage; they would raise otherwise.
        connection.connection.text_factory = lambda raw: raw.decode(errors="replace")
    is_outer, moment = not connection.in_atomic_block, ""
    try:
        with connection.cursor() as cursor:
            if is_outer:
                # A reader waits for nobody; `atomic` would take the lock of writers on SQLite.
                cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ" if _is_postgres() else "BEGIN")
            if known:
                cursor.execute("SET TRANSACTION SNAPSHOT %s", [known])
            elif is_outer and _is_postgres():
                cursor.execute("SELECT pg_export_snapshot()")
                ((moment,),) = cursor.fetchall()
        yield moment
    finally:
        if connection.vendor == "sqlite":
            connection.connection.text_factory = str
        if is_outer:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")


def entries(chain: str | None = None) -> Iterator[Row]:
    """Every entry of one chain or of all, in the order of chain and number, as `check_chain` takes them."""
    where, values = ("WHERE chain = %s", [chain]) if chain else ("", [])
    for batch in _batches(_sql(ENTRIES.replace("{where}", where)), values):
        for row in batch:
            entry = dict(zip(ENTRY, row, strict=True))
            entry["at"] = _time(entry["at"], is_exact=True)
            yield entry


def records(chain: str | None = None, *, part: int = 0, parts: int = 1) -> Iterator[Row]:
    """Every record with its person, as `record_row` takes them. part of parts: a share, for several readers."""
    for batch in _batches(_sql(RECORDS), [parts, part]):
        chained = _chained([row[0] for row in batch if row[26] is None], "attestation")
        for row in batch:
            if chain is None or chain == _chain(row[2]):
                yield _record(row, chained)


def events(chain: str | None = None) -> Iterator[Row]:
    """Everything that happened to records, with what was said, as `event_row` takes them."""
    for batch in _batches(_sql(EVENTS)):
        chained = _chained([row[1] for row in batch], "attestation.%")
        for row in batch:
            if chain is None or chain == _chain(row[0]):
                yield _event(row, chained)


def files(chain: str | None = None) -> Iterator[Row]:
    """What is known of every file, as `file_row` takes them, with `partner` (its tenant id) and `name`."""
    for batch in _batches(_sql(FILES)):
        for partner, attestation, file, sha256, size, media_type, added_at, door, roles, name in batch:
            if chain is None or chain == _chain(partner):
                facts = FileFacts(
                    attestation=_uuid(attestation),
                    file=_uuid(file),
                    sha256=sha256,
                    size=size,
                    type=media_type,
                    added_at=_time(added_at),
                    door=door,
                    roles=_list(roles),
                )
                found = {"chain": _chain(partner), "attestation": facts.attestation, "file": facts.file}
                yield found | {"facts": facts._asdict(), "partner": _uuid(partner), "name": name}


def _record(row: Sequence[Any], chained: dict[str, Row]) -> Row:
    facts = RecordFacts._make(row[:21])._replace(
        reference=_uuid(row[0]),
        tenant=_uuid(row[1]),
        partner=_uuid(row[2]),
        template=_uuid(row[4]),
        supersedes=_uuid(row[14]),
        recorded_at=_time(row[16]),
        roles=_list(row[19]),
    )
    kind, user_id, name, approver_id, approver_name, salt, recorded_by, authority = row[21:29]
    found = {"chain": _chain(row[2]), "reference": facts.reference}
    if salt is None:
        said = chained.get(f"{found['chain']} {facts.reference} attestation", {})
        hidden = ("recorded_by",) if approver_id is None else ("recorded_by", "approved_by")
        return found | {"facts": facts._asdict() | {key: said.get(key) for key in hidden}, "person": None}
    actor = (kind, user_id, name or recorded_by)
    approver = None if approver_id is None else (approver_id, approver_name)
    person = dict(zip(PERSONAL, row[29:], strict=True)) | {"authority": authority, "actor": list(actor), "salt": salt}
    return found | {"facts": facts.chained(salt=salt, actor=actor, approver=approver), "person": person}


def _event(row: Sequence[Any], chained: dict[str, Row]) -> Row:
    partner, attestation, event, at, door, roles, kind, user_id, name, salt, reason, told_by = row
    facts = EventFacts(attestation=_uuid(attestation), at=_time(at), door=door, roles=_list(roles))
    found = {"chain": _chain(partner), "attestation": facts.attestation, "kind": event}
    said = chained.get(f"{found['chain']} {event_key(facts.attestation, f'attestation.{event}', facts.at)}")
    if salt is None:
        return found | {"facts": facts._asdict() | {"reason": said.get("reason") if said else None}, "detail": None}
    actor = (kind, user_id, name or told_by)
    covered = facts.chained(salt=salt, reason=reason, actor=actor)
    if said is not None and "reason" in said and said["reason"] is None:
        covered["reason"] = None
    return found | {"facts": covered, "detail": {"reason": reason, "actor": list(actor), "salt": salt}}


def _chained(references: Sequence[str | None], kind: str) -> dict[str, Row]:
    """What the chain says of these records, by chain, record, kind and, of events, time; the first entry counts."""
    subjects = sorted({_uuid(reference) for reference in references if reference})
    if not subjects:
        return {}
    found: dict[str, Row] = {}
    marks = ", ".join(["%s"] * len(subjects))
    sql = "SELECT chain, subject, kind, payload FROM audit_chainentry WHERE kind LIKE %s AND subject IN ({}) "
    with connection.cursor() as cursor:
        cursor.execute(sql.format(marks) + "ORDER BY chain, seq, id", [kind, *subjects])
        for chain, subject, its_kind, payload in cursor.fetchall():
            said = _parsed(payload)
            if isinstance(said, dict):
                key = (
                    f"{subject} {its_kind}" if kind == "attestation" else event_key(subject, its_kind, said.get("at"))
                )
                found.setdefault(f"{chain} {key}", said)
    return found


def _batches(sql: str, values: Sequence[object] = ()) -> Iterator[list[tuple[Any, ...]]]:
    """Rows as they come, never all of them at once: from a cursor of the server's where there are any."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, values)
        while batch := cursor.fetchmany(ROWS_AT_ONCE):
            yield batch


def _sql(text: str) -> str:
    """Columns in braces as the text that the engine has of them; SQLite's would make dates of it otherwise."""
    return re.sub(r"\{([a-z_.]+)\}", r"\1::text" if _is_postgres() else r"\1 || ''", text)


def _is_postgres() -> bool:
    return connection.vendor == "postgresql"


def _chain(partner: str | None) -> str:
    return PORTAL_CHAIN if partner is None else f"partner:{_uuid(partner)}"


def _uuid(value: Any) -> Any:
    """SQLite keeps the digits alone."""
    if isinstance(value, str) and len(value) == 32:
        return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"
    return value


def _time(value: Any, *, is_exact: bool = False) -> str:
    """As `isoformat` writes it; is_exact: with microseconds in any case."""
    text = str(value)
    if text.endswith("+00"):
        # PostgreSQL leaves zeros at the end out.
        text = text[:-3] if len(text) == 22 else text[:-3].ljust(26, "0")
    if text[10:11] != " ":
        return text
    return f"{text[:10]}T{text[11:]}{'.000000' if is_exact and len(text) == 19 else ''}+00:00"


@lru_cache(maxsize=1000)
def _list(text: str) -> Any:
    """Roles as JSON says them; what is none stays as it is, and fits nothing."""
    said = _parsed(text)
    return text if said is None else said


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
