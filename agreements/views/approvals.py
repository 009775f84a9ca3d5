"""A second person compares the present record with the one that waits, and decides."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements import rules
from agreements.approval_forms import RefuseApprovalForm
from agreements.approval_looks import APPROVAL_TONES, APPROVAL_WORDS, compared
from agreements.evidence_store import open_stored
from agreements.models import Approval, Attestation, EvidenceUpload, SupersedeReason
from agreements.services import (
    approve as approve_it,
)
from agreements.services import (
    asker_membership,
    is_record_present,
    refuse_approval,
    take_approval_back,
)
from customers.models import Customer
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal
from portal.common.keyset import tiered_page
from portal.common.refusals import note_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission
from portal.partners.rules import Refusal


def visible_approval(membership: Membership, public_id: uuid.UUID) -> Approval | None:
    found = Approval.objects.visible_to(membership).with_details()
    return found.select_related("customer__partner", "record__document").filter(public_id=public_id).first()


def own_approval(membership: Membership, public_id: uuid.UUID) -> Approval | None:
    """One that the member asked for."""
    found = visible_approval(membership, public_id)
    return found if found and found.asked_by_id == membership.user_id else None


@dataclass(frozen=True)
class FoundFile:
    approval: Approval
    file: EvidenceUpload

    @property
    def customer(self) -> Customer:
        """Whose partner the request is for."""
        return self.approval.customer


def visible_approval_file(membership: Membership, public_id: uuid.UUID, file_id: uuid.UUID) -> FoundFile | None:
    """A file of one that waits; once it is decided, the record has it."""
    asked = visible_approval(membership, public_id)
    file = files_of(asked).filter(public_id=file_id).first() if asked and not asked.outcome else None
    return FoundFile(asked, file) if asked and file else None


def files_of(asked: Approval) -> QuerySet[EvidenceUpload]:
    """What was sent with one that is open."""
    sent = EvidenceUpload.objects.of_owner(partner_id=asked.partner_id, owner_id=asked.asked_by_id)
    return sent.filter(public_id__in=asked.statement["evidence"]).order_by("id")


@requires(Permission.CUSTOMERS_VIEW)
@require_safe
def approvals(request: MemberRequest) -> HttpResponse:
    """What waits for a second person, then what was decided; the newest first."""
    seen = Approval.objects.visible_to(request.membership).with_details()
    only_open = request.GET.get("state") == "open"
    parts = [seen.open()] if only_open else [seen.open(), seen.exclude(outcome="")]
    page = tiered_page(request, parts, field="asked_at", public="public_id", descending=True)
    rows = [
        (row, APPROVAL_TONES[row.outcome], APPROVAL_WORDS[row.outcome], SupersedeReason(row.reason_code).label)
        for row in page.rows
    ]
    return render(request, "agreements/approvals/list.html", {"page": page, "rows": rows, "only_open": only_open})


@requires(Permission.CUSTOMERS_VIEW, on=visible_approval)
@require_safe
def approval(request: MemberRequest, asked: Approval) -> HttpResponse:
    """The present record beside the new one, with what differs."""
    return render(request, "agreements/approvals/approval.html", _page(request, asked))


@requires(Permission.CUSTOMERS_VIEW, on=visible_approval_file)
@require_safe
def approval_file(request: MemberRequest, found: FoundFile) -> HttpResponseBase:
    """The bytes as they were sent, always as an attachment: whoever decides has read them."""
    asked, file = found.approval, found.file
    try:
        content = open_stored(asked.partner.tenant_id, file.sha256)
    except FileNotFoundError:
        messages.error(request, _("The file is not in the store any more. Refuse this, and let it be stated anew."))
        return redirect("agreements:approval", asked.public_id)
    response = FileResponse(content, as_attachment=True, filename=file.name, content_type="application/octet-stream")
    response["Content-Length"] = str(file.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


@requires(Permission.AGREEMENTS_APPROVE, on=visible_approval)
@require_POST
def approve(request: MemberRequest, asked: Approval) -> HttpResponse:
    try:
        approve_it(by=actor_of(request, Door.ACCOUNT_INFO), approval=asked)
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Approved. The acceptance is recorded."))
    return redirect("agreements:approval", asked.public_id)


@requires(Permission.AGREEMENTS_APPROVE, on=visible_approval)
@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: MemberRequest, asked: Approval) -> HttpResponse:
    if asked.outcome:
        messages.warning(request, _("This was decided or taken back meanwhile."))
        return redirect("agreements:approval", asked.public_id)
    form = RefuseApprovalForm(request.POST or None)
    if form.is_valid() and _is_refused(request, asked, form):
        messages.success(request, _("Not approved. Whoever asked is told, and the present record stays."))
        return redirect("agreements:approval", asked.public_id)
    return render(request, "agreements/approvals/refuse.html", {"form": form, **_page(request, asked)})


@requires(Permission.CUSTOMERS_VIEW, on=own_approval)
@require_POST
def take_back(request: MemberRequest, asked: Approval) -> HttpResponse:
    try:
        take_approval_back(by=actor_of(request, Door.ACCOUNT_INFO), approval=asked)
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Taken back. The present record stays."))
    return redirect("agreements:approval", asked.public_id)


def _is_refused(request: MemberRequest, asked: Approval, form: RefuseApprovalForm) -> bool:
    try:
        refuse_approval(by=actor_of(request, Door.ACCOUNT_INFO), approval=asked, reason=form.cleaned_data["reason"])
    except RuleViolation as refused:
        show_refusal(form, refused)
        return False
    return True


def _page(request: MemberRequest, asked: Approval) -> dict[str, Any]:
    membership = request.membership
    sees_old = Attestation.objects.visible_to(membership).filter(pk=asked.record_id).exists()
    context: dict[str, Any] = {
        "asked": asked,
        "customer": asked.customer,
        "tone": APPROVAL_TONES[asked.outcome],
        "word": APPROVAL_WORDS[asked.outcome],
        "reason_label": SupersedeReason(asked.reason_code).label,
        "sees_old": sees_old,
    }
    if asked.outcome:
        return context
    return context | {
        "rows": compared(asked, sees_old=sees_old),
        "reason_note": asked.statement["reason_note"],
        "files": files_of(asked),
        "is_record_present": is_record_present(asked),
        "asker_left": asker_membership(asked) is None,
        "refusal": _why_not(membership, asked),
        "may_take_back": asked.asked_by_id == membership.user_id,
    }


def _why_not(membership: Membership, asked: Approval) -> Refusal | None:
    """Why this member does not decide, and who does."""
    reason = rules.why_cannot_approve(asked_by=asked.asked_by_id, approver=membership.user_id)
    return membership.why_not(Permission.AGREEMENTS_APPROVE) or (Refusal(reason) if reason else None)
