"""What a webhook may be: decisions over texts and numbers, nothing else. Facts, section 6.7."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LONGEST_URL = 2000


class Event(StrEnum):
    """What can be told of, as the wire calls it. The first two are Partner Center's, the others the portal's."""

    TEST_CREATED = "test-created"
    SUBSCRIPTION_UPDATED = "subscription-updated"
    AGREEMENT_RECORDED = "agreement-recorded"
    AGREEMENT_WITHDRAWN = "agreement-withdrawn"
    AGREEMENT_DISPUTED = "agreement-disputed"
    DISPUTE_RESOLVED = "agreement-dispute-resolved"
    INVITATION_DECLINED = "agreement-declined"
    INVITATION_EXPIRED = "agreement-expired"
    ATTESTATION_ACCEPTED = "attestation-accepted"
    CUSTOMER_CREATED = "customer-created"
    CUSTOMER_REMOVED = "customer-removed"
    ORDER_CREATED = "order-created"


EVENT_LABELS: dict[Event, str | Promise] = {
    Event.TEST_CREATED: _("A test was asked for"),
    Event.SUBSCRIPTION_UPDATED: _("A subscription changed or was renewed"),
    Event.AGREEMENT_RECORDED: _("An acceptance was recorded"),
    Event.AGREEMENT_WITHDRAWN: _("A record of an acceptance was withdrawn"),
    Event.AGREEMENT_DISPUTED: _("Somebody disputes a record"),
    Event.DISPUTE_RESOLVED: _("A dispute ended; the record counts again"),
    Event.INVITATION_DECLINED: _("A customer declined to accept"),
    Event.INVITATION_EXPIRED: _("An invitation to accept expired"),
    Event.ATTESTATION_ACCEPTED: _("A signatory accepted on the hosted page; confirm with it"),
    Event.CUSTOMER_CREATED: _("A customer was created, or came back"),
    Event.CUSTOMER_REMOVED: _("A relationship with a customer ended"),
    Event.ORDER_CREATED: _("An order was placed"),
}

# What Partner Center can tell besides. Programs written for it may ask for them; here they never happen.
NEVER_HERE = frozenset({"usagerecords-thresholdExceeded", "referral-created", "referral-updated", "invoice-ready"})
NAMES = {name.lower(): name for name in (*Event, *NEVER_HERE)}

# Minutes to wait after the first attempt, the second, and so on; some hours in all.
PAUSES = (1, 2, 5, 15, 30, 60, 90, 120, 180)
MAX_ATTEMPTS = len(PAUSES) + 1


def most_attempts(event: str) -> int:
    """How often a notice is tried. A test once: whoever waits for it wants to know now."""
    return 1 if event == Event.TEST_CREATED else MAX_ATTEMPTS


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts."""
    return timedelta(minutes=PAUSES[min(attempts, len(PAUSES)) - 1])


def named(events: Iterable[str]) -> list[str]:
    """Each once and as it is called, however it is capitalised."""
    return list(dict.fromkeys(str(NAMES.get(each.lower(), each)) for each in events))


def why_not_events(events: Collection[str]) -> str | Promise | None:
    """Why a receiver cannot be told of these, or None."""
    if not events:
        return _("Choose at least one event")
    unknown = sorted(set(events) - set(NAMES.values()))
    return _("There is no such event: %(names)s") % {"names": ", ".join(unknown)[:200]} if unknown else None


def why_not_url(url: str, *, is_local: bool) -> str | Promise | None:
    """Why notices cannot be sent there, by its text alone, or None. What it resolves to is looked at when sending.

    is_local: the portal runs on somebody's own machine, where a receiver may be there, too, without a certificate.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", None
    is_clean = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if parts is None or not host or not is_clean or len(url) > LONGEST_URL or parts.scheme not in ("http", "https"):
        return _("Enter a web address such as https://hooks.example.com/partner")
    if parts.username is not None or parts.password is not None:
        return _("Leave user name and password out of the address; check the signature instead.")
    if parts.fragment:
        return _("Leave out what follows the #; it is never sent.")
    if parts.scheme == "http" and not (is_local and host in LOOPBACK):
        return _("The address must begin with https://")
    if host in LOOPBACK and not is_local:
        return _("The address must be reachable from the internet.")
    return None
