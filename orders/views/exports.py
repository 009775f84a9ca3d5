"""Export of orders: first what will be in the file, then the file."""

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from customers.list_forms import ExportForm
from orders.exports import LABELS, OrderSheet, codes_of
from orders.listing import Hits, OrderQuery, hits, listed
from orders.pricing import price_day
from orders.querysets import OrderQuerySet
from orders.services import log_export
from orders.views.list_filters import customer_of, in_words
from portal.common.actor import Door
from portal.common.tables import CSV_TYPE, XLSX_TYPE, download, write_csv, write_xlsx
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership, Partner
from portal.partners.permissions import Permission


@requires(Permission.ORDERS_EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: MemberRequest) -> HttpResponseBase:
    """Exactly the orders that the list shows for the question, a row for each of their lines."""
    query = OrderQuery.parse(request.GET)
    found = hits(request.membership, query)
    orders = listed(request.membership, query, found)
    form = ExportForm(request.POST if "format" in request.POST else None, initial={"format": ExportForm.XLSX})
    if form.is_valid():
        return _file(request, query, orders, form.cleaned_data["format"])
    asked = urlencode(query.as_params())
    context = {
        "form": form,
        "filters": _in_words(request.membership, query),
        "found": found or Hits(),
        "count": orders.count(),
        "columns": [LABELS[code] for code in codes_of(request.membership)],
        "back": reverse("orders:list") + (f"?{asked}" if asked else ""),
    }
    return render(request, "orders/export.html", context)


def _file(request: MemberRequest, query: OrderQuery, orders: OrderQuerySet, file_format: str) -> HttpResponseBase:
    member = request.membership
    sheet = OrderSheet(codes_of(member))
    log_export(
        by=actor_of(request, Door.ACCOUNT_INFO),
        partner=member.partner,
        file_format=file_format,
        columns=sheet.codes,
        order_count=orders.count(),
        filters=query.as_stored(),
    )
    rows, name = sheet.rows(orders), f"orders-{price_day()}.{file_format}"
    if file_format == ExportForm.CSV:
        return download(write_csv(sheet.header, rows), name, CSV_TYPE)
    return download(write_xlsx(_("Orders"), sheet.header, rows), name, XLSX_TYPE)


def _in_words(membership: Membership, query: OrderQuery) -> list[tuple[str | Promise, str]]:
    """What the orders are filtered by: (label, value) of each filter."""
    customer = customer_of(membership, query)
    reseller = Partner.objects.resellers_of(membership.partner).filter(tenant_id=query.reseller).first()
    said: list[tuple[str | Promise, str]] = [
        (_("Search"), query.text),
        (_("Status"), str(query.status.label) if query.status else ""),
        (_("Customer"), customer.company_name if customer else _("Unknown") if query.customer else ""),
        (_("Reseller"), reseller.name if reseller else _("Unknown") if query.reseller else ""),
        (_("Placed"), in_words(query)),
    ]
    return [fact for fact in said if fact[1]]
