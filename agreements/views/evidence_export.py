"""The evidence of a period as one archive, and the program that verifies it."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from agreements.export_forms import PeriodForm, last_full_month
from agreements.exports import PROGRAM, Span, begin, program
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal
from portal.common.tables import download
from portal.partners.access import actor_of, public, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission

ZIP_TYPE, PYTHON_TYPE = "application/zip", "text/x-python; charset=utf-8"


@requires(Permission.AGREEMENTS_EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def export_evidence(request: MemberRequest) -> HttpResponseBase:
    """Ask for the period, the last full month to begin with; then the archive."""
    today = request.membership.partner.today
    form = PeriodForm(request.POST or None, today=today, initial=last_full_month(today))
    if form.is_valid():
        span = Span(request.membership, form.cleaned_data["first"], form.cleaned_data["last"])
        try:
            export = begin(by=actor_of(request, Door.EVIDENCE), span=span)
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            return download(export.stream(), export.name, ZIP_TYPE)
    return render(request, "agreements/evidence/export.html", {"form": form})


@public(reason="Who got an export verifies it without an account; the program holds nothing of anybody.")
@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{PROGRAM}"'}
    return HttpResponse(program(), content_type=PYTHON_TYPE, headers=disposition)
