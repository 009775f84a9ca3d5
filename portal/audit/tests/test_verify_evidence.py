"""The single-file verifier: each thing that can be wrong has its code, and what is whole has none."""

import ast
import base64
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.audit import verify_evidence as verifier
from portal.audit.services import canonical as canonical_of_portal
from portal.audit.verify_evidence import Finding, Matching, canonical, salted_digest, sha256

CHAIN = "partner:test"
SALT = "ab" * 32
Row = dict[str, Any]


def linked(entries: list[Row]) -> list[Row]:
    """The entries with digests and links as whoever has the whole chain would compute them."""
    prev = verifier.genesis(CHAIN)
    for entry in entries:
        entry["prev"] = prev
        entry["payload_digest"] = sha256(entry["payload"])
        prev = entry["digest"] = verifier.entry_digest(CHAIN, entry)
    return entries


def entry(seq: int, kind: str = "attestation", subject: str = "", payload: Any = None) -> Row:
    return {
        "algorithm": "sha256/1" if seq == 1 else "sha256/2",
        "chain": CHAIN,
        "seq": seq,
        "at": f"2026-05-04T10:00:{seq:02}.000000+00:00",
        "kind": kind,
        "subject": subject or f"r{seq}",
        "payload": canonical(payload if payload is not None else {"n": seq, "name": "Zażółć"}),
    }


def chain(count: int = 5) -> list[Row]:
    return linked([entry(seq) for seq in range(1, count + 1)])


def codes(findings: Any) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.seq) for finding in findings]


def checked(entries: list[Row], **known: Any) -> list[tuple[str, int | None]]:
    end = (5, chain()[-1]["digest"])
    return codes(verifier.check_chain(CHAIN, entries, **{"head": end, **known}))


def test_a_whole_chain_has_no_finding() -> None:
    marks = [(each["seq"], each["digest"]) for each in chain()]
    assert checked(chain(), marks=[(0, verifier.genesis(CHAIN)), *marks]) == []
    assert codes(verifier.check_chain("partner:empty", [], head=None)) == []


def changed(seq: int, **values: Any) -> list[Row]:
    entries = chain()
    entries[seq - 1].update(values)
    return entries


def without(*numbers: int) -> list[Row]:
    return [each for each in chain() if each["seq"] not in numbers]


OTHER = "0" * 64
DAMAGES: dict[str, tuple[list[Row], list[tuple[str, int]]]] = {
    "payload": (changed(3, payload='{"n":4}'), [("altered", 3)]),
    "payload digest": (changed(3, payload_digest=OTHER), [("altered", 3)]),
    "kind": (changed(3, kind="attestation.erased"), [("altered", 3)]),
    "time": (changed(3, at="2026-05-04T10:00:03.000001+00:00"), [("altered", 3)]),
    "subject": (changed(3, subject="r4"), [("altered", 3)]),
    "algorithm": (changed(3, algorithm="none"), [("altered", 3)]),
    "digest": (changed(3, digest=OTHER), [("altered", 3), ("unlinked", 4)]),
    "link": (changed(3, prev=OTHER), [("altered", 3), ("unlinked", 3)]),
    "middle removed": (without(3), [("gap", 4)]),
    "beginning removed": (without(1), [("gap", 2)]),
    "end removed": (without(4, 5), [("truncated", 4)]),
    "everything removed": ([], [("truncated", 1)]),
    "swapped": ([chain()[i] for i in (0, 2, 1, 3, 4)], [("gap", 3), ("gap", 2), ("clock_back", 2), ("gap", 4)]),
    "twice": ([chain()[i] for i in (0, 1, 2, 2, 3, 4)], [("fork", 3)]),
    "added": (chain(6), [("added", 6)]),
    "written anew": (
        linked([entry(seq, subject="other") for seq in range(1, 6)]),
        [("rewritten", 5)],
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_to_the_chain_is_named(damage: str) -> None:
    entries, expected = DAMAGES[damage]
    assert checked(entries) == expected


def test_a_kept_checkpoint_finds_a_cut_whose_head_was_moved() -> None:
    cut = without(4, 5)
    end = (3, cut[-1]["digest"])
    assert checked(cut, head=end) == []
    assert checked(cut, head=end, marks=[(5, chain()[-1]["digest"])]) == [("truncated", 4)]


def test_a_kept_checkpoint_finds_a_chain_written_anew() -> None:
    anew = linked([entry(seq, subject="other") for seq in range(1, 6)])
    end = (5, anew[-1]["digest"])
    assert checked(anew, head=end) == []
    assert checked(anew, head=end, marks=[(2, chain()[1]["digest"])]) == [("rewritten", 2)]


def test_a_clock_that_went_back_is_a_note() -> None:
    entries = linked([{**entry(1), "at": "2026-05-04T11:00:00.000000+00:00"}, entry(2)])
    findings = list(verifier.check_chain(CHAIN, entries, head=(2, entries[-1]["digest"])))
    assert codes(findings) == [("clock_back", 2)]
    assert findings[0].code in verifier.NOTES


def test_only_the_portals_chain_leaves_payloads_out() -> None:
    assert checked(changed(3, payload=None)) == [("altered", 3)]
    others = {**entry(1), "chain": "portal", "payload_digest": OTHER, "payload": None, "prev": sha256("portal")}
    others["digest"] = verifier.entry_digest("portal", others)
    assert codes(verifier.check_chain("portal", [others], head=(1, others["digest"]))) == []


def test_an_entry_of_another_chain_is_no_entry_of_this_one() -> None:
    assert checked(changed(3, chain="partner:other")) == [("altered", 3)]


def test_texts_hash_as_the_portal_hashes_them() -> None:
    for value in ({"b": 'Zażółć 李雷 😀 "\\\n\u2028', "a": [None, True, 1.5, -3]}, {}):
        assert canonical(value) == canonical_of_portal(value)


# Records, events, files

ACTOR = ["agent", 7, "Ada Admin"]


def record(**person: Any) -> Row:
    told = {**dict.fromkeys(verifier.PERSONAL, ""), "first_name": "Zofia", "authority": "Director"}
    facts = {
        "reference": "r1",
        "person": salted_digest(SALT, told),
        "recorded_by": salted_digest(SALT, ACTOR),
        "approved_by": salted_digest(SALT, [8, "Bea"]),
    }
    person = {**told, "actor": ACTOR, "salt": SALT, "approver": [8, "Bea"], **person}
    return {"chain": CHAIN, "reference": "r1", "facts": facts, "person": person}


def event(**detail: Any) -> Row:
    said = {"reason": "Wrong", "actor": ACTOR, "salt": SALT, **detail}
    facts = {"attestation": "r1", "at": "T", "door": "d", "roles": []}
    facts["reason"] = salted_digest(SALT, ["Wrong", *ACTOR])
    return {"chain": CHAIN, "attestation": "r1", "kind": "withdrawn", "facts": facts, "detail": said}


def file() -> Row:
    facts = {"attestation": "r1", "file": "f1", "sha256": OTHER, "size": 3}
    return {"chain": CHAIN, "attestation": "r1", "file": "f1", "facts": facts}


def whole() -> list[Row]:
    return linked(
        [
            entry(1, "attestation", "r1", record()["facts"]),
            entry(2, "attestation.withdrawn", "r1", event()["facts"]),
            entry(3, "evidence", "r1", file()["facts"]),
        ]
    )


def matched(
    *, rows: list[verifier.Kept] | None = None, entries: list[Row] | None = None, is_wanted: bool = True
) -> list[Finding]:
    matching = Matching()
    for each in whole() if entries is None else entries:
        matching.add_entry(each, is_wanted=is_wanted)
    for row in kept() if rows is None else rows:
        matching.add(row)
    return list(matching.findings())


def kept(**changed: verifier.Kept | None) -> list[verifier.Kept]:
    rows = {
        "record": verifier.record_row(record()),
        "event": verifier.event_row(event()),
        "file": verifier.file_row(file(), (OTHER, 3)),
    }
    return [row for row in {**rows, **changed}.values() if row is not None]


def facts_changed(row: Row, **facts: Any) -> Row:
    return {**row, "facts": {**row["facts"], **facts}}


def elsewhere(row: verifier.Kept) -> verifier.Kept:
    return row._replace(chain="partner:other")


ROWS: dict[str, tuple[list[verifier.Kept], list[tuple[str, int | None]]]] = {
    "record changed": (
        kept(record=verifier.record_row(facts_changed(record(), door="x"))),
        [("record_altered", 1)],
    ),
    "record removed": (kept(record=None), [("record_missing", 1)]),
    "record added": ([*kept(), kept()[0]._replace(key="r9", subject="r9")], [("record_unchained", None)]),
    "record twice": ([*kept(), kept()[0]], [("record_unchained", None)]),
    "record elsewhere": (
        kept(record=elsewhere(verifier.record_row(record()))),
        [("record_missing", 1), ("record_unchained", None)],
    ),
    "name": (kept(record=verifier.record_row(record(first_name="Anna"))), [("person_altered", 1)]),
    "position": (kept(record=verifier.record_row(record(authority=""))), [("person_altered", 1)]),
    "recorder": (kept(record=verifier.record_row(record(actor=["agent", 8, "Eve"]))), [("person_altered", 1)]),
    "approver": (kept(record=verifier.record_row(record(approver=[9, "Eve"]))), [("person_altered", 1)]),
    "person removed": (kept(record=verifier.record_row({**record(), "person": None})), [("person_missing", 1)]),
    "event changed": (kept(event=verifier.event_row(facts_changed(event(), door="x"))), [("event_altered", 2)]),
    "reason changed": (kept(event=verifier.event_row(event(reason="Right"))), [("event_altered", 2)]),
    "reason removed": (kept(event=verifier.event_row({**event(), "detail": None})), [("event_altered", 2)]),
    "event removed": (kept(event=None), [("event_missing", 2)]),
    "event at another time": (
        kept(event=verifier.event_row(facts_changed(event(), at="U"))),
        [("event_missing", 2), ("event_unchained", None)],
    ),
    "file's facts": (kept(file=verifier.file_row(facts_changed(file(), size=4), (OTHER, 4))), [("file_altered", 3)]),
    "file's bytes": (kept(file=verifier.file_row(file(), ("1" * 64, 3))), [("file_altered", 3)]),
    "file's bytes gone": (kept(file=verifier.file_row(file(), None)), [("file_missing", 3)]),
    "file removed": (kept(file=None), [("file_missing", 3)]),
    "file added": ([*kept(), kept()[2]._replace(key="f9")], [("file_unchained", None)]),
}


def test_rows_that_fit_have_no_finding() -> None:
    assert matched() == []
    assert matched(rows=[], is_wanted=False) == []


@pytest.mark.parametrize("damage", ROWS)
def test_damage_to_rows_is_named(damage: str) -> None:
    rows, expected = ROWS[damage]
    assert codes(matched(rows=rows)) == expected


def test_every_code_is_told_in_words_and_tested() -> None:
    seen = {code for _entries, expected in DAMAGES.values() for code, _seq in expected}
    seen |= {code for _rows, expected in ROWS.values() for code, _seq in expected}
    # Only of whole exports: agreements/tests/test_verify_export.py
    seen.add("later")
    assert set(verifier.SAYS) <= seen


def test_what_was_erased_is_not_missed() -> None:
    erased = linked([*whole(), entry(4, "attestation.erased", "r1", {**event()["facts"], "at": "V"})])
    rows = kept(
        record=verifier.record_row({**record(), "person": None}),
        event=verifier.event_row({**event(), "detail": None}),
        file=None,
    )
    told = facts_changed({**event(), "kind": "erased"}, at="V")
    assert codes(matched(rows=[*rows, verifier.event_row(told)], entries=erased)) == []


def test_entries_of_before_cover_no_reason() -> None:
    before = linked([entry(1, "attestation.withdrawn", "r1", {**event()["facts"], "reason": None})])
    row = verifier.event_row(facts_changed(event(), reason=None))
    assert codes(matched(rows=[row], entries=before)) == []


# Signatures


@pytest.fixture(scope="module")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def signed(key: Ed25519PrivateKey, data: bytes) -> str:
    return base64.b64encode(key.sign(data)).decode()


def test_the_vectors_of_rfc_8032() -> None:
    """Section 7.1, tests 1 and 2."""
    vectors = [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            b"",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595"
            "bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            b"\x72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
            "2aeeb00d291612bb0c00",
        ),
    ]
    for public_key, message, signature in vectors:
        text = base64.b64encode(bytes.fromhex(signature)).decode()
        assert verifier.is_signed(bytes.fromhex(public_key), message, text)
        assert not verifier.is_signed(bytes.fromhex(public_key), message + b"!", text)


def test_every_flipped_bit_of_a_signature_is_found(key: Ed25519PrivateKey) -> None:
    text = signed(key, b"statement")
    assert verifier.is_signed(public(key), b"statement", text)
    for place in range(0, len(text) * 8, 7):
        damaged = bytearray(text.encode())
        damaged[place // 8] ^= 1 << place % 8
        assert not verifier.is_signed(public(key), b"statement", damaged.decode("latin-1")), place


def test_a_signature_has_one_form_only(key: Ed25519PrivateKey) -> None:
    """Adding the group's order gives another number that equations without this check take as well."""
    raw = base64.b64decode(signed(key, b"statement"))
    more = int.from_bytes(raw[32:], "little") + verifier.L
    assert not verifier.is_signed(
        public(key), b"statement", base64.b64encode(raw[:32] + more.to_bytes(32, "little")).decode()
    )


def checkpoint(signer: Ed25519PrivateKey, **changed: Any) -> Row:
    said = {"chain": CHAIN, "seq": 5, "digest": OTHER, "key": hashlib.sha256(public(signer)).hexdigest()[:16]}
    statement = canonical({"v": 1, "at": "T", **said})
    return {**said, "statement": statement, "signature": signed(signer, statement.encode()), **changed}


CHECKPOINTS: dict[str, Row] = {
    "number": {"seq": 6},
    "digest": {"digest": "1" * 64},
    "chain": {"chain": "portal"},
    "statement": {"statement": "{}"},
    "no statement": {"statement": "Trust me"},
    "signature": {"signature": base64.b64encode(bytes(64)).decode()},
    "no signature": {"signature": ""},
    "unknown key": {"key": "0" * 16},
}


def test_a_signed_checkpoint_has_no_finding(key: Ed25519PrivateKey) -> None:
    keys = verifier.read_keys([{"key_id": "any", "public_key": base64.b64encode(public(key)).decode()}])
    assert list(verifier.check_signature(checkpoint(key), keys)) == []


@pytest.mark.parametrize("damage", CHECKPOINTS)
def test_damage_to_a_checkpoint_is_named(key: Ed25519PrivateKey, damage: str) -> None:
    keys = verifier.read_keys([{"public_key": base64.b64encode(public(key)).decode()}])
    (finding,) = verifier.check_signature(checkpoint(key, **CHECKPOINTS[damage]), keys)
    assert finding.code == "bad_signature"


# The program


def test_it_is_one_file_for_python_3_9_with_the_standard_library_alone() -> None:
    tree = ast.parse(Path(verifier.__file__).read_text(), feature_version=(3, 9))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06", b"no archive at all"])
def test_what_is_no_archive_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any, content: bytes
) -> None:
    file = tmp_path / "evidence.zip"
    file.write_bytes(content)
    monkeypatch.setattr(sys, "argv", ["verify_evidence.py", str(file)])
    assert verifier.main() == 2
    assert capsys.readouterr().out.startswith("CANNOT BE READ")


def test_memory_holds_no_rows() -> None:
    """What is matched lies in a file; `benchmarks.verifier` measures a million."""
    matching = Matching()
    add: Callable[..., None] = matching.add_entry
    for seq in range(2500):
        add({**entry(1), "seq": seq, "payload_digest": OTHER}, is_wanted=False)
    assert len(matching._entries) < 1000
