"""Finds the membership that a request acts under, fresh from the database: changes count at once."""

from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import NotFound, NotPermitted, PortalError
from portal.common.forms import VALIDATE_HEADER
from portal.common.kept_forms import AUTOSAVE_HEADER
from portal.common.refusals import note_refusal, refusals
from portal.partners.access import acting_as, actor_of
from portal.partners.http import PortalRequest
from portal.partners.log_lines import record_refusal, record_rule_refusal
from portal.partners.models import Membership, Partner

log = structlog.get_logger("portal.refusals")
View = Callable[..., HttpResponse]
SESSION_KEY = "partner"
# With a password that must be changed: change it, or leave.
ASKED_BY_SCRIPTS = (AUTOSAVE_HEADER, VALIDATE_HEADER)
# By which door somebody came whom a view refused, by the room's URLs.
DOORS = {"partners": Door.SETTINGS, "api_clients": Door.SETTINGS, "orders": Door.ORDER}
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
        current = request.membership
        chosen = _switched_to(request) if current is not None else ""
        if chosen and current is not None and str(current.partner.tenant_id) == chosen:
            request.session[SESSION_KEY] = chosen
        return None


class RefusalLogMiddleware:
    """What somebody tried to do and was refused, for want of a right or by a rule, goes into the activity log; pages
    asked for, into the requests' log alone. Stands inside of what turns the refusal into its page, and writes after
    the view's transaction is over.
    """

    def __init__(self, get_response: Callable[[PortalRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponse:
        with refusals() as told:
            response = self.get_response(request)
        for refused in told:
            _log_refusal(request, refused)
        return response

    def process_exception(self, request: PortalRequest, exception: Exception) -> None:
        if isinstance(exception, PortalError):
            note_refusal(exception)


def _log_refusal(request: PortalRequest, refused: PortalError) -> None:
    match = request.resolver_match
    # Scripts ask again and again while somebody types; what counts is that it is sent. A right that is missing counts
    # always: whoever has it not has no page whose scripts would ask.
    is_script = any(header in request.headers for header in ASKED_BY_SCRIPTS) and not isinstance(
        refused, NotPermitted
    )
    asks = request.method in ("GET", "HEAD") or is_script
    # What is not there for somebody is not refused to them.
    if asks or match is None or isinstance(refused, NotFound):
        return
    log.info("refused", code=refused.code, route=match.view_name, user_id=request.user.pk)
    if not request.user.is_authenticated:
        return
    by, partner = _sender(request, match.namespace)
    if isinstance(refused, NotPermitted):
        record_refusal(by=by, partner=partner, permission=refused.permission, route=match.view_name)
    elif partner is not None or by.kind == ActorKind.STAFF:
        customer_id = match.kwargs.get("customer_id")
        record_rule_refusal(
            by=by, partner=partner, reason=refused.code, route=match.view_name, customer_id=customer_id
        )


def _sender(request: PortalRequest, room: str) -> tuple[Actor, Partner | None]:
    """Who sent it, and for which partner; staff at their own pages, and who is no member, act for none."""
    if room == "admin":
        return acting_as(request.user, request_id=request.request_id).through(Door.ADMIN_SITE), None
    door = DOORS.get(room, Door.ACCOUNT_INFO)
    if request.membership is None:
        return acting_as(request.user, request_id=request.request_id).through(door), None
    return actor_of(request, door), request.membership.partner


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
