"""One POST to an address that somebody else chose: never into the portal's own network, never for long.

The name is resolved here, each of its addresses looked at, and the connection made to the one that was looked at, so
that a name which answers differently the second time leads nowhere else.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from portal.webhooks import rules

CONNECT_TIMEOUT = 5.0
"""Seconds that a connection may take, and any one answer of its other end."""
ANSWER_TIMEOUT = 10.0
"""Seconds for all of it, encryption agreed upon; who answers byte by byte is cut off."""
AGENT = "partner-portal"
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
# Well-known prefixes through which an IPv6 address leads to an IPv4 one (RFC 6052, 8215).
NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


@dataclass(frozen=True)
class Outcome:
    """status_code: of the answer, None where none came; problem: what went wrong instead, "" if nothing did."""

    status_code: int | None
    duration_ms: int
    problem: str = ""

    @property
    def is_delivered(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300

    @property
    def is_reached(self) -> bool:
        """Whether anybody answered."""
        return self.status_code is not None


class Unreachable(Exception):
    """Why nothing was sent, or no answer came, in words for who registered the address."""


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """Send it once. Never raises for what the other side does; what it answers beyond the status is not read."""
    began = time.monotonic()
    try:
        status: int | None = _post(url, body, headers)
        problem = _("It redirects; notices are not sent on.") if status and 300 <= status < 400 else ""
    except Unreachable as reason:
        status, problem = None, str(reason)
    return Outcome(status, round((time.monotonic() - began) * 1000), problem)


def why_not_address(address: IPAddress, *, is_local: bool) -> bool:
    """Whether nothing may be sent to this address: only what the whole internet reaches is one's own to give out.

    is_local: on somebody's own machine its loopback is fine.
    """
    if isinstance(address, ipaddress.IPv6Address):
        within = address.ipv4_mapped or address.sixtofour
        if within is not None:
            return why_not_address(within, is_local=is_local)
        # Site-local ones are given up, but a network may have them still.
        if address.teredo is not None or address.is_site_local or any(address in network for network in NAT64):
            return True
    if address.is_loopback:
        return not is_local
    return not address.is_global or address.is_multicast or address.is_reserved


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    if rules.why_not_url(url, is_local=settings.IS_LOCAL) is not None:
        raise Unreachable(_("The address is not allowed any more."))
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        with _connect(host, port) as raw, _cut_off_late(raw, host if parts.scheme == "https" else "") as connected:
            connection = http.client.HTTPConnection(host, port)
            connection.sock = connected
            # Said to the receiver only where it is another one.
            connection.default_port = 443 if parts.scheme == "https" else 80
            connection.request("POST", target, body, {**headers, "Connection": "close", "User-Agent": AGENT})
            return connection.getresponse().status
    except TimeoutError:
        raise Unreachable(_("It did not answer in time.")) from None
    except ssl.SSLCertVerificationError:
        raise Unreachable(_("Its certificate does not hold.")) from None
    except (OSError, http.client.HTTPException):
        raise Unreachable(_("It cannot be reached, or does not speak HTTP.")) from None


@contextmanager
def _cut_off_late(raw: socket.socket, host: str) -> Iterator[socket.socket]:
    """The connection, encrypted for `host` unless that is "". What takes too long in all raises TimeoutError."""
    connected = raw
    if host:
        context = ssl.create_default_context()
        connected = context.wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)
    overdue = threading.Event()

    def cut_off() -> None:
        overdue.set()
        # It may be over just now.
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(ANSWER_TIMEOUT, cut_off)
    watch.daemon = True
    watch.start()
    try:
        if isinstance(connected, ssl.SSLSocket):
            connected.do_handshake()
        yield connected
    except (OSError, http.client.HTTPException):
        if overdue.is_set():
            raise TimeoutError from None
        raise
    finally:
        watch.cancel()
        connected.close()


def _connect(host: str, port: int) -> socket.socket:
    """A connection to the first address of the name, all of which must be allowed. Raises Unreachable, OSError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(_("There is no such host.")) from None
    addresses = [str(sockaddr[0]).partition("%")[0] for *_rest, sockaddr in found]
    if any(why_not_address(ipaddress.ip_address(each), is_local=settings.IS_LOCAL) for each in addresses):
        raise Unreachable(_("It leads into a private network, where nothing is sent."))
    return socket.create_connection((addresses[0], port), timeout=CONNECT_TIMEOUT)
