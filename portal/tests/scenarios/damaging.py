"""Damages to an archive of evidence: blind ones to its bytes, and clever ones to what is in it.

The clever ones are sealed again with the portal's own key, as nobody without it could: nothing but what is checked of
the content itself can find them.
"""

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from random import Random
from typing import Any, NamedTuple

from agreements.exports.zipping import SignedZip
from portal.audit import verify_evidence as verifier
from portal.audit.signing import sign
from portal.audit.verify_evidence import canonical, sha256

Row = dict[str, Any]
Files = dict[str, bytes]
SEALS = ("manifest.json", "manifest.sig")


class Damaged(NamedTuple):
    """expected: codes of which at least one must be found; empty where the archive may be unreadable as well."""

    archive: bytes
    expected: frozenset[str] = frozenset()


# To the bytes, by whoever has the file


def flip_bit(data: bytes, by: Random) -> bytes:
    place, damaged = by.randrange(len(data) * 8), bytearray(data)
    damaged[place // 8] ^= 1 << place % 8
    return bytes(damaged)


def cut_end(data: bytes, by: Random) -> bytes:
    return data[: by.randrange(len(data))]


def cut_middle(data: bytes, by: Random) -> bytes:
    start = by.randrange(len(data) - 1)
    return data[:start] + data[start + by.randint(1, 200) :]


def insert(data: bytes, by: Random) -> bytes:
    start = by.randint(0, len(data))
    return data[:start] + by.randbytes(by.randint(1, 200)) + data[start:]


def swap_blocks(data: bytes, by: Random) -> bytes:
    size = by.randint(8, 64)
    first = by.randrange(len(data) // 2 - size)
    second = by.randrange(len(data) // 2, len(data) - size)
    one, other = data[first : first + size], data[second : second + size]
    return data[:first] + other + data[first + size : second] + one + data[second + size :]


BLIND: tuple[Callable[[bytes, Random], bytes], ...] = (flip_bit, cut_end, cut_middle, insert, swap_blocks)


# To the content, sealed again


def unpacked(data: bytes) -> Files:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sealed(files: Files) -> bytes:
    """The files as an archive whose manifest and signatures are right."""
    archive, manifest = SignedZip(sign), json.loads(files["manifest.json"])
    data = [b"".join(archive.add(name, [content])) for name, content in files.items() if name not in SEALS]
    said = canonical(manifest | {"files": archive.files}).encode()
    data += [b"".join(archive.add("manifest.json", [said]))]
    data += [b"".join(archive.add("manifest.sig", [sign(said).encode()]))]
    return b"".join([*data, *archive.finish()])


def lines(files: Files, name: str) -> list[Row]:
    return [json.loads(line) for line in files[name].splitlines()]


def put(files: Files, name: str, rows: list[Row]) -> None:
    files[name] = "".join(canonical(row) + "\n" for row in rows).encode()


def own_chain(files: Files) -> str:
    return next(name for name in files if name.startswith("chains/partner"))


def line_removed(files: Files, by: Random) -> set[str]:
    name = own_chain(files)
    rows = lines(files, name)
    del rows[by.randrange(len(rows))]
    put(files, name, rows)
    return {"gap", "truncated"}


def lines_swapped(files: Files, by: Random) -> set[str]:
    name = own_chain(files)
    rows = lines(files, name)
    one, other = by.sample(range(len(rows)), 2)
    rows[one], rows[other] = rows[other], rows[one]
    put(files, name, rows)
    return {"gap"}


def line_repeated(files: Files, by: Random) -> set[str]:
    name = own_chain(files)
    rows = lines(files, name)
    place = by.randrange(len(rows))
    put(files, name, [*rows[: place + 1], *rows[place:]])
    return {"fork"}


def forked(files: Files, by: Random) -> set[str]:
    """A second entry of a number, with digests that are right in themselves."""
    name = own_chain(files)
    rows = lines(files, name)
    place = by.randrange(len(rows))
    other = dict(rows[place], payload=canonical(json.loads(rows[place]["payload"]) | {"door": "api"}))
    other["payload_digest"] = sha256(other["payload"])
    other["digest"] = verifier.entry_digest(other["chain"], other)
    put(files, name, [*rows[:place], other, *rows[place:]])
    return {"fork"}


def value_changed(files: Files, by: Random) -> set[str]:
    """Any one value of any entry, of the portal's chain as well."""
    name = by.choice([each for each in files if each.startswith("chains/")])
    rows = lines(files, name)
    row = by.choice(rows)
    field = by.choice([field for field in row if row[field] is not None])
    row[field] = row[field] + by.randint(1, 9) if field == "seq" else flipped(row[field], by)
    put(files, name, rows)
    return {"altered"}


def flipped(text: str, by: Random) -> str:
    place = by.randrange(len(text))
    return text[:place] + chr((ord(text[place]) + by.randint(1, 90) - 32) % 95 + 32) + text[place + 1 :]


def type_changed(files: Files, by: Random) -> set[str]:
    """A value becomes one of another kind, which no program may stumble over."""
    places = {"records.jsonl": "person", "events.jsonl": "detail", "evidence.jsonl": "facts", own_chain(files): ""}
    name = by.choice(sorted(places))
    rows = lines(files, name)
    row = by.choice([row for row in rows if not places[name] or row[places[name]]])
    part = by.choice([row, row[places[name]]]) if places[name] else row
    field = by.choice(sorted(set(part) - {"name"}))
    part[field] = by.choice([each for each in (7, [], {}, [[{}]], True) if each != part[field]])
    put(files, name, rows)
    return set()


def row_changed(files: Files, by: Random) -> set[str]:
    """Any one fact of a record, an event or a file."""
    name, code = by.choice([("records", "record"), ("events", "event"), ("evidence", "file")])
    rows = lines(files, f"{name}.jsonl")
    facts = by.choice(rows)["facts"]
    field = by.choice([field for field in facts if isinstance(facts[field], str) and facts[field]])
    facts[field] = flipped(facts[field], by)
    put(files, f"{name}.jsonl", rows)
    return {f"{code}_altered", f"{code}_unchained"}


def row_removed(files: Files, by: Random) -> set[str]:
    name, code = by.choice([("records", "record"), ("events", "event"), ("evidence", "file")])
    rows = lines(files, f"{name}.jsonl")
    del rows[by.randrange(len(rows))]
    put(files, f"{name}.jsonl", rows)
    return {f"{code}_missing"}


def row_of_elsewhere(files: Files, by: Random) -> set[str]:
    """A record of another archive, whole in itself."""
    rows = lines(files, "records.jsonl")
    row = json.loads(canonical(by.choice(rows)))
    row["reference"] = row["facts"]["reference"] = f"{by.getrandbits(128):032x}"
    put(files, "records.jsonl", [*rows, row])
    return {"record_unchained"}


def person_changed(files: Files, by: Random) -> set[str]:
    rows = lines(files, "records.jsonl")
    person = by.choice([row["person"] for row in rows if row["person"]])
    field = by.choice([*verifier.PERSONAL, "authority", "salt"])
    person[field] = flipped(person[field], by) if person[field] else "X"
    put(files, "records.jsonl", rows)
    return {"person_altered"}


def person_removed(files: Files, by: Random) -> set[str]:
    rows = lines(files, "records.jsonl")
    by.choice([row for row in rows if row["person"]])["person"] = None
    put(files, "records.jsonl", rows)
    return {"person_missing"}


def reason_changed(files: Files, by: Random) -> set[str]:
    rows = lines(files, "events.jsonl")
    detail = by.choice([row["detail"] for row in rows if row["detail"]])
    detail["reason"] = flipped(detail["reason"], by)
    put(files, "events.jsonl", rows)
    return {"event_altered"}


def file_byte_changed(files: Files, by: Random) -> set[str]:
    name = by.choice([name for name in files if name.startswith("files/")])
    files[name] = flip_bit(files[name], by)
    return {"file_altered"}


def file_removed(files: Files, by: Random) -> set[str]:
    del files[by.choice([name for name in files if name.startswith("files/")])]
    return {"file_missing"}


def head_moved(files: Files, by: Random) -> set[str]:
    heads = json.loads(files["heads.json"])
    head = by.choice(heads)
    step = by.choice([-1, 0, 1])
    head["seq"] += step
    head["digest"] = sha256(str(by.random())) if not step else head["digest"]
    files["heads.json"] = canonical(heads).encode()
    return {"added"} if step < 0 else {"truncated"} if step else {"rewritten"}


def checkpoint_changed(files: Files, by: Random) -> set[str]:
    rows = lines(files, "checkpoints.jsonl")
    row = by.choice(rows)
    field = by.choice(["chain", "digest", "statement", "signature", "key"])
    row[field] = flipped(row[field], by)
    put(files, "checkpoints.jsonl", rows)
    return {"bad_signature"}


def end_cut(files: Files, by: Random) -> set[str]:
    """The last entries, with heads and checkpoints that say so: only a checkpoint kept elsewhere tells."""
    name = own_chain(files)
    rows = lines(files, name)
    _ended(files, name, rows[: by.randrange(1, len(rows))])
    return {"truncated"}


def written_anew(files: Files, by: Random) -> set[str]:
    """From some entry to the end, with every digest right: only a checkpoint kept elsewhere tells."""
    name = own_chain(files)
    rows = lines(files, name)
    place = by.randrange(len(rows))
    rows[place]["payload"] = canonical(json.loads(rows[place]["payload"]) | {"door": "api"})
    prev = rows[place]["prev"]
    for row in rows[place:]:
        row["prev"], row["payload_digest"] = prev, sha256(row["payload"])
        prev = row["digest"] = verifier.entry_digest(row["chain"], row)
    _ended(files, name, rows)
    return {"rewritten"}


def _ended(files: Files, name: str, rows: list[Row]) -> None:
    put(files, name, rows)
    chain, last = rows[-1]["chain"], rows[-1]
    heads = [each for each in json.loads(files["heads.json"]) if each["chain"] != chain]
    head = {"chain": chain, "seq": last["seq"], "digest": last["digest"]}
    files["heads.json"] = canonical([head, *heads]).encode()
    kept = [each for each in lines(files, "checkpoints.jsonl") if each["chain"] != chain]
    put(files, "checkpoints.jsonl", kept)


CLEVER: tuple[Callable[[Files, Random], set[str]], ...] = (
    line_removed,
    lines_swapped,
    line_repeated,
    forked,
    value_changed,
    type_changed,
    row_changed,
    row_removed,
    row_of_elsewhere,
    person_changed,
    person_removed,
    reason_changed,
    file_byte_changed,
    file_removed,
    head_moved,
    checkpoint_changed,
    end_cut,
    written_anew,
)


def damage(data: bytes, number: int) -> tuple[str, Damaged]:
    """The kind of the damage with this number, and the archive that has it; half of all are blind."""
    by = Random(number)
    if number % 2:
        kind = BLIND[number // 2 % len(BLIND)]
        return kind.__name__, Damaged(kind(data, by))
    how = CLEVER[number // 2 % len(CLEVER)]
    files = unpacked(data)
    expected = how(files, by)
    return how.__name__, Damaged(sealed(files), frozenset(expected))
