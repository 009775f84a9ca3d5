"""Which client asks for a token, and whether it proves that it is the one."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from portal.audit.services import sha256
from portal.partners.models import Partner
from portal.tokens.models import ApiClient, ApiSecret
from portal.tokens.refusals import OAuthRefused, missing, refuse_unless, unknown_client, unknown_tenant

# Where a request need not say whose tenant it is about: the client, or the person, tells.
EVERY_TENANT = frozenset({"common", "organizations"})
# Wrong secrets for one client from one address, before it has to wait, and how many seconds that is.
MOST_WRONG, PERIOD = 10, 300


@dataclass(frozen=True)
class Credentials:
    """What a client shows: its id, and its secret or "" for none; address: of the network it comes from."""

    client_id: str
    secret: str
    address: str = ""
    has_assertion: bool = False


def find_client(tenant: str, client_id: str) -> ApiClient:
    """The client with this id in this tenant. Raises OAuthRefused (90002, 700016)."""
    refuse_unless(client_id, missing("client_id"))
    client = client_with(client_id)
    if client is None or not is_tenant_of(client.partner, tenant):
        raise unknown_client(client_id) if is_known_tenant(tenant) else unknown_tenant(tenant)
    return client


def check_active(client: ApiClient) -> None:
    """Raises OAuthRefused (7000112) for one that was disabled."""
    text = f"Application '{client.client_id}' is disabled."
    refuse_unless(client.is_active, OAuthRefused(7000112, "unauthorized_client", text))


def client_with(client_id: str) -> ApiClient | None:
    try:
        wanted = UUID(client_id)
    except ValueError:
        return None
    return ApiClient.objects.select_related("partner").filter(client_id=wanted).first()


def is_tenant_of(partner: Partner, tenant: str) -> bool:
    """Whether the text names this partner: by its id, its domain, or not at all."""
    named = tenant.lower()
    return named in EVERY_TENANT or named == str(partner.tenant_id) or (named == partner.domain.lower())


def is_known_tenant(tenant: str) -> bool:
    if tenant.lower() in EVERY_TENANT:
        return True
    named = Q(domain__iexact=tenant)
    with suppress(ValueError):
        named |= Q(tenant_id=UUID(tenant))
    return Partner.objects.filter(named).exists()


def prove(tenant: str, shown: Credentials) -> ApiClient:
    """The client, once it has proved itself; a public one has nothing to prove here.

    Raises OAuthRefused: find_client's, 7000112 for a disabled one, 7000218 without a secret, 7000215 for a wrong one,
    7000222 for one that has expired, 700025 for a public client's, and 50196 after too many wrong ones.
    """
    client = find_client(tenant, shown.client_id)
    check_active(client)
    if client.is_public:
        text = "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."
        refuse_unless(not shown.secret, OAuthRefused(700025, "invalid_client", text, status=401))
        return client
    if not shown.secret:
        text = "The request body must contain the following parameter: 'client_secret'."
        if shown.has_assertion:
            text += " Certificates ('client_assertion') are not supported here."
        raise OAuthRefused(7000218, "invalid_client", text, status=401)
    _check_pace(client, shown)
    _use_secret(client, shown)
    return client


def _use_secret(client: ApiClient, shown: Credentials) -> None:
    digest, now = sha256(shown.secret), timezone.now()
    known = ApiSecret.objects.filter(client=client, revoked_at__isnull=True)
    # All of them, so that the time tells nothing.
    matching = [secret for secret in known if constant_time_compare(secret.digest, digest)]
    if not matching:
        _count_wrong(client, shown)
        text = "Invalid client secret provided. Ensure the secret being sent is the client secret's value."
        raise OAuthRefused(7000215, "invalid_client", text, status=401)
    secret = matching[0]
    if secret.expires_at <= now:
        text = f"The provided client secret keys for app '{client.client_id}' are expired. Add a new one."
        raise OAuthRefused(7000222, "invalid_client", text, status=401)
    ApiSecret.objects.filter(pk=secret.pk).update(last_used_at=now)


def _check_pace(client: ApiClient, shown: Credentials) -> None:
    """Who tries secrets out waits; others who use the same client from elsewhere do not wait with them."""
    if int(cache.get(_key(client, shown), 0)) >= MOST_WRONG:
        text = f"Too many wrong secrets. Wait {PERIOD // 60} minutes, then send the right one."
        raise OAuthRefused(50196, "invalid_request", text)


def _count_wrong(client: ApiClient, shown: Credentials) -> None:
    key = _key(client, shown)
    # Its time runs from the last wrong one.
    cache.set(key, int(cache.get(key, 0)) + 1, PERIOD)


def _key(client: ApiClient, shown: Credentials) -> str:
    return f"wrong-secret:{client.client_id}:{shown.address}"
