"""Answering the person who says of a record: this was not me."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.dispute_forms import ResolveForm
from agreements.models import AttestationEvent
from agreements.services import SAID_ANEW, resolve_dispute, why_cannot_resolve
from agreements.views.record import FoundRecord, open_dispute, visible_record
from portal.common.actor import Door
from portal.common.errors import NotPermitted, RuleViolation
from portal.common.forms import show_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@requires(Permission.AGREEMENTS_RESOLVE, on=visible_record)
@require_http_methods(["GET", "HEAD", "POST"])
def resolve(request: MemberRequest, found: FoundRecord) -> HttpResponse:
    """Decide with a reason; whoever made the record is told that somebody else has to."""
    record, back = found.attestation, ("agreements:record", found.customer.tenant_id, found.attestation.reference)
    by, dispute = actor_of(request, Door.ACCOUNT_INFO), open_dispute(found.attestation)
    if dispute is None:
        messages.info(request, _("There is no open dispute about this record any more."))
        return redirect(*back)
    if (reason := why_cannot_resolve(by, record)) is not None:
        raise NotPermitted(reason)
    form = ResolveForm(request.POST or None, initial={"opened": dispute.at.isoformat()})
    if form.is_valid() and _is_about(dispute, form):
        try:
            resolve_dispute(by=by, attestation=record, opened_at=dispute.at, **form.decided())
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("The dispute is resolved. The person who opened it is told."))
            return redirect(*back)
    context = {"form": form, "record": record, "customer": found.customer, "dispute": dispute}
    return render(request, "agreements/dispute.html", context)


def _is_about(dispute: AttestationEvent, form: ResolveForm) -> bool:
    """Whether the page showed what the person says now; else it is shown, and what was typed is kept."""
    if form.cleaned_data["opened"] in ("", dispute.at.isoformat()):
        return True
    form.add_error(None, SAID_ANEW)
    # The next decision is about what stands on the page from here on.
    form.data = form.data.copy()
    form.data["opened"] = dispute.at.isoformat()
    return False
