"""Links that only their addressee knows: derived when they are needed, kept in the database as a digest.

A link's token is derived from the portal's secret key and what the link is for, so the worker that mails it needs
no copy of it; the database holds only its SHA-256, by which it is found.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from uuid import UUID

from django.conf import settings

# 32 bytes in base64 without its padding.
TOKEN_LENGTH = 43


def link_token(purpose: str, public_id: UUID, generation: int = 1, *, digest: str = "") -> str:
    """The token of a link: 43 letters, digits, `-` and `_`. generation: grows when a link is made anew.

    digest: what the database holds of it; then a key that was replaced since still answers the same token. Raises
    ValueError when no key of the portal makes the token of that digest.
    """
    for key in _keys():
        said = f"{purpose}\n{public_id}\n{generation}".encode()
        mac = hmac.new(key.encode(), said, hashlib.sha256).digest()
        token = base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
        if not digest or hmac.compare_digest(token_digest(token), digest):
            return token
    raise ValueError("No key of the portal makes this link any more.")


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _keys() -> Iterator[str]:
    yield settings.SECRET_KEY
    yield from settings.SECRET_KEY_FALLBACKS
