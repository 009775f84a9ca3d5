"""The same verdict by the database alone, written apart from the engine: the mistakes of one show in the other."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import connection

from agreements.proving.feed import one_moment
from agreements.proving.verdict import Verdict
from portal.audit.verify_evidence import Row, found

FOLDER = Path(__file__).parent
QUESTIONS = ("chains", "records", "events", "files")
SAYS = {
    "fork": "There is another entry of this number.",
    "gap": "The entry does not stand right behind the one before.",
    "truncated": "From here on entries are missing that the head of the chain or a checkpoint tells of.",
    "added": "From here on there are entries that the head of the chain does not tell of.",
}
COUNTED = {
    "chains": "audit_chainhead",
    "entries": "audit_chainentry",
    "records": "agreements_attestation",
    "events": "agreements_attestationevent",
    "files": "agreements_evidence",
    "checkpoints": "audit_checkpoint",
}


def verify_in_sql(*, outside: Sequence[Row] = ()) -> Verdict:
    """As `verify`, for every chain, without signatures, stored bytes and notes.

    PostgreSQL only; needs no right but SELECT and TEMP. outside: checkpoints that were kept elsewhere; nobody has
    looked at their signatures.
    """
    verdict = Verdict()
    marks = json.dumps([{name: each[name] for name in ("chain", "seq", "digest")} for each in outside])
    with connection.cursor() as cursor:
        cursor.execute((FOLDER / "functions.sql").read_text())
    with one_moment():
        for question in QUESTIONS:
            for code, chain, seq, subject in _answer(question, marks):
                verdict.tell(found(code, chain, seq, subject or "", SAYS.get(code, "")))
        with connection.cursor() as cursor:
            for what, table in COUNTED.items():
                cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own tables
                ((verdict.counts[what],),) = cursor.fetchall()
    return verdict


def _answer(question: str, marks: str) -> list[tuple[Any, ...]]:
    sql = (FOLDER / f"{question}.sql").read_text()
    with connection.cursor() as cursor:
        if ":marks" in sql:
            cursor.execute(sql.replace(":marks", "%s"), [marks])
        else:
            cursor.execute(sql)
        return cursor.fetchall()
