"""The certificate of a record, for whoever sees the record: agents, the person it names, the company it is about."""

import logging

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements.certificates import certificate_pdf
from agreements.letters import addressed
from agreements.models import Attestation
from agreements.views.answers.answering import about_a_partner, record_of
from agreements.views.answers.cards import Card
from agreements.views.answers.visitors import Visitor, unlisted
from agreements.views.receipts import opened_receipt
from agreements.views.record import FoundRecord, visible_record
from portal.common.languages import FALLBACK
from portal.common.typesetting import NotTypeset
from portal.partners.access import public, requires
from portal.partners.http import MemberRequest, PortalRequest
from portal.partners.permissions import Permission

logger = logging.getLogger(__name__)


@requires(Permission.CUSTOMERS_VIEW, on=visible_record)
@require_safe
def certificate(request: MemberRequest, found: FoundRecord) -> HttpResponse:
    """Of a record that the member sees in full."""
    made = _certificate(request, found.attestation, found.customer.company_name)
    return made or redirect("agreements:record", found.customer.tenant_id, found.attestation.reference)


@public(reason="The receipt's link, kept in the session, is asked for by the view itself.")
@require_safe
def receipt_certificate(request: PortalRequest) -> HttpResponse:
    """Of what was recorded in the name of who opened the receipt's link in this browser."""
    found = opened_receipt(request)
    made = _certificate(request, found.attestation, addressed(found)[0]) if found is not None else None
    return unlisted(made or redirect("agreements:receipt"))


@about_a_partner("GET", "HEAD")
def answer_certificate(request: PortalRequest, visitor: Visitor, card: Card) -> HttpResponse:
    """Of the company's own acceptance: for its administrator, and in the browser in which it was accepted."""
    record = record_of(request, visitor, card)
    made = _certificate(request, record, card.company_name) if record is not None else None
    return made or redirect("agreements:answer_receipt", card.partner.tenant_id)


def _certificate(request: HttpRequest, record: Attestation, company_name: str) -> HttpResponse | None:
    """The PDF, in the language of the page; None where it could not be made, which the next page says."""
    # The same within a second, however often it is asked for.
    now = timezone.now().replace(microsecond=0)
    try:
        pdf = certificate_pdf(record, company_name=company_name, language=get_language() or FALLBACK, made_at=now)
    except NotTypeset:
        logger.error("The certificate of record %s could not be made.", record.reference)
        messages.error(request, _("The certificate could not be made. Try again later, or tell the portal's staff."))
        return None
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="certificate-{record.reference}.pdf"'
    response["Cache-Control"] = "no-store"
    return response
