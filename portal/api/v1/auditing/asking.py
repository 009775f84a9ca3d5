"""Which audit records a client asks for: its dates and filters in every form in which clients send them."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote, urlencode

from django.utils import timezone

from customers.models import Customer
from portal.api.v1.auditing.kinds import RESOURCES, codes_of, resource_of
from portal.api.v1.callers import ApiRequest
from portal.api.v1.faults import BAD_CHOICE, INVALID, Fault
from portal.api.v1.paging import size_of
from portal.api.v1.wire import spelled
from portal.audit.models import AuditEvent
from portal.audit.querysets import AuditEventQuerySet
from portal.common.folding import fold
from portal.common.ids import parse_uuid

DEFAULT, LONGEST = timedelta(days=30), timedelta(days=90)
LONGEST_VALUE = 200
# Invariant culture as .NET writes it: 11/14/2026 05:02:01, 6/1/2017 12:00:00 AM.
_AMERICAN = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])[Mm])?)?", re.ASCII
)
# 2026-06-01, and 2026-11-318: one SDK writes the day of the year where the day of the month belongs.
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,3})", re.ASCII)
_ISO = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2})?)(?:[.,]\d{1,12})?\s*([Zz]|[+-]\d{2}:?\d{2})?", re.ASCII
)
FIELDS = {"companyname": "substring", "customerid": "equals", "resourcetype": "equals"}


@dataclass(frozen=True)
class Asked:
    """since, before: moments; filter: as sent; size: of a page."""

    since: datetime
    before: datetime | None
    filter: str
    size: int

    @property
    def uri(self) -> str:
        """Relative, and so that it means the same when it is followed."""
        query = {"startDate": f"{self.since:%Y-%m-%dT%H:%M:%SZ}"}
        if self.before is not None:
            query["endDate"] = f"{self.before - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
        query["size"] = str(self.size)
        if self.filter:
            query["filter"] = self.filter
        return f"/auditrecords?{urlencode(query, quote_via=quote)}"


def asked_for(*, start: str, end: str, text: str, size: int | None) -> Asked:
    """Raises Fault 400: for what is no date, a start more than 90 days ago, and an end before the start."""
    now = timezone.now()
    since = _first_moment(start, "startDate") if start.strip() else now - DEFAULT
    before = _last_moment(end) if end.strip() else None
    # A day is let through whole, wherever it begins.
    if since.date() < (now - LONGEST).date() - timedelta(days=1):
        raise Fault(400, INVALID, "startDate: records go back 90 days. Ask for a later start.", data=["startDate"])
    if before is not None and before <= since:
        raise Fault(400, INVALID, "endDate must not be before startDate.", data=["endDate"])
    return Asked(since, before, text.strip(), size_of(size))


def rows_for(request: ApiRequest, asked: Asked) -> AuditEventQuerySet:
    """The lines of the caller's own log that are meant. Raises Fault 400 for a filter that cannot be understood."""
    field, value = _condition(asked.filter)
    rows = AuditEvent.objects.visible_to(request.caller.membership).between(asked.since, asked.before)
    resource = None
    if field == "resourcetype":
        resource = resource_of(value)
        if resource is None:
            known = ", ".join(sorted(RESOURCES))
            raise Fault(400, BAD_CHOICE, f"filter: ResourceType must be one of {known}.", data=["filter"])
    elif field == "customerid":
        tenant_id = parse_uuid(value.strip())
        if tenant_id is None:
            raise Fault(400, INVALID, "filter: Value must be a Microsoft ID for CustomerId.", data=["filter"])
        rows = rows.about_customers([tenant_id])
    elif field == "companyname":
        known_customers = Customer.objects.visible_to(request.caller.membership)
        named = known_customers.filter(name_key__contains=fold(value))
        rows = rows.filter(customer_id__in=named.values("tenant_id"))
    return rows.filter(code__in=codes_of(resource)).with_detail()


def _condition(text: str) -> tuple[str, str]:
    """(field, value) of the filter, ("", "") without one."""
    if not text:
        return "", ""
    try:
        said = {str(name).lower(): value for name, value in json.loads(text).items()}
    except (ValueError, AttributeError, RecursionError):
        raise _unreadable() from None
    field, operator = spelled(str(said.get("field"))), spelled(str(said.get("operator")))
    value = said.get("value")
    if not isinstance(value, str) or len(value) > LONGEST_VALUE or "\x00" in value:
        raise _unreadable()
    if FIELDS.get(field) != operator:
        told = "filter: send CompanyName with substring, CustomerId with equals or ResourceType with equals."
        raise Fault(400, BAD_CHOICE, told, data=["filter"])
    return field, value


def _unreadable() -> Fault:
    told = 'filter: send JSON such as {"Field":"CompanyName","Value":"bri","Operator":"substring"}.'
    return Fault(400, INVALID, told, data=["filter"])


def _first_moment(text: str, name: str) -> datetime:
    found = read_moment(text)
    if found is None:
        raise Fault(400, INVALID, f"{name} must be a date such as 2026-06-01.", data=[name])
    return datetime.combine(found, time(), UTC) if not isinstance(found, datetime) else found


def _last_moment(text: str) -> datetime:
    """The first moment that is not meant any more: a day is meant to its end, a moment to the end of its second."""
    found = read_moment(text)
    is_day = found is not None and not isinstance(found, datetime)
    begin = _first_moment(text, "endDate")
    try:
        return begin + (timedelta(days=1) if is_day else timedelta(seconds=1))
    except OverflowError:
        return begin


def read_moment(text: str) -> date | datetime | None:
    """A day, or a moment in UTC; None for what is neither."""
    text = text.strip()
    try:
        if found := _DAY.fullmatch(text):
            year, month, day = (int(part) for part in found.groups())
            return _day(year, month, day)
        if found := _AMERICAN.fullmatch(text):
            return _american(found)
        if found := _ISO.fullmatch(text):
            day_text, clock, zone = found.groups()
            zone = "+00:00" if not zone or zone in "zZ" else zone
            return datetime.fromisoformat(f"{day_text}T{clock}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return None


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        of_year = date(year, 1, 1) + timedelta(days=day - 1)
        # The month is right even where the day counts from the year's beginning.
        if day < 1 or (of_year.year, of_year.month) != (year, month):
            raise
        return of_year


def _american(found: re.Match[str]) -> date | datetime:
    month, day, year, hour, minute, second, half = found.groups()
    if hour is None:
        return date(int(year), int(month), int(day))
    on_dial = int(hour) % 12 + (12 if half.lower() == "p" else 0) if half else int(hour)
    return datetime(int(year), int(month), int(day), on_dial, int(minute), int(second or 0), tzinfo=UTC)
