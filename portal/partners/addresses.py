"""Where a request came from, for the activity log of a partner that chose to keep it."""

from typing import TypedDict

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

from portal.partners.models import Partner

LONGEST_BROWSER = 200


class Seen(TypedDict, total=False):
    """What an Actor keeps of it."""

    ip_address: str | None
    user_agent: str


def seen_of(request: HttpRequest, partner: Partner | None) -> Seen:
    """Address and browser where this partner keeps them; nothing at all where not."""
    if partner is None or not partner.logs_addresses:
        return {}
    return {"ip_address": address_of(request), "user_agent": browser_of(request)}


def address_of(request: HttpRequest) -> str | None:
    """The client's address as the limits of sign-in see it: what the trusted proxies say, as many of them as are
    configured, else the connection's own; None where it is none. What a client itself claims is not believed.
    """
    try:
        return str(get_adapter().get_client_ip(request))
    except (ImproperlyConfigured, PermissionDenied, ValueError):
        return None


def browser_of(request: HttpRequest) -> str:
    """How the browser calls itself, without control characters, cut to what the log keeps."""
    said = request.headers.get("User-Agent", "")[: 4 * LONGEST_BROWSER]
    return "".join(ch if ch.isprintable() else " " for ch in said).strip()[:LONGEST_BROWSER]
