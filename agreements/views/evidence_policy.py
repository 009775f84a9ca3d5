"""Settings > Evidence."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.evidence_forms import EvidencePolicyForm
from agreements.models import CheckpointMail, EvidenceKind, EvidencePolicy, SupersedeReason
from agreements.services import evidence_policy_of, set_evidence_policy
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal, validation_answer
from portal.partners.access import actor_of, check, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@requires(Permission.PARTNER_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def evidence_policy(request: MemberRequest) -> HttpResponse:
    """What a record needs before it counts, for every member to read; the global admin may change it."""
    membership = request.membership
    if request.method == "POST":
        check(membership, Permission.PARTNER_EDIT_PROFILE)
    # A reseller records nothing itself: its providers do.
    is_own = membership.partner.has_agreement and not membership.partner.is_reseller
    known, form = evidence_policy_of(membership.partner), None
    if is_own and membership.can(Permission.PARTNER_EDIT_PROFILE):
        form = EvidencePolicyForm.of(known, request.POST or None)
        if answer := validation_answer(request, form):
            return answer
        if form.is_valid() and _save(request, form):
            messages.success(request, _("What your records need is saved."))
            return redirect("agreements:evidence_policy")
    context = {"form": form, "policy": known, "is_own": is_own, "facts": _in_words(known)}
    return render(request, "agreements/evidence_policy.html", context)


def _save(request: MemberRequest, form: EvidencePolicyForm) -> bool:
    said = form.cleaned_data
    chosen = {**said, "checkpoint_mail": CheckpointMail(said["checkpoint_mail"])}
    try:
        set_evidence_policy(by=actor_of(request, Door.SETTINGS), partner=request.membership.partner, **chosen)
    except RuleViolation as refused:
        show_refusal(form, refused)
        return False
    return True


def _in_words(policy: EvidencePolicy) -> list[tuple[str | Promise, str]]:
    """(question, answer) for who only reads."""
    fields = EvidencePolicyForm.base_fields
    kinds = [str(label) for kind, label in EvidenceKind.stated() if kind in policy.required_kinds]
    reasons = [str(label) for reason, label in SupersedeReason.choices if reason in policy.approved_reasons]
    return [
        (str(fields["required_kinds"].label), ", ".join(kinds) or _("No kind of evidence")),
        (str(fields["approved_reasons"].label), ", ".join(reasons) or _("Nothing: nobody else is asked")),
        (str(fields["checkpoint_mail"].label), policy.get_checkpoint_mail_display()),
    ]
