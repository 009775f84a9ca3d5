"""Access tokens: RS256 JSON Web Tokens with Azure's claims, good for an hour at most."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from django.conf import settings
from django.utils import timezone

from portal.partners.models import Membership, Partner, User
from portal.tokens.audiences import DEFAULT_AUDIENCE, accepted_audiences
from portal.tokens.models import ApiClient, Consent
from portal.tokens.refusals import TokenRefused, no_consent
from portal.tokens.services.keys import LIFETIME, SKEW, private_key, signing_key, verifying_key

REQUIRED = ["aud", "iss", "iat", "nbf", "exp", "tid", "appid", "oid", "sub", "uti"]


@dataclass(frozen=True)
class AccessToken:
    """Who shows the token. consent, membership: of the person in whose name the client calls; None for the client
    alone. expires_at: when it ends by itself.
    """

    client: ApiClient
    consent: Consent | None
    membership: Membership | None
    audience: str
    expires_at: datetime

    @property
    def user(self) -> User | None:
        return self.consent.user if self.consent else None


@dataclass(frozen=True)
class SignedToken:
    """text: what the client sends; from there to there it is good, in whole seconds since 1970."""

    text: str
    starts: int
    ends: int


def issuer_of(partner: Partner, version: str) -> str:
    """Who says so: the portal, for this partner, in the form of the endpoint's version ("1.0" or "2.0")."""
    base = f"{settings.PORTAL_URL}/{partner.tenant_id}"
    return f"{base}/v2.0" if version == "2.0" else f"{base}/"


def issue_access_token(*, client: ApiClient, user: User | None = None, audience: str = DEFAULT_AUDIENCE) -> str:
    """A token for the client alone, or in the name of a person who agreed to it.

    Raises OAuthRefused where the person did not.
    """
    if user is None:
        return sign_access_token(client=client, audience=audience).text
    consent = Consent.objects.standing().filter(client=client, user=user).select_related("user").first()
    if consent is None:
        raise no_consent(client.name)
    return sign_access_token(client=client, consent=consent, audience=audience).text


def sign_access_token(
    *,
    client: ApiClient,
    consent: Consent | None = None,
    audience: str = DEFAULT_AUDIENCE,
    version: str = "1.0",
    ends_by: datetime | None = None,
) -> SignedToken:
    """A signed token. consent: in whose name; ends_by: it ends then, if that is sooner than usual."""
    now = timezone.now()
    ends = min(now + LIFETIME, ends_by or now + LIFETIME)
    about = _program(client) if consent is None else _person(consent)
    claims = {
        **frame(client, audience=audience, version=version, starts=now, ends=ends),
        "appid": str(client.client_id),
        "azp": str(client.client_id),
        "appidacr": "0" if client.is_public else "1",
        **about,
    }
    return SignedToken(sign(claims), claims["iat"], claims["exp"])


def frame(client: ApiClient, *, audience: str, version: str, starts: datetime, ends: datetime) -> dict[str, Any]:
    """The claims that every token has."""
    begin = int(starts.timestamp())
    return {
        "aud": audience,
        "iss": issuer_of(client.partner, version),
        "iat": begin,
        "nbf": begin,
        "exp": int(ends.timestamp()),
        "tid": str(client.partner.tenant_id),
        "uti": uuid.uuid4().hex,
        "ver": version,
    }


def sign(claims: Mapping[str, Any]) -> str:
    key = signing_key()
    private = private_key(key.private_sealed)
    if private is None:
        raise RuntimeError("The signing key was replaced by one that the portal's secret key does not open.")
    return jwt.encode(dict(claims), private, algorithm=key.algorithm, headers={"kid": key.kid})


def _program(client: ApiClient) -> dict[str, Any]:
    own = str(client.client_id)
    return {"idtyp": "app", "oid": own, "sub": own, "roles": list(client.roles)}


def _person(consent: Consent) -> dict[str, Any]:
    """amr says what was asked of the person at the sign-in: their password."""
    user = consent.user
    own = str(user.public_id)
    known_as = {"upn": user.email, "unique_name": user.email, "name": user.name}
    agreed = {"scp": "user_impersonation", "amr": ["pwd"], "sid": str(consent.public_id)}
    return {"idtyp": "user", "oid": own, "sub": own, **known_as, **agreed}


def read_access_token(text: str) -> AccessToken:
    """Who shows this token, in two queries, or three for a person.

    Raises TokenRefused where it is not one of ours or not good any more; where the client, the person, the consent or
    the membership at the client's partner is gone; and where it was made for somebody else ("audience").
    """
    claims = _verified(text)
    audience, expires_at = str(claims["aud"]), datetime.fromtimestamp(claims["exp"], tz=UTC)
    if audience not in accepted_audiences():
        raise TokenRefused("audience", "The token was issued for another resource. Ask for one for this API.")
    if claims.get("idtyp") == "app":
        program = ApiClient.objects.filter(client_id=claims["appid"]).select_related("partner").first()
        client = _checked(program, claims)
        return AccessToken(client, None, None, audience, expires_at)
    consent = _consent(str(claims.get("sid", "")), str(claims["appid"]))
    client = _checked(consent.client, claims)
    return AccessToken(client, consent, _membership(consent), audience, expires_at)


def _verified(text: str) -> dict[str, Any]:
    """The claims, once signature and time are found right."""
    try:
        kid = jwt.get_unverified_header(text).get("kid")
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise TokenRefused("unreadable", "This is no access token of this portal.") from None
    # Other texts may be none that a database can be asked for.
    key = verifying_key(kid) if isinstance(kid, str) and kid.isascii() and kid.isalnum() else None
    if key is None:
        raise TokenRefused("signature", "The token was signed with a key that is not this portal's, or not any more.")
    try:
        options: Any = {"require": REQUIRED, "verify_aud": False}
        return jwt.decode(text, key, algorithms=["RS256"], leeway=SKEW.total_seconds(), options=options)
    except jwt.ExpiredSignatureError:
        raise TokenRefused("expired", "The token has expired. Ask for a new one.") from None
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise TokenRefused("signature", "The token is not as this portal signed it.") from None


def _consent(public_id: str, client_id: str) -> Consent:
    consents = Consent.objects.standing().select_related("client__partner", "user")
    consent = consents.filter(public_id=public_id, client__client_id=client_id).first() if public_id else None
    if consent is None:
        raise TokenRefused("consent", "The person took back that the application acts in their name.")
    if not consent.user.is_active:
        raise TokenRefused("user", "The person can no longer sign in.")
    return consent


def _membership(consent: Consent) -> Membership:
    """The person's own at the client's partner, with both."""
    member = Membership.objects.active().filter(user=consent.user, partner=consent.client.partner).first()
    if member is None:
        raise TokenRefused("membership", "The person no longer works for the partner of the application.")
    member.user, member.partner = consent.user, consent.client.partner
    return member


def _checked(client: ApiClient | None, claims: Mapping[str, Any]) -> ApiClient:
    if client is None or not client.is_active:
        raise TokenRefused("client", "The application was disabled.")
    if claims.get("idtyp") == "app" and not client.allows_app_only:
        raise TokenRefused("client", "The application may no longer work on its own.")
    if claims["iss"] not in (issuer_of(client.partner, "1.0"), issuer_of(client.partner, "2.0")):
        raise TokenRefused("signature", "The token was issued for another partner.")
    return client
