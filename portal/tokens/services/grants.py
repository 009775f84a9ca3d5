"""Access tokens in return for what a client holds: its secret, a code, a refresh token, a person's password."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from portal.audit.services import record_event, sha256
from portal.common.actor import Actor, ActorKind, Door
from portal.partners.models import User
from portal.tokens.audiences import Asked, asked_for, audience_of
from portal.tokens.models import ApiClient, AuthorizationCode, Consent, RefreshToken
from portal.tokens.refusals import OAuthRefused, missing, no_consent, refuse_unless
from portal.tokens.services.access_tokens import SignedToken, sign_access_token
from portal.tokens.services.consents import give_consent, has_same_password, is_member
from portal.tokens.services.id_tokens import sign_id_token
from portal.tokens.services.proving import EVERY_TENANT, Credentials, prove
from portal.tokens.services.secrecy import new_secret

REFRESH_LIFETIME = timedelta(days=90)
V1, V2 = "1.0", "2.0"


@dataclass(frozen=True)
class TokenRequest:
    """version: of the endpoint, V1 or V2; parameters: of its body; sign_in: the person with this address and
    password (raises OAuthRefused), and as whom they act.
    """

    tenant: str
    version: str
    parameters: Mapping[str, str]
    shown: Credentials
    sign_in: Callable[[str, str], tuple[User, Actor]]

    def of(self, name: str) -> str:
        return self.parameters.get(name, "")

    def needed(self, name: str) -> str:
        """Raises OAuthRefused (900144) where it was not sent."""
        refuse_unless(self.of(name), missing(name))
        return self.of(name)


@dataclass(frozen=True)
class Granted:
    """What the client gets; refresh_token, id_token: "" for none; consent: of the person, None for none."""

    access: SignedToken
    asked: Asked
    consent: Consent | None = None
    refresh_token: str = ""
    id_token: str = ""


def grant(request: TokenRequest) -> Granted:
    """Tokens by the request's grant_type. Raises OAuthRefused."""
    kind = request.needed("grant_type")
    if kind not in GRANTS:
        text = f"The app requested an unsupported grant type '{kind[:100]}'."
        raise OAuthRefused(70003, "unsupported_grant_type", text)
    if request.version == V2 and request.of("resource"):
        text = "The 'resource' request parameter isn't supported. Send 'scope'."
        raise OAuthRefused(901002, "invalid_request", text)
    client = prove(request.tenant, request.shown)
    outcome = GRANTS[kind](client, request)
    # Refusals that changed something (a code used twice) are raised here, after what they changed is kept.
    if isinstance(outcome, OAuthRefused):
        raise outcome
    ApiClient.objects.filter(pk=client.pk).update(last_used_at=timezone.now())
    return outcome


def _for_client(client: ApiClient, request: TokenRequest) -> Granted:
    """client_credentials: the client acts on its own."""
    if request.tenant.lower() in EVERY_TENANT:
        raise OAuthRefused(50059, "invalid_request", "No tenant-identifying information found. Name the partner's.")
    if not client.allows_app_only:
        text = f"Application '{client.client_id}' may not work on its own; a person has to sign in."
        raise OAuthRefused(501051, "unauthorized_client", text)
    if request.version == V2:
        request.needed("scope")
        try:
            asked = asked_for(request.of("scope"))
            is_whole = request.of("scope").strip().lower().endswith(".default") and not asked.words
        except OAuthRefused as refused:
            if refused.number != 70011:
                raise
            is_whole = False
        text = "Client credential flows must have a scope value with /.default suffixed to the resource identifier."
        refuse_unless(is_whole, OAuthRefused(1002012, "invalid_scope", text))
    else:
        asked = Asked(audience_of(request.needed("resource")), frozenset())
    return Granted(sign_access_token(client=client, audience=asked.audience, version=request.version), asked)


@transaction.atomic
def _for_code(client: ApiClient, request: TokenRequest) -> Granted | OAuthRefused:
    """authorization_code: the client shows the code that the browser brought."""
    digest = sha256(request.needed("code"))
    uri = request.needed("redirect_uri")
    codes = AuthorizationCode.objects.select_for_update(of=("self",)).select_related("consent__user")
    code = codes.filter(digest=digest, consent__client=client).first()
    if code is None:
        raise OAuthRefused(70000, "invalid_grant", "The provided value for the input parameter 'code' is not valid.")
    if code.redeemed_at is not None:
        # Two hands hold it, and one of them stole it: what came of it ends (RFC 6749, 4.1.2).
        RefreshToken.objects.standing().filter(family=code.family).update(revoked_at=timezone.now())
        own = str(client.client_id)
        by = Actor(kind=ActorKind.API_CLIENT, name=client.name, door=Door.API, client_id=own)
        facts = {"name": client.name}
        record_event(by=by, code="tokens.code_reused", partner_id=client.partner_id, subject=own, facts=facts)
        return OAuthRefused(54005, "invalid_grant", "OAuth2 Authorization code was already redeemed.")
    text = "The provided authorization code has expired. Send the person through the authorize endpoint again."
    refuse_unless(code.expires_at > timezone.now(), OAuthRefused(70008, "invalid_grant", text))
    text = "The reply address does not match the one provided when requesting the authorization code."
    refuse_unless(code.redirect_uri == uri, OAuthRefused(500112, "invalid_grant", text))
    _check_verifier(code, request.of("code_verifier"))
    consent = _with_client(code.consent, client)
    _check_person(consent, code.password_hash)
    code.redeemed_at = timezone.now()
    code.save(update_fields=["redeemed_at"])
    asked = _asked(request, code.audience)
    if not request.of("scope"):
        # Said when the person was sent through the sign-in; many do not say it again (RFC 6749, 4.1.3).
        asked = replace(asked, words=asked.words | {"openid", "offline_access"})
    held = RefreshToken(
        consent=consent, audience=asked.audience, password_hash=code.password_hash, family=code.family
    )
    return _for_person(request, asked, held, nonce=code.nonce)


@transaction.atomic
def _for_refresh_token(client: ApiClient, request: TokenRequest) -> Granted:
    """refresh_token: the client goes on in the person's name. The token shown stays good beside the new one."""
    digest = sha256(request.needed("refresh_token"))
    tokens = RefreshToken.objects.select_related("consent__user")
    held = tokens.filter(digest=digest, consent__client=client).first()
    if held is None:
        text = "The provided value for the input parameter 'refresh_token' is not valid."
        raise OAuthRefused(70000, "invalid_grant", text)
    text = f"The refresh token has expired. It was issued on {held.created_at:%Y-%m-%d} for 90 days."
    refuse_unless(held.expires_at > timezone.now(), OAuthRefused(700082, "invalid_grant", text))
    consent = _with_client(held.consent, client)
    _check_person(consent, held.password_hash)
    refuse_unless(held.revoked_at is None, _revoked())
    RefreshToken.objects.filter(pk=held.pk).update(last_used_at=timezone.now())
    asked = _asked(request, held.audience)
    return _for_person(request, replace(asked, words=asked.words | {"offline_access"}), held)


def _for_password(client: ApiClient, request: TokenRequest) -> Granted:
    """password: the person typed it into the program, which a global admin let take it."""
    if not client.allows_password:
        text = "This application may not take people's passwords. Send them through the authorize endpoint."
        raise OAuthRefused(70003, "unsupported_grant_type", text)
    asked = _asked(request, "")
    user, by = request.sign_in(request.needed("username"), request.needed("password"))
    if not is_member(user, client):
        raise _no_member(client)
    # Who hands over the password agrees by that; who took it back has to agree on the portal's own page.
    has_taken_back = Consent.objects.filter(client=client, user=user, revoked_at__isnull=False).exists()
    standing = Consent.objects.standing().filter(client=client, user=user)
    refuse_unless(not has_taken_back or standing.exists(), no_consent(client.name))
    consent = _with_client(give_consent(by=by, client=client, user=user), client)
    held = RefreshToken(consent=consent, audience=asked.audience, password_hash=user.get_session_auth_hash())
    return _for_person(request, asked, held)


def _for_person(request: TokenRequest, asked: Asked, held: RefreshToken, *, nonce: str = "") -> Granted:
    """held: what the new refresh token follows."""
    consent = held.consent
    access = sign_access_token(
        client=consent.client, consent=consent, audience=asked.audience, version=request.version
    )
    is_v1 = request.version == V1
    return Granted(
        access=access,
        asked=asked,
        consent=consent,
        refresh_token=_refresh_token(held, asked.audience) if is_v1 or asked.has_refresh_token else "",
        id_token=sign_id_token(consent=consent, version=request.version, nonce=nonce)
        if is_v1 or asked.has_id_token
        else "",
    )


def _refresh_token(held: RefreshToken, audience: str) -> str:
    text, digest = new_secret()
    now = timezone.now()
    RefreshToken.objects.create(
        consent=held.consent,
        digest=digest,
        audience=audience,
        password_hash=held.password_hash,
        family=held.family,
        created_at=now,
        expires_at=now + REFRESH_LIFETIME,
    )
    return text


def _asked(request: TokenRequest, default: str) -> Asked:
    """What a person's token is for. default: what was asked for before, "" where that is not known."""
    usual = asked_for("", default=default) if default else asked_for("")
    asked = asked_for(request.of("scope"), default=usual.audience)
    if request.of("resource"):
        return replace(asked, audience=audience_of(request.of("resource")))
    return asked


def _check_verifier(code: AuthorizationCode, verifier: str) -> None:
    """PKCE (RFC 7636) with S256: a verifier without a challenge is as wrong as the other way round."""
    if not code.code_challenge and not verifier:
        return
    refuse_unless(
        code.code_challenge and verifier,
        OAuthRefused(50148, "invalid_grant", "A code_verifier and a code_challenge go together. One is missing."),
    )
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    computed = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    text = "The Code_Verifier does not match the code_challenge supplied in the authorization request."
    refuse_unless(constant_time_compare(computed, code.code_challenge), OAuthRefused(501481, "invalid_grant", text))


def _check_person(consent: Consent, password_hash: str) -> None:
    client = consent.client
    refuse_unless(consent.revoked_at is None, no_consent(client.name))
    # What people agreed to ends when the partner takes it out of what the program is for.
    text = f"Application '{client.client_id}' may not act for people any more."
    acts_for_people = bool(client.redirect_uris) or client.is_public or client.allows_password
    refuse_unless(acts_for_people, OAuthRefused(501051, "unauthorized_client", text))
    text = "The user account is disabled."
    refuse_unless(consent.user.is_active, OAuthRefused(50057, "invalid_grant", text))
    if not is_member(consent.user, consent.client):
        raise _no_member(consent.client)
    refuse_unless(has_same_password(consent.user, password_hash), _revoked())


def _no_member(client: ApiClient) -> OAuthRefused:
    text = f"User account does not exist in tenant '{client.partner.tenant_id}'. Ask its global admin for access."
    return OAuthRefused(50020, "invalid_grant", text)


def _revoked() -> OAuthRefused:
    text = "The provided grant has expired due to it being revoked, a fresh sign-in is needed. The person may have"
    return OAuthRefused(50173, "invalid_grant", f"{text} changed or reset their password.")


def _with_client(consent: Consent, client: ApiClient) -> Consent:
    """The consent, its client being the row that is at hand, with its partner."""
    consent.client = client
    return consent


GRANTS: dict[str, Callable[[ApiClient, TokenRequest], Granted | OAuthRefused]] = {
    "client_credentials": _for_client,
    "authorization_code": _for_code,
    "refresh_token": _for_refresh_token,
    "password": _for_password,
}
