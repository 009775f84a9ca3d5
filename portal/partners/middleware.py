"""Finds the membership that a request acts under, fresh from the database: changes count at once."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from portal.partners.http import PortalRequest
from portal.partners.models import Membership

SESSION_KEY = "partner"


class MembershipMiddleware:
    def __init__(self, get_response: Callable[[PortalRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponse:
        request.membership, request.memberships = None, []
        if request.user.is_authenticated:
            memberships = list(Membership.objects.of_user(request.user))
            chosen = _switched_to(request)
            is_own = any(str(m.partner.tenant_id) == chosen for m in memberships)
            current = chosen if is_own else request.session.get(SESSION_KEY)
            # The current partner's first; the rest keep their order by name.
            memberships.sort(key=lambda m: str(m.partner.tenant_id) != current)
            request.memberships = memberships
            request.membership = memberships[0] if memberships else None
        if request.membership is None:
            return self.get_response(request)
        # Dates and times are shown, and "today" is judged, where the partner is.
        with timezone.override(request.membership.partner.zone):
            return self.get_response(request)

    def process_view(self, request: PortalRequest, *args: Any) -> None:
        """Keep the switch that came with a form. Here, as only now the form is known to be one of ours (CSRF)."""
        chosen, current = _switched_to(request), request.membership
        if chosen and current is not None and str(current.partner.tenant_id) == chosen:
            request.session[SESSION_KEY] = chosen


def _switched_to(request: PortalRequest) -> str:
    """The partner that a form switches back to while it is sent again; "" for an ordinary request."""
    return request.POST.get("switch_partner", "") if request.method == "POST" else ""
