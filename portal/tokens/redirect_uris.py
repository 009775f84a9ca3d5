"""Where the answer of a sign-in may be sent: decided on the text of an address alone."""

from urllib.parse import SplitResult, urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST = 500
MOST = 20


def split_lines(text: str) -> list[str]:
    """The addresses of a text with one on each line, each once, in their order."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def why_not_a_redirect_uri(uri: str) -> Words | None:
    """What is wrong with one address, or None.

    Taken are https, http on this machine, and a native program's own scheme (RFC 8252, 7.1 to 7.3). The address
    urn:ietf:wg:oauth:2.0:oob, for codes to copy, is not: whoever talks a person out of the code has the token.
    """
    if len(uri) > LONGEST:
        return _("Use at most 500 characters")
    if any(not 0x21 <= ord(letter) <= 0x7E or letter in '"<>\\^`{|}' for letter in uri):
        return _("Use an address without blanks and special characters")
    if uri.lower().startswith("urn:"):
        return _("Codes to copy by hand are not supported. Use http://localhost for a program on a computer")
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        return _("Enter a complete address, such as https://app.example/signed-in")
    return _why_not_parts(uri, parts, host)


def _why_not_parts(uri: str, parts: SplitResult, host: str | None) -> Words | None:
    if "#" in uri:
        return _("Leave out what follows the #: answers are not sent to a part of a page")
    if "*" in uri:
        return _("Enter each address in full: * does not stand for anything")
    if parts.scheme in ("http", "https"):
        if not host or parts.username is not None or parts.password is not None or not _has_good_port(parts):
            return _("Enter a complete address, such as https://app.example/signed-in")
        if parts.scheme == "http" and host not in LOOPBACK:
            return _("Use https. Only http://localhost and http://127.0.0.1 need none")
        return None
    # Schemes of browsers and systems (javascript:, data:, file:) have neither a dot nor this beginning.
    if "." in parts.scheme or parts.scheme.startswith("msal"):
        return None
    return _("Begin with https://, http://localhost or a program's own scheme such as com.example.app:/")


def _has_good_port(parts: SplitResult) -> bool:
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False
