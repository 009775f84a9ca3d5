"""Short texts that only this portal can read again: what people search for must not stand in a URL in clear."""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

NONCE = 12


def seal(text: str, *, purpose: str) -> str:
    """A URL-safe token that holds the text encrypted; another one each time.

    purpose: what the token is for; it opens for the same purpose only. Its length tells that of the text.
    """
    nonce = os.urandom(NONCE)
    sealed = _cipher(settings.SECRET_KEY, purpose).encrypt(nonce, text.encode("utf-8", "surrogatepass"), None)
    return _encoded(nonce + sealed)


def unseal(token: str, *, purpose: str) -> str | None:
    """The text that `seal` put in, also under an earlier key of SECRET_KEY_FALLBACKS.

    None for all else: forged, cut, changed, of another purpose. Never raises.
    """
    data = _decoded(token)
    if data is None:
        return None
    for secret in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]:
        try:
            return _cipher(secret, purpose).decrypt(data[:NONCE], data[NONCE:], None).decode("utf-8", "surrogatepass")
        except InvalidTag:
            continue
    return None


def _cipher(secret: str | bytes, purpose: str) -> AESGCM:
    """A key for each purpose, so that no token passes for one of another kind."""
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"portal.common.sealed:" + purpose.encode())
    return AESGCM(kdf.derive(force_bytes(secret)))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(token: str) -> bytes | None:
    """The token's bytes; None where it is not exactly what `seal` writes."""
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    # Two texts for the same bytes would be two tokens for one.
    is_whole = len(data) > NONCE and _encoded(data) == token
    return data if is_whole else None
