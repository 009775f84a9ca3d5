"""The activity log."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.audit.models import AuditEvent
from portal.common.keyset import keyset_page
from portal.dashboard.wording import entries_of
from portal.partners.access import requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@requires(Permission.ACTIVITY_VIEW)
@require_safe
def activity(request: MemberRequest) -> HttpResponse:
    """Who did what at the member's partner, newest first."""
    events = AuditEvent.objects.visible_to(request.membership).with_detail()
    page = keyset_page(request, events, field="at", public="event_id", descending=True)
    context = {"page": page, "entries": entries_of(request.membership, page.rows)}
    return render(request, "dashboard/activity.html", context)
