"""What the pages of API clients say about each of them, worked out from its row and its secrets."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Max, Prefetch
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.partners.models import Membership
from portal.partners.roles import LABELS
from portal.tokens.models import ApiClient, ApiSecret, Consent
from portal.tokens.shell_lines import calling

Words = str | Promise
# More than any partner has; a page that long can still be searched in the browser.
MOST_SHOWN = 500
# A secret that runs out this soon is warned of.
SOON = timedelta(days=30)


@dataclass(frozen=True)
class Standing:
    """tone and word: of the component status; note: what it means, or ""."""

    tone: str
    word: Words
    note: Words = ""


ACTIVE = Standing("ok", _("Active"))
DISABLED = Standing("neutral", _("Disabled"), _("It gets no token, and those that it has are refused."))
WITHOUT_SECRET = Standing("bad", _("No secret"), _("It cannot get a token before it has a secret."))
RUNS_OUT = Standing("warn", _("Secret runs out"), _("Make a new secret and give it to the program in good time."))


@dataclass(frozen=True)
class ClientRow:
    """runs_out_at: when the last usable secret does, if that is soon; else None."""

    client: ApiClient
    standing: Standing
    purposes: tuple[Words, ...]
    roles: tuple[Words, ...]
    runs_out_at: object = None


def clients_of(membership: Membership) -> list[ClientRow]:
    usable = ApiSecret.objects.usable().order_by("expires_at")
    found = ApiClient.objects.visible_to(membership).prefetch_related(
        Prefetch("secrets", queryset=usable, to_attr="usable_secrets")
    )
    listed = found.order_by("-is_active", "name", "id")[:MOST_SHOWN]
    return [row_of(client, client.usable_secrets) for client in listed]


def row_of(client: ApiClient, usable: Iterable[ApiSecret]) -> ClientRow:
    last = max((secret.expires_at for secret in usable), default=None)
    is_soon = last is not None and last < timezone.now() + SOON
    return ClientRow(
        client=client,
        standing=_standing(client, has_secret=last is not None, is_soon=is_soon),
        purposes=purposes_of(client),
        roles=tuple(label for role, label in LABELS.items() if role in client.roles),
        runs_out_at=last if is_soon and client.is_active else None,
    )


def _standing(client: ApiClient, *, has_secret: bool, is_soon: bool) -> Standing:
    if not client.is_active:
        return DISABLED
    if client.is_public:
        return ACTIVE
    if not has_secret:
        return WITHOUT_SECRET
    return RUNS_OUT if is_soon else ACTIVE


def purposes_of(client: ApiClient) -> tuple[Words, ...]:
    own = (_("App-only"),) if client.allows_app_only else ()
    return (*own, _("App+User")) if acts_for_members(client) else own


def acts_for_members(client: ApiClient) -> bool:
    return bool(client.redirect_uris) or client.is_public or client.allows_password


def secret_standing(secret: ApiSecret) -> Standing:
    now = timezone.now()
    if secret.revoked_at is not None:
        return Standing("neutral", _("Revoked"))
    if secret.expires_at <= now:
        return Standing("bad", _("Expired"))
    return Standing("warn", _("Runs out soon")) if secret.expires_at < now + SOON else Standing("ok", _("Usable"))


def secrets_of(client: ApiClient) -> list[tuple[ApiSecret, Standing]]:
    """Newest first; those long gone stay listed, as they explain why a program stopped."""
    found = ApiSecret.objects.filter(client=client).order_by("-created_at", "-id")[:MOST_SHOWN]
    return [(secret, secret_standing(secret)) for secret in found]


def consents_to(client: ApiClient) -> list[Consent]:
    """Whom the program acts for at present, with when it last did."""
    found = (
        Consent.objects.standing()
        .filter(client=client)
        .select_related("user")
        .annotate(last_used_at=Max("refresh_tokens__created_at"))
    )
    return list(found.order_by("user__name", "id")[:MOST_SHOWN])


def addresses_of(client: ApiClient) -> dict[str, str]:
    """What whoever sets the program up has to type, beside the secret."""
    base, tenant = settings.PORTAL_URL.rstrip("/"), client.partner.tenant_id
    return {
        "base": base,
        "tenant": str(tenant),
        "token": f"{base}/{tenant}/oauth2/v2.0/token",
        "authorize": f"{base}/{tenant}/oauth2/v2.0/authorize",
    }


def example_for(client: ApiClient, secret: str) -> str:
    """Lines for a shell with everything filled in."""
    addresses = addresses_of(client)
    return calling(base=addresses["base"], tenant=addresses["tenant"], client_id=str(client.client_id), shown=secret)
