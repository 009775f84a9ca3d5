"""A time-stamp authority on loopback: `openssl ts` behind a small HTTP server, which can be told to lie."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CONFIG = """
[authority]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
accuracy = secs:1
ess_cert_id_alg = sha256
"""
# A TimeStampReq ends with its nonce and the wish for the certificate (three bytes, TRUE).
NONCE_AT = -4
# It begins with lengths, version and algorithm; the imprint's 32 bytes follow these two (OCTET STRING, 32).
IMPRINT_MARK = b"\x04\x20"

Answer = tuple[int, bytes]
Behaviour = Callable[[bytes], Answer]


@dataclass
class Authority:
    """behaviour: what it answers to a query; asked: the queries that came; url: where it is."""

    folder: Path
    behaviour: Behaviour
    asked: list[bytes] = field(default_factory=list)
    url: str = ""

    @property
    def roots(self) -> str:
        return (self.folder / "root.pem").read_text()

    def stamped(self, query: bytes, *, signer: str = "tsa", chain: str = "", digests: str = "sha256") -> Answer:
        """What openssl answers, with the certificate of that name; chain: what it sends along."""
        config, asked, said = self.folder / "ts.cnf", self.folder / "query.tsq", self.folder / "answer.tsr"
        config.write_text(CONFIG.format(folder=self.folder, digests=digests))
        asked.write_bytes(query)
        names = ["-inkey", str(self.folder / f"{signer}.key"), "-signer", str(self.folder / f"{signer}.pem")]
        files = ["-queryfile", str(asked), "-out", str(said)]
        files += ["-chain", str(self.folder / f"{chain}.pem")] if chain else []
        openssl("-reply", "-config", str(config), "-section", "authority", *names, *files)
        return 200, said.read_bytes()

    def holds(self, data: bytes, token: bytes) -> bool:
        """Whether openssl takes the answer for a stamp of the data, by the root alone."""
        (self.folder / "data").write_bytes(data)
        (self.folder / "token.tsr").write_bytes(token)
        files = ["-data", str(self.folder / "data"), "-in", str(self.folder / "token.tsr")]
        said = openssl("-verify", *files, "-CAfile", str(self.folder / "root.pem"), is_sure=False)
        return said.returncode == 0


def openssl(*arguments: str, is_sure: bool = True) -> "subprocess.CompletedProcess[str]":
    command = ["openssl", "ts", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not is_sure, done.stderr
    return done


def with_other_nonce(query: bytes) -> bytes:
    changed = bytearray(query)
    changed[NONCE_AT] ^= 1
    return bytes(changed)


def with_other_imprint(query: bytes) -> bytes:
    changed = bytearray(query)
    changed[query.index(IMPRINT_MARK) + 2] ^= 1
    return bytes(changed)


@contextmanager
def running(authority: Authority) -> Iterator[Authority]:
    """Within, the authority answers at its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            authority.asked.append(query)
            status, body = authority.behaviour(query)
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *arguments: Any) -> None:
            """Who asked may have gone meanwhile."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    authority.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_certificates(folder: Path) -> None:
    """root.pem; signed by it: tsa, expired (a day ago), between, which signed chained; by another root: unknown."""
    now = datetime.now(UTC)
    root, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    keep(folder, "root", root, certificate("Root", root, "Root", root, ends=now + timedelta(days=1)))
    between = ec.generate_private_key(ec.SECP256R1())
    keep(folder, "between", between, certificate("Between", between, "Root", root, ends=now + timedelta(days=1)))
    for name, issuer_name, issuer, ends in (
        ("tsa", "Root", root, now + timedelta(days=1)),
        ("expired", "Root", root, now - timedelta(days=1)),
        ("chained", "Between", between, now + timedelta(days=1)),
        ("unknown", "Root", other, now + timedelta(days=1)),
    ):
        key, purpose = ec.generate_private_key(ec.SECP256R1()), ExtendedKeyUsageOID.TIME_STAMPING
        keep(folder, name, key, certificate(name, key, issuer_name, issuer, ends=ends, purpose=purpose))
    (folder / "serial").write_text("01")


def certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer_name: str,
    issuer: ec.EllipticCurvePrivateKey,
    *,
    ends: datetime,
    purpose: x509.ObjectIdentifier | None = None,
) -> x509.Certificate:
    def called(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    made = (
        x509.CertificateBuilder()
        .subject_name(called(name))
        .issuer_name(called(issuer_name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=30))
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=purpose is None, path_length=None), critical=True)
    )
    if purpose is not None:
        made = made.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    return made.sign(issuer, hashes.SHA256())


def keep(folder: Path, name: str, key: ec.EllipticCurvePrivateKey, made: x509.Certificate) -> None:
    (folder / f"{name}.pem").write_bytes(made.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / f"{name}.key").write_bytes(private)
