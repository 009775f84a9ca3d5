"""The files of a record: handed out as they are, and added later."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements.evidence_forms import AddEvidenceForm
from agreements.evidence_store import open_stored
from agreements.models import Attestation, Evidence
from agreements.receiving import receive_files
from agreements.services import add_evidence as add_to_record
from agreements.services import permission_to_withdraw
from agreements.views.record import FoundRecord, visible_record
from portal.common.actor import Door
from portal.common.errors import NotPermitted, RuleViolation
from portal.common.forms import show_refusal
from portal.partners.access import actor_of, check, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission


def visible_file(
    membership: Membership, customer_id: uuid.UUID, reference: uuid.UUID, public_id: uuid.UUID
) -> Evidence | None:
    found = visible_record(membership, customer_id, reference)
    if found is None:
        return None
    files = Evidence.objects.visible_to(membership).select_related("partner", "attestation")
    return files.filter(attestation=found.attestation, public_id=public_id).first()


@requires(Permission.CUSTOMERS_VIEW, on=visible_file)
@require_safe
def evidence_file(request: MemberRequest, file: Evidence) -> HttpResponseBase:
    """The bytes as they were sent, always as an attachment: whatever is in them never runs in the portal's origin."""
    try:
        content = open_stored(file.partner.tenant_id, file.sha256)
    except FileNotFoundError:
        back = {"customer_id": file.tenant_id, "reference": file.attestation.reference}
        context = {"name": file.name, "sha256": file.sha256, "record": back}
        return render(request, "agreements/file_missing.html", context, status=404)
    response = FileResponse(content, as_attachment=True, filename=file.name, content_type="application/octet-stream")
    response["Content-Length"] = str(file.size)
    response["ETag"] = f'"{file.sha256}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def why_nothing_added(membership: Membership, attestation: Attestation) -> str:
    """Why no file is put to this record, whoever asks; "" where one may."""
    if attestation.partner_id != membership.partner_id:
        return _("This is the customer's own record; nobody adds a file to it.")
    if not hasattr(attestation, "person"):
        return _("The person of this record was erased; nothing is added to it any more.")
    return ""


@requires(Permission.CUSTOMERS_VIEW, on=visible_record)
@require_http_methods(["GET", "HEAD", "POST"])
def add_evidence(request: MemberRequest, found: FoundRecord) -> HttpResponse:
    """More proof of the same acceptance, by whoever may make such a record."""
    check(request.membership, permission_to_withdraw(found.attestation))
    if reason := why_nothing_added(request.membership, found.attestation):
        raise NotPermitted(reason)
    sent = receive_files(request, "evidence")
    form = AddEvidenceForm(sent.data or None, member=request.membership)
    sent.tell(request, form, "evidence")
    if form.is_valid() and _is_added(request, found, form):
        messages.success(request, _("The files are on the record."))
        return redirect("agreements:record", found.customer.tenant_id, found.attestation.reference)
    context: dict[str, Any] = {
        "form": form,
        "customer": found.customer,
        "record": found.attestation,
        "submit_key": request.POST.get("submit_key") or uuid.uuid4().hex,
    }
    return render(request, "agreements/add_evidence.html", context)


def _is_added(request: MemberRequest, found: FoundRecord, form: AddEvidenceForm) -> bool:
    try:
        add_to_record(
            by=actor_of(request, Door.ACCOUNT_INFO),
            customer=found.customer,
            attestation=found.attestation,
            evidence=form.cleaned_data["evidence"].ids,
            submit_key=request.POST.get("submit_key", ""),
        )
    except RuleViolation as refused:
        show_refusal(form, refused)
        return False
    return True
