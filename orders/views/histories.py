"""The history of a subscription, and why each change that needed an acceptance was allowed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from agreements.models import Attestation
from orders.models import Subscription, SubscriptionEvent
from portal.partners.models import Membership

PAGE_SIZE = 20


@dataclass(frozen=True)
class History:
    """events: the newest first, with their licence change and its acceptance; older_url, newest_url: of the other
    pages, "" where there is none; records: keys of the acceptances whose page the member may open.
    """

    events: list[SubscriptionEvent]
    older_url: str
    newest_url: str
    records: set[int]


def visible_records(membership: Membership, ids: Iterable[int | None]) -> set[int]:
    """Those of these acceptances whose page the member may open."""
    return set(Attestation.objects.visible_to(membership).filter(pk__in=ids).values_list("pk", flat=True))


def history_of(request: HttpRequest, subscription: Subscription, membership: Membership, **only: object) -> History:
    """One page of the history; the request's `until` names the moment before which it begins.

    only: filters, for a page that tells of some events. subscription: read with its order.
    """
    until = _moment(request.GET.get("until", ""))
    rows = SubscriptionEvent.objects.filter(subscription=subscription, **only).newest_first()
    if until is not None:
        rows = rows.filter(at__lt=until)
    acceptance = "licence_change__acceptance"
    rows = rows.select_related(f"{acceptance}__document__template", f"{acceptance}__person")
    events = list(rows[: PAGE_SIZE + 1])
    shown = _whole_moments(events)
    cited = [event.licence_change.acceptance_id for event in shown if event.licence_change is not None]
    cited.append(subscription.order_line.order.acceptance_id)
    return History(
        events=shown,
        older_url=f"?{urlencode({'until': shown[-1].at.isoformat()})}#history" if len(events) > PAGE_SIZE else "",
        newest_url=f"{request.path}#history" if until is not None else "",
        records=visible_records(membership, cited),
    )


def _moment(text: str) -> datetime | None:
    """What cannot be read, or is no moment in UTC (the first hours of the year 1), begins with the newest."""
    try:
        moment = parse_datetime(text)
        return moment.astimezone(UTC) if moment is not None and is_aware(moment) else None
    except (ValueError, OverflowError):
        return None


def _whole_moments(events: list[SubscriptionEvent]) -> list[SubscriptionEvent]:
    """A page's worth of them: events of one moment stay together, as the next page begins before the last shown."""
    if len(events) <= PAGE_SIZE:
        return events
    return [event for event in events[:-1] if event.at != events[-1].at] or events
