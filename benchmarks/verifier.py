"""`python -m benchmarks.verifier [COUNT ...]`: how long the single-file verifier takes, and how much memory.

Each COUNT (100,000 and 1,000,000 without any) is an archive of so many records, each with a person and its entry in
the chain, made here in the format of agreements/exports. The program runs on it as it is handed out.
"""

import base64
import hashlib
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.audit import verify_evidence as verifier
from portal.audit.verify_evidence import canonical, salted_digest, sha256

COUNTS = (100_000, 1_000_000)
CHAIN = "partner:7d444840-9dc0-11d1-b245-5ffdce74fad2"
AT = "2026-05-04T10:00:00.000000+00:00"
SLOWEST_SECONDS = 60


def facts_of(number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A record as the tables have it, and its person."""
    salt = hashlib.sha256(f"salt {number}".encode()).hexdigest()
    covered = {
        "first_name": "Zofia",
        "last_name": f"Wiśniewska-{number}",
        "email": f"zofia{number}@customer.example",
        "phone": "+48221234567",
        "evidence_note": "Re: agreement, 4 May",
        "reason_note": "",
    }
    actor = ["agent", 7, "Ada Admin"]
    facts = {
        "reference": str(UUID(int=number + 1)),
        "tenant": str(UUID(int=2**64 + number)),
        "partner": CHAIN.partition(":")[2],
        "type": "MicrosoftCustomerAgreement",
        "template": "117a77b0-9360-443b-8795-c6dedc750cf9",
        "version": "2019-10",
        "country": "PL",
        "language": "pl-PL",
        "document": sha256("document"),
        "method": "confirmed",
        "scenario": None,
        "person": salted_digest(salt, covered),
        "agreed_on": "2026-05-04",
        "evidence": "email",
        "supersedes": None,
        "supersede_reason": "",
        "recorded_at": "2026-05-04T10:00:00.000001+00:00",
        "recorded_on": "2026-05-04",
        "time_zone": "Europe/Warsaw",
        "roles": ["admin_agent", "sales_agent"],
        "door": "account_info",
        "recorded_by": salted_digest(salt, actor),
    }
    return facts, {**covered, "authority": "", "recorded_by": "", "actor": actor, "salt": salt}


class Maker:
    """Writes one archive; `digest` is that of the last entry."""

    def __init__(self, count: int) -> None:
        self.count, self.key = count, Ed25519PrivateKey.generate()
        self.public = self.key.public_key().public_bytes_raw()
        self.key_id = hashlib.sha256(self.public).hexdigest()[:16]
        self.digest, self.files = verifier.genesis(CHAIN), {}

    def sign(self, data: bytes) -> str:
        return base64.b64encode(self.key.sign(data)).decode()

    def make(self, path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.comment = b"-" * verifier.SIGNATURE_LENGTH
            key = {"key_id": self.key_id, "public_key": base64.b64encode(self.public).decode()}
            self._add(archive, "keys.json", [canonical([key])])
            self._add(archive, f"chains/{CHAIN.replace(':', '_')}.jsonl", self._entries())
            self._add(archive, "records.jsonl", self._records())
            end = {"chain": CHAIN, "seq": self.count, "digest": self.digest}
            self._add(archive, "heads.json", [canonical([end])])
            said = canonical({"v": 1, **end, "at": AT, "key": self.key_id})
            signed = {**end, "statement": said, "signature": self.sign(said.encode()), "key": self.key_id}
            self._add(archive, "checkpoints.jsonl", [canonical(signed) + "\n"])
            period = {
                "format": verifier.FORMAT,
                "made_at": "2026-06-01",
                "starts_at": "2026-05-01",
                "ends_at": "2026-06-01",
                "rows_to": {CHAIN: self.count},
            }
            manifest = canonical({**period, "key": self.key_id, "files": self.files})
            archive.writestr("manifest.json", manifest)
            archive.writestr("manifest.sig", self.sign(manifest.encode()))
        with path.open("r+b") as file:
            left = path.stat().st_size - verifier.SIGNATURE_LENGTH
            digest = hashlib.sha256()
            while left:
                block = file.read(min(left, verifier.BLOCK))
                digest.update(block)
                left -= len(block)
            file.write(self.sign(digest.hexdigest().encode()).encode())

    def _add(self, archive: zipfile.ZipFile, name: str, texts: list[str] | Iterator[str]) -> None:
        digest, size = hashlib.sha256(), 0
        with archive.open(name, "w", force_zip64=True) as file:
            for text in texts:
                data = text.encode()
                digest.update(data)
                size += file.write(data)
        self.files[name] = {"sha256": digest.hexdigest(), "size": size}

    def _entries(self) -> Iterator[str]:
        for number in range(self.count):
            facts, _person = facts_of(number)
            payload = canonical(facts)
            entry = {
                "algorithm": "sha256/2",
                "chain": CHAIN,
                "seq": number + 1,
                "at": AT,
                "kind": "attestation",
                "subject": facts["reference"],
                "payload_digest": sha256(payload),
                "prev": self.digest,
                "payload": payload,
            }
            self.digest = verifier.entry_digest(CHAIN, entry)
            yield canonical({**entry, "digest": self.digest}) + "\n"

    def _records(self) -> Iterator[str]:
        for number in range(self.count):
            facts, person = facts_of(number)
            row = {"chain": CHAIN, "reference": facts["reference"], "facts": facts, "person": person}
            yield canonical(row) + "\n"


def measured(archive: Path) -> tuple[float, float, int, int]:
    """Seconds by the clock and of the processor, peak of memory in MB, exit code of the program."""
    began = time.monotonic()
    child = subprocess.Popen([sys.executable, "-I", verifier.__file__, archive])  # noqa: S603 - our own program
    _pid, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, child.returncode


def main() -> None:
    print("| records and entries | archive | seconds | of the processor | peak of memory |\n|---|---|---|---|---|")
    for count in [int(each) for each in sys.argv[1:]] or COUNTS:
        with tempfile.TemporaryDirectory(prefix="verifier-") as folder:
            archive = Path(folder) / "evidence.zip"
            Maker(count).make(archive)
            seconds, busy, megabytes, code = measured(archive)
            size = archive.stat().st_size // 2**20
            print(f"| {count:,} | {size:,} MB | {seconds:.1f} | {busy:.1f} | {megabytes} MB |", flush=True)
            assert code == 0, "The archive is whole, and the program says that it is not."
            # Of the processor: what else the machine does is not the program's.
            assert busy < SLOWEST_SECONDS, f"It took more than {SLOWEST_SECONDS} s."


if __name__ == "__main__":
    main()
