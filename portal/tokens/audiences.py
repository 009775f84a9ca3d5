"""For whom a token is made: the names under which clients know this API."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote

from django.conf import settings

from portal.tokens.refusals import OAuthRefused, bad_scope

DEFAULT_AUDIENCE = "https://api.partnercenter.microsoft.com"
# The archived SDKs ask for this one (facts, 6.1); see API_ACCEPTS_GRAPH_AUDIENCE in the settings.
GRAPH_AUDIENCE = "https://graph.windows.net"
# What OpenID Connect itself knows, beside the API's own word.
SIGN_IN_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})
OWN_SCOPES = frozenset({"user_impersonation", ".default"})


@dataclass(frozen=True)
class Asked:
    """What a scope text asks for: of which resource, and which of OpenID Connect's words."""

    audience: str
    words: frozenset[str]

    @property
    def has_id_token(self) -> bool:
        return "openid" in self.words

    @property
    def has_refresh_token(self) -> bool:
        return "offline_access" in self.words


def known_audiences() -> tuple[str, ...]:
    """Those that a token can be had for."""
    return (DEFAULT_AUDIENCE, settings.PORTAL_URL, GRAPH_AUDIENCE)


def accepted_audiences() -> Collection[str]:
    """Those whose tokens the API takes."""
    return known_audiences() if settings.API_ACCEPTS_GRAPH_AUDIENCE else known_audiences()[:2]


def audience_of(resource: str) -> str:
    """The audience that a v1 `resource` names. Raises OAuthRefused (500011) for what is not served here."""
    wanted = resource.strip().rstrip("/")
    for audience in known_audiences():
        if wanted.lower() == audience.lower():
            return audience
    text = f"The resource principal named {resource.strip()[:200]} was not found. Ask for {DEFAULT_AUDIENCE}."
    raise OAuthRefused(500011, "invalid_resource", text)


def asked_for(scope: str, *, default: str = DEFAULT_AUDIENCE) -> Asked:
    """What a v2 `scope` asks for. default: the resource where the text names none.

    Raises OAuthRefused for other words (70011), other resources (500011) and more than one of them (28000).
    """
    if "%2f" in scope.lower():  # encoded a second time by the client, as MSAL for .NET does
        scope = unquote(scope)
    words: set[str] = set()
    audiences: set[str] = set()
    for word in scope.split():
        resource, slash, name = word.rpartition("/")
        if not slash and word.lower() in SIGN_IN_SCOPES:
            words.add(word.lower())
        elif name.lower() not in OWN_SCOPES:
            raise bad_scope(f"The provided value for the input parameter 'scope' is not valid: '{word[:200]}'.")
        elif slash:
            audiences.add(audience_of(resource))
    if len(audiences) > 1:
        raise OAuthRefused(28000, "invalid_request", "The scope names more than one resource. Ask for one at a time.")
    return Asked(audiences.pop() if audiences else default, frozenset(words))
