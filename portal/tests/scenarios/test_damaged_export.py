"""E: an export, damaged in every way that one can think of, and every damage is found by the single-file program."""

import json
import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.test import Client

from agreements.models import AgreementTemplate
from agreements.tests.exporting import archive_of, filled, run_program, unpacked
from portal.audit import verify_evidence as verifier
from portal.audit.verify_evidence import Finding, Row
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios import damaging

pytestmark = pytest.mark.scenario("E3")
logger = logging.getLogger("scenario")


@pytest.fixture
def archive(
    client_of: Callable[[Membership], Client],
    admin_agent: Membership,
    actor_for: Callable[[Membership], Actor],
    template: AgreementTemplate,
) -> bytes:
    filled(admin_agent.partner, actor_for(admin_agent))
    return archive_of(client_of(admin_agent))


def kept_checkpoints(archive: bytes) -> list[Row]:
    """What the partner has by mail."""
    return damaging.lines(unpacked(archive), "checkpoints.jsonl")


def findings(path: Path, outside: list[Row]) -> list[Finding] | None:
    """What the program finds, None where it cannot read the archive at all."""
    try:
        return list(verifier.verify(verifier.Export(path), outside=outside))
    except verifier.Unreadable:
        return None


def test_every_damage_is_found(archive: bytes, tmp_path: Path) -> None:
    outside, path = kept_checkpoints(archive), tmp_path / "evidence.zip"
    tried: Counter[str] = Counter()
    missed: list[tuple[str, int, set[str]]] = []
    for number in range(scale(60, 1000)):
        kind, damaged = damaging.damage(archive, number)
        assert damaged.archive != archive, (kind, number)
        path.write_bytes(damaged.archive)
        found = findings(path, outside)
        codes = {"unreadable"} if found is None else {each.code for each in found} - verifier.NOTES
        tried[kind] += 1
        if not codes or (damaged.expected and not codes & damaged.expected):
            missed.append((kind, number, codes))
    logger.info("%s", json.dumps(tried))
    assert missed == []


def test_the_archive_itself_is_whole(archive: bytes, tmp_path: Path) -> None:
    """The control: what finds every damage does not find any where there is none, sealed again or unpacked either."""
    path, folder = tmp_path / "evidence.zip", tmp_path / "unpacked"
    path.write_bytes(archive)
    assert findings(path, kept_checkpoints(archive)) == []
    for name, content in unpacked(archive).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    assert findings(folder, kept_checkpoints(archive)) == []
    path.write_bytes(damaging.sealed(unpacked(archive)))
    assert findings(path, kept_checkpoints(archive)) == []


def test_the_program_as_it_is_handed_out_says_so(archive: bytes, tmp_path: Path) -> None:
    path, kept, keys = tmp_path / "evidence.zip", tmp_path / "kept.json", tmp_path / "keys.json"
    kept.write_text(json.dumps({"checkpoints": kept_checkpoints(archive)}))
    keys.write_bytes(unpacked(archive)["keys.json"])
    options = ["--checkpoint", str(kept), "--keys", str(keys)]
    files = unpacked(archive)
    damaging.end_cut(files, Random(1))
    seen = []
    for data in (archive, damaging.sealed(files), archive[:100]):
        path.write_bytes(data)
        code, verdict = run_program(tmp_path, path, *options)
        seen.append((code, verdict["verdict"], "truncated" in {each["code"] for each in verdict.get("findings", ())}))
    assert seen == [(0, "whole", False), (1, "damaged", True), (2, "unreadable", False)]


def time_in_header(archive: bytes) -> bytes:
    """A bit that no program reads."""
    return archive[:10] + bytes([archive[10] ^ 1]) + archive[11:]


def time_of_entry(files: damaging.Files) -> None:
    name = damaging.own_chain(files)
    rows = damaging.lines(files, name)
    rows[0]["at"] = f"2020{rows[0]['at'][4:]}"
    damaging.put(files, name, rows)


def signature_of_another(files: damaging.Files) -> None:
    rows = damaging.lines(files, "checkpoints.jsonl")
    rows[0]["signature"] = rows[1]["signature"]
    damaging.put(files, "checkpoints.jsonl", rows)


def name_of_person(files: damaging.Files) -> None:
    rows = damaging.lines(files, "records.jsonl")
    next(row["person"] for row in rows if row["person"])["last_name"] = "Somebody Else"
    damaging.put(files, "records.jsonl", rows)


def record_of_elsewhere(files: damaging.Files) -> None:
    damaging.row_of_elsewhere(files, Random(3))


def longer_head(files: damaging.Files) -> None:
    heads = json.loads(files["heads.json"])
    heads[0]["seq"] += 1
    files["heads.json"] = verifier.canonical(heads).encode()


# Check -> where it is, what it answers when it is switched off, and the damage that it alone finds.
CONTROLS: dict[str, tuple[Any, Any, Callable[[damaging.Files], None] | None]] = {
    "seal_flaw": (verifier.Export, "", None),
    "is_itself": (verifier, True, time_of_entry),
    "_check_end": (verifier, (), longer_head),
    "check_signature": (verifier, (), signature_of_another),
    "_is_person": (verifier, True, name_of_person),
    "findings": (verifier.Matching, (), record_of_elsewhere),
}


def test_without_its_check_a_damage_is_missed(
    archive: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: each finding is the work of the check that it belongs to."""
    path, outside = tmp_path / "evidence.zip", kept_checkpoints(archive)
    for check, (owner, answer, damage) in CONTROLS.items():
        files = unpacked(archive)
        if damage is not None:
            damage(files)
        path.write_bytes(time_in_header(archive) if damage is None else damaging.sealed(files))
        assert findings(path, outside) != [], check
        with monkeypatch.context() as blinded:
            blinded.setattr(owner, check, lambda *_, answer=answer: answer)
            assert findings(path, outside) == [], check
