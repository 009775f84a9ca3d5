"""Every write to clients, secrets, consents and tokens."""

from portal.tokens.audiences import DEFAULT_AUDIENCE
from portal.tokens.refusals import TokenRefused
from portal.tokens.services.access_tokens import AccessToken, issue_access_token, read_access_token
from portal.tokens.services.cleaning import remove_expired_tokens
from portal.tokens.services.clients import (
    add_secret,
    change_client,
    create_client,
    disable_client,
    enable_client,
    revoke_secret,
)
from portal.tokens.services.consents import agree, give_consent, refuse_consent, revoke_consent
from portal.tokens.services.keys import published_keys, rotate_key

__all__ = [
    "DEFAULT_AUDIENCE",
    "AccessToken",
    "TokenRefused",
    "add_secret",
    "agree",
    "change_client",
    "create_client",
    "disable_client",
    "enable_client",
    "give_consent",
    "issue_access_token",
    "published_keys",
    "read_access_token",
    "refuse_consent",
    "remove_expired_tokens",
    "revoke_consent",
    "revoke_secret",
    "rotate_key",
]
