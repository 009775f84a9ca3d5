"""Reading the agreement and accepting it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from agreements.services import (
    Accepted,
    ContactPartner,
    accept_as_administrator,
    accept_invitation,
    ask_partner_to_confirm,
)
from agreements.views.answers.answering import about_a_partner, acting_for
from agreements.views.answers.cards import Card, Says
from agreements.views.answers.pages import AgreementPage, agreement_page
from agreements.views.answers.visitors import MOST, RECORDS, Visitor
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal
from portal.partners.http import PortalRequest

# Nothing is accepted on the portal's pages, whatever is sent.
NOT_HERE = (Says.CONTACT, Says.ELSEWHERE, Says.NOT_APPLICABLE)


@about_a_partner("GET", "HEAD", "POST")
def accept(request: PortalRequest, visitor: Visitor, card: Card) -> HttpResponse:
    """The agreement's text, who accepts it, the tick. An answer that came too late keeps what was typed."""
    is_for_partner = card.scenario is not None and not card.asks_relationship
    is_asked = card.is_answerable and not is_for_partner
    if card.says in NOT_HERE or (request.method != "POST" and not is_asked):
        return redirect("agreements:answer", card.partner.tenant_id)
    sent = request.POST if request.method == "POST" else None
    page = agreement_page(visitor, card, sent, language=request.GET.get("language", ""))
    refused = None
    if page.is_ready():
        try:
            return _accepted(request, card, _accept(visitor, page))
        except ContactPartner:
            return _to_the_partner(request, visitor, card)
        except RuleViolation as refusal:
            refused = refusal
            page = _refused(visitor, page, request, refusal)
    context = {"visitor": visitor, "card": card, "page": page, "forms": page.forms, "refused": refused}
    return render(request, "agreements/accept/accept.html", context)


def _accept(visitor: Visitor, page: AgreementPage) -> Accepted:
    card, statement = page.card, page.said()
    person = statement.person
    by = visitor.acting(f"{person.first_name} {person.last_name}", card.partner)
    if card.invitation is None or (
        card.is_administrator and card.customer is not None and not card.asks_relationship
    ):
        if card.customer is None:
            raise ValueError("Only a customer is asked without an invitation.")
        return accept_as_administrator(by=by, customer=card.customer, statement=statement)
    return accept_invitation(
        by=by,
        invitation=card.invitation,
        statement=statement,
        joining=page.joining(visitor),
        is_administrator=card.is_administrator,
    )


def _accepted(request: PortalRequest, card: Card, done: Accepted) -> HttpResponse:
    if done.attestation is None:
        return redirect("agreements:answer", card.partner.tenant_id)
    references = [str(done.attestation.reference), *request.session.get(RECORDS, [])]
    request.session[RECORDS] = list(dict.fromkeys(references))[:MOST]
    return redirect("agreements:answer_receipt", card.partner.tenant_id)


def _to_the_partner(request: PortalRequest, visitor: Visitor, card: Card) -> HttpResponse:
    """Meanwhile the company bought through another partner."""
    if card.customer is not None:
        email = card.invitation.email if card.invitation is not None else request.user.email
        ask_partner_to_confirm(by=acting_for(visitor, card), customer=card.customer, email=email)
    return redirect("agreements:answer", card.partner.tenant_id)


def _refused(visitor: Visitor, page: AgreementPage, request: PortalRequest, refusal: RuleViolation) -> AgreementPage:
    if refusal.code == "text_replaced":
        return agreement_page(visitor, page.card, request.POST, is_replaced=True)
    asks_it = page.company is not None and refusal.field in page.company.fields
    show_refusal(page.company if page.company is not None and asks_it else page.statement, refusal)
    return page
