"""The activity log: what happened at the member's partner, and the same as a file."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from portal.common.actor import Door
from portal.common.keyset import keyset_page
from portal.common.tables import CSV_TYPE, download, write_csv
from portal.dashboard.activity_details import details_of
from portal.dashboard.activity_export import ActivitySheet
from portal.dashboard.activity_forms import ActivityForm, members_offered
from portal.dashboard.activity_links import Links, chips
from portal.dashboard.activity_query import MOST, ActivityQuery, customers_named, listed
from portal.dashboard.services import log_activity_export
from portal.dashboard.wording import entries_of
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@requires(Permission.ACTIVITY_VIEW)
@require_safe
def activity(request: MemberRequest) -> HttpResponse:
    """Who did what at the member's partner, newest first; of the last days unless asked for others."""
    query = ActivityQuery.parse(request.GET)
    return render(request, "dashboard/activity.html", _page(request, query, None))


@requires(Permission.ACTIVITY_VIEW)
@require_POST
def search_activity(request: MemberRequest) -> HttpResponse:
    """The filters are posted, so that a customer's name stands in no address but sealed."""
    member, query = request.membership, ActivityQuery.parse(request.GET)
    form = ActivityForm(request.POST, members=members_offered(member))
    if not form.is_valid():
        return render(request, "dashboard/activity.html", _page(request, query, form))
    asked = form.cleaned_data
    query = query.changed(**{name: asked[name] for name in ("first", "last", "action", "actor")})
    if asked["customer"]:
        query = query.changed(text=asked["customer"], customer=None)
        named = customers_named(member, query.text)
        if len(named) == 1:
            query = query.changed(text="", customer=named[0].tenant_id)
    return redirect(reverse("dashboard:activity", query=query.as_params()))


@requires(Permission.ACTIVITY_VIEW)
@require_POST
def export_activity(request: MemberRequest) -> HttpResponseBase:
    """Exactly the events that the page means, as CSV. The log says who took them before the first byte leaves."""
    member, query = request.membership, ActivityQuery.parse(request.GET)
    # Not the line that tells of this export, nor what is done while the file is on its way.
    events = listed(member, query, customers_named(member, query.text)).between(None, timezone.now())
    by = actor_of(request, Door.SETTINGS)
    log_activity_export(by=by, partner=member.partner, event_count=events.count(), filters=query.as_stored())
    sheet = ActivitySheet(member)
    return download(write_csv(sheet.header, sheet.rows(events)), f"activity-log-{member.partner.today}.csv", CSV_TYPE)


def _page(request: MemberRequest, query: ActivityQuery, form: ActivityForm | None) -> dict[str, Any]:
    """form: the filters as they were sent, where they cannot be used."""
    member = request.membership
    named, links = customers_named(member, query.text), Links(query)
    events = listed(member, query, named)
    page = keyset_page(request, events, field="at", public="event_id", descending=True)
    # Filters that cannot be used were posted to an address of their own, to which no link may lead.
    base = reverse("dashboard:activity")
    next_url, previous_url = (url and f"{base}{url}" for url in (page.next_url, page.previous_url))
    sees_records = member.can(Permission.AGREEMENTS_VIEW_RECORDS)
    rows = [(entry, details_of(entry, sees_records=sees_records)) for entry in entries_of(member, page.rows)]
    return {
        "page": replace(page, next_url=next_url, previous_url=previous_url),
        "rows": rows,
        "query": query,
        "links": links,
        "named": links.choices(named[:MOST]),
        "is_cut": len(named) > MOST,
        "chips": chips(member, query, links),
        "form": form or ActivityForm(initial=_initial(query), members=members_offered(member)),
    }


def _initial(query: ActivityQuery) -> dict[str, Any]:
    known = {name: getattr(query, name) for name in ("first", "last", "action", "actor")}
    return {**known, "customer": query.text}
