"""Invoices: an honest empty collection. Microsoft invoices partners; the portal does not."""

from decimal import Decimal
from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router

from portal.api.v1.access import needs
from portal.api.v1.answers import answer, collection, out
from portal.api.v1.billing.schemas import Invoice, InvoiceSummary
from portal.api.v1.callers import ApiRequest
from portal.api.v1.faults import NOT_THERE, Fault
from portal.api.v1.wire import Collection, link
from portal.partners.permissions import Permission

router = Router(tags=["Invoices"])
SUMMARY = "/invoices/summary"


@router.get("/invoices", response=out(Collection[Invoice]), operation_id="listInvoices")
@needs(Permission.PARTNER_VIEW)
def list_invoices(
    request: ApiRequest, size: Annotated[int, Query(ge=0)] = 0, offset: Annotated[int, Query(ge=0)] = 0
) -> HttpResponse:
    """None: the portal issues no invoices."""
    nothing: list[Invoice] = []
    return answer(collection(nothing, self_uri=f"/invoices?size={size}&offset={offset}"))


@router.get(SUMMARY, response=out(InvoiceSummary), operation_id="getInvoiceSummary")
@needs(Permission.PARTNER_VIEW)
def get_summary(request: ApiRequest) -> HttpResponse:
    """Nothing is owed to the portal."""
    return answer(InvoiceSummary(balance_amount=Decimal(0), links={"self": link(SUMMARY)}))


@router.get("/invoices/summaries", response=out(Collection[InvoiceSummary]), operation_id="listInvoiceSummaries")
@needs(Permission.PARTNER_VIEW)
def list_summaries(request: ApiRequest) -> HttpResponse:
    """None: a summary for each currency that was invoiced."""
    nothing: list[InvoiceSummary] = []
    return answer(collection(nothing, self_uri="/invoices/summaries"))


@router.get("/invoices/{invoice_id}", response=out(Invoice), operation_id="getInvoice")
@needs(Permission.PARTNER_VIEW)
def get_invoice(request: ApiRequest, invoice_id: str) -> HttpResponse:
    """Always 404: the portal issues no invoices."""
    raise Fault(404, NOT_THERE, "There is no such invoice.")
