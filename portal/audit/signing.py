"""The portal's signature (Ed25519): what carries it was said by this portal, and not changed since.

The private key is the environment's alone (EVIDENCE_KEY). The public one is kept from its first use on and published,
also after it was replaced: what it signed stays verifiable.
"""

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils import timezone

from portal.audit.models import SigningKey


def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(settings.EVIDENCE_KEY))


def public_key() -> str:
    """That of the key in use: its 32 bytes in base64."""
    return base64.b64encode(_private_key().public_key().public_bytes_raw()).decode()


def key_id_of(public_key: str) -> str:
    """The first 16 hex digits of SHA-256 over the 32 bytes of a public key, which is given in base64."""
    return hashlib.sha256(base64.b64decode(public_key)).hexdigest()[:16]


def current_key() -> SigningKey:
    """The key in use, published with this if it never was. Harmless when several do so at once."""
    public = public_key()
    key, _is_new = SigningKey.objects.get_or_create(
        key_id=key_id_of(public), defaults={"public_key": public, "first_used_at": timezone.now()}
    )
    return key


def sign(data: bytes) -> str:
    """The signature over these bytes, 64 bytes in base64. Take `current_key()` with it: it says whose it is."""
    return base64.b64encode(_private_key().sign(data)).decode()


def verify(data: bytes, signature: str, *, public_key: str) -> bool:
    """Whether the signature (base64) over these bytes was made with the key (base64). Never raises for a bad one."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def published_keys() -> list[dict[str, str]]:
    """Every key that was ever used, the oldest first, as exports and the public page of keys say it."""
    return [
        {"key_id": key.key_id, "public_key": key.public_key, "first_used_at": key.first_used_at.isoformat()}
        for key in SigningKey.objects.order_by("first_used_at", "id")
    ]
