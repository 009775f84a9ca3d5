"""What somebody can do to the tables who owns the database: nothing is in the way, and any bit can be turned."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, models, transaction

from agreements.models import Attestation, AttestationEvent
from portal.audit import triggers
from portal.audit.models import ChainEntry
from portal.audit.services import canonical, entry_digest, sha256
from portal.tests.scenarios.chained_columns import CHAINED

TABLES = {model: model._meta.db_table for model in CHAINED}
LINK = ("algorithm", "chain", "kind", "at", "subject")
# Bits that leave a value within what the engine itself can keep.
BITS = {"bigint": 62, "integer": 30, "smallint": 14, "timestamp with time zone": 57, "date": 20}


@contextmanager
def nothing_in_the_way() -> Iterator[None]:
    """Without guards, checks and keys, as the owner of the database can have it. Within the test's transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "SELECT conrelid::regclass, quote_ident(conname) FROM pg_constraint "
                "WHERE contype IN ('c', 'u', 'f') AND conrelid = ANY(%s::regclass[])",
                [[*TABLES.values(), "audit_chainhead"]],
            )
            for table, name in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name} CASCADE")
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield
            return
        cursor.execute("PRAGMA ignore_check_constraints = ON")
    try:
        with triggers.lifted(connection):
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


@contextmanager
def undone() -> Iterator[None]:
    """What is done within is undone at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def do(sql: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


@dataclass
class Bits:
    """Turns single bits, by lot."""

    luck: random.Random

    def flip(self, model: type[models.Model], column: str, row_id: int) -> bool:
        """One bit of the column in this row; False where it has none, or the engine cannot keep it otherwise."""
        table = TABLES[model]
        for _try in range(20):
            kind, value = read(table, column, row_id)
            turned = self._turned(kind, value) if value not in (None, "") else None
            if turned is None:
                return False
            to, what = turned
            try:
                with transaction.atomic():
                    do(f"UPDATE {table} SET {column} = {to.format(column)} WHERE id = %s", what, row_id)  # noqa: S608 - our own names
            except DatabaseError:
                continue
            if read(table, column, row_id)[1] != value:
                return True
        return False

    def _turned(self, kind: str, value: Any) -> tuple[str, object] | None:
        """The SQL of the new value, {} being the old one, and its parameter."""
        if kind in BITS:
            number = int(value)
            other = number ^ 1 << self.luck.randrange(BITS[kind])
            moved = {"timestamp with time zone": "microseconds", "date": "days"}.get(kind)
            return (f"({{}} + %s::interval)::{kind}", f"{other - number} {moved}") if moved else ("%s", other)
        if kind == "uuid":
            return "%s::uuid", f"{int(value.replace('-', ''), 16) ^ 1 << self.luck.randrange(128):032x}"
        text = self._turned_text(value, is_json=kind == "jsonb")
        return None if text is None else ("%s::jsonb" if kind == "jsonb" else "%s", text)

    def _turned_text(self, value: str, *, is_json: bool) -> str | None:
        bits = list(range(len(value.encode()) * 8))
        self.luck.shuffle(bits)
        for bit in bits:
            raw = bytearray(value.encode())
            raw[bit // 8] ^= 1 << bit % 8
            try:
                text = raw.decode()
                if "\0" not in text and (not is_json or json.loads(text) != json.loads(value)):
                    return text
            except ValueError:
                continue
        return None


def read(table: str, column: str, row_id: int) -> tuple[str, Any]:
    """The engine's type of the value, and the value: PostgreSQL's times and dates as the numbers that it keeps."""
    is_postgres = connection.vendor == "postgresql"
    ask = f"SELECT {{}}({column}){{}}, {{}} FROM {table} WHERE id = %s"  # noqa: S608 - our own names
    if not is_postgres:
        ((kind, value),) = do(ask.format("typeof", "", f"{column} || ''"), row_id)
        return "bigint" if kind == "integer" else kind, value
    ((kind, value),) = do(ask.format("pg_typeof", "::text", f"{column}::text"), row_id)
    if kind in ("timestamp with time zone", "date") and value is not None:
        since = f"{column} - '2000-01-01 00:00+00'::{kind}"
        number = f"{since}" if kind == "date" else f"(extract(epoch FROM {since}) * 1000000)::bigint"
        ((value,),) = do(f"SELECT {number} FROM {table} WHERE id = %s", row_id)  # noqa: S608 - our own names
    return kind, value


# What is done to whole entries


def cut(chain: str, after: int, *, with_head: bool = False) -> None:
    """Remove every entry behind this number; with_head: and set the head back, so that it fits."""
    do("DELETE FROM audit_chainentry WHERE chain = %s AND seq > %s", chain, after)
    if with_head:
        do(
            "UPDATE audit_chainhead SET seq = %s, digest = (SELECT digest FROM audit_chainentry e "
            "WHERE e.chain = audit_chainhead.chain AND e.seq = %s) WHERE chain = %s",
            *(after, after, chain),
        )


def swap(chain: str, one: int, other: int) -> None:
    """Two entries take each other's number."""
    for old, new in ((one, -1), (other, one), (-1, other)):
        do("UPDATE audit_chainentry SET seq = %s WHERE chain = %s AND seq = %s", new, chain, old)


def slip_in(chain: str, after: int, **changed: Any) -> None:
    """One more entry behind this number, right in itself and linked to the one before; changed: columns."""
    before = ChainEntry.objects.filter(chain=chain, seq=after).order_by("id").first()
    assert before is not None
    kept = {name: getattr(before, name) for name in LINK} | {"prev": before.digest, "seq": after + 1}
    payload = canonical({"slipped": "in"})
    link = kept | {"payload_digest": sha256(payload)} | changed
    ((last,),) = do("SELECT max(id) FROM audit_chainentry")
    ChainEntry.objects.create(**link, id=last + 1, payload=payload, digest=entry_digest(**link))


def renumber(chain: str, after: int) -> None:
    """Room for one more entry behind this number."""
    for sign in (-1, 1):
        do(
            f"UPDATE audit_chainentry SET seq = -seq {'- 1' if sign < 0 else ''} "  # noqa: S608 - our own words
            f"WHERE chain = %s AND seq * {-sign} > {after if sign < 0 else 0}",
            chain,
        )


def rehash(chain: str, first: int) -> None:
    """Give every entry from this number on the digests that fit, and the head."""
    prev = None
    for entry in ChainEntry.objects.filter(chain=chain, seq__gte=first).order_by("seq"):
        prev = prev or entry.prev
        kept = {name: getattr(entry, name) for name in (*LINK, "seq")}
        link = kept | {"prev": prev, "payload_digest": sha256(entry.payload)}
        digest = entry_digest(**link)
        sql = "UPDATE audit_chainentry SET prev = %s, payload_digest = %s, digest = %s WHERE id = %s"
        do(sql, prev, link["payload_digest"], digest, entry.pk)
        prev = digest
    do("UPDATE audit_chainhead SET digest = %s WHERE chain = %s", prev, chain)


def forget_records(chain: str) -> None:
    """Remove every record, event and file of which the chain says nothing any more."""
    said = set(ChainEntry.objects.filter(chain=chain).values_list("subject", "kind"))
    for record, reference in Attestation.objects.values_list("pk", "reference"):
        for event, kind in AttestationEvent.objects.filter(attestation=record).values_list("pk", "kind"):
            if (str(reference), f"attestation.{kind}") not in said:
                do("DELETE FROM agreements_attestationeventdetail WHERE event_id = %s", event)
                do("DELETE FROM agreements_attestationevent WHERE id = %s", event)
        if (str(reference), "evidence") not in said:
            do("DELETE FROM agreements_evidence WHERE attestation_id = %s", record)
        if (str(reference), "attestation") not in said:
            do("DELETE FROM agreements_attestationperson WHERE attestation_id = %s", record)
            do("DELETE FROM agreements_attestation WHERE id = %s", record)


def without_keys_on_entries() -> None:
    """SQLite cannot drop a key: the table becomes one that never had any."""
    if connection.vendor == "sqlite":
        do("ALTER TABLE audit_chainentry RENAME TO kept_chainentry")
        do("CREATE TABLE audit_chainentry AS SELECT * FROM kept_chainentry")
