"""How a customer comes, what it sees first, and how it leaves."""

import uuid

from allauth.account.adapter import get_adapter
from django.contrib.auth import logout
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from agreements.models import AgreementDocument, AgreementTemplate, Attestation, Invitation
from agreements.services import documents_for
from agreements.views.answers.cards import OVER, Card, cards_of
from agreements.views.answers.visitors import (
    HOSTED,
    LINKS,
    RECEIPTS,
    RECORDS,
    Visitor,
    for_visitors,
    keep_link,
    unlisted,
)
from agreements.views.texts import as_attachment
from customers.models import CustomerUser
from portal.common.links import TOKEN_LENGTH, token_digest
from portal.common.speaking import speak_first
from portal.partners.access import public
from portal.partners.http import PortalRequest

# How many links that do not exist one address may try, and in how many seconds.
MOST_UNKNOWN, PERIOD = 30, 300


@public(reason="The invitation's link is the credential.")
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Uses nothing up and changes nothing: mail scanners open links too. The token stays out of every later page."""
    found = Invitation.objects.filter(token_digest=token_digest(token)) if len(token) == TOKEN_LENGTH else None
    invitation = found.first() if found is not None else None
    if invitation is not None:
        keep_link(request, invitation)
        speak_first(request, invitation.language)
        return onward(reverse("agreements:answers"))
    if tries_too_many(request):
        return unlisted(render(request, "agreements/accept/too_many.html", status=429))
    return onward(reverse("agreements:answers", query={"link": "unknown"}))


def onward(address: str) -> HttpResponse:
    """To an address without the token, which the browser names to nobody."""
    response = unlisted(redirect(address))
    response["Referrer-Policy"] = "no-referrer"
    return response


def tries_too_many(request: HttpRequest) -> bool:
    """Whether this address guesses; a link that works is never held back."""
    key = f"unknown-link:{get_adapter().get_client_ip(request)}"
    cache.add(key, 0, PERIOD)
    try:
        return cache.incr(key) > MOST_UNKNOWN
    except ValueError:  # its time was over between the two
        return False


@for_visitors("GET", "HEAD")
def partners(request: PortalRequest, visitor: Visitor) -> HttpResponse:
    """Your partners: who asks, and with whom there is a relationship."""
    context = {"visitor": visitor, "cards": cards_of(visitor), "is_unknown": request.GET.get("link") == "unknown"}
    return render(request, "agreements/accept/partners.html", context)


@public(reason="Whoever came by a link leaves without one.")
@require_POST
def leave(request: PortalRequest) -> HttpResponse:
    """Forget the links, and sign out whoever is signed in for a company. With go_on: sign out, but keep the links."""
    links = request.session.get(LINKS, [])
    is_customer = CustomerUser.objects.filter(user_id=request.user.pk).exists()
    if "go_on" in request.POST or is_customer:
        logout(request)
    for key in (LINKS, RECORDS, RECEIPTS, HOSTED):
        request.session.pop(key, None)
    if "go_on" in request.POST and links:
        request.session[LINKS] = links
    return unlisted(redirect("agreements:answers"))


@for_visitors("GET", "HEAD")
def document(request: PortalRequest, visitor: Visitor, document_id: uuid.UUID) -> HttpResponseBase:
    """A text that the visitor may accept, or has accepted; to everybody else it does not exist."""
    found = AgreementDocument.objects.select_related("template").filter(public_id=document_id).first()
    if found is None or not _may_read(request, visitor, found):
        raise Http404
    try:
        return as_attachment(found)
    except FileNotFoundError:
        raise Http404 from None


def _may_read(request: PortalRequest, visitor: Visitor, text: AgreementDocument) -> bool:
    own = Attestation.objects.filter(document=text)
    if visitor.tenant is not None and own.filter(tenant=visitor.tenant, partner__isnull=True).exists():
        return True
    if own.filter(reference__in=request.session.get(RECORDS, [])).exists():
        return True
    return any(_is_offered(card, text) for card in cards_of(visitor) if card.says not in OVER)


def _is_offered(card: Card, text: AgreementDocument) -> bool:
    if card.customer is not None:
        return documents_for(str(card.customer.country), partner=card.partner).filter(pk=text.pk).exists()
    # Which country's text it is, the company says on the page itself.
    return AgreementTemplate.objects.in_force(on=card.partner.today) == text.template
