"""portal.audit.signing: one key signs, its public half is published with the first use, and stays so."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from pytest_django.fixtures import Settings

from portal.audit import signing
from portal.audit.models import SigningKey
from portal.jobs.tests.concurrency import shared_by_threads, together

OTHER = base64.b64encode(b"o" * 32).decode()


def test_a_signature_holds_for_its_bytes_and_its_key_alone(settings: Settings) -> None:
    signature, public = signing.sign(b"what is said"), signing.public_key()
    assert signing.verify(b"what is said", signature, public_key=public)
    assert not signing.verify(b"what is sald", signature, public_key=public)
    settings.EVIDENCE_KEY = OTHER
    assert not signing.verify(b"what is said", signature, public_key=signing.public_key())
    assert not signing.verify(b"what is said", signing.sign(b"what is said"), public_key=public)


@pytest.mark.parametrize(("signature", "key"), [("", ""), ("AAAA", "AAAA"), ("ü", "ü"), ("A", "=")])
def test_what_is_no_signature_is_refused_without_an_accident(signature: str, key: str) -> None:
    assert not signing.verify(b"", signature, public_key=key)


def test_the_public_key_is_that_of_the_seed(settings: Settings) -> None:
    """As anybody computes it from the environment's value."""
    settings.EVIDENCE_KEY = OTHER
    raw = Ed25519PrivateKey.from_private_bytes(b"o" * 32).public_key().public_bytes_raw()
    assert base64.b64decode(signing.public_key()) == raw


def test_old_keys_stay_published(db: None, settings: Settings) -> None:
    assert signing.published_keys() == []
    first = signing.current_key()
    assert signing.current_key() == first
    settings.EVIDENCE_KEY = OTHER
    second = signing.current_key()
    assert [key["key_id"] for key in signing.published_keys()] == [first.key_id, second.key_id]
    assert first.key_id == signing.key_id_of(first.public_key) != second.key_id


@pytest.mark.django_db(transaction=True)
def test_many_at_once_publish_one_key(tmp_path: Path) -> None:
    with shared_by_threads(tmp_path):
        keys, errors = together(4, lambda number: signing.current_key().key_id)
        assert not errors
        assert len(keys) == 4
        assert SigningKey.objects.count() == 1
        connection.close()
