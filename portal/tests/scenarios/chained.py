"""Many records with their chains, quickly: what the services would leave, in a fraction of their time."""

import csv
import hashlib
import io
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from agreements.facts import Actor, EventFacts, FileFacts, RecordFacts
from agreements.models import AgreementDocument, AttestationPerson
from agreements.services.records import PORTAL_CHAIN
from portal.audit.services import ALGORITHM, canonical, entry_digest, genesis
from portal.partners.models import Partner

START = datetime(2024, 2, 29, 8, 30, tzinfo=UTC)
ROWS_AT_ONCE = 5_000
# As people write them: beyond ASCII, beyond 16 bits, with marks that JSON escapes.
NAMES = ("Zofia", "Łukasz", "Åsa", "王", "𠮷野", 'Jan "Jaś"', "Noor\\Eva", "Żaneta-Maria")
AGENT: Actor = ("agent", 41, "Sam Sales")
CUSTOMER: Actor = ("customer", None, "王 Zofia")
NOTES = ("", "By telephone,\nwith her assistant", "📧 from the director", "\t„Zgoda”")
COLUMNS = {
    "customers_tenant": ("id", "domain", "created_at"),
    "agreements_attestation": (
        *("id", "reference", "tenant_id", "partner_id", "scope", "agreement_type", "document_id", "method"),
        *(
            "scenario",
            "agreed_on",
            "evidence_kind",
            "person_digest",
            "supersedes_id",
            "supersede_reason",
            "recorded_at",
        ),
        *("recorded_on", "time_zone", "actor_kind", "actor_user_id", "actor_name", "roles", "door", "request_id"),
        *("approver_user_id", "approver_name"),
    ),
    "agreements_attestationperson": (
        *("attestation_id", "first_name", "last_name", "email", "phone", "authority", "evidence_note"),
        *("reason_note", "recorded_by", "salt"),
    ),
    "agreements_attestationevent": (
        *("id", "attestation_id", "kind", "at", "actor_kind", "actor_user_id", "actor_name", "roles", "door"),
    ),
    "agreements_attestationeventdetail": ("event_id", "reason", "actor_name", "salt"),
    "agreements_evidence": (
        *("public_id", "attestation_id", "tenant_id", "partner_id", "name", "sha256", "size", "media_type"),
        *("added_at", "actor_kind", "actor_user_id", "actor_name", "roles", "door"),
    ),
    "audit_chainentry": (
        *("chain", "seq", "at", "algorithm", "kind", "subject", "payload", "payload_digest", "prev", "digest"),
    ),
}
Row = tuple[Any, ...]


def add_records(partner: Partner | None, document: AgreementDocument, entries: int, *, first: int = 1_000_000) -> str:
    """A chain of that many entries at the least, with all that belongs to it; answers the chain's name.

    partner: None for customers' own acceptances. Every line of records is ten long; every fifth record was disputed,
    every seventh has a file, every eleventh an approver. first: the first internal id, for several chains in a
    database.
    """
    writer = _Writer(partner, document, first, max(1, entries // 12))
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # Guards and keys look at every row; these rows are right.
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
        for number in range(entries):
            if writer.seq >= entries:
                break
            writer.add_record(number)
            if len(writer.rows["audit_chainentry"]) > ROWS_AT_ONCE:
                writer.flush()
        writer.flush()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_chainhead (chain, seq, digest) VALUES (%s, %s, %s)",
                [writer.chain, writer.seq, writer.prev],
            )
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL session_replication_role = origin")
    return writer.chain


def insert(table: str, rows: Sequence[Row]) -> None:
    """Rows as the engine itself keeps them, by COPY where there is one."""
    columns = COLUMNS[table]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            text = io.StringIO()
            csv.writer(text).writerows(["\\N" if value is None else value for value in row] for row in rows)
            text.seek(0)
            # What is quoted or empty is no null.
            cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv, NULL '\\N')", text)
        else:
            marks = ", ".join(["%s"] * len(columns))
            rows = [tuple(_time(value) for value in row) for row in rows]
            cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608 - our own words


@dataclass
class _Writer:
    """Where the chain stands, and the rows that are not written yet."""

    partner: Partner | None
    document: AgreementDocument
    first: int
    line_count: int
    seq: int = 0
    rows: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in COLUMNS})
    references: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.luck = random.Random(self.first)
        self.chain = PORTAL_CHAIN if self.partner is None else f"partner:{self.partner.tenant_id}"
        self.prev = genesis(self.chain)
        self.event_id = self.first * 10

    def add_record(self, number: int) -> None:
        at = START + timedelta(seconds=self.seq, microseconds=number % 3 * 1_250)
        record_id, line = self.first + number, number % self.line_count
        tenant, reference = UUID(int=self.first + line), str(UUID(int=self.luck.getrandbits(128), version=4))
        if number < self.line_count:
            self.rows["customers_tenant"].append((_id(str(tenant)), f"t{self.first + line}.onmicrosoft.com", at))
        before = self.references.get(line)
        self.references[line] = reference
        salt, actor = f"{self.luck.getrandbits(256):064x}", AGENT if self.partner else CUSTOMER
        person = self._person(number)
        method = "customer_direct" if self.partner is None else "confirmed" if number % 13 else "on_behalf"
        facts = RecordFacts(
            reference=reference,
            tenant=str(tenant),
            partner=str(self.partner.tenant_id) if self.partner else None,
            type="MicrosoftCustomerAgreement",
            template=str(self.document.template.template_id),
            version=self.document.template.version,
            country=str(self.document.country),
            language=self.document.language,
            document=self.document.sha256,
            method=method,
            scenario=1 if method == "on_behalf" else None,
            person=AttestationPerson.digest(salt, person),
            agreed_on=at.date().isoformat(),
            evidence="email" if self.partner else "portal",
            supersedes=before,
            supersede_reason="renewal" if before else "",
            recorded_at=at.isoformat(),
            recorded_on=at.date().isoformat(),
            time_zone="Europe/Warsaw",
            roles=["admin_agent", "sales_agent"],
            door="account_info",
        )
        approver = (77, "Ada Approver") if self.partner and number % 11 == 0 else None
        name, named = (actor[2], "") if self.partner else ("", actor[2])
        self.rows["agreements_attestation"].append(
            (
                *(record_id, _id(reference), _id(str(tenant)), self._scope or None, self._scope, facts.type),
                *(self.document.pk, facts.method, facts.scenario, facts.agreed_on, facts.evidence, facts.person),
                *(record_id - self.line_count if before else None, facts.supersede_reason, at, facts.recorded_on),
                *(facts.time_zone, *actor[:2], name, json.dumps(facts.roles), facts.door, ""),
                *(approver or (None, "")),
            )
        )
        self.rows["agreements_attestationperson"].append((record_id, *person.values(), named, salt))
        payload = facts.chained(salt=salt, actor=actor, approver=approver)
        self._chain("attestation", reference, payload, at)
        if self.partner and number % 7 == 0:
            self._add_file(record_id, reference, str(tenant), at)
        if number % 5 == 0:
            self._add_event(record_id, reference, "disputed", at + timedelta(milliseconds=5), CUSTOMER)
            self._add_event(record_id, reference, "dispute_resolved", at + timedelta(seconds=1), AGENT)

    @property
    def _scope(self) -> int:
        return self.partner.pk if self.partner else 0

    def _person(self, number: int) -> dict[str, str]:
        name = NAMES[number % len(NAMES)]
        return {
            "first_name": name,
            "last_name": f"{name[::-1]} {number}",
            "email": f"p{number}@customer.example",
            "phone": "+48221234567" if number % 2 else "",
            "authority": "" if self.partner else "Członek zarządu",
            "evidence_note": NOTES[number % len(NOTES)],
            "reason_note": NOTES[number % len(NOTES)] and f"Signed anew {number}",
        }

    def _add_file(self, record_id: int, reference: str, tenant: str, at: datetime) -> None:
        digest, file_id = hashlib.sha256(reference.encode()).hexdigest(), str(UUID(int=record_id))
        facts = FileFacts(
            *(reference, file_id, digest, len(reference), "application/pdf", at.isoformat(), "account_info"),
            roles=["admin_agent"],
        )
        size, media_type = facts.size, facts.type
        self.rows["agreements_evidence"].append(
            (
                *(_id(file_id), record_id, _id(tenant), self._scope, "Umowa.pdf", digest, size, media_type, at),
                *(*AGENT, json.dumps(facts.roles), facts.door),
            )
        )
        self._chain("evidence", reference, facts._asdict(), at)

    def _add_event(self, record_id: int, reference: str, kind: str, at: datetime, actor: Actor) -> None:
        self.event_id += 1
        is_customers = actor == CUSTOMER
        roles = [] if is_customers else ["admin_agent"]
        salt, reason = f"{self.luck.getrandbits(256):064x}", f"To nie ja, {NAMES[record_id % len(NAMES)]}"
        facts = EventFacts(reference, at.isoformat(), "customer_page", roles)
        self.rows["agreements_attestationevent"].append(
            (
                *(self.event_id, record_id, kind, at, *actor[:2], "" if is_customers else actor[2]),
                *(json.dumps(roles), facts.door),
            )
        )
        self.rows["agreements_attestationeventdetail"].append(
            (self.event_id, reason, actor[2] if is_customers else "", salt)
        )
        payload = facts.chained(salt=salt, reason=reason, actor=actor)
        self._chain(f"attestation.{kind}", reference, payload, at)

    def _chain(self, kind: str, subject: str, payload: dict[str, Any], at: datetime) -> None:
        text = canonical(payload)
        payload_digest = hashlib.sha256(text.encode()).hexdigest()
        self.seq += 1
        digest = entry_digest(
            algorithm=ALGORITHM,
            chain=self.chain,
            seq=self.seq,
            prev=self.prev,
            kind=kind,
            payload_digest=payload_digest,
            at=at,
            subject=subject,
        )
        self.rows["audit_chainentry"].append(
            (self.chain, self.seq, at, ALGORITHM, kind, subject, text, payload_digest, self.prev, digest)
        )
        self.prev = digest

    def flush(self) -> None:
        for table, rows in self.rows.items():
            if rows:
                insert(table, rows)
                rows.clear()


def _id(value: str) -> str:
    """A UUID as the engine keeps it."""
    return value if connection.vendor == "postgresql" else value.replace("-", "")


def _time(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
