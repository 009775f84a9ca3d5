"""Checkpoints: of a chain with one entry, where the chain has none."""

from django.db import transaction

from portal.audit.checkpoints import take_checkpoint
from portal.audit.models import ChainHead, Checkpoint, StampState, TimeStamp
from portal.audit.services import append_to_chain
from portal.partners.models import Partner


def CheckpointFactory(*, partner: Partner | None = None) -> Checkpoint:
    """Of the partner's chain, else of the portal's."""
    chain = f"partner:{partner.tenant_id}" if partner else "portal"
    if not ChainHead.objects.filter(chain=chain).exists():
        with transaction.atomic():
            append_to_chain(chain=chain, kind="attestation", subject="sample", payload={})
    taken = take_checkpoint(chain=chain)
    assert taken is not None
    return taken


def given_up(checkpoint: Checkpoint, problem: str = "The authority cannot be reached.") -> TimeStamp:
    """Its stamp, after the last attempt."""
    return TimeStamp.objects.create(
        checkpoint=checkpoint, state=StampState.FAILED, authority="https://tsa.example/", problem=problem
    )
