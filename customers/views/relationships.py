"""Request a reseller relationship (seed 004): the company accepts it, and the agreement along with it."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.invitation_forms import RelationshipForm
from agreements.models import Invitation
from agreements.services import request_relationship as ask_for_relationship
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal, validation_answer
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@requires(Permission.CUSTOMERS_REQUEST_RELATIONSHIP)
@require_http_methods(["GET", "HEAD", "POST"])
def request_relationship(request: MemberRequest) -> HttpResponse:
    """Which company, who answers for it, what is included; the message comes next."""
    form = RelationshipForm(request.POST or None, asker=request.membership.partner)
    if answer := validation_answer(request, form):
        return answer
    if form.is_valid():
        made = _asked(request, form)
        if made is not None:
            messages.success(request, _("The request is made, but not sent yet. Send it, or pass it on yourself."))
            return redirect("agreements:invitation", made.public_id)
    context = {"form": form, "submit_key": request.POST.get("submit_key") or uuid.uuid4().hex}
    return render(request, "customers/relationship.html", context)


def _asked(request: MemberRequest, form: RelationshipForm) -> Invitation | None:
    """The invitation that goes with the request; None where it is refused, which the form shows."""
    try:
        return ask_for_relationship(
            by=actor_of(request, Door.ACCOUNT_INFO),
            partner=form.partner,
            company_name=form.cleaned_data["company_name"],
            invitee=form.invitee(),
            reseller=form.reseller,
            includes_delegated_admin=form.cleaned_data["includes_delegated_admin"],
            submit_key=request.POST.get("submit_key", ""),
        )
    except RuleViolation as refused:
        refused.field = form.field_of(refused.field)
        show_refusal(form, refused)
        return None
