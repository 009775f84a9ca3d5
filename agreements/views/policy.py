"""Settings > Where customers accept."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.invitation_forms import PolicyForm
from agreements.models import Place
from agreements.services import policy_of, set_policy
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal, validation_answer
from portal.partners.access import actor_of, check, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@requires(Permission.PARTNER_VIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: MemberRequest) -> HttpResponse:
    """How the partner invites, for every member to read; the global admin may change it."""
    membership = request.membership
    if request.method == "POST":
        check(membership, Permission.PARTNER_EDIT_PROFILE)
    # A reseller's customers are its providers': where they accept is theirs to choose.
    is_own = membership.partner.has_agreement and not membership.partner.is_reseller
    known, form = policy_of(membership.partner), None
    if is_own and membership.can(Permission.PARTNER_EDIT_PROFILE):
        form = PolicyForm.of(known, request.POST or None)
        if answer := validation_answer(request, form):
            return answer
        if form.is_valid() and _save(request, form):
            messages.success(request, _("Where and how customers accept is saved."))
            return redirect("agreements:policy")
    return render(request, "agreements/policy.html", {"form": form, "policy": known, "is_own": is_own})


def _save(request: MemberRequest, form: PolicyForm) -> bool:
    said = form.cleaned_data
    chosen = {**said, "place": Place(said["place"])}
    try:
        set_policy(by=actor_of(request, Door.SETTINGS), partner=request.membership.partner, **chosen)
    except RuleViolation as refused:
        show_refusal(form, refused)
        return False
    return True
