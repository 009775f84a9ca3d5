"""Finds the membership that a request acts under, fresh from the database: changes count at once."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from portal.common.actor import Door
from portal.common.errors import NotPermitted
from portal.common.forms import VALIDATE_HEADER
from portal.common.kept_forms import AUTOSAVE_HEADER
from portal.partners.access import actor_of
from portal.partners.http import PortalRequest
from portal.partners.models import Membership
from portal.partners.services import record_refusal

View = Callable[..., HttpResponse]
SESSION_KEY = "partner"
# With a password that must be changed: change it, or leave.
ASKED_BY_SCRIPTS = (AUTOSAVE_HEADER, VALIDATE_HEADER)
# By which door somebody came whom a view refused, by the room's URLs.
DOORS = {"partners": Door.SETTINGS, "orders": Door.ORDER}
OPEN_BEFORE_OWN_PASSWORD = ("account_change_password", "account_logout")


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

    def process_view(self, request: PortalRequest, view: View, *args: Any) -> HttpResponse | None:
        """A password that somebody else gave lets a person in as far as the page to choose their own.

        Else keep the switch that came with a form. Here, as only now the form is known to be one of ours (CSRF).
        """
        if _must_choose_password(request, view):
            query = {"next": request.get_full_path()} if request.method == "GET" else {}
            return redirect(reverse("account_change_password", query=query))
        chosen, current = _switched_to(request), request.membership
        if chosen and current is not None and str(current.partner.tenant_id) == chosen:
            request.session[SESSION_KEY] = chosen
        return None


class RefusalLogMiddleware:
    """What somebody tried to do without the right to it goes into the activity log; pages asked for, into the
    requests' log alone. Stands inside of what turns the refusal into its page.
    """

    def __init__(self, get_response: Callable[[PortalRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: PortalRequest, exception: Exception) -> None:
        match = request.resolver_match
        # Scripts ask again and again while somebody types; what counts is that it is sent.
        asks = request.method in ("GET", "HEAD") or any(header in request.headers for header in ASKED_BY_SCRIPTS)
        if asks or match is None or not isinstance(exception, NotPermitted):
            return
        record_refusal(
            by=actor_of(request, DOORS.get(match.namespace, Door.ACCOUNT_INFO)),
            partner=request.membership.partner if request.membership is not None else None,
            permission=exception.permission,
            route=match.view_name,
        )


def _must_choose_password(request: PortalRequest, view: View) -> bool:
    """Whether this page has to wait. What needs no sign-in is not held back: nobody's rights open it."""
    if not getattr(request.user, "must_change_password", False):  # nobody, before the sign-in
        return False
    needs_sign_in = bool(getattr(view, "login_required", True))  # as LoginRequiredMiddleware reads it
    match = request.resolver_match
    return needs_sign_in and not (match and match.view_name in OPEN_BEFORE_OWN_PASSWORD)


def _switched_to(request: PortalRequest) -> str:
    """The partner that a form switches back to while it is sent again; "" for an ordinary request."""
    return request.POST.get("switch_partner", "") if request.method == "POST" else ""
