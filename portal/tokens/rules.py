"""What a client may be, and which address of the browser belongs to it: decided on what is given, nothing else."""

import calendar
from collections.abc import Collection
from datetime import datetime
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.partners.rules import why_cannot_set_roles
from portal.tokens.redirect_uris import LOOPBACK, MOST, why_not_a_redirect_uri

# In months: the longest that Microsoft takes, and the shortest.
LONGEST_SECRET, SHORTEST_SECRET, USUAL_SECRET = 24, 1, 6
# More at the same time than anybody needs to replace one by another.
MOST_SECRETS = 10


def why_not_a_client(
    *, roles: Collection[str], allows_app_only: bool, is_public: bool, redirect_uris: Collection[str]
) -> tuple[str, str | Promise] | None:
    """(field, reason) why a client cannot be like this, or None."""
    if is_public and allows_app_only:
        return "is_public", _("A program that keeps no secret cannot work on its own. Choose one of the two")
    if allows_app_only or roles:
        reason = why_cannot_set_roles(roles=roles)
        if reason is not None:
            return "roles", reason
    if len(redirect_uris) > MOST:
        return "redirect_uris", _("Enter fewer addresses")
    for uri in redirect_uris:
        reason = why_not_a_redirect_uri(uri)
        if reason is not None:
            return "redirect_uris", reason
    return None


def why_not_a_secret(*, is_public: bool, is_active: bool, months: int, usable_count: int) -> str | Promise | None:
    """Why no secret can be added; months: how long it is to be good."""
    if is_public:
        return _("A public client keeps no secret. Make another client for a program that can")
    if not is_active:
        return _("This client is disabled. Enable it first")
    if not SHORTEST_SECRET <= months <= LONGEST_SECRET:
        return _("A secret is good for 24 months at most")
    if usable_count >= MOST_SECRETS:
        return _("This client has secrets enough. Revoke one that is not used any more")
    return None


def is_registered(uri: str, registered: Collection[str]) -> bool:
    """Whether answers may go to this address: exactly one of the client's own; on this machine with any port, as a
    program there takes the one that is free (RFC 8252, 7.3).
    """
    if why_not_a_redirect_uri(uri) is not None:
        return False
    return uri in registered or any(_is_same_loopback(uri, own) for own in registered)


def _is_same_loopback(uri: str, own: str) -> bool:
    given, known = urlsplit(uri), urlsplit(own)
    if given.scheme != "http" or known.scheme != "http" or given.hostname not in LOOPBACK:
        return False
    return (given.hostname, given.path or "/", given.query) == (known.hostname, known.path or "/", known.query)


def months_after(moment: datetime, count: int) -> datetime:
    """The same day of the month so many months later; its last day where that is sooner."""
    years, month = divmod(moment.month - 1 + count, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
