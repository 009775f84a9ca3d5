"""The named person is told that its acceptance is on record, whoever recorded it (facts, rule R16)."""

import uuid

from agreements.letters import send_receipt
from agreements.links import receipt_digest
from agreements.models import Attestation, Receipt
from portal.jobs.letters import post

# Behind whatever else waits to be sent: a sheet may bring a hundred thousand receipts at once.
RECEIPT_PRIORITY = -10


def post_receipt(attestation: Attestation) -> Receipt:
    """Queue the receipt in the transaction of the record."""
    receipt = Receipt(attestation=attestation, public_id=uuid.uuid4())
    receipt.token_digest = receipt_digest(receipt)
    receipt.letter = post(
        kind="agreements.receipt",
        about=str(receipt.public_id),
        task=send_receipt.using(priority=RECEIPT_PRIORITY),
    )
    receipt.save()
    return receipt
