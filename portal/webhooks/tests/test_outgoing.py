"""Nothing is sent into a private network, whatever the name said before."""

import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from portal.common.sealed import unseal
from portal.webhooks import outgoing, rules
from portal.webhooks.models import WebhookKey
from portal.webhooks.signing import PURPOSE, certificate_bytes
from portal.webhooks.tests.conftest import Receiver

PRIVATE = (
    "127.0.0.1 10.0.0.5 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1 :: "
    "fe80::1 fc00::1 fec0::1 ff02::1 ::ffff:10.0.0.5 2002:0a00:0005::1 64:ff9b::a00:5 2001:0:0:0:0:0:f5ff:fffa "
    "240.0.0.1"
).split()


@pytest.mark.parametrize("text", PRIVATE)
def test_private_addresses_are_refused(text: str) -> None:
    assert outgoing.why_not_address(ipaddress.ip_address(text), is_local=False)


@pytest.mark.parametrize("text", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_public_ones_are_not(text: str) -> None:
    assert not outgoing.why_not_address(ipaddress.ip_address(text), is_local=False)


def test_a_name_with_one_private_address_is_refused_without_a_connection(
    settings: Any, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.IS_LOCAL = False
    port = int(receiver.url.split(":")[2].split("/")[0])

    def resolve(host: str, port: int, **_said: object) -> list[Any]:
        return [(0, 0, 0, "", ("93.184.216.34", port)), (0, 0, 0, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    outcome = outgoing.post(f"https://rebound.example:{port}/", b"{}", {})
    assert (outcome.status_code, "private network" in outcome.problem) == (None, True)
    assert receiver.received == []


def test_the_connection_goes_to_the_address_that_was_looked_at(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers differently the second time (the control: it would) leads nowhere else."""
    answers = iter([[(0, 0, 0, "", ("127.0.0.1", 0))], [(0, 0, 0, "", ("10.0.0.5", 0))]])
    real = socket.getaddrinfo

    def resolve(host: str, port: Any, *args: Any, **said: Any) -> Any:
        return next(answers) if host == "localhost" else real(host, port, *args, **said)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    outcome = outgoing.post(receiver.url.replace("127.0.0.1", "localhost"), b"{}", {})
    assert outcome.status_code == 200
    assert receiver.received[0].headers["Host"].startswith("localhost:")
    assert socket.getaddrinfo("localhost", 0)[0][4][0] == "10.0.0.5"


@pytest.mark.parametrize("is_local", [True, False])
@pytest.mark.parametrize(
    ("url", "is_fine"),
    [
        ("https://hooks.example.com/x?y=1", (True, True)),
        ("http://127.0.0.1:9000/x", (True, False)),
        ("https://localhost/x", (True, False)),
        ("http://hooks.example.com/", (False, False)),
        ("ftp://hooks.example.com/", (False, False)),
        ("https://user:secret@hooks.example.com/", (False, False)),
        ("https://hooks.example.com/#part", (False, False)),
        ("https://hooks.example.com/ x", (False, False)),
        ("https://hooks.example.com/\r\nHost: x", (False, False)),
        ("https://höoks.example.com/", (False, False)),
        ("https://hooks.example.com:99999/", (False, False)),
        ("https://[::1/", (False, False)),
        ("https:///x", (False, False)),
        ("", (False, False)),
        ("https://hooks.example.com/" + "a" * 2000, (False, False)),
    ],
)
def test_which_addresses_can_be_registered(url: str, is_fine: tuple[bool, bool], is_local: bool) -> None:
    assert (rules.why_not_url(url, is_local=is_local) is None) == (is_fine[0] if is_local else is_fine[1])


def test_who_speaks_no_http_is_named_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
    outcome = outgoing.post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert (outcome.status_code, "reached" in outcome.problem) == (None, True)


def test_who_answers_byte_by_byte_is_cut_off_while_agreeing_on_encryption_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outgoing, "ANSWER_TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            other, _address = server.accept()
            with other, suppress(OSError):
                # The beginning of an answer in TLS that never ends.
                for byte in b"\x16\x03\x03\x40\x00" + b"\x02" * 100:
                    other.send(bytes([byte]))
                    time.sleep(0.05)

        thread = threading.Thread(target=drip)
        thread.start()
        outcome = outgoing.post(f"https://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        thread.join()
    assert (outcome.status_code, "in time" in outcome.problem) == (None, True)
    assert outcome.duration_ms < 3000


def test_a_certificate_of_nobody_is_not_trusted(tmp_path: Path, key: WebhookKey) -> None:
    """That of the portal's own key will do: it is signed by itself."""
    private = unseal(key.private_sealed, purpose=PURPOSE) or ""
    (tmp_path / "both.pem").write_text(f"{private}{ssl.DER_cert_to_PEM_cert(certificate_bytes(key))}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "both.pem")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            other, _address = server.accept()
            with other, suppress(OSError):
                context.wrap_socket(other, server_side=True).close()

        thread = threading.Thread(target=greet)
        thread.start()
        outcome = outgoing.post(f"https://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        thread.join()
    assert (outcome.status_code, "certificate" in outcome.problem) == (None, True)
