"""What was recorded in a person's name, and "this was not me": by the link of the receipt that the person got."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements.answer_forms import DisputeForm
from agreements.letters import addressed
from agreements.models import Attestation, EventKind, Receipt
from agreements.proofs import proof_of
from agreements.services import dispute_acceptance, take_dispute_back
from agreements.views.answers.coming import onward, tries_too_many
from agreements.views.answers.visitors import MOST, RECEIPTS, insider_of, lost, unlisted
from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal
from portal.common.kept_forms import is_from_here
from portal.common.links import TOKEN_LENGTH, token_digest
from portal.common.speaking import speak_first
from portal.partners.access import public
from portal.partners.addresses import seen_of
from portal.partners.http import PortalRequest


@public(reason="The receipt's link is the credential.")
@require_safe
def open_receipt(request: HttpRequest, token: str) -> HttpResponse:
    """Changes nothing, as mail scanners open links too; the token stays out of the page behind it."""
    known = Receipt.objects.select_related("attestation__document")
    receipt = known.filter(token_digest=token_digest(token)).first() if len(token) == TOKEN_LENGTH else None
    if receipt is not None:
        request.session.cycle_key()
        _keep(request, receipt)
        speak_first(request, receipt.attestation.document.language)
        return onward(reverse("agreements:receipt"))
    if tries_too_many(request):
        return unlisted(render(request, "agreements/accept/too_many.html", status=429))
    return onward(reverse("agreements:receipt", query={"link": "unknown"}))


@public(reason="The receipt's link, kept in the session, is asked for by the view itself.")
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: PortalRequest) -> HttpResponse:
    """The record, what is said about it, and the form to say that it is wrong."""
    found = None if request.GET.get("link") == "unknown" else opened_receipt(request)
    if found is None and request.method == "POST" and is_from_here(request):
        return unlisted(lost(request))
    if found is None:
        return unlisted(render(request, "agreements/receipt/nobody.html"))
    insider = insider_of(request)
    if request.method == "POST" and insider:
        return unlisted(render(request, "agreements/receipt/insider.html", {"insider": insider}, status=403))
    is_erased = getattr(found.attestation, "person", None) is None
    form = DisputeForm(request.POST if _is_disputing(request) else None)
    if request.method == "POST" and (is_erased or _is_said(request, found, form)):
        # Back to this one, though another was opened in this browser since.
        _keep(request, found)
        return unlisted(redirect("agreements:receipt"))
    return unlisted(render(request, "agreements/receipt/receipt.html", _context(found, form, insider)))


def _keep(request: HttpRequest, receipt: Receipt) -> None:
    """As the newest of those that were opened in this browser."""
    entry = [str(receipt.public_id), receipt.token_digest]
    others = [old for old in request.session.get(RECEIPTS, []) if old[0] != entry[0]]
    request.session[RECEIPTS] = [entry, *others][:MOST]


def opened_receipt(request: HttpRequest) -> Receipt | None:
    """The receipt that what was sent or asked for stands under; on the page the newest."""
    kept = dict(request.session.get(RECEIPTS, []))
    public_id = request.POST.get("about") or request.GET.get("about") or next(iter(kept), "")
    if public_id not in kept:
        return None
    found = Receipt.objects.filter(public_id=public_id, token_digest=kept[public_id])
    return found.select_related("attestation__document__template", "attestation__partner").first()


def _is_disputing(request: HttpRequest) -> bool:
    return request.method == "POST" and request.POST.get("action") != "take_back"


def _is_said(request: PortalRequest, receipt: Receipt, form: DisputeForm) -> bool:
    """Whether what the person says is on record now; else the form or a message tells why not."""
    by = _the_person(request, receipt)
    try:
        if not form.is_bound:
            take_dispute_back(by=by, receipt=receipt)
            messages.success(request, _("Thank you. The record counts again."))
        elif form.is_valid():
            dispute_acceptance(by=by, receipt=receipt, reason=form.cleaned_data["reason"])
            messages.success(request, _("Thank you. The record does not count until this is resolved."))
        else:
            return False
    except RuleViolation as refused:
        if not form.is_bound:
            messages.error(request, str(refused.message))
            return True
        show_refusal(form, refused)
        return False
    return True


def _the_person(request: PortalRequest, receipt: Receipt) -> Actor:
    """Whom the record names: nobody else gets the link."""
    person = getattr(receipt.attestation, "person", None)
    return Actor(
        kind=ActorKind.CUSTOMER,
        name=person.full_name if person is not None else "",
        door=Door.CUSTOMER_PAGE,
        request_id=request.request_id,
        **seen_of(request, receipt.attestation.partner),
    )


def _context(receipt: Receipt, form: DisputeForm, insider: str) -> dict[str, object]:
    records = Attestation.objects.with_state().with_details()
    record = records.get(pk=receipt.attestation_id)
    said = [event for event in record.events.all() if event.kind != EventKind.ERASED]
    return {
        "record": record,
        "proof": proof_of(record),
        "person": getattr(record, "person", None),
        "company_name": addressed(receipt)[0],
        "form": form,
        "events": said,
        "insider": insider,
        "about": receipt.public_id,
        "is_disputed": record.dispute == EventKind.DISPUTED and not record.is_withdrawn,
    }
