"""Checkpoints: what is signed of a chain, so that who keeps it can show later that nothing before it was changed.

Recording never waits for one: where a chain stands is read in one look at its head.
"""

import base64
import json
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.audit.models import ChainHead, Checkpoint, TimeStamp
from portal.audit.services import canonical, entry_time
from portal.audit.signing import current_key, published_keys, sign

VERSION = 1
"""Of the statement: the fields that it has, and what they mean."""
FILE_FORMAT = "portal-checkpoints/1"


@transaction.atomic
def take_checkpoint(*, chain: str) -> Checkpoint | None:
    """Sign where the chain stands now; None where it has no entry yet.

    The statement is the canonical JSON of v (its version), chain, seq, digest (of the last entry), at (UTC, as
    `entry_time` writes it) and key (the id of the key that signs); what is signed are its bytes in UTF-8.
    """
    at = timezone.now()
    head = ChainHead.objects.filter(chain=chain, seq__gte=1).first()
    if head is None:
        return None
    key = current_key()
    said = {"chain": chain, "seq": head.seq, "digest": head.digest, "at": entry_time(at), "key": key.key_id}
    statement = canonical({"v": VERSION, **said})
    return Checkpoint.objects.create(
        chain=chain,
        seq=head.seq,
        digest=head.digest,
        at=at,
        key=key,
        statement=statement,
        signature=sign(statement.encode()),
    )


def stamped_bytes(checkpoint: Checkpoint) -> bytes:
    """What a time-stamp authority vouches for: the statement, a line feed, the signature in base64."""
    return f"{checkpoint.statement}\n{checkpoint.signature}".encode()


def checkpoint_facts(checkpoint: Checkpoint) -> dict[str, Any]:
    """A checkpoint as files say it: JSON types only. stamp: None where no authority was ever asked."""
    stamp: TimeStamp | None = getattr(checkpoint, "stamp", None)
    return {
        "id": str(checkpoint.public_id),
        "chain": checkpoint.chain,
        "seq": checkpoint.seq,
        "digest": checkpoint.digest,
        "statement": checkpoint.statement,
        "signature": checkpoint.signature,
        "key": checkpoint.key.key_id,
        "stamp": None if stamp is None else _stamp_facts(stamp),
    }


def as_file(checkpoints: Sequence[Checkpoint]) -> str:
    """Checkpoints as one keeps them apart from the portal, with the public keys that they are verified with."""
    said = {
        "format": FILE_FORMAT,
        "checkpoints": [checkpoint_facts(checkpoint) for checkpoint in checkpoints],
        "keys": published_keys(),
    }
    return json.dumps(said, indent=2) + "\n"


def _stamp_facts(stamp: TimeStamp) -> dict[str, Any]:
    return {
        "state": stamp.state,
        "authority": stamp.authority,
        "stamped_at": entry_time(stamp.stamped_at) if stamp.stamped_at else None,
        "token": base64.b64encode(bytes(stamp.token)).decode() if stamp.token else None,
    }
