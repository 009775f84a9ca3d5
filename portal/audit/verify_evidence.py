#!/usr/bin/env python3
"""Checks an export of evidence offline: the chain, the records, the files, the signatures.

    python verify_evidence.py EXPORT [--checkpoint FILE.json ...] [--keys keys.json] [--json]

EXPORT: the ZIP as downloaded, or the folder it was unpacked to. --checkpoint: checkpoints kept elsewhere (download or
mail); they show whether entries were cut off or rewritten since. --keys: the portal's public keys, fetched from the
portal itself; without it the keys inside the export are used, which an impostor could have put there.

Exit code: 0 whole, 1 findings, 2 cannot be read. Needs Python 3.9 or newer and nothing else. The format is told in
the export's README.txt. The portal's own `manage.py verify_evidence` uses the functions of the first half.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sqlite3
import sys
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

Row = dict[str, Any]
BLOCK = 1 << 20
SIGNATURE_LENGTH = 88  # 64 bytes in base64
MOST_TOLD = 10_000
LONGEST_LINE = 1 << 24  # no honest one is as long; a ZIP of an impostor may unpack to one without an end
FORMAT = "portal-evidence/1"
PORTAL = "portal"  # the chain of what customers accepted themselves; all others are a partner's
PERSONAL = ("first_name", "last_name", "email", "phone", "evidence_note", "reason_note")
HEAD_TEXTS = ("chain", "digest")
CHECKPOINT_TEXTS = ("chain", "digest", "statement", "signature", "key")
ENTRY_TEXTS = ("algorithm", "chain", "at", "kind", "subject", "payload_digest", "prev", "digest")
SAYS = {
    "altered": "The entry was changed: it does not give its digest.",
    "unlinked": "The entry does not point to the one before it.",
    "rewritten": "What was signed or kept as the head of the chain says another digest for this entry.",
    "record_altered": "The record is not what its entry says.",
    "record_missing": "The record of this entry is not there.",
    "record_unchained": "The record has no entry in the chain, or is there twice.",
    "person_altered": "The person, a note or who recorded it is not what the record's digests say.",
    "person_missing": "The record's person is not there, and no entry says that it was erased.",
    "event_altered": "What happened to the record, or what was said of it, is not what the entry says.",
    "event_missing": "What happened to the record by this entry is not there.",
    "event_unchained": "Something happened to the record that has no entry in the chain, or is there twice.",
    "file_altered": "The file, or what is known of it, is not what its entry says.",
    "file_missing": "The file of this entry is not there, and no entry says that it was erased.",
    "file_unchained": "The file has no entry in the chain, or is there twice.",
    "clock_back": "The clock went back before this entry. That is no sign of tampering by itself.",
    "later": "The checkpoint was taken after the export was; what it says of later entries cannot be checked here.",
}
NOTES = frozenset({"clock_back", "later"})


class Finding(NamedTuple):
    """Something that does not fit. seq: number of the entry, None without one; text: one sentence for people."""

    code: str
    chain: str
    seq: int | None
    subject: str
    text: str


def found(code: str, chain: str, seq: int | None, subject: str = "", text: str = "") -> Finding:
    return Finding(code, chain, seq, subject, text or SAYS[code])


# Digests


canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False).encode


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def salted_digest(salt: str, value: object) -> str:
    return sha256(f"{salt}\n{canonical({'v': value})}")


def genesis(chain: str) -> str:
    """What the first entry points to."""
    return sha256(chain)


def entry_digest(chain: str, entry: Row) -> str:
    """What the entry's digest must be; "" for an algorithm that nobody has defined."""
    covered = {"a": entry["algorithm"], "c": chain, "s": entry["seq"], "p": entry["prev"]}
    covered.update(k=entry["kind"], d=entry["payload_digest"])
    if entry["algorithm"] == "sha256/2":
        covered.update(t=entry["at"], u=entry["subject"])
    elif entry["algorithm"] != "sha256/1":
        return ""
    return sha256(canonical(covered))


# The chain


def check_chain(
    chain: str, entries: Iterable[Row], *, head: tuple[int, str] | None, marks: Iterable[tuple[int, str]] = ()
) -> Iterator[Finding]:
    """Check one chain's entries, given in the order of their numbers, against each other, the head and checkpoints.

    entries: algorithm, chain, seq, at, kind, subject, payload_digest, prev, digest, payload (its canonical text, None
    where left out). head, marks: (seq, digest) of the chain's head (None without one) and of each checkpoint.
    "Before" is the entry that was given before; before the first one there is number 0 with the digest `genesis`.
    """
    wanted: dict[int, set[str]] = {}
    for number, kept in [*marks, *([head] if head else [])]:
        wanted.setdefault(number, set()).add(kept)
    seq, digest, at, last = 0, genesis(chain), "", 0
    there = {0} & wanted.keys()
    wanted.get(0, set()).discard(digest)
    for entry in entries:
        number, subject = entry["seq"], entry["subject"]
        if not is_itself(chain, entry):
            yield found("altered", chain, number, subject)
        if number == seq + 1 and entry["prev"] != digest:
            yield found("unlinked", chain, number, subject)
        elif number != seq + 1:
            text = f"The entry stands behind number {seq}; {seq + 1} must follow."
            yield found("fork" if number == seq else "gap", chain, number, subject, text)
        if entry["at"] < at:
            yield found("clock_back", chain, number, subject)
        seq, digest, at, last = number, entry["digest"], entry["at"], max(last, number)
        if number in wanted:
            there.add(number)
            wanted[number].discard(digest)
    yield from _check_end(chain, last, head[0] if head else 0, max(wanted, default=0))
    for number in sorted(there):
        if wanted[number]:
            yield found("rewritten", chain, number)


def is_itself(chain: str, entry: Row) -> bool:
    """Whether the entry gives its digests. Only in the portal's chain payloads are left out: those of others."""
    payload, is_here = entry["payload"], entry["chain"] == chain
    is_payload = chain == PORTAL if payload is None else sha256(payload) == entry["payload_digest"]
    return is_here and is_payload and entry_digest(chain, entry) == entry["digest"]


def _check_end(chain: str, last: int, head: int, most: int) -> Iterator[Finding]:
    if most > last:
        text = f"There are {last} entries; the head of the chain or a checkpoint says {most}."
        yield found("truncated", chain, last + 1, "", text)
    if last > head:
        yield found("added", chain, head + 1, "", f"There are {last} entries; the head of the chain says {head}.")


# Records, what happened to them, and files


class Kept(NamedTuple):
    """A row of the records as it is matched with the chain.

    digest: over its facts, which must be the entry's payload; flaw: "altered" or "missing" for what belongs to it
    (the person, what was said, the file's bytes), "" where that is whole.
    """

    noun: str
    chain: str
    key: str
    subject: str
    digest: str
    flaw: str


def record_row(row: Row) -> Kept:
    """row: chain, reference, facts, person (None once erased: then the facts' recorded_by and approved_by, whose salt
    is gone with it, are those of the chain).
    """
    facts, person = row["facts"], row["person"]
    flaw = "missing" if person is None else "altered" if not _is_person(facts, person) else ""
    reference = str(row["reference"])
    return Kept("record", str(row["chain"]), reference, reference, sha256(canonical(facts)), flaw)


def _is_person(facts: Row, person: Row) -> bool:
    salt = person["salt"]
    covered = {field: person[field] for field in PERSONAL}
    if person.get("authority", "") != "":
        covered["authority"] = person["authority"]
    if person.get("recorded_by", "") not in ("", person["actor"][2]):
        return False
    is_approver = "approver" not in person or salted_digest(salt, person["approver"]) == facts.get("approved_by")
    is_actor = salted_digest(salt, person["actor"]) == facts["recorded_by"]
    return is_approver and is_actor and salted_digest(salt, covered) == facts["person"]


def event_row(row: Row) -> Kept:
    """row: chain, attestation, kind, facts (attestation, at, door, roles, reason), detail (None once erased; then,
    and where the chain's reason is null as in entries of before, the facts' reason is that of the chain).
    """
    facts, detail, flaw = row["facts"], row["detail"], ""
    if facts["reason"] is not None:
        said = detail and salted_digest(detail["salt"], [detail["reason"], *detail["actor"]])
        flaw = "missing" if detail is None else "altered" if said != facts["reason"] else ""
    key = event_key(row["attestation"], row["kind"], facts["at"])
    return Kept("event", str(row["chain"]), key, str(row["attestation"]), sha256(canonical(facts)), flaw)


def event_key(reference: str, kind: str, at: str) -> str:
    """What makes it the same event as the chain's. kind: without "attestation."."""
    return f"{reference} {kind} {at}"


def file_row(row: Row, stored: tuple[str, int] | None) -> Kept:
    """row: chain, attestation, file, facts. stored: SHA-256 and size of the bytes that are kept, None without any."""
    facts = row["facts"]
    is_same = stored == (facts["sha256"], facts["size"]) and row["attestation"] == facts["attestation"]
    flaw = "missing" if stored is None else "" if is_same else "altered"
    chain, key, subject = str(row["chain"]), str(row["file"]), str(row["attestation"])
    return Kept("file", chain, key, subject, sha256(canonical(facts)), flaw)


class Matching:
    """Brings entries and rows together in a temporary file of SQLite, so that memory stays small.

    Add every entry with its row's kind and every row, in any order, then read `findings` once.
    """

    TABLES = """
        PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; PRAGMA cache_size = -8000;
        CREATE TABLE entry (key, chain, seq INTEGER, noun, subject, digest, is_wanted);
        CREATE TABLE kept (noun, chain, key, subject, digest, flaw);
        CREATE TABLE erased (chain, subject, PRIMARY KEY (chain, subject)) WITHOUT ROWID;
    """
    ERASED = "EXISTS (SELECT 1 FROM erased x WHERE x.chain = e.chain AND x.subject = e.subject)"
    # An entry without its row, with another one, or with one whose belongings do not fit.
    UNLIKE = f"""
        SELECT e.noun, e.chain, e.seq, e.subject, k.key IS NULL, k.digest <> e.digest, coalesce(k.flaw, ''), {ERASED}
        FROM entry e LEFT JOIN kept k ON k.key = e.key AND k.chain = e.chain
        WHERE (k.key IS NULL AND e.is_wanted) OR k.digest <> e.digest OR k.flaw <> ''
        ORDER BY e.chain, e.seq
    """  # noqa: S608 - our own text
    UNCHAINED = """
        SELECT k.noun, k.chain, k.subject, k.flaw FROM kept k
        LEFT JOIN entry e ON e.key = k.key AND e.chain = k.chain WHERE e.key IS NULL
        UNION ALL
        SELECT noun, chain, subject, '' FROM kept GROUP BY key, chain HAVING count(*) > 1
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)  # a file that is gone with the connection
        self._database.executescript(self.TABLES + "BEGIN;")
        self._entries: list[tuple[Any, ...]] = []
        self._rows: list[Kept] = []

    def add_entry(self, entry: Row, *, is_wanted: bool = True) -> None:
        """is_wanted: whether its row must be there; not where the row lies outside of the export."""
        kind, subject, payload = entry["kind"], entry["subject"], entry["payload"]
        noun = {"attestation": "record", "evidence": "file"}.get(kind, "event")
        if kind == "attestation.erased":
            self._database.execute("INSERT OR IGNORE INTO erased VALUES (?, ?)", (entry["chain"], subject))
        if payload is None or (noun == "event" and not kind.startswith("attestation.")):
            return
        key = subject if noun == "record" else _key_in(payload, noun, subject, kind)
        line = (key, entry["chain"], entry["seq"], noun, subject, entry["payload_digest"], is_wanted)
        self._entries.append(line)
        if len(self._entries) >= 1000:
            self._flush()

    def add(self, row: Kept) -> None:
        self._rows.append(row)
        if len(self._rows) >= 1000:
            self._flush()

    def findings(self) -> Iterator[Finding]:
        """What does not match, in the order of the chain; last what has no entry. Can be read once."""
        self._flush()
        self._database.executescript("CREATE INDEX e ON entry (key, chain); CREATE INDEX k ON kept (key, chain);")
        with closing(self._database):
            for noun, chain, seq, subject, is_missing, is_other, flaw, is_erased in self._database.execute(
                self.UNLIKE
            ):
                codes = {f"{noun}_altered"} if is_other else set()
                if is_missing and not (noun == "file" and is_erased):
                    codes.add(f"{noun}_missing")
                if flaw == "altered" or (flaw == "missing" and not is_erased):
                    codes.add(_code_of(noun, flaw))
                yield from (found(code, chain, seq, subject) for code in sorted(codes))
            for noun, chain, subject, flaw in self._database.execute(self.UNCHAINED):
                yield found(f"{noun}_unchained", chain, None, subject)
                if flaw:
                    yield found(_code_of(noun, flaw), chain, None, subject)

    def _flush(self) -> None:
        self._database.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", self._entries)
        self._database.executemany("INSERT INTO kept VALUES (?, ?, ?, ?, ?, ?)", self._rows)
        self._entries.clear()
        self._rows.clear()


def _key_in(payload: str, noun: str, subject: str, kind: str) -> str:
    try:
        said = json.loads(payload)
        return str(said["file"]) if noun == "file" else event_key(subject, kind.partition(".")[2], said["at"])
    except (ValueError, TypeError, LookupError):
        return f"unreadable {subject}"  # matches nothing


def _code_of(noun: str, flaw: str) -> str:
    return {"record": f"person_{flaw}", "event": "event_altered"}.get(noun, f"{noun}_{flaw}")


# Signatures: Ed25519 as in RFC 8032, section 5.1, verification only

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def _x_of(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * ROOT % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = _x_of(BASE_Y, 0) or 0
BASE: Point = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def is_signed(key: bytes, message: bytes, signature: str) -> bool:
    """Whether `signature` (base64) over the message was made with the key (32 bytes)."""
    raw, number = from_base64(signature), int.from_bytes(key, "little")
    y, s = number & ((1 << 255) - 1), int.from_bytes(raw[32:], "little")
    x = _x_of(y, number >> 255)
    if len(raw) != 64 or len(key) != 32 or x is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(raw[:32] + key + message).digest(), "little") % L
    minus: Point = (P - x, y, 1, (P - x) * y % P)
    steps = {(1, 0): BASE, (0, 1): minus, (1, 1): _add(BASE, minus)}
    point: Point = (0, 1, 1, 0)
    for bit in range(252, -1, -1):  # s times the base less h times the key, which must be the signature's first half
        point = _add(point, point)
        step = (s >> bit & 1, h >> bit & 1)
        point = _add(point, steps[step]) if step in steps else point
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == raw[:32]


def from_base64(text: str) -> bytes:
    """The bytes; none where the text is not exactly how they are written."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return raw if base64.b64encode(raw).decode() == text else b""


def read_keys(keys: Iterable[Row]) -> dict[str, bytes]:
    """key_id -> public key. An id is the beginning of the key's own digest: nobody passes for another one."""
    raw = [from_base64(key["public_key"]) for key in keys if key.get("public_key")]
    return {hashlib.sha256(key).hexdigest()[:16]: key for key in raw}


def check_signature(checkpoint: Row, keys: dict[str, bytes]) -> Iterator[Finding]:
    """checkpoint: chain, seq, digest, statement, signature, key (its id)."""
    statement, key = checkpoint["statement"], keys.get(checkpoint["key"])
    try:
        said = json.loads(statement)
        is_same = all(said[name] == checkpoint[name] for name in ("chain", "seq", "digest", "key"))
    except (ValueError, TypeError, LookupError):
        is_same = False
    text = "" if is_same else "The checkpoint says something else than what was signed."
    if key is None:
        text = "The checkpoint is signed with a key that is not known."
    elif not is_signed(key, statement.encode(), checkpoint["signature"]):
        text = "The checkpoint's signature is not that of its key."
    if text:
        yield found("bad_signature", checkpoint["chain"], checkpoint["seq"], "", text)


# The export


class Unreadable(Exception):
    """It is no ZIP and no folder, or one too damaged to say what is in it."""


class Export:
    """The ZIP or folder. All that is read is hashed: `read` has SHA-256 and size; `bad` says what cannot be used."""

    def __init__(self, path: Path) -> None:
        try:
            self.path, self.zip = path, None if path.is_dir() else zipfile.ZipFile(path)
        except Exception as error:  # a damaged ZIP raises nearly anything
            raise Unreadable(str(error)) from error
        files = (each for each in sorted(path.rglob("*")) if each.is_file())
        self.names = self.zip.namelist() if self.zip else [each.relative_to(path).as_posix() for each in files]
        self.read: dict[str, tuple[str, int]] = {}
        self.bad: dict[str, Finding] = {}
        self.counts: dict[str, int] = {}
        if len({*self.names}) < len(self.names):
            self.misread("", "two files have the same name.")

    def blocks(self, name: str) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        try:
            with self.zip.open(name) if self.zip else (self.path / name).open("rb") as file:
                while block := file.read(BLOCK):
                    digest.update(block)
                    size += len(block)
                    yield block
            self.read[name] = digest.hexdigest(), size
        except Exception as error:
            self.misread(name, f"cannot be read: {error}")

    def rows(self, name: str, make: Callable[[Row], Any]) -> Iterator[Any]:
        """What `make` makes of each line. Lines that it cannot use are left out and told in `bad`."""
        rest, number = b"", 0
        for block in self.blocks(name) if name in self.names else ():
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                number += 1
                try:
                    made = make(whole(line))
                except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
                    self.misread(name, f"cannot be used from line {number} on.")
                    continue
                yield made
            if len(rest) > LONGEST_LINE:
                break
        if rest:
            self.misread(name, "ends within a line.")
        self.counts[name] = number

    def said(self, name: str, make: Callable[[Any], Any]) -> Any:
        """What `make` makes of a small file, None if it cannot use it."""
        try:
            return make(whole(b"".join(self.blocks(name))))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            self.misread(name, "cannot be used.")
            return None

    def hash_rest(self, is_meant: Callable[[str], bool]) -> None:
        for name in self.names:
            if name not in self.read and is_meant(name):
                deque(self.blocks(name), maxlen=0)

    def misread(self, name: str, text: str) -> None:
        self.bad.setdefault(name, found("archive", "", None, name, f"{name} {text}"))

    def seal_flaw(self, keys: Iterable[bytes]) -> str:
        """The ZIP's comment signs every byte before it; "" if it does."""
        digest, left = hashlib.sha256(), self.path.stat().st_size - SIGNATURE_LENGTH
        with self.path.open("rb") as file:
            while left > 0 and (block := file.read(min(BLOCK, left))):
                digest.update(block)
                left -= len(block)
            seal = file.read().decode("ascii", "replace")
        is_right = any(is_signed(key, digest.hexdigest().encode(), seal) for key in keys)
        return "" if is_right else "The ZIP is not, byte for byte, the one that the portal signed."


def unique(pairs: list[tuple[str, Any]]) -> Row:
    said = dict(pairs)
    if len(said) < len(pairs):
        raise ValueError("a name is there twice")
    return said


decode = json.JSONDecoder(object_pairs_hook=unique).decode


def whole(data: bytes) -> Any:
    """What the JSON says, without halves of characters, which nothing can hash, and without a name that stands there
    twice, of which others might read the other value.
    """
    text = data.decode()
    said = decode(text)
    if "\\ud" in text or "\\uD" in text:
        json.dumps(said, ensure_ascii=False).encode()
    return said


def usable(row: Row, texts: Sequence[str]) -> Row:
    if {type(row[name]) for name in texts} != {str} or type(row["seq"]) is not int or abs(row["seq"]) >> 62:
        raise ValueError("a name or a number is missing")
    if not isinstance(row.setdefault("payload", None), (str, type(None))):
        raise ValueError("a payload is a text")
    return row


class Period(NamedTuple):
    """What the manifest says: rows are there of entries from starts_at, before ends_at, up to a number per chain.

    made_at: when the export began; no chain that is in it was read before.
    """

    starts_at: str = "none"
    ends_at: str = ""
    rows_to: dict[str, int] = {}
    files: dict[str, Any] = {}
    key: str = ""
    made_at: str = "none"

    @classmethod
    def read(cls, said: Row) -> Period:
        if said["format"] != FORMAT:
            raise ValueError("a format of another day")
        numbers = dict(said["rows_to"])
        if {type(number) for number in numbers.values()} - {int}:
            raise ValueError("a number is missing")
        files = {name: (each["sha256"], each["size"]) for name, each in said["files"].items()}
        times = str(said["starts_at"]), str(said["ends_at"])
        return cls(*times, numbers, files, str(said["key"]), str(said["made_at"]))

    def has(self, entry: Row) -> bool:
        is_then = self.starts_at <= entry["at"] < self.ends_at and entry["payload"] is not None
        return is_then and entry["seq"] <= self.rows_to.get(entry["chain"], 0)

    def is_over_before(self, checkpoint: Row) -> bool:
        """Whether the export was made before the checkpoint was signed."""
        try:
            return str(json.loads(checkpoint["statement"])["at"]) > self.made_at
        except (ValueError, TypeError, LookupError, RecursionError):
            return False


def verify(
    export: Export,
    *,
    keys: dict[str, bytes] | None = None,
    also: dict[str, bytes] | None = None,
    outside: Sequence[Row] = (),
) -> Iterator[Finding]:
    """All that is wrong with an export, and notes. keys: the only ones to trust; without them the export's own, and
    `also`. outside: checkpoints kept elsewhere.
    """
    known = {**(also or {}), **(export.said("keys.json", read_keys) or {})} if keys is None else keys
    if export.zip and (flaw := export.seal_flaw(known.values())):
        yield found("archive", "", None, "", flaw)
    period: Period = export.said("manifest.json", Period.read) or Period()
    seal = b"".join(export.blocks("manifest.sig")).decode("ascii", "replace")
    manifest, trusted = b"".join(export.blocks("manifest.json")), (also or {}) if keys is None else keys
    if not is_signed(known.get(period.key, b""), manifest, seal):
        yield found("archive", "", None, "manifest.json", "The manifest's signature is not that of a known key.")
    if not is_signed(trusted.get(period.key, b""), manifest, seal):
        period = period._replace(made_at="none")  # an impostor's early date excuses no missing entry
    export.hash_rest(lambda name: name.startswith("files/"))
    checkpoints = [*export.rows("checkpoints.jsonl", lambda row: usable(row, CHECKPOINT_TEXTS)), *outside]
    yield from check_contents(export, period, checkpoints)
    for checkpoint in checkpoints:
        yield from check_signature(checkpoint, known)
    export.hash_rest(lambda name: name not in export.bad)
    yield from export.bad.values()
    for name in sorted({*period.files, *export.names} - {"manifest.json", "manifest.sig"} - {*export.bad}):
        if name not in period.files:
            yield found("archive", "", None, name, f"{name} was added: the manifest does not list it.")
        elif period.files[name] != export.read.get(name):
            yield found("archive", "", None, name, f"{name} is not the file that the manifest lists.")


def check_contents(export: Export, period: Period, checkpoints: Sequence[Row]) -> Iterator[Finding]:
    """The chains, then what the rows of records, events and files say against them."""
    read_heads = export.said("heads.json", lambda rows: [usable(row, HEAD_TEXTS) for row in rows])
    heads = {row["chain"]: (row["seq"], row["digest"]) for row in read_heads or ()}
    files = {name[7:-6].replace("_", ":", 1): name for name in export.names if name.startswith("chains/")}
    matching = Matching()

    def read_entry(row: Row) -> Row:
        entry = usable(row, ENTRY_TEXTS)
        matching.add_entry(entry, is_wanted=period.has(entry))
        return entry

    for chain in sorted({*heads, *files, *(each["chain"] for each in checkpoints)}):
        entries, head = export.rows(files.get(chain, ""), read_entry), heads.get(chain)
        marks = []
        for each in (each for each in checkpoints if each["chain"] == chain):
            if each["seq"] > (head[0] if head else 0) and period.is_over_before(each):
                yield found("later", chain, each["seq"])
            else:
                marks.append((each["seq"], each["digest"]))
        yield from check_chain(chain, entries, head=head, marks=marks)
    makers = {"records": record_row, "events": event_row, "evidence": lambda row: file_row(row, stored(export, row))}
    for name, make in makers.items():
        for kept in export.rows(f"{name}.jsonl", make):
            matching.add(kept)
    yield from matching.findings()


def stored(export: Export, row: Row) -> tuple[str, int] | None:
    return export.read.get(f"files/{row['facts']['sha256']}")


def plain(text: str) -> str:
    """The text on one line that any terminal shows: names in an export may be those of an impostor."""
    shown = "".join(ch if ch.isprintable() else ch.encode("unicode_escape").decode() for ch in text)
    spoken = sys.stdout.encoding or "utf-8"
    return shown.encode(spoken, "backslashreplace").decode(spoken) + "\n"


def main() -> int:
    """Print what was found, one sentence each, and the verdict. Answers the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path)
    parser.add_argument("--checkpoint", type=Path, action="append", default=[])
    parser.add_argument("--keys", type=Path)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    say = sys.stdout.write
    try:
        said = [whole(path.read_bytes()) for path in chosen.checkpoint]
        outside = [usable(row, CHECKPOINT_TEXTS) for each in said for row in each["checkpoints"]]
        also = read_keys(key for each in said for key in each.get("keys", ()))
        keys = read_keys(whole(chosen.keys.read_bytes())) if chosen.keys else None
        export = Export(chosen.export)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, Unreadable) as error:
        text = json.dumps({"verdict": "unreadable", "error": str(error)})
        say(plain(text if chosen.json else f"CANNOT BE READ: {error}"))
        return 2
    told: dict[str, list[Row]] = {"findings": [], "notes": []}
    counts = dict.fromkeys(told, 0)
    for finding in verify(export, keys=keys, also=also, outside=outside):
        kind = "notes" if finding.code in NOTES else "findings"
        counts[kind] += 1
        if counts[kind] > MOST_TOLD:
            continue
        told[kind].append(finding._asdict())
        if not chosen.json:
            place = f"{finding.chain} #{finding.seq}" if finding.seq else finding.chain
            say(plain(" ".join(filter(None, (f"{kind[:-1]}:", finding.code, place, finding.subject, finding.text)))))
    counts.update(entries=0, checkpoints=len(outside))
    for name, lines in export.counts.items():
        what = "entries" if name.startswith("chains/") else name.partition(".")[0]
        counts[what] = counts.get(what, 0) + lines
    verdict = "damaged" if counts["findings"] else "whole"
    if chosen.json:
        trust = "given" if chosen.keys else "own"
        say(json.dumps({"verdict": verdict, "counts": counts, "keys": trust, **told}) + "\n")
    else:
        say(f"{verdict.upper()}: " + ", ".join(f"{number} {what}" for what, number in counts.items()) + ".\n")
        say("" if chosen.keys else "The keys inside the export were used; compare them with those of the portal.\n")
    return 1 if counts["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())
