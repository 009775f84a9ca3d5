"""`manage.py verify_evidence`: whether the database still is what the chains of evidence say."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from agreements.evidence_store import StoreUnavailable
from agreements.proving import Verdict, verify
from agreements.proving.in_sql import verify_in_sql
from portal.audit.verify_evidence import Finding, Row

CHECKPOINT = {"chain": str, "seq": int, "digest": str, "statement": str, "signature": str, "key": str}


class Command(BaseCommand):
    help = (
        "Walk the chains of evidence and compare them with records, persons, events, files, heads and signed "
        "checkpoints. Says each finding in a sentence, then counts; exits with 1 where there is any. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--chain", help="Only this one: portal, or partner: and the partner's tenant id.")
        parser.add_argument(
            "--checkpoint",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="Checkpoints that were kept elsewhere, as downloaded or mailed. May be given several times.",
        )
        parser.add_argument("--files", action="store_true", help="Also read every stored file and hash it.")
        parser.add_argument(
            "--sql", action="store_true", help="By PostgreSQL itself; signatures and files are left out."
        )
        # Little work for many cores, and the server beside it wants one.
        most = 1 if connection.vendor == "postgresql" and (os.cpu_count() or 1) > 1 else 0
        parser.add_argument(
            "--readers", type=int, default=most, help="Processes beside this one (PostgreSQL only; %(default)s)."
        )

    def handle(
        self, *, chain: str | None, checkpoint: list[Path], files: bool, sql: bool, readers: int, **options: Any
    ) -> None:
        outside = [row for path in checkpoint for row in read_checkpoints(path)]
        if sql and (chain or files):
            raise CommandError("--sql looks at every chain and at no stored file: leave --chain and --files out.")
        if sql and connection.vendor != "postgresql":
            raise CommandError("--sql is for PostgreSQL.")
        try:
            verdict = (
                verify_in_sql(outside=outside)
                if sql
                else verify(chain=chain, outside=outside, with_bytes=files, readers=readers)
            )
        except StoreUnavailable as error:
            raise CommandError(str(error)) from None
        self.tell(verdict)

    def tell(self, verdict: Verdict) -> None:
        for note in verdict.notes:
            self.stdout.write(f"Note: {sentence(note)}")
        for finding in verdict.findings:
            self.stdout.write(sentence(finding))
        counts = ", ".join(f"{count:,} {what}" for what, count in verdict.counts.items() if what != "findings")
        self.stdout.write(f"Looked at {counts}.")
        count = verdict.counts["findings"]
        if count > len(verdict.findings):
            self.stdout.write(f"Only the first {len(verdict.findings):,} findings are told.")
        if count:
            raise CommandError(f"{count:,} findings: the evidence is not whole.")
        self.stdout.write("Nothing is wrong.")


def sentence(finding: Finding) -> str:
    """Where it is, what it is and the record's reference."""
    place = finding.chain if finding.seq is None else f"{finding.chain} #{finding.seq}"
    about = f" ({finding.subject})" if finding.subject else ""
    return f"{place}{about}: {finding.code}: {finding.text}"


def read_checkpoints(path: Path) -> Sequence[Row]:
    """The checkpoints of a file: one, or a list of them under "checkpoints". Raises CommandError."""
    try:
        said = json.loads(path.read_text())
        rows = said.get("checkpoints", [said])
        are_usable = all(isinstance(row[name], kind) for row in rows for name, kind in CHECKPOINT.items())
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CommandError(f"{path} cannot be used as a file of checkpoints: {error}") from None
    if not are_usable:
        raise CommandError(f"{path} cannot be used as a file of checkpoints: a name or a number is missing.")
    return rows
