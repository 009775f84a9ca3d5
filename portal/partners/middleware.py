"""Finds the membership that a request acts under, fresh from the database: changes count at once."""

from collections.abc import Callable

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
            chosen = request.POST.get("switch_partner") if request.method == "POST" else None
            memberships = list(Membership.objects.of_user(request.user))
            if chosen and any(str(m.partner.tenant_id) == chosen for m in memberships):
                request.session[SESSION_KEY] = chosen
            current = request.session.get(SESSION_KEY)
            # The current partner's first; the rest keep their order by name.
            memberships.sort(key=lambda m: str(m.partner.tenant_id) != current)
            request.memberships = memberships
            request.membership = memberships[0] if memberships else None
        if request.membership is None:
            return self.get_response(request)
        # Dates and times are shown, and "today" is judged, where the partner is.
        with timezone.override(request.membership.partner.zone):
            return self.get_response(request)
