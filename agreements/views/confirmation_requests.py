"""An indirect reseller asks its provider to confirm an acceptance; the provider confirms or refuses (seed 004)."""

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.forms import AcceptanceForm
from agreements.languages import language_label
from agreements.models import Attestation, ConfirmationOutcome, ConfirmationRequest, EvidenceKind
from agreements.request_forms import AskedForm, AskForm, RefuseForm, as_asked
from agreements.request_looks import REQUEST_TONES, REQUEST_WORDS
from agreements.services import ask_provider, confirm_request, refuse_request, take_request_back
from agreements.steps import contact_label, is_recorded, open_approval, primary_contact, sent_form
from agreements.views.record import visible_customer
from customers.models import Customer
from portal.common.actor import Actor, Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal, validation_answer
from portal.common.keyset import keyset_page
from portal.common.refusals import note_refusal
from portal.partners.access import actor_of, check, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission


def visible_request(membership: Membership, public_id: uuid.UUID) -> ConfirmationRequest | None:
    found = ConfirmationRequest.objects.visible_to(membership).with_details().select_related("customer__partner")
    return found.filter(public_id=public_id).first()


def sent_request(membership: Membership, public_id: uuid.UUID) -> ConfirmationRequest | None:
    """One that the member's own company has asked."""
    found = visible_request(membership, public_id)
    return found if found and found.reseller_id == membership.partner_id else None


@requires(Permission.CUSTOMERS_VIEW)
@require_safe
def request_list(request: MemberRequest) -> HttpResponse:
    """What a provider's resellers ask, or what a reseller has asked; the newest first."""
    seen = ConfirmationRequest.objects.visible_to(request.membership).with_details()
    page = keyset_page(request, seen, field="asked_at", public="public_id", descending=True)
    rows = [(row, REQUEST_TONES[row.outcome], REQUEST_WORDS[row.outcome]) for row in page.rows]
    return render(request, "agreements/requests/list.html", {"page": page, "rows": rows})


@requires(Permission.AGREEMENTS_PREPARE, on=visible_customer)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: MemberRequest, customer: Customer) -> HttpResponse:
    """Account info > Ask the provider to confirm: the same questions as in a confirmation."""
    contact = primary_contact(customer)
    form = AskForm(
        request.POST or None,
        today=customer.partner.today,
        contact_label=contact_label(contact) if contact.first_name else None,
        country=str(customer.country),
        initial={"language": customer.language},
    )
    if answer := validation_answer(request, form):
        return answer
    if form.is_valid() and (asked := _ask(request, customer, form)) is not None:
        messages.success(request, _("%(name)s is asked to confirm it.") % {"name": customer.partner.name})
        return redirect("agreements:confirmation_request", asked.public_id)
    context = {"form": form, "customer": customer, "submit_key": _submit_key(request)}
    return render(request, "agreements/requests/ask.html", context)


def _ask(request: MemberRequest, customer: Customer, form: AskForm) -> ConfirmationRequest | None:
    try:
        return ask_provider(
            by=actor_of(request, Door.ACCOUNT_INFO),
            customer=customer,
            acceptance=form.acceptance(primary_contact(customer)),
            submit_key=_submit_key(request),
        )
    except RuleViolation as refused:
        show_refusal(form, refused)
        return None


@requires(Permission.CUSTOMERS_VIEW, on=visible_request)
@require_http_methods(["GET", "HEAD", "POST"])
def confirmation_request(request: MemberRequest, asked: ConfirmationRequest) -> HttpResponse:
    """Everything that was stated, and its state; for the provider, filled in already to be confirmed."""
    may_decide = request.membership.partner_id == asked.partner_id
    if request.method == "POST":
        check(request.membership, Permission.AGREEMENTS_CONFIRM, on=asked)
        if asked.outcome:
            return _decided_already(request, asked)
    form = _asked_form(request, asked) if may_decide and not asked.outcome else None
    if form is not None and (answer := validation_answer(request, form)):
        return answer
    if form is not None and form.is_valid() and _is_confirmed(request, asked, form):
        return redirect("agreements:confirmation_request", asked.public_id)
    return render(request, "agreements/requests/request.html", _page(request, asked, form))


def _asked_form(request: MemberRequest, asked: ConfirmationRequest) -> AskedForm:
    form = sent_form(request, customer=asked.customer, form_class=AskedForm)
    form.initial |= as_asked(asked, primary_contact(asked.customer))
    return form


def _is_confirmed(request: MemberRequest, asked: ConfirmationRequest, form: AcceptanceForm) -> bool:
    def confirm(*, customer: Customer, by: Actor, **stated: Any) -> Attestation:
        return confirm_request(by=by, request=asked, **stated)

    told = _("The acceptance is recorded.")
    return is_recorded(request, asked.customer, form, confirm, door=Door.ACCOUNT_INFO, told=told, asked=asked)


def _page(request: MemberRequest, asked: ConfirmationRequest, form: AskedForm | None) -> dict[str, Any]:
    membership = request.membership
    resold = Customer.objects.visible_to(membership).filter(pk=asked.customer_id)
    return {
        **_stated(asked),
        "customer": asked.customer,
        "tone": REQUEST_TONES[asked.outcome],
        "word": REQUEST_WORDS[asked.outcome],
        "form": form,
        "submit_key": _submit_key(request),
        "is_providers": membership.partner_id == asked.partner_id,
        "waiting": open_approval(membership, asked.customer) if form else None,
        "may_take_back": membership.partner_id == asked.reseller_id and not asked.outcome,
        "sees_customer": resold.exists(),
    }


def _stated(asked: ConfirmationRequest) -> dict[str, Any]:
    return {
        "asked": asked,
        "evidence_label": EvidenceKind(asked.evidence_kind).label,
        "language_label": language_label(asked.language),
    }


def _decided_already(request: MemberRequest, asked: ConfirmationRequest) -> HttpResponse:
    if asked.outcome == ConfirmationOutcome.CONFIRMED:
        messages.info(request, _("This request is confirmed already."))
    else:
        messages.warning(request, _("This request was decided or taken back meanwhile. Nothing is recorded."))
    return redirect("agreements:confirmation_request", asked.public_id)


@requires(Permission.AGREEMENTS_CONFIRM, on=visible_request)
@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: MemberRequest, asked: ConfirmationRequest) -> HttpResponse:
    if asked.outcome:
        return _decided_already(request, asked)
    form = RefuseForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if _is_done(request, partial(refuse_request, request=asked, reason=reason), form):
            messages.success(request, _("The request is refused. Your reseller is told why."))
            return redirect("agreements:confirmation_request", asked.public_id)
    return render(request, "agreements/requests/refuse.html", {"form": form, **_stated(asked)})


@requires(Permission.AGREEMENTS_PREPARE, on=sent_request)
@require_POST
def take_back(request: MemberRequest, asked: ConfirmationRequest) -> HttpResponse:
    try:
        take_request_back(by=actor_of(request, Door.ACCOUNT_INFO), request=asked)
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The request is taken back."))
    return redirect("agreements:confirmation_request", asked.public_id)


def _is_done(request: MemberRequest, service: "partial[ConfirmationRequest]", form: RefuseForm) -> bool:
    try:
        service(by=actor_of(request, Door.ACCOUNT_INFO))
    except RuleViolation as refused:
        show_refusal(form, refused)
        return False
    return True


def _submit_key(request: MemberRequest) -> str:
    return request.POST.get("submit_key") or uuid.uuid4().hex
