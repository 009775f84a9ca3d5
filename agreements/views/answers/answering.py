"""One partner's question: what it asks, and every answer but yes."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from agreements.answer_forms import DeclineForm
from agreements.links import link_of
from agreements.models import Attestation, Invitation, Outcome
from agreements.proofs import proof_of
from agreements.services import (
    ask_partner_to_confirm,
    covering_directly,
    decline_invitation,
    keep_reviewing,
    open_invitation,
)
from agreements.views.answers.cards import Card, Says, cards_of, find_card
from agreements.views.answers.visitors import RECORDS, View, Visitor, for_visitors, lost
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal
from portal.common.refusals import note_refusal
from portal.partners.http import PortalRequest


def about_a_partner(*methods: str) -> Callable[[View], View]:
    """The view gets the visitor's card of the partner in its address; what is not theirs does not exist."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: PortalRequest, visitor: Visitor, partner_id: uuid.UUID, **kwargs: Any) -> HttpResponse:
            cards = cards_of(visitor)
            if find_card(cards, partner_id) is None:
                raise Http404
            answered = [str(invitation.public_id) for invitation in visitor.links]
            card = find_card(cards, partner_id, request.POST.get("asked", ""), answered=answered)
            if card is None:
                # In another tab this browser opened another of the partner's links.
                return lost(request)
            return view(request, visitor, card, **kwargs)

        return for_visitors(*methods)(guarded)

    return declare


def acting_for(visitor: Visitor, card: Card) -> Actor:
    """Who answers: by the link the person whom it names, until the person says otherwise."""
    return visitor.acting(card.invitation.full_name if card.invitation is not None else "", card.partner)


@about_a_partner("GET", "HEAD", "POST")
def answer(request: PortalRequest, visitor: Visitor, card: Card) -> HttpResponse:
    """What the partner asks. "Review the agreement" is noted: no mail scanner presses a button."""
    if request.method == "POST" and card.is_answerable:
        return _review(request, visitor, card)
    context = {"visitor": visitor, "card": card, "where": _elsewhere(card)}
    return render(request, "agreements/accept/answer.html", context)


def _review(request: PortalRequest, visitor: Visitor, card: Card) -> HttpResponse:
    by, invitation = acting_for(visitor, card), card.invitation
    if invitation is not None:
        open_invitation(by=by, invitation=invitation)
    if card.scenario is not None and card.customer is not None and not card.asks_relationship:
        email = invitation.email if invitation is not None else request.user.email
        try:
            ask_partner_to_confirm(by=by, customer=card.customer, email=email)
        except RuleViolation as refused:
            note_refusal(refused)
            messages.error(request, str(refused.message))
        return redirect("agreements:answer", card.partner.tenant_id)
    return redirect("agreements:accept", card.partner.tenant_id)


def _elsewhere(card: Card) -> str:
    return link_of(card.invitation) if card.says == Says.ELSEWHERE and card.invitation is not None else ""


@about_a_partner("GET", "HEAD", "POST")
def decline(request: PortalRequest, visitor: Visitor, card: Card) -> HttpResponse:
    invitation = card.invitation
    if invitation is None:
        raise Http404
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        by = acting_for(visitor, card)
        try:
            decline_invitation(by=by, invitation=invitation, reason=form.cleaned_data["reason"])
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("You declined. Your partner is told, with your reason."))
            return redirect("agreements:answer", card.partner.tenant_id)
    elif not form.is_bound and not card.is_answerable:
        return redirect("agreements:answer", card.partner.tenant_id)
    return render(request, "agreements/accept/decline.html", {"form": form, "visitor": visitor, "card": card})


@about_a_partner("POST")
def reviewing(request: PortalRequest, visitor: Visitor, card: Card) -> HttpResponse:
    """ "We are still reviewing it"."""
    if card.invitation is None:
        raise Http404
    try:
        keep_reviewing(by=acting_for(visitor, card), invitation=card.invitation)
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Your partner is told that you are still reviewing the agreement."))
    return redirect("agreements:answer", card.partner.tenant_id)


@about_a_partner("GET", "HEAD")
def receipt(request: PortalRequest, visitor: Visitor, card: Card) -> HttpResponse:
    """What was accepted: for the company's administrator, and in the browser in which it was accepted."""
    record = record_of(request, visitor, card)
    if record is None:
        return redirect("agreements:answer", card.partner.tenant_id)
    context = {"visitor": visitor, "card": card, "record": record, "proof": proof_of(record)}
    return render(request, "agreements/accept/receipt.html", context)


def record_of(request: PortalRequest, visitor: Visitor, card: Card) -> Attestation | None:
    """The company's own acceptance, where the visitor may see it in full."""
    if card.is_administrator and visitor.tenant is not None:
        found = covering_directly(tenant=visitor.tenant)
        return _shown(found) if card.says == Says.ACCEPTED and found is not None else None
    invitation: Invitation | None = card.invitation
    if invitation is None or invitation.outcome != Outcome.ACCEPTED or invitation.attestation is None:
        return None
    is_made_here = str(invitation.attestation.reference) in request.session.get(RECORDS, [])
    return _shown(invitation.attestation) if is_made_here else None


def _shown(record: Attestation) -> Attestation:
    shown: Attestation = Attestation.objects.with_details().get(pk=record.pk)
    return shown
