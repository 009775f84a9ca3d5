"""The evidence of a period as one archive, written while it leaves; portal/audit/verify_evidence.py checks it.

The format is told to whoever gets one in README.txt beside this, and in docs/evidence.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from string import Template
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.utils import timezone

from agreements.evidence_store import open_stored
from agreements.exports.rows import chain_lines, event_lines, file_lines, files, line, record_lines
from agreements.exports.sheets import OrderSheet, RecordSheet
from agreements.exports.span import Span
from agreements.exports.zipping import BLOCK, SignedZip
from agreements.models import Evidence
from agreements.services import begin_evidence_export
from portal.audit import verify_evidence
from portal.audit.checkpoints import checkpoint_facts
from portal.audit.models import ChainHead, Checkpoint
from portal.audit.services import canonical, entry_time
from portal.audit.signing import current_key, published_keys, sign
from portal.common.actor import Actor
from portal.common.tables import write_csv

PROGRAM = "verify_evidence.py"


def begin(*, by: Actor, span: Span) -> "EvidenceExport":
    """Take the checkpoints that seal the archive and write it down. Raises NotPermitted; RuleViolation where there is
    nothing to export.
    """
    since, before = span.starts_at, span.ends_at
    found = (span.own_records(), span.direct_records())
    checkpoints = begin_evidence_export(
        by=by,
        partner=span.membership.partner,
        first=span.first,
        last=span.last,
        record_count=sum(each.filter(recorded_at__gte=since, recorded_at__lt=before).count() for each in found),
        file_count=Evidence.objects.filter(
            partner_id=span.membership.partner_id, added_at__gte=since, added_at__lt=before
        ).count(),
    )
    return EvidenceExport(span, checkpoints)


def program() -> bytes:
    """The verifier, as it is handed out."""
    return Path(verify_evidence.__file__).read_bytes()


class EvidenceExport:
    """An archive for one member.

    checkpoints: fresh ones; rows are exported of the entries that they cover, the chains as far as they go by then.
    """

    def __init__(self, span: Span, checkpoints: Sequence[Checkpoint]) -> None:
        self.span = replace(span, rows_to={checkpoint.chain: checkpoint.seq for checkpoint in checkpoints})
        self.name = f"evidence-{span.first}-{span.last}.zip"
        # Words and the key are looked up now: what is missing must not break off a file that began to leave.
        self._readme = _readme(span)
        self._records, self._orders = RecordSheet(self.span), OrderSheet(self.span)
        self._key = current_key()
        # Before the chains are read: a checkpoint of a later moment may know more than they do.
        self._made_at = timezone.now()

    def stream(self) -> Iterator[bytes]:
        archive, span = SignedZip(sign), self.span
        yield from archive.add("README.txt", [self._readme])
        yield from archive.add(PROGRAM, [program()])
        yield from archive.add("keys.json", [canonical_bytes(published_keys())])
        yield from archive.add("records.csv", write_csv(self._records.header, self._records.rows()))
        yield from archive.add("orders.csv", write_csv(self._orders.header, self._orders.rows()))
        yield from archive.add("records.jsonl", record_lines(span))
        yield from archive.add("events.jsonl", event_lines(span))
        yield from archive.add("evidence.jsonl", file_lines(span))
        yield from self._files(archive)
        yield from self._chains(archive)
        manifest = canonical(self._manifest(archive)).encode()
        yield from archive.add("manifest.json", [manifest])
        yield from archive.add("manifest.sig", [sign(manifest).encode()])
        yield from archive.finish()

    def _files(self, archive: SignedZip) -> Iterator[bytes]:
        tenant_id = self.span.membership.partner.tenant_id
        for file, _entry in files(self.span):
            name = f"files/{file.sha256}"
            # What is gone from the store is not there; the verifier says so, unless it was erased.
            if name not in archive.files and (chunks := _stored(tenant_id, file.sha256)) is not None:
                yield from archive.add(name, chunks, is_packed=True)

    def _chains(self, archive: SignedZip) -> Iterator[bytes]:
        """After the rows: whatever was erased meanwhile, the chain says so."""
        heads = list(ChainHead.objects.filter(chain__in=self.span.chains, seq__gte=1).order_by("chain"))
        for head in heads:
            name = f"chains/{head.chain.replace(':', '_')}.jsonl"
            yield from archive.add(name, chain_lines(self.span, head.chain, head.seq))
        said = [{"chain": head.chain, "seq": head.seq, "digest": head.digest} for head in heads]
        yield from archive.add("heads.json", [canonical_bytes(said)])
        yield from archive.add("checkpoints.jsonl", self._checkpoints())

    def _checkpoints(self) -> Iterator[bytes]:
        """Those signed since the period began and before the chains were read, whatever is left of the chains."""
        for chain in self.span.chains:
            signed = Checkpoint.objects.of_chain(chain)
            since = signed.filter(at__gte=self.span.starts_at, at__lte=self._made_at)
            for checkpoint in since.order_by("at", "id"):
                yield line(checkpoint_facts(checkpoint))

    def _manifest(self, archive: SignedZip) -> dict[str, object]:
        span, partner = self.span, self.span.membership.partner
        return {
            "format": verify_evidence.FORMAT,
            "partner": {"id": str(partner.tenant_id), "name": partner.name},
            "from": span.first.isoformat(),
            "to": span.last.isoformat(),
            "zone": str(partner.zone),
            "starts_at": entry_time(span.starts_at),
            "ends_at": entry_time(span.ends_at),
            "rows_to": span.rows_to,
            "made_at": entry_time(self._made_at),
            "key": self._key.key_id,
            "files": archive.files,
        }


def _stored(tenant_id: UUID, sha256: str) -> Iterator[bytes] | None:
    try:
        file = open_stored(tenant_id, sha256)
    except FileNotFoundError:
        return None
    return _closing(file)


def _closing(file: File[Any]) -> Iterator[bytes]:
    with file:
        yield from file.chunks(BLOCK)


def _readme(span: Span) -> bytes:
    partner = span.membership.partner
    text = Template(Path(__file__).with_name("README.txt").read_text("utf-8"))
    said = text.substitute(partner=partner.name, first=span.first, last=span.last, zone=partner.zone)
    return said.encode("utf-8", "replace")


def canonical_bytes(said: object) -> bytes:
    return str(verify_evidence.canonical(said)).encode()
