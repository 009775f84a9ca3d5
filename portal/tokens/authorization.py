"""What a program asks for when it sends a person to the sign-in: first where answers may go, then the rest.

Until the first is settled nothing is sent anywhere: a refusal is shown to the person.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from portal.partners.models import Membership
from portal.tokens.audiences import Asked, asked_for, audience_of
from portal.tokens.models import ApiClient
from portal.tokens.refusals import OAuthRefused, missing, refuse_unless, unknown_client
from portal.tokens.rules import is_registered
from portal.tokens.services.proving import check_active, find_client

CODE, BOTH = frozenset({"code"}), frozenset({"code", "id_token"})
QUERY, FRAGMENT, FORM_POST = "query", "fragment", "form_post"
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
PLAIN = re.compile(r"[ -~]{0,500}", re.ASCII)
HOST = re.compile(r"[0-9a-z.-]+|[0-9a-f:]+", re.ASCII)


@dataclass(frozen=True)
class Target:
    """Where the answer goes, and how: the client's own address, a way of QUERY, FRAGMENT, FORM_POST, and the state
    that the client wants back.
    """

    client: ApiClient
    membership: Membership
    redirect_uri: str
    mode: str
    state: str

    @property
    def origin(self) -> str:
        """As the Content Security Policy names it; of a program's own scheme, that scheme."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"

    def address(self, answer: Mapping[str, str]) -> str:
        """The address with the answer in its query or fragment."""
        sign = "#" if self.mode == FRAGMENT else "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{sign}{urlencode(answer)}"

    def with_state(self, answer: Mapping[str, str]) -> dict[str, str]:
        return dict(answer) | ({"state": self.state} if self.state else {})


@dataclass(frozen=True)
class Wish:
    """What the client wants to have: the audience and words of its tokens, an id token beside the code or not."""

    asked: Asked
    has_id_token: bool
    nonce: str
    code_challenge: str


def find_target(tenant: str, sent: Mapping[str, str], memberships: list[Membership]) -> Target:
    """memberships: the person's. To whoever does not work for the client's partner there is no such client.

    Raises OAuthRefused (90002, 700016, 7000112, 900144, 50011), which must not be sent to the client.
    """
    client = find_client(tenant, sent.get("client_id", ""))
    membership = next((m for m in memberships if m.partner_id == client.partner_id), None)
    if membership is None:
        raise unknown_client(sent["client_id"])
    check_active(client)
    uri = sent.get("redirect_uri", "")
    refuse_unless(uri, missing("redirect_uri"))
    text = (
        "The redirect URI specified in the request does not match the redirect URIs configured for the application."
    )
    is_own = is_registered(uri, client.redirect_uris) and _has_plain_host(uri)
    refuse_unless(is_own, OAuthRefused(50011, "invalid_request", text))
    return Target(client, membership, uri, _mode(sent), sent.get("state", ""))


def read_wish(version: str, target: Target, sent: Mapping[str, str]) -> Wish:
    """Raises OAuthRefused, to be sent to the client: 900144, 700051, 70007, 50147, 9002325, and those of scopes."""
    types = _types(sent)
    refuse_unless(types, missing("response_type"))
    text = f"response_type '{' '.join(sorted(types))[:100]}' is not enabled for the application."
    refuse_unless(types in (CODE, BOTH), OAuthRefused(700051, "unsupported_response_type", text))
    said = sent.get("response_mode", "")
    is_known = said in ("", FRAGMENT, FORM_POST) or (said == QUERY and types == CODE)
    text = f"'{said[:100]}' is not a supported value of 'response_mode' when requesting a token."
    refuse_unless(is_known, OAuthRefused(70007, "invalid_request", text))
    nonce = sent.get("nonce", "")
    refuse_unless(nonce or types == CODE, missing("nonce"))
    text = "The parameter 'nonce' holds more than 500 characters, or others than letters, digits and signs."
    refuse_unless(PLAIN.fullmatch(nonce), OAuthRefused(9002313, "invalid_request", text))
    return Wish(_asked(version, sent), types == BOTH, nonce, _challenge(target.client, sent))


def _asked(version: str, sent: Mapping[str, str]) -> Asked:
    if version == "1.0":
        asked = asked_for(sent.get("scope", ""))
        resource = sent.get("resource", "")
        return Asked(audience_of(resource), asked.words) if resource else asked
    refuse_unless(sent.get("scope", ""), missing("scope"))
    return asked_for(sent["scope"])


def _challenge(client: ApiClient, sent: Mapping[str, str]) -> str:
    """PKCE's, "" for none. Only S256: a plain one proves nothing to whoever reads the browser's address."""
    challenge, method = sent.get("code_challenge", ""), sent.get("code_challenge_method", "")
    if not challenge:
        text = "Proof Key for Code Exchange is required for a public client. Send code_challenge with method S256."
        refuse_unless(not client.is_public and not method, OAuthRefused(9002325, "invalid_request", text))
        return ""
    text = "The code_challenge must be the base64url SHA-256 of the verifier, with code_challenge_method S256."
    is_good = method == "S256" and CHALLENGE.fullmatch(challenge)
    refuse_unless(is_good, OAuthRefused(50147, "invalid_request", text))
    return challenge


def _types(sent: Mapping[str, str]) -> frozenset[str]:
    return frozenset(sent.get("response_type", "").split())


def _mode(sent: Mapping[str, str]) -> str:
    """The mode that was asked for, else the usual one: nothing of an id token belongs into a query."""
    said = sent.get("response_mode", "")
    has_token = bool(_types(sent) - CODE)
    if said in (FRAGMENT, FORM_POST) or (said == QUERY and not has_token):
        return said
    return FRAGMENT if has_token else QUERY


def _has_plain_host(uri: str) -> bool:
    """Whether it can stand in a Content Security Policy."""
    parts = urlsplit(uri)
    return parts.scheme not in ("http", "https") or bool(HOST.fullmatch(parts.hostname or ""))
