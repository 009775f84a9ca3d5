"""The token endpoints: programs send what they hold and get an access token."""

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import unquote_plus

import structlog
from allauth.account.adapter import get_adapter
from django.core.exceptions import BadRequest, SuspiciousOperation, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from portal.common.actor import Actor, Door
from portal.partners.access import acting_as, public
from portal.partners.addresses import address_of
from portal.partners.log_lines import record_sign_in
from portal.partners.models import User
from portal.tokens.refusals import OAuthRefused, TokenRefused, missing
from portal.tokens.services.access_tokens import read_access_token, sign_access_token
from portal.tokens.services.grants import V1, Granted, TokenRequest, grant
from portal.tokens.services.id_tokens import client_info
from portal.tokens.services.proving import Credentials
from portal.tokens.views.azure import refusal

log = structlog.get_logger("portal.tokens")
Handler = Callable[..., HttpResponse]
LONGEST = 8_000


def machines_post(view: Handler) -> Handler:
    """A program's POST: without a form's token, kept in no cache, its refusals in Azure's shape."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            if request.method != "POST":
                text = f"The endpoint only accepts POST requests. Received a {request.method} request."
                raise OAuthRefused(900561, "invalid_request", text)
            response = view(request, **kwargs)
        except OAuthRefused as refused:
            log.info("token_refused", number=refused.number)
            response = refusal(request, refused)
        except (SuspiciousOperation, BadRequest, MultiPartParserError, UnreadablePostError):
            text = "Invalid request. Request is malformed or invalid."
            response = refusal(request, OAuthRefused(9002313, "invalid_request", text))
        response["Pragma"] = "no-cache"
        return response

    return csrf_exempt(never_cache(sensitive_post_parameters()(answer)))


@public(reason="Programs ask for tokens here, and prove themselves in the request.")
@machines_post
def token(request: HttpRequest, *, tenant: str, version: str) -> HttpResponse:
    sent = {name: value[:LONGEST] for name, value in request.POST.items()}
    asked = TokenRequest(
        tenant=tenant,
        version=version,
        parameters=sent,
        shown=_credentials(request, sent),
        sign_in=lambda address, password: _sign_in(request, address, password),
    )
    granted = grant(asked)
    log.info("token_granted", grant=sent["grant_type"], client_id=asked.shown.client_id)
    answer = _v1_answer(granted) if version == V1 else _v2_answer(granted, sent.get("scope", ""))
    if granted.consent is not None and sent.get("client_info") == "1":
        answer["client_info"] = client_info(granted.consent)
    extras = {"refresh_token": granted.refresh_token, "id_token": granted.id_token}
    return JsonResponse(answer | {name: value for name, value in extras.items() if value})


@public(reason="Programs change their token for another one here; it is what they prove themselves with.")
@machines_post
def generate_token(request: HttpRequest) -> HttpResponse:
    """Partner Center's own exchange: a token in the header for one of this API, which ends when the first does."""
    if request.POST.get("grant_type", "") != "jwt_token":
        raise missing("grant_type") if "grant_type" not in request.POST else _unsupported()
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    try:
        shown = read_access_token(text.strip() if scheme.lower() == "bearer" else "")
    except TokenRefused as refused:
        raise OAuthRefused(50013, "invalid_grant", str(refused), status=401) from None
    signed = sign_access_token(client=shown.client, consent=shown.consent, ends_by=shown.expires_at)
    ends_in = signed.ends - signed.starts
    return JsonResponse({"access_token": signed.text, "token_type": "Bearer", "expires_in": ends_in})


def _unsupported() -> OAuthRefused:
    return OAuthRefused(70003, "unsupported_grant_type", "This endpoint takes the grant type jwt_token alone.")


def _v1_answer(granted: Granted) -> dict[str, Any]:
    """Every number is a text there."""
    access = granted.access
    lifetime = str(access.ends - access.starts)
    scope = {"scope": "user_impersonation"} if granted.consent is not None else {}
    return {
        "token_type": "Bearer",
        **scope,
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "expires_on": str(access.ends),
        "not_before": str(access.starts),
        "resource": granted.asked.audience,
        "access_token": access.text,
    }


def _v2_answer(granted: Granted, scope: str) -> dict[str, Any]:
    """scope: as it was asked for; what the answer names is what libraries find the token by."""
    lifetime = granted.access.ends - granted.access.starts
    own = f"{granted.asked.audience}/"
    named = [word for word in scope.split() if word.startswith(own)]
    scopes = dict.fromkeys([f"{own}user_impersonation", *named, *sorted(granted.asked.words - {"offline_access"})])
    said = {"scope": " ".join(scopes)} if granted.consent is not None else {}
    return {
        "token_type": "Bearer",
        **said,
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": granted.access.text,
    }


def _credentials(request: HttpRequest, sent: dict[str, str]) -> Credentials:
    """From the body, or from HTTP Basic (RFC 6749, 2.3.1). An empty Bearer beside it says nothing."""
    client_id, secret = sent.get("client_id", ""), sent.get("client_secret", "")
    scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(coded.strip(), validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            raise OAuthRefused(9002313, "invalid_request", "The header of HTTP Basic is malformed.") from None
        client_id, secret = client_id or unquote_plus(name), secret or unquote_plus(password)
    return Credentials(
        client_id=client_id[:LONGEST],
        secret=secret[:LONGEST],
        address=address_of(request) or "",
        has_assertion="client_assertion" in sent,
    )


def _sign_in(request: HttpRequest, address: str, password: str) -> tuple[User, Actor]:
    """The person with this address and password, tried as at the sign-in page, and as often."""
    wrong = OAuthRefused(50126, "invalid_grant", "Error validating credentials due to invalid username or password.")
    if "\x00" in address:
        raise wrong
    try:
        user = get_adapter().authenticate(request, email=address, password=password)
    except ValidationError:
        text = "The account is locked for some minutes: somebody tried to sign in too often."
        raise OAuthRefused(50053, "invalid_grant", text) from None
    if user is None:
        raise wrong
    if not user.is_active:
        raise OAuthRefused(50057, "invalid_grant", "The user account is disabled.")
    if user.must_change_password:
        raise OAuthRefused(50055, "invalid_grant", "The password has to be changed. Sign in to the portal to do so.")
    by = acting_as(user, request_id=getattr(request, "request_id", "")).through(Door.API)
    record_sign_in(by=by, user=user)
    return user, by
