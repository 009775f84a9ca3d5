"""Letters over STARTTLS with a sign-in, as `submission://` has it: to the right server only, never in the clear."""

import ssl
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import dj_email_url
import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from portal.jobs.letters import post
from portal.jobs.models import Letter, LetterState
from portal.jobs.tests.sample_tasks import send_sample
from portal.jobs.tests.smtp import HOST, MailServer
from portal.jobs.tests.workers import make_due, work

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse"


def certificate(folder: Path) -> Path:
    """Certificate and key of a server on this machine, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), timezone.now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
    path = folder / "mail.pem"
    path.write_bytes(
        made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


def knows(server: object, session: object, envelope: object, mechanism: str, said: LoginPassword) -> AuthResult:
    # handled: whether the client has its answer already.
    return AuthResult(success=said.password == PASSWORD.encode(), handled=False)


@pytest.fixture
def signing_in(mail_server: MailServer, settings: Settings, tmp_path: Path, monkeypatch: Any) -> Callable[..., None]:
    """Settings as EMAIL_URL makes them, for a server that wants STARTTLS and a password."""
    trusted = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted)
    mail_server.stop()
    mail_server.options = {"tls_context": context, "require_starttls": True, "authenticator": knows}
    mail_server.start()

    def sign_in(password: str = PASSWORD, *, is_trusted: bool = True) -> None:
        url = f"submission://portal:{password.replace(' ', '%20')}@{HOST}:{mail_server.port}"
        for name, value in dj_email_url.parse(url).items():
            if name in ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS"):
                setattr(settings, name, value)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted) if is_trusted else "/dev/null")

    return sign_in


def sent() -> Letter:
    with transaction.atomic():
        letter = post(kind="jobs.sample", about="A-1", task=send_sample)
    work()
    letter.refresh_from_db()
    return letter


def test_a_letter_goes_over_tls_with_a_sign_in(signing_in: Callable[..., None], mail_server: MailServer) -> None:
    signing_in()
    assert sent().state == LetterState.SENT
    assert len(mail_server.received) == 1


def test_a_server_that_cannot_prove_its_name_gets_nothing(
    signing_in: Callable[..., None], mail_server: MailServer
) -> None:
    signing_in(is_trusted=False)
    assert sent().state == LetterState.QUEUED
    assert not mail_server.received


def test_a_wrong_password_is_put_right_and_no_letter_is_lost(
    signing_in: Callable[..., None], mail_server: MailServer
) -> None:
    signing_in("wrong")
    letter = sent()
    assert letter.state == LetterState.QUEUED
    signing_in()
    make_due()
    work()
    letter.refresh_from_db()
    assert (letter.state, len(mail_server.received)) == (LetterState.SENT, 1)
