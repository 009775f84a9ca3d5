"""The activity log as a sheet: one row for each event, in the words of the page.

A file leaves while it is written, when the request's language is no longer in force: each part is worded under the
language of the moment in which the file was asked for.
"""

from collections.abc import Iterator
from datetime import UTC
from html import unescape

from django.db.models import Q
from django.template.loader import select_template
from django.utils.html import strip_tags
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from portal.audit.models import AuditEvent
from portal.audit.querysets import AuditEventQuerySet
from portal.common.tables import Cell
from portal.dashboard.activity_details import Details, details_of
from portal.dashboard.wording import Entry, entries_of
from portal.partners.models import Membership
from portal.partners.permissions import Permission

# Events that are in memory at once.
CHUNK = 500


class ActivitySheet:
    """A header and rows for this member, made for the language of this moment."""

    def __init__(self, membership: Membership) -> None:
        self._membership = membership
        self._zone = membership.partner.zone
        self._language = get_language()
        self._sees_records = membership.can(Permission.AGREEMENTS_VIEW_RECORDS)
        self.header = [
            _("Date-Time (UTC)"),
            _("Date-Time (%(zone)s)") % {"zone": membership.partner.time_zone},
            _("Affected customer"),
            _("Microsoft ID"),
            _("Action"),
            _("Action code"),
            _("By"),
            _("Roles at the time"),
            _("Where"),
            _("Request ID"),
            _("About"),
            _("Changed fields"),
            _("Facts"),
            _("IP address"),
            _("Browser"),
        ]

    def rows(self, events: AuditEventQuerySet) -> Iterator[list[Cell]]:
        """The newest first, read some at a time: nothing is held between two chunks, nothing comes twice."""
        found, after = events.newest_first(), None
        while True:
            chunk = list((found if after is None else found.filter(_behind(after)))[:CHUNK])
            # In force for this chunk only: between two of them the thread serves others.
            with override(self._language):
                cells = [self._cells(entry) for entry in entries_of(self._membership, chunk)]
            yield from cells
            if len(chunk) < CHUNK:
                return
            after = chunk[-1]

    def _cells(self, entry: Entry) -> list[Cell]:
        event = entry.event
        details = details_of(entry, sees_records=self._sees_records)
        return [
            event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            event.at.astimezone(self._zone).isoformat(sep=" ", timespec="seconds"),
            entry.customer_name,
            str(event.customer_id or ""),
            worded(entry),
            event.code,
            entry.who,
            ", ".join(str(label) for label in entry.roles),
            str(details.door),
            event.request_id,
            details.about,
            "; ".join(_changed(details)),
            "; ".join(f"{name}: {value}" for name, value in details.facts),
            details.ip_address,
            details.browser,
        ]


def worded(entry: Entry) -> str:
    """What the page says of the event, as plain text."""
    html = select_template(entry.wording).render({"entry": entry})
    return " ".join(unescape(strip_tags(html)).split())


def _changed(details: Details) -> Iterator[str]:
    """The names of the fields alone: the values stay where they can be erased."""
    return (change.name for change in details.changes)


def _behind(event: AuditEvent) -> Q:
    """What comes after this event; its first part is redundant and lets both engines walk the index."""
    earlier = Q(at__lt=event.at) | Q(at=event.at, pk__lt=event.pk)
    return Q(at__lte=event.at) & earlier
