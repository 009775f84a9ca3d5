"""The keys that tokens are signed with: made when first needed, replaced on command, sealed in the database."""

import json
import uuid
from datetime import timedelta
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.db import IntegrityError, transaction
from django.utils import timezone
from jwt.algorithms import RSAAlgorithm

from portal.audit.services import record_event
from portal.common.actor import Actor, ActorKind, Door
from portal.common.sealed import seal, unseal
from portal.tokens.models import TokenKey

PURPOSE = "tokens.signing_key"
BITS = 2048
# How long a token is good, and how far two computers' clocks may be apart.
LIFETIME = timedelta(minutes=60)
SKEW = timedelta(seconds=30)
PORTAL = Actor(kind=ActorKind.JOB, name="Portal", door=Door.JOB)


def signing_key() -> TokenKey:
    """The key that signs, made if there is none, or none that the portal's secret key still opens."""
    key = TokenKey.objects.signing().first()
    return key if key is not None and private_key(key.private_sealed) is not None else rotate_key(by=PORTAL)


def rotate_key(*, by: Actor) -> TokenKey:
    """Make a new signing key. The one before verifies what it signed until the last of that has expired, and its
    private half is forgotten. Where another process has just done the same, its key is the answer.
    """
    replaced = list(TokenKey.objects.signing().values_list("pk", flat=True))
    fresh = new_key()
    try:
        with transaction.atomic():
            TokenKey.objects.signing().filter(pk__in=replaced).update(retired_at=timezone.now(), private_sealed="")
            fresh.save()
            record_event(by=by, code="tokens.key_rotated", partner_id=None, subject=fresh.kid)
    except IntegrityError:
        return TokenKey.objects.signing().get()
    return fresh


def new_key() -> TokenKey:
    """A key that is not stored yet."""
    private = generate_private_key(public_exponent=65537, key_size=BITS)
    kid = uuid.uuid4().hex
    jwk: dict[str, Any] = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return TokenKey(
        kid=kid,
        private_sealed=seal(pem, purpose=PURPOSE),
        public_jwk={"kty": "RSA", "use": "sig", "alg": TokenKey.ALGORITHM, "kid": kid, "n": jwk["n"], "e": jwk["e"]},
    )


def published_keys() -> list[dict[str, Any]]:
    """The JWK of each key whose tokens can still be good, the newest first; there is at least one."""
    signing_key()
    keys = TokenKey.objects.trusted_since(timezone.now() - LIFETIME - SKEW)
    return [key.public_jwk for key in keys.order_by("-created_at", "-id")]


def verifying_key(kid: str) -> RSAPublicKey | None:
    """The public key with this id; None where nothing that it signed can still be good."""
    key = TokenKey.objects.trusted_since(timezone.now() - LIFETIME - SKEW).filter(kid=kid).first()
    return _public_key(json.dumps(key.public_jwk)) if key is not None else None


# Reading one takes longer than signing with it.
@lru_cache(maxsize=4)
def private_key(sealed: str) -> RSAPrivateKey | None:
    """The private key; None where the portal's secret key opens it no more."""
    pem = unseal(sealed, purpose=PURPOSE)
    if pem is None:
        return None
    key = load_pem_private_key(pem.encode(), password=None)
    return key if isinstance(key, RSAPrivateKey) else None


@lru_cache(maxsize=8)
def _public_key(jwk: str) -> RSAPublicKey:
    key = RSAAlgorithm.from_jwk(jwk)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("A public key is kept without its private half.")
    return key
