"""Who comes to the customer's pages: by a link opened in this browser, or signed in as its administrator."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.models import Invitation
from customers.models import CustomerUser, Tenant
from portal.common.actor import Actor, ActorKind, Door
from portal.common.kept_forms import fields_of, is_from_here, keep_form
from portal.partners.access import public
from portal.partners.addresses import seen_of
from portal.partners.http import PortalRequest
from portal.partners.models import Partner

# What the session keeps: pairs of an invitation's public id and the digest of the link's token, newest first; the
# references of the records that were made here; and of receipts and hosted pages the same pairs as of invitations.
LINKS, RECORDS, RECEIPTS, HOSTED = "acceptance_links", "accepted_here", "receipt_links", "hosted_links"
MOST = 10
View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Visitor:
    """links: the invitations whose links were opened in this browser, newest first, ended ones too; tenant: whose
    administrator is signed in; insider: who is signed in, where that is a partner's member or the portal's staff;
    request: the one that brought the visitor here.
    """

    links: list[Invitation]
    tenant: Tenant | None
    insider: str
    user_id: int | None
    user_name: str
    request: PortalRequest

    def acting(self, name: str, partner: Partner) -> Actor:
        """The visitor as the actor of a service. name: as who comes by a link says; one's own where signed in;
        partner: whom it answers, whose log may keep where the answer came from.
        """
        return Actor(
            kind=ActorKind.CUSTOMER,
            name=self.user_name or name,
            user_id=self.user_id,
            door=Door.CUSTOMER_PAGE,
            request_id=self.request.request_id,
            **seen_of(self.request, partner),
        )


def for_visitors(*methods: str) -> Callable[[View], View]:
    """The view gets the visitor. Nobody else gets past; what a partner's member sends is refused."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: PortalRequest, **kwargs: Any) -> HttpResponse:
            if getattr(request.user, "must_change_password", False):
                query = {"next": reverse("agreements:answers")}
                return redirect(reverse("account_change_password", query=query))
            visitor = visitor_of(request)
            if visitor is None:
                response = _nobody(request)
            elif visitor.insider and request.method == "POST":
                response = render(request, "agreements/accept/insider.html", {"visitor": visitor}, status=403)
            else:
                response = view(request, visitor, **kwargs)
            return unlisted(response)

        reason = "The invitation's link, or the company's administrator signed in, is asked for by the view itself."
        return public(reason=reason)(require_http_methods(methods)(guarded))

    return declare


def unlisted(response: HttpResponse) -> HttpResponse:
    """Neither kept by a browser nor found by a search."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def visitor_of(request: PortalRequest) -> Visitor | None:
    """Looked up anew in each request: a link that was renewed, and a sign-in that ended, count no more."""
    links, user = opened_links(request), request.user
    is_known = user.is_authenticated
    own = CustomerUser.objects.select_related("tenant").filter(user_id=user.pk, is_admin=True) if is_known else None
    administrator = own.first() if own is not None else None
    insider = insider_of(request)
    tenant = None if insider or administrator is None else administrator.tenant
    if not links and tenant is None:
        return None
    return Visitor(
        links=links,
        tenant=tenant,
        insider=insider,
        user_id=user.pk if is_known else None,
        user_name=user.name if is_known else "",
        request=request,
    )


def insider_of(request: PortalRequest) -> str:
    """Who is signed in for a partner or for the portal: nobody of them answers in a customer's name."""
    if request.membership is not None:
        return _("%(name)s of %(partner)s") % {"name": request.user.name, "partner": request.membership.partner.name}
    return request.user.name if getattr(request.user, "is_staff", False) else ""


def keep_link(request: HttpRequest, invitation: Invitation) -> None:
    """Let this browser answer the invitation. Under a new key: whoever knew the session before does not."""
    request.session.cycle_key()
    entry = [str(invitation.public_id), invitation.token_digest]
    request.session[LINKS] = [entry, *(old for old in _kept(request) if old[0] != entry[0])][:MOST]


def opened_links(request: HttpRequest) -> list[Invitation]:
    kept = dict(_kept(request))
    if not kept:
        return []
    found = Invitation.objects.with_details().filter(public_id__in=kept)
    known = {str(invitation.public_id): invitation for invitation in found}
    return [
        known[public_id]
        for public_id, digest in kept.items()
        if public_id in known and digest and hmac.compare_digest(known[public_id].token_digest, digest)
    ]


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    return [(public_id, digest) for public_id, digest in request.session.get(LINKS, [])]


def _nobody(request: PortalRequest) -> HttpResponse:
    """Ask for the link or a sign-in. A form that was under way is not lost."""
    if request.method == "POST" and is_from_here(request):
        if keep_form(request):
            messages.warning(request, _("You were signed out. Sign in, and go on where you were: nothing is lost."))
            return redirect(reverse("account_login", query={"next": request.path}))
        return lost(request)
    if request.path != reverse("agreements:answers"):
        return redirect("agreements:answers")
    context = {"is_unknown": request.GET.get("link") == "unknown", "insider": insider_of(request)}
    return render(request, "agreements/accept/nobody.html", context)


def lost(request: HttpRequest) -> HttpResponse:
    """The browser does not hold the link any more, or holds a newer one: the form waits in a page."""
    context = {"kept": fields_of(request), "action": request.path}
    return render(request, "agreements/accept/lost.html", context, status=403)
