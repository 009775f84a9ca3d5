"""What libraries read before they ask for a token: where to ask, and which keys to verify it with."""

from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from portal.partners.access import public
from portal.partners.models import Partner
from portal.tokens.refusals import OAuthRefused, unknown_tenant
from portal.tokens.services.keys import published_keys
from portal.tokens.services.proving import EVERY_TENANT
from portal.tokens.views.azure import refusal

PUBLIC_KEYS = "Public keys are for whoever verifies a token."
DIRECTIONS = "Says where to ask for tokens; the same to everybody."


@public(reason=PUBLIC_KEYS)
@require_safe
def keys(request: HttpRequest, tenant: str = "common") -> HttpResponse:
    """The portal has one set of keys for all partners."""
    return JsonResponse({"keys": published_keys()})


@public(reason=DIRECTIONS)
@require_safe
def configuration(request: HttpRequest, *, tenant: str, version: str) -> HttpResponse:
    try:
        issuer = _issuer(tenant, version)
    except OAuthRefused as refused:
        return refusal(request, refused)
    return JsonResponse(_endpoints(tenant, version) | {"issuer": issuer})


@public(reason=DIRECTIONS)
@require_safe
def instance(request: HttpRequest) -> HttpResponse:
    """Which names this host has, for MSAL: its own, and the one that the client knows it by."""
    asked = request.GET.get("authorization_endpoint", "")
    try:
        parts = urlsplit(asked)
        host, tenant = parts.netloc, parts.path.strip("/").split("/")[0]
    except ValueError:
        host = tenant = ""
    if not host or not tenant:
        text = "The authorization_endpoint is missing or is no address."
        return refusal(request, OAuthRefused(50049, "invalid_instance", text))
    own = urlsplit(settings.PORTAL_URL).netloc
    names = {"preferred_network": host, "preferred_cache": host, "aliases": sorted({host, own})}
    return JsonResponse(
        {
            "tenant_discovery_endpoint": f"{settings.PORTAL_URL}/{tenant}/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [names],
        }
    )


def _issuer(tenant: str, version: str) -> str:
    """As tokens name it. Raises OAuthRefused (90002). For "common", and a domain that several partners gave as their
    own, the tenant stays open, as at Azure.
    """
    named = str(_tenant_id(tenant) or "{tenantid}")
    base = f"{settings.PORTAL_URL}/{named}"
    return f"{base}/v2.0" if version == "2.0" else f"{base}/"


def _tenant_id(tenant: str) -> UUID | None:
    if tenant.lower() in EVERY_TENANT:
        return None
    named = Q(domain__iexact=tenant)
    with suppress(ValueError):
        named |= Q(tenant_id=UUID(tenant))
    found = list(Partner.objects.filter(named).values_list("tenant_id", flat=True)[:2])
    if not found:
        raise unknown_tenant(tenant)
    return found[0] if len(found) == 1 else None


def _endpoints(tenant: str, version: str) -> dict[str, Any]:
    base = f"{settings.PORTAL_URL}/{tenant}"
    path, keys_path = ("oauth2/v2.0", "discovery/v2.0/keys") if version == "2.0" else ("oauth2", "discovery/keys")
    return {
        "authorization_endpoint": f"{base}/{path}/authorize",
        "token_endpoint": f"{base}/{path}/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "jwks_uri": f"{base}/{keys_path}",
        "response_modes_supported": ["query", "fragment", "form_post"],
        "response_types_supported": ["code", "code id_token"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "name", "preferred_username", "oid", "tid"],
        "tenant_region_scope": None,
        "cloud_instance_name": urlsplit(settings.PORTAL_URL).netloc,
    }
