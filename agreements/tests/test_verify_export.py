"""What the single-file program makes of an export that was kept, and of one whose JSON can be read in two ways."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from agreements.tests.exporting import archive_of, unpacked
from agreements.tests.factories import confirmed
from customers.models import Customer
from portal.audit import verify_evidence as verifier
from portal.audit.checkpoints import checkpoint_facts, take_checkpoint
from portal.audit.signing import published_keys
from portal.audit.verify_evidence import Row
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.tests.scenarios import damaging

pytestmark = pytest.mark.usefixtures("template")
Found = list[tuple[str, int | None]]


@pytest.fixture
def by(actor_for: Callable[..., Actor], admin_agent: Membership) -> Actor:
    return actor_for(admin_agent)


@pytest.fixture
def archive(
    client_of: Callable[[Membership], Client], admin_agent: Membership, customer: Customer, by: Actor
) -> bytes:
    confirmed(customer, by)
    return archive_of(client_of(admin_agent))


def found(archive: bytes, folder: Path, outside: list[Row] | None = None) -> Found:
    path = folder / "evidence.zip"
    path.write_bytes(archive)
    keys = verifier.read_keys(published_keys())
    return [
        (each.code, each.seq) for each in verifier.verify(verifier.Export(path), keys=keys, outside=outside or [])
    ]


def checkpoint_of(customer: Customer) -> Row:
    taken = take_checkpoint(chain=f"partner:{customer.partner.tenant_id}")
    assert taken is not None
    return checkpoint_facts(taken)


def test_a_checkpoint_of_later_is_no_sign_that_something_was_cut_off(
    archive: bytes, customer: Customer, by: Actor, tmp_path: Path
) -> None:
    same = checkpoint_of(customer)
    confirmed(customer, by, correction_of=customer.tenant.attestations.get().reference, reason_note="Name")
    later = checkpoint_of(customer)
    assert found(archive, tmp_path, [same, later]) == [("later", 2)]
    assert "later" in verifier.NOTES
    # What it says of entries that are here counts, whenever it was signed; without an end nothing is later.
    rewritten = {**same, "digest": "0" * 64}
    assert ("rewritten", 1) in found(archive, tmp_path, [rewritten])
    files = unpacked(archive)
    said = json.loads(files["manifest.json"])
    files["manifest.json"] = json.dumps(said | {"made_at": "2999-01-01"}).encode()
    assert ("truncated", 2) in found(damaging.sealed(files), tmp_path, [later])


def test_a_name_that_is_there_twice_is_told(archive: bytes, tmp_path: Path) -> None:
    files = unpacked(archive)
    files["records.jsonl"] = files["records.jsonl"].replace(
        b'"facts":', b'"facts":{"agreed_on":"2001-01-01"},"facts":'
    )
    assert ("archive", None) in found(damaging.sealed(files), tmp_path)


@pytest.mark.parametrize("number", ["1e999", "true", "null"])
def test_a_manifest_whose_number_is_none_is_told(archive: bytes, tmp_path: Path, number: str) -> None:
    for name, content in unpacked(archive).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    said = (tmp_path / "manifest.json").read_text()
    (tmp_path / "manifest.json").write_text(said.replace('"rows_to":{', f'"rows_to":{{"x":{number},'))
    texts = {each.text for each in verifier.verify(verifier.Export(tmp_path))}
    assert "manifest.json cannot be used." in texts
