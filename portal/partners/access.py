"""Closed by default: every view states what it needs, or that it is public and why."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import NotPermitted
from portal.partners.addresses import seen_of
from portal.partners.http import PortalRequest
from portal.partners.models import Membership, Partner, User
from portal.partners.permissions import Permission

View = Callable[..., HttpResponse]
# (membership, **url kwargs) -> the object if this member may see it, else None
Fetch = Callable[..., Any]


class _OfPartner(Protocol):
    partner_id: int
    partner: Partner


def public(*, reason: str) -> Callable[[View], View]:
    """No sign-in needed, for the reason given (it shows up in the access guard)."""

    def declare(view: View) -> View:
        view.access_declared = f"public: {reason}"  # type: ignore[attr-defined]  # read by the guard
        return login_not_required(view)

    return declare


def signed_in(*, reason: str) -> Callable[[View], View]:
    """Any signed-in person, member of a partner or not."""

    def declare(view: View) -> View:
        view.access_declared = f"signed in: {reason}"  # type: ignore[attr-defined]  # read by the guard
        return view

    return declare


def staff_only(view: View) -> View:
    """Staff of the portal, who may do everything there; to everybody else the page does not exist."""

    @wraps(view)
    def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (getattr(request.user, "is_staff", False) and getattr(request.user, "is_superuser", False)):
            raise Http404
        return view(request, *args, **kwargs)

    guarded.access_declared = "staff"  # type: ignore[attr-defined]  # read by the guard
    return guarded


def check(membership: Membership, permission: Permission, *, on: Any = None) -> None:
    """Raise NotPermitted, with the reason and who can, unless the member may. on: the object it is about."""
    refusal = membership.why_not(permission)
    if refusal is not None:
        owner = _owned(on)
        if owner is not None and owner.partner_id != membership.partner_id:
            refusal = membership.why_not(permission, provider=owner.partner.name) or refusal
        raise NotPermitted(refusal.reason, who_can=refusal.who_can, permission=permission.value)


def requires(permission: Permission, *, on: Fetch | None = None) -> Callable[[View], View]:
    """The view needs this permission; with `on`, for the object that it fetches and that the view is given.

    The membership of an object's request comes from the object: the one at the partner that it belongs to, else
    the first that sees it, the current partner's before the person's others. Not seeing it is 404, seeing without
    the permission is 403 with the reason.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: PortalRequest, **kwargs: Any) -> HttpResponse:
            found: tuple[Any, ...] = ()
            if on is not None:
                found = (_fetch_as_any_member(request, on, kwargs),)
                kwargs = {}
            if request.membership is None:
                raise NotPermitted(_("You are not a member of a partner. Ask a global admin to invite you."))
            switched = None if found else _posted_for_another_partner(request)
            if switched is not None:
                return render(request, "partners/switched.html", switched, status=409)
            check(request.membership, permission, on=found[0] if found else None)
            return view(request, *found, **kwargs)

        guarded.access_declared = permission.value  # type: ignore[attr-defined]  # read by the guard
        return guarded

    return declare


def _fetch_as_any_member(request: PortalRequest, on: Fetch, kwargs: dict[str, Any]) -> Any:
    seen: Any = None
    for membership in request.memberships:
        found = on(membership, **kwargs)
        if found is None:
            continue
        owner = _owned(found)
        is_owned = owner is not None and owner.partner_id == membership.partner_id
        if is_owned or seen is None:
            request.membership, seen = membership, found
        if is_owned or owner is None:
            break
    if seen is None:
        raise Http404
    return seen


def _owned(found: Any) -> _OfPartner | None:
    """The object, or its customer, whichever names the partner that it belongs to; None when it is nobody's own."""
    return found if hasattr(found, "partner_id") else getattr(found, "customer", None)


def _posted_for_another_partner(request: PortalRequest) -> dict[str, Any] | None:
    """A form made for one partner, sent after a switch in another tab: what the way back needs, else None."""
    posted = request.POST.get("partner", "")
    current = request.membership
    if request.method != "POST" or not posted or current is None:
        return None
    if posted == str(current.partner.tenant_id):
        return None
    for membership in request.memberships:
        if posted == str(membership.partner.tenant_id):
            typed = [
                (name, value)
                for name, values in request.POST.lists()
                if name != "csrfmiddlewaretoken"
                for value in values
            ]
            return {"form_partner": membership.partner, "typed": typed}
    raise Http404


def actor_of(request: PortalRequest, door: Door) -> Actor:
    """The signed-in member as the actor of a service."""
    membership, user = request.membership, request.user
    return Actor(
        kind=ActorKind.AGENT if membership else ActorKind.STAFF,
        name=user.name,
        user_id=user.pk,
        membership=membership,
        roles=tuple(membership.roles) if membership else (),
        door=door,
        request_id=request.request_id,
        **seen_of(request, membership.partner if membership else None),
    )


def acting_as(user: User, *, request_id: str = "") -> Actor:
    """Somebody who acts for nobody but themselves: no membership counts, signed in or not."""
    kind = ActorKind.STAFF if user.is_staff else ActorKind.AGENT
    return Actor(kind=kind, name=user.name, user_id=user.pk, door=Door.SETTINGS, request_id=request_id)
