"""Erasing the person named in a record."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from agreements.erasing_forms import EraseForm
from agreements.services import check_may_erase, erase_person, same_person
from agreements.views.record import FoundRecord, visible_record
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@requires(Permission.AGREEMENTS_ERASE, on=visible_record)
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: MemberRequest, found: FoundRecord) -> HttpResponse:
    """Say what goes and what stays, and ask why, before anything is gone."""
    by, form = actor_of(request, Door.ACCOUNT_INFO), EraseForm(request.POST or None)
    check_may_erase(by=by, attestation=found.attestation)
    if form.is_valid():
        try:
            erased = erase_person(by=by, attestation=found.attestation, reason=form.cleaned_data["reason"])
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            said = ngettext(
                "The person is erased from %(count)d record.",
                "The person is erased from %(count)d records.",
                len(erased),
            )
            messages.success(request, said % {"count": len(erased)})
            return redirect("agreements:record", found.customer.tenant_id, found.attestation.reference)
    records = same_person(found.attestation)
    context = {"form": form, "record": found.attestation, "customer": found.customer, "records": records}
    return render(request, "agreements/erase.html", context)
