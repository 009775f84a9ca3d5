"""Id tokens of OpenID Connect: who signed in, told to the client itself."""

import base64
import hashlib
import json
from typing import Any

from django.utils import timezone

from portal.tokens.models import Consent
from portal.tokens.services.access_tokens import frame, sign
from portal.tokens.services.keys import LIFETIME


def sign_id_token(*, consent: Consent, version: str, nonce: str = "", code: str = "") -> str:
    """A signed id token. nonce: as the client sent it; code: the one beside it, which it then vouches for."""
    now, client, user = timezone.now(), consent.client, consent.user
    own = str(user.public_id)
    audience = str(client.client_id)
    claims: dict[str, Any] = {
        **frame(client, audience=audience, version=version, starts=now, ends=now + LIFETIME),
        "oid": own,
        "sub": own,
        "name": user.name,
        "preferred_username": user.email,
        "upn": user.email,
        "unique_name": user.email,
        "amr": ["pwd"],
    }
    if nonce:
        claims["nonce"] = nonce
    if code:
        claims["c_hash"] = half_hash(code)
    return sign(claims)


def half_hash(text: str) -> str:
    """As OpenID Connect has it for c_hash: the left half of the SHA-256."""
    return _base64url(hashlib.sha256(text.encode()).digest()[:16])


def client_info(consent: Consent) -> str:
    """What Microsoft's libraries key their caches by: the person's id and the tenant's."""
    info = {"uid": str(consent.user.public_id), "utid": str(consent.client.partner.tenant_id)}
    return _base64url(json.dumps(info, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
