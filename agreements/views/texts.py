"""The agreement's texts, readable by every member."""

import uuid

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_countries import countries as all_countries

from agreements.models import AgreementDocument, AgreementTemplate
from portal.partners.access import requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission


@requires(Permission.AGREEMENTS_VIEW_TEMPLATES)
@require_safe
def template_list(request: MemberRequest) -> HttpResponse:
    """Every version of every type, newest first; one country's documents at a time, the partner's own first.

    A country without documents of its own is shown those of the US, which apply there (facts 1.5).
    """
    documents = AgreementDocument.objects.select_related("template")
    countries = sorted({d.country for d in documents}, key=lambda country: str(country.name))
    asked = request.GET.get("country") or str(request.membership.partner.country)
    has_own = any(country.code == asked for country in countries)
    context = {
        "templates": AgreementTemplate.objects.prefetch_related("documents"),
        "countries": countries,
        "chosen": asked if has_own else "US",
        "without_own": "" if has_own else all_countries.name(asked),
    }
    return render(request, "agreements/templates.html", context)


def any_document(membership: Membership, document_id: uuid.UUID) -> AgreementDocument | None:
    """The texts are the same for every partner."""
    return AgreementDocument.objects.select_related("template").filter(public_id=document_id).first()


@requires(Permission.AGREEMENTS_VIEW_TEMPLATES, on=any_document)
@require_safe
def document(request: MemberRequest, found: AgreementDocument) -> HttpResponseBase:
    try:
        return as_attachment(found)
    except FileNotFoundError:
        context = {"name": str(found), "sha256": found.sha256}
        return render(request, "agreements/file_missing.html", context, status=404)


def as_attachment(found: AgreementDocument) -> FileResponse:
    """The file, always as an attachment: it is staff's upload and never runs in the portal's origin.

    Raises FileNotFoundError where it is gone.
    """
    name = f"{found.template.type}-{found.template.version}-{found.country}-{found.language}"
    suffix = found.file.name.rpartition(".")[2]
    response = FileResponse(
        found.file.open(), as_attachment=True, filename=f"{name}.{suffix}", content_type="application/octet-stream"
    )
    response["Content-Language"] = found.language
    return response
