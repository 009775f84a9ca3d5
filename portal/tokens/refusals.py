"""What the token endpoints refuse, by Azure's numbers: libraries and people look these up."""

from typing import NoReturn


class TokenRefused(Exception):
    """An access token that opens nothing. The text says why, without repeating anything of the token.

    reason: "unreadable", "signature", "expired", "audience", "client", "user", "consent" or "membership".
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class OAuthRefused(Exception):
    """A refusal in Azure's shape. error: the OAuth word for it; number: of AADSTS; status: of HTTP."""

    def __init__(self, number: int, error: str, text: str, *, status: int = 400) -> None:
        super().__init__(text)
        self.number, self.error, self.text, self.status = number, error, text, status

    @property
    def code(self) -> str:
        """What people look up."""
        return f"AADSTS{self.number}"


def missing(name: str) -> OAuthRefused:
    text = f"The request body must contain the following parameter: '{name}'."
    return OAuthRefused(900144, "invalid_request", text)


def unknown_tenant(tenant: str) -> OAuthRefused:
    return OAuthRefused(
        90002, "invalid_request", f"Tenant '{tenant[:100]}' not found. Use the partner's Microsoft ID or domain."
    )


def unknown_client(client_id: str) -> OAuthRefused:
    return OAuthRefused(
        700016,
        "unauthorized_client",
        f"Application with identifier '{client_id[:100]}' was not found in the directory of this partner.",
    )


def no_consent(name: str) -> OAuthRefused:
    return OAuthRefused(
        65001,
        "invalid_grant",
        f"The person has not agreed that the application '{name}' acts in their name, or has taken it back. "
        "Send them through the authorize endpoint.",
    )


def bad_scope(text: str) -> OAuthRefused:
    return OAuthRefused(70011, "invalid_scope", text)


def refuse_unless(condition: object, refusal: OAuthRefused) -> None:
    """Raise the refusal where the condition does not hold."""
    if not condition:
        _refuse(refusal)


def _refuse(refusal: OAuthRefused) -> NoReturn:
    raise refusal
