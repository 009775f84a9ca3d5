"""Codes, secrets and refresh tokens: 256 random bits, known to the portal by their digest alone.

As nobody can try out that many, a plain SHA-256 is enough; a slow hash is for what people choose.
"""

import secrets

from portal.audit.services import sha256

BYTES = 32


def new_secret() -> tuple[str, str]:
    """A text that nobody can guess, and its digest."""
    text = secrets.token_urlsafe(BYTES)
    return text, sha256(text)
