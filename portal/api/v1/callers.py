"""Who calls: a program by itself (app-only), or through a program a member (App+User)."""

from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpRequest

from portal.api.v1.faults import AUDIENCE, UNAUTHORIZED, Fault
from portal.common.actor import Actor, ActorKind, Door
from portal.partners.addresses import seen_of
from portal.partners.models import Membership, Partner, User
from portal.tokens.models import ApiClient
from portal.tokens.services import AccessToken, TokenRefused, read_access_token


class Callers(StrEnum):
    """Whom an operation is for (facts, 6.2)."""

    ANY = "App-only or App+User"
    USER = "App+User only"
    APP = "App-only only"


@dataclass(frozen=True)
class Caller:
    """membership: of the member; for a program an unsaved one that holds its roles and has no user."""

    client: ApiClient
    membership: Membership
    user: User | None
    actor: Actor
    locale: str

    @property
    def partner(self) -> Partner:
        return self.membership.partner


class ApiRequest(HttpRequest):
    """A request below /v1 once the caller is known."""

    caller: Caller
    request_id: str


def caller_of(request: HttpRequest) -> Caller:
    """The caller by the bearer token. Raises Fault 401."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise Fault(401, UNAUTHORIZED, "Send an access token: Authorization: Bearer <token>. See /v1/docs.")
    try:
        token = read_access_token(text.strip())
    except TokenRefused as refused:
        code = AUDIENCE if refused.reason == "audience" else UNAUTHORIZED
        raise Fault(401, code, str(refused)) from None
    membership = _membership(token)
    return Caller(
        client=token.client,
        membership=membership,
        user=token.user,
        actor=_actor(request, token, membership),
        locale=locale_of(request),
    )


def _membership(token: AccessToken) -> Membership:
    if token.membership is not None:
        return token.membership
    return Membership(partner=token.client.partner, roles=list(token.client.roles))


def _actor(request: HttpRequest, token: AccessToken, membership: Membership) -> Actor:
    user = token.user
    return Actor(
        kind=ActorKind.AGENT if user else ActorKind.API_CLIENT,
        name=user.name if user else token.client.name,
        user_id=user.pk if user else None,
        membership=membership,
        roles=tuple(membership.roles),
        door=Door.API,
        request_id=getattr(request, "request_id", ""),
        client_id=str(token.client.client_id),
        **seen_of(request, membership.partner),
    )


def locale_of(request: HttpRequest) -> str:
    """What X-Locale asks for, in the form en-US; en-US where it is no locale."""
    language, _, country = request.headers.get("X-Locale", "").strip().partition("-")
    if language.isascii() and language.isalpha() and len(language) in (2, 3) and country.isascii() and country:
        return f"{language.lower()}-{country}" if country.replace("-", "").isalnum() and len(country) < 9 else "en-US"
    return "en-US"
