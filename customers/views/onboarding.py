"""New customer: Account info, Review, Confirmation (seeds 000, 002, 003 "for a new customer"; 004 option 1)."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.panels import MICROSOFT_ACCEPTANCE_URL
from agreements.services import onboard_customer
from customers.forms import answers
from customers.models import OnboardingDraft
from customers.services import discard_draft, renew_admin_password, save_draft, start_draft
from customers.views.pages import account_page, new_customer_of, reviewed_digest
from customers.wizard import WizardPage, is_valid, put_refusal
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import validation_answer
from portal.common.ids import parse_uuid
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission


def own_draft(membership: Membership, draft_id: uuid.UUID) -> OnboardingDraft | None:
    drafts = OnboardingDraft.objects.visible_to(membership).select_related("customer__tenant", "customer__partner")
    return drafts.filter(pk=draft_id).first()


@requires(Permission.CUSTOMERS_CREATE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: MemberRequest) -> HttpResponse:
    """GET and HEAD show the empty page and write nothing; POST starts the draft with what was typed."""
    if request.method != "POST":
        fresh = OnboardingDraft(partner=request.membership.partner, owner=request.user)
        page = account_page(fresh, request.membership)
        return _show_account(request, page, page.forms(None, validate=False))
    page = account_page(OnboardingDraft(), request.membership)
    if answer := _checked(request, page):
        return answer
    key = parse_uuid(request.POST.get("draft_key", ""))
    draft = start_draft(by=actor_of(request, Door.WIZARD), partner=request.membership.partner, key=key)
    return _take_account(request, account_page(draft, request.membership))


@requires(Permission.CUSTOMERS_CREATE, on=own_draft)
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: MemberRequest, draft: OnboardingDraft) -> HttpResponse:
    if draft.submitted_at is not None and request.method != "POST":
        return redirect("customers:confirmation", draft.pk)
    page = account_page(draft, request.membership)
    if answer := _checked(request, page):
        return answer
    if request.method == "POST":
        if draft.submitted_at is not None:
            # Submit, Back, and other answers: the next customer.
            page.draft = start_draft(by=actor_of(request, Door.WIZARD), partner=draft.partner, key=draft.pk)
        return _take_account(request, page)
    return _show_account(request, page, page.forms(page.kept, validate=False))


def _checked(request: MemberRequest, page: WizardPage) -> HttpResponse | None:
    """The answer to a browser that asks about one field; nothing is kept."""
    forms = page.forms(page.typed(request.POST), validate=True)
    return validation_answer(request, list(forms.values()))


def _take_account(request: MemberRequest, page: WizardPage) -> HttpResponse:
    """Keep what was typed, then go on to Review, or show the page again with what is wrong."""
    typed = page.typed(request.POST)
    forms = page.forms(typed, validate=request.POST.get("action") != "country")
    page.draft = save_draft(by=actor_of(request, Door.WIZARD), draft=page.draft, page=page.key, typed=typed)
    if request.POST.get("action") == "later":
        messages.success(request, _("Your draft is saved. You find it on Home under My drafts."))
        return redirect("customers:list")
    if any(form.is_bound for form in forms.values()) and is_valid(forms):
        return redirect("customers:review", page.draft.pk)
    return _show_account(request, page, forms)


def _show_account(request: MemberRequest, page: WizardPage, forms: dict[str, Any]) -> HttpResponse:
    context = {
        "draft": page.draft,
        "is_kept": not page.draft._state.adding,
        "company": forms["company"],
        "contact": forms["contact"],
        "agreement": forms.get("agreement"),
        "acceptance": forms.get("acceptance"),
        "forms": list(forms.values()),
        "draft_key": request.POST.get("draft_key") or uuid.uuid4(),
        "has_agreement": page.membership.partner.has_agreement,
    }
    response = render(request, "customers/new/account.html", context)
    if request.htmx and context["is_kept"]:
        response["HX-Push-Url"] = reverse("customers:draft", args=[page.draft.pk])
    return response


@requires(Permission.CUSTOMERS_CREATE, on=own_draft)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: MemberRequest, draft: OnboardingDraft) -> HttpResponse:
    """Every answer once more, validated again; Submit makes the customer."""
    if request.method == "POST":
        return _submit(request, draft)
    if draft.submitted_at is not None:
        return redirect("customers:confirmation", draft.pk)
    forms = account_page(draft, request.membership).valid_forms()
    if forms is None:
        return redirect("customers:draft", draft.pk)
    context = {
        "draft": draft,
        "answered": {key: answers(form) for key, form in forms.items()},
        "reviewed": reviewed_digest(draft),
        "submit_key": uuid.uuid4().hex,
    }
    return render(request, "customers/new/review.html", context)


def _submit(request: MemberRequest, draft: OnboardingDraft) -> HttpResponse:
    page = account_page(draft, request.membership)
    forms = {} if draft.submitted_at else page.valid_forms()
    if forms is None or (forms and request.POST.get("reviewed") != reviewed_digest(draft)):
        messages.warning(request, _("The answers changed since you reviewed them. Check them and submit again."))
        return redirect("customers:review", draft.pk)
    new_customer = new_customer_of(forms, request.membership) if forms else None
    key = request.POST.get("submit_key", "")
    try:
        made = onboard_customer(by=actor_of(request, Door.WIZARD), draft=draft, new=new_customer, submit_key=key)
    except RuleViolation as refused:
        put_refusal(forms, refused.field, refused.message)
        return _show_account(request, page, {**page.forms(page.kept, validate=False), **forms})
    return _show_confirmation(request, draft, made.customer, made.credentials)


def _show_confirmation(
    request: MemberRequest, draft: OnboardingDraft, customer: Any, credentials: Any
) -> HttpResponse:
    context = {
        "draft": draft,
        "customer": customer,
        "credentials": credentials,
        "invite_url": MICROSOFT_ACCEPTANCE_URL,
    }
    return render(request, "customers/new/confirmation.html", context)


@requires(Permission.CUSTOMERS_CREATE, on=own_draft)
@require_safe
def confirmation(request: MemberRequest, draft: OnboardingDraft) -> HttpResponse:
    """What was made; the password was shown once, at Submit."""
    if draft.customer is None:
        return redirect("customers:draft", draft.pk)
    return _show_confirmation(request, draft, draft.customer, None)


@requires(Permission.CUSTOMERS_CREATE, on=own_draft)
@require_POST
def new_password(request: MemberRequest, draft: OnboardingDraft) -> HttpResponse:
    """A fresh one-time password, when the first one was lost."""
    if draft.customer is None:
        return redirect("customers:draft", draft.pk)
    credentials = renew_admin_password(by=actor_of(request, Door.WIZARD), customer=draft.customer)
    return _show_confirmation(request, draft, draft.customer, credentials)


@requires(Permission.CUSTOMERS_CREATE, on=own_draft)
@require_POST
def discard(request: MemberRequest, draft: OnboardingDraft) -> HttpResponse:
    discard_draft(by=actor_of(request, Door.WIZARD), draft=draft)
    messages.success(request, _("The draft is thrown away."))
    return redirect("customers:list")
