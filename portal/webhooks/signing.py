"""The portal's RSA key for webhooks: made when it is first needed, followed by a new one before it expires.

The private half lies sealed in the database, as every worker needs it; the certificate is public.
"""

import base64
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils import timezone

from portal.common.sealed import seal, unseal
from portal.webhooks.models import WebhookKey

ORGANISATION = "Partner portal"
KEY_SIZE = 2048
VALID_FOR = timedelta(days=730)
RENEWED_BEFORE = timedelta(days=60)
PURPOSE = "webhooks.key"


def current_key() -> WebhookKey:
    """The key in use, made if there is none that is valid for long enough. Two at once may make two; both hold."""
    lasts_until = timezone.now() + RENEWED_BEFORE
    found: WebhookKey | None = WebhookKey.objects.filter(expires_at__gt=lasts_until).order_by("pk").first()
    # Sealed under a SECRET_KEY that is lost, a key is of no use.
    return found if found is not None and unseal(found.private_sealed, purpose=PURPOSE) is not None else make_key()


def make_key() -> WebhookKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate = _certificate(private)
    return WebhookKey.objects.create(
        key_id=secrets.token_hex(8),
        private_sealed=seal(pem.decode(), purpose=PURPOSE),
        certificate=base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode(),
        expires_at=certificate.not_valid_after_utc,
    )


def sign(key: WebhookKey, data: bytes) -> str:
    """RSA-SHA256 (PKCS #1 v1.5) over these bytes, in base64."""
    pem = unseal(key.private_sealed, purpose=PURPOSE) or ""
    private = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("A key for webhooks is an RSA key.")
    return base64.b64encode(private.sign(data, padding.PKCS1v15(), hashes.SHA256())).decode()


def certificate_path(key: WebhookKey) -> str:
    return f"/webhooks/certificates/{key.key_id}.cer"


def certificate_url(key: WebhookKey) -> str:
    return f"{settings.PORTAL_URL}{certificate_path(key)}"


def certificate_bytes(key: WebhookKey) -> bytes:
    """The certificate as it is served: DER."""
    return base64.b64decode(key.certificate)


def _certificate(private: rsa.RSAPrivateKey) -> x509.Certificate:
    host = urlsplit(settings.PORTAL_URL).hostname or "localhost"
    now = timezone.now()
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, host[:64]),
        ]
    )
    draft = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=private.public_key())
    draft = draft.serial_number(x509.random_serial_number())
    draft = draft.not_valid_before(now - timedelta(days=1)).not_valid_after(now + VALID_FOR)
    draft = draft.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return draft.sign(private, hashes.SHA256())
