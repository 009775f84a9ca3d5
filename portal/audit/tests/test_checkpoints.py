"""portal.audit.checkpoints: what is signed of a chain, and what a file says of it."""

import base64
import json

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings

from portal.audit.appendonly import AppendOnlyError
from portal.audit.checkpoints import as_file, checkpoint_facts, stamped_bytes, take_checkpoint
from portal.audit.models import Checkpoint, StampState, TimeStamp
from portal.audit.services import append_to_chain, entry_time, genesis
from portal.audit.signing import verify
from portal.audit.timestamps import await_stamp

pytestmark = pytest.mark.django_db


def entry(number: int = 1) -> str:
    with transaction.atomic():
        return append_to_chain(chain="portal", kind="attestation", subject="a", payload={"n": number}).digest


def taken() -> Checkpoint:
    checkpoint = take_checkpoint(chain="portal")
    assert checkpoint is not None
    return checkpoint


def test_a_chain_without_entries_has_nothing_to_sign() -> None:
    assert take_checkpoint(chain="portal") is None
    assert not Checkpoint.objects.exists()


def test_the_statement_says_where_the_chain_stood() -> None:
    entry()
    digest = entry(2)
    checkpoint = taken()
    said = {
        "v": 1,
        "chain": "portal",
        "seq": 2,
        "digest": digest,
        "at": entry_time(checkpoint.at),
        "key": checkpoint.key.key_id,
    }
    assert checkpoint.statement == json.dumps(said, sort_keys=True, separators=(",", ":"))
    assert (checkpoint.seq, checkpoint.digest) == (2, digest)
    assert digest != genesis("portal")
    public = checkpoint.key.public_key
    assert verify(checkpoint.statement.encode(), checkpoint.signature, public_key=public)
    changed = checkpoint.statement.replace('"seq":2', '"seq":1')
    assert not verify(changed.encode(), checkpoint.signature, public_key=public)


def test_a_checkpoint_is_never_changed() -> None:
    entry()
    checkpoint = taken()
    with pytest.raises(AppendOnlyError):
        checkpoint.save()
    with pytest.raises(AppendOnlyError):
        Checkpoint.objects.all().delete()


def test_after_a_new_key_the_old_checkpoint_still_holds(settings: Settings) -> None:
    entry()
    before = taken()
    settings.EVIDENCE_KEY = base64.b64encode(b"n" * 32).decode()
    after = taken()
    for checkpoint in (before, after):
        public = checkpoint.key.public_key
        assert verify(checkpoint.statement.encode(), checkpoint.signature, public_key=public)
    keys = json.loads(as_file([before]))["keys"]
    assert [key["public_key"] for key in keys] == [before.key.public_key, after.key.public_key]


def test_a_file_says_it_all(settings: Settings) -> None:
    entry()
    checkpoint = taken()
    assert await_stamp(checkpoint) is None
    facts = checkpoint_facts(Checkpoint.objects.with_details().get())
    assert facts == {
        "id": str(checkpoint.public_id),
        "chain": "portal",
        "seq": 1,
        "digest": checkpoint.digest,
        "statement": checkpoint.statement,
        "signature": checkpoint.signature,
        "key": checkpoint.key.key_id,
        "stamp": None,
    }
    settings.TSA_URL = "https://tsa.example/"
    await_stamp(checkpoint)
    pending = checkpoint_facts(Checkpoint.objects.with_details().get())["stamp"]
    assert pending == {"state": "pending", "authority": "https://tsa.example/", "stamped_at": None, "token": None}
    TimeStamp.objects.update(state=StampState.STAMPED, token=b"\x01\x02", stamped_at=checkpoint.at)
    stamped = checkpoint_facts(Checkpoint.objects.with_details().get())["stamp"]
    assert (stamped["token"], stamped["stamped_at"]) == ("AQI=", entry_time(checkpoint.at))
    assert stamped_bytes(checkpoint).decode().split("\n") == [checkpoint.statement, checkpoint.signature]
