"""New customer: its pages, Review, Confirmation (seeds 000, 002, 003 "for a new customer"; 004 option 1)."""

import uuid
from collections.abc import Mapping
from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.invitation_forms import MessageForm
from agreements.invitation_looks import message_of
from agreements.models import Invitation
from agreements.receiving import receive_files
from agreements.steps import ACCEPTANCE, ACCEPTANCE_FILES
from customers.forms import answers
from customers.models import Customer, OnboardingDraft
from customers.services import DraftChanged, renew_admin_password
from customers.views.duplicates import duplicates_of
from customers.views.pages import (
    ACCOUNT,
    CONFIRMATION,
    REVIEW,
    SUBSCRIPTIONS,
    kind_of,
    new_customer_of,
    own_draft,
    page_of,
    pages_of,
    pages_until,
    quantities_of,
    review_notes,
    reviewed_digest,
    steps_of,
    url_after,
    url_of,
    valid_forms,
)
from customers.views.saving import (
    autosave_answer,
    begin_draft,
    is_autosave,
    is_submitted,
    new_url,
    offers_what_was_typed,
    save_page,
    submitted_meanwhile,
    window_fields,
)
from customers.wizard import Typed, WizardPage, first_incomplete, is_valid, put_refusal
from orders.forms.products import ProductsForm
from orders.panels import open_cart
from orders.services import LinesRefused, onboard_with_cart
from orders.steps import PRODUCTS, REMOVES
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import VALIDATE_HEADER, PortalForm, validation_answer
from portal.common.ids import parse_uuid
from portal.common.kept_forms import kept_form, shows_kept_form, signed_in_again
from portal.common.refusals import note_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission

Forms = Mapping[str, PortalForm]
# Buttons that keep what is typed, right or wrong.
UNJUDGED = ("later", "keep", "search", "country")


@shows_kept_form
@requires(Permission.CUSTOMERS_CREATE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: MemberRequest) -> HttpResponse:
    """GET and HEAD show the empty page and write nothing; POST starts the draft with what was typed."""
    member = request.membership
    page = page_of(OnboardingDraft(partner=member.partner, owner=request.user), member, ACCOUNT)
    if request.method != "POST":
        return _show_stored(request, page)
    if answer := _checked(request, page):
        return answer
    key = parse_uuid(request.POST.get("draft_key", ""))
    if is_autosave(request) and is_submitted(member, key):
        return submitted_meanwhile()
    return _take(request, page_of(begin_draft(request, key), member, ACCOUNT))


def _offer_again(request: MemberRequest, page: WizardPage, typed: Typed) -> HttpResponse:
    """The page of a new draft with what was typed for one that is gone; nothing is kept before it is sent."""
    return _show(request, page, page.forms(typed, validate=False), sent={}, is_gone=True, status=404)


@shows_kept_form
@offers_what_was_typed(_offer_again)
@requires(Permission.CUSTOMERS_CREATE, on=own_draft)
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: MemberRequest, draft: OnboardingDraft) -> HttpResponse:
    return draft_page(request, draft, ACCOUNT)


def draft_page(request: MemberRequest, draft: OnboardingDraft, key: str) -> HttpResponse:
    """One page of a draft: shown as kept, or taken with what was typed."""
    page = page_of(draft, request.membership, key)
    if request.method != "POST":
        if draft.submitted_at is not None:
            return redirect("customers:confirmation", draft.pk)
        earlier = first_incomplete(pages_until(page, including=False))
        return redirect(_to_complete(earlier)) if earlier else _show_stored(request, page)
    if answer := _checked(request, page):
        return answer
    if draft.submitted_at is not None:
        if is_autosave(request):
            return submitted_meanwhile()
        # Submit, Back, and other answers: the next customer.
        page = page_of(begin_draft(request, draft.pk), request.membership, key)
    return _take(request, page)


def _to_complete(page: WizardPage) -> str:
    """The address of a page that says what is missing on it."""
    return f"{url_of(page)}?check"


def _checked(request: MemberRequest, page: WizardPage) -> HttpResponse | None:
    """The answer to a browser that asks about one field; nothing is kept."""
    if VALIDATE_HEADER not in request.headers:
        return None
    forms = page.forms(page.typed(request.POST), validate=True)
    return validation_answer(request, list(forms.values()))


def _take(request: MemberRequest, page: WizardPage) -> HttpResponse:
    """Keep what was typed, then go on, or show the page again with what is wrong."""
    if is_autosave(request):
        return autosave_answer(request, page)
    sent, action = receive_files(request, ACCEPTANCE_FILES), request.POST.get("action")
    typed = page.settled(sent.data)
    try:
        page.draft = save_page(request, page, typed)
    except DraftChanged as changed:
        page.draft = changed.current
        sent.tell(request, None, "evidence")
        return _show_both(request, page, typed)
    forms = page.forms(typed, validate=action not in UNJUDGED)
    sent.tell(request, forms.get(ACCEPTANCE), "evidence")
    if action == "later":
        messages.success(request, _("Your draft is saved."))
        return redirect("customers:drafts")
    if action == "keep":
        messages.success(request, _("What you had here is kept; the other version is replaced."))
        return redirect(url_of(page))
    if action == "search" or REMOVES in request.POST:
        return redirect(f"{url_of(page)}#catalog")
    if not is_valid(forms) or not (page.is_optional or any(form.is_bound for form in forms.values())):
        return _show(request, page, forms, sent=request.POST)
    earlier = first_incomplete(pages_until(page, including=False))
    onwards = url_after(page, wants_optional=action == "subscriptions")
    return redirect(_to_complete(earlier) if earlier else onwards)


def _show_both(request: MemberRequest, page: WizardPage, typed: Typed) -> HttpResponse:
    """Another window came first: what differs, and the choice. The form still carries the version it knew."""
    conflict = {"rows": page.differences(typed), "saved_at": page.draft.updated_at, "version": page.draft.version}
    forms = page.forms(typed, validate=False)
    # A script swaps in only what comes with 200.
    status = 200 if request.htmx else 409
    known = {"draft_version": request.POST.get("draft_version", ""), "page_has_errors": True}
    return _show(request, page, forms, sent=request.POST, status=status, conflict=conflict, **known)


def _show_stored(request: MemberRequest, page: WizardPage) -> HttpResponse:
    """The page as it is kept, or as it was sent while nobody was signed in."""
    waiting = kept_form(request)
    if waiting is None:
        forms = page.forms(page.kept, validate="check" in request.GET)
        return _show(request, page, forms, sent={})
    sent = waiting.values
    if waiting.has_files:
        messages.warning(request, _("Files cannot be kept while you are signed out. Choose them again."))
    if sent.get("partner", "") not in ("", str(request.membership.partner.tenant_id)):
        return signed_in_again(request, waiting)
    forms = page.forms(page.typed(sent), validate=False)
    known = sent.get("draft_version") or page.draft.version
    return _show(request, page, forms, sent=sent, is_back=True, draft_version=known)


def _show(
    request: MemberRequest, page: WizardPage, forms: Forms, *, sent: Typed, status: int = 200, **known: Any
) -> HttpResponse:
    is_kept = not page.draft._state.adding
    action = url_of(page) if is_kept else new_url()
    context = {
        **forms,
        **window_fields(sent, page.draft),
        "draft": page.draft,
        "is_kept": is_kept,
        "action": action,
        "steps": steps_of(page.draft, page.membership, page.key),
        "forms": list(forms.values()),
        "duplicates": duplicates_of(request.membership, page.typed(sent) or page.kept or {}),
        "has_agreement": page.membership.partner.has_agreement,
        **known,
    }
    response = render(request, kind_of(page.key).template, context, status=status)
    if request.htmx and is_kept:
        response["HX-Push-Url"] = action
    return response


@shows_kept_form
@requires(Permission.CUSTOMERS_CREATE, on=own_draft)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: MemberRequest, draft: OnboardingDraft) -> HttpResponse:
    """Every answer once more, validated again; Submit makes the customer."""
    if request.method == "POST":
        return _submit(request, draft)
    if draft.submitted_at is not None:
        return redirect("customers:confirmation", draft.pk)
    incomplete = first_incomplete(pages_of(draft, request.membership))
    if incomplete is not None:
        return redirect(_to_complete(incomplete))
    forms = valid_forms(draft, request.membership) or {}
    context = {
        "draft": draft,
        "steps": steps_of(draft, request.membership, REVIEW),
        "answered": {key: answers(form) for key, form in forms.items()},
        **review_notes(forms, request.membership),
        "reviewed": reviewed_digest(draft),
        "submit_key": uuid.uuid4().hex,
        "is_back": kept_form(request) is not None,
    }
    return render(request, "customers/new/review.html", context)


def _submit(request: MemberRequest, draft: OnboardingDraft) -> HttpResponse:
    if draft.submitted_at is not None and (draft.customer is None or draft.customer.deleted_at is not None):
        return redirect("customers:confirmation", draft.pk)
    forms = {} if draft.submitted_at else valid_forms(draft, request.membership)
    if forms is None or (forms and request.POST.get("reviewed") != reviewed_digest(draft)):
        messages.warning(request, _("The answers changed since you reviewed them. Check them and submit again."))
        return redirect("customers:review", draft.pk)
    new_customer = new_customer_of(forms, request.membership) if forms else None
    key, quantities = request.POST.get("submit_key", ""), quantities_of(forms)
    try:
        made = onboard_with_cart(
            by=actor_of(request, Door.WIZARD), draft=draft, new=new_customer, quantities=quantities, submit_key=key
        )
    except LinesRefused as refused:
        page = page_of(draft, request.membership, SUBSCRIPTIONS)
        cast(ProductsForm, forms[PRODUCTS]).show_refusals(refused.refusals)
        return _show(request, page, {PRODUCTS: forms[PRODUCTS]}, sent={})
    except RuleViolation as refused:
        note_refusal(refused)
        page = page_of(draft, request.membership, ACCOUNT)
        put_refusal(forms, refused.field, refused.message)
        return _show(request, page, {**page.forms(page.kept, validate=False), **forms}, sent={})
    return _show_confirmation(request, draft, made.onboarded.customer, made.onboarded.credentials)


def _show_confirmation(
    request: MemberRequest, draft: OnboardingDraft, customer: Customer, credentials: Any
) -> HttpResponse:
    context = {
        "draft": draft,
        "steps": steps_of(draft, request.membership, CONFIRMATION),
        "customer": customer,
        "credentials": credentials,
        "cart": open_cart(request.membership, customer),
        **_invitation_of(request, customer),
    }
    return render(request, "customers/new/confirmation.html", context)


def _invitation_of(request: MemberRequest, customer: Customer) -> dict[str, Any]:
    """The open invitation and its message, for who may invite; the message never holds the password."""
    seen = Invitation.objects.visible_to(request.membership).of_customer(customer).alive().with_details()
    invitation = seen.filter(to_confirm_at__isnull=True).first()
    message = message_of(invitation) if invitation else None
    form = MessageForm(initial={"message": message.text}, spoken=message.spoken) if message else None
    return {"invitation": invitation, "message": message, "form": form}


@requires(Permission.CUSTOMERS_CREATE, on=own_draft)
@require_safe
def confirmation(request: MemberRequest, draft: OnboardingDraft) -> HttpResponse:
    """What was made; the password was shown once, at Submit."""
    if draft.submitted_at is None:
        return redirect("customers:draft", draft.pk)
    if draft.customer is None or draft.customer.deleted_at is not None:
        return render(request, "customers/new/deleted.html", {"customer": draft.customer})
    return _show_confirmation(request, draft, draft.customer, None)


@requires(Permission.CUSTOMERS_CREATE, on=own_draft)
@require_POST
def new_password(request: MemberRequest, draft: OnboardingDraft) -> HttpResponse:
    """A fresh one-time password, when the first one was lost."""
    if draft.customer is None or draft.customer.deleted_at is not None:
        return redirect("customers:confirmation", draft.pk)
    credentials = renew_admin_password(by=actor_of(request, Door.WIZARD), customer=draft.customer)
    return _show_confirmation(request, draft, draft.customer, credentials)
