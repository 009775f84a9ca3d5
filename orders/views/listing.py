"""The list of orders: search, filters, and what they come to per month."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from orders.forms import PlacedForm
from orders.listing import OrderQuery, hits, parts
from orders.month_totals import series
from orders.pricing import price_day
from orders.views.list_filters import Links, active, customer_of, menus
from orders.views.month_chart import month_chart
from orders.views.order_rows import draw_rows, with_columns
from portal.common.keyset import tiered_page
from portal.partners.access import requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@requires(Permission.ORDERS_VIEW)
@require_safe
def order_list(request: MemberRequest) -> HttpResponse:
    """Newest first; what was searched for by number comes before what its customers bought."""
    query = OrderQuery.parse(request.GET)
    found = hits(request.membership, query)
    rows = [with_columns(part) for part in parts(request.membership, query, found)]
    page = tiered_page(request, rows, field="placed_at", public="number", descending=True)
    links = Links(query, request.GET.get("currency", ""))
    days = {"placed_from", "placed_to"} & request.GET.keys()
    context = {
        "page": page,
        "rows": draw_rows(page.rows),
        "found": found,
        "query": query,
        "links": links,
        "customer": customer_of(request.membership, query),
        "form": PlacedForm(request.GET if days else None),
        "menus": menus(request.membership, query, links),
        "active": list(active(request.membership, query, links)),
        **_totals(request, query, links),
    }
    return render(request, "orders/list.html", context)


def _totals(request: MemberRequest, query: OrderQuery, links: Links) -> dict[str, Any]:
    """The chart, on the first page only: further ones are read for their rows."""
    if {"before", "after"} & request.GET.keys():
        return {}
    totals = series(request.membership, query, currency=links.currency, today=price_day())
    return {"chart": month_chart(totals, links) if totals else None, "is_first": True}


@requires(Permission.ORDERS_VIEW)
@require_POST
def search(request: MemberRequest) -> HttpResponse:
    """What is searched for is posted, so that it stands in no address but sealed."""
    query = OrderQuery.parse(request.POST).changed(text=request.POST.get("q", ""))
    asked = Links(query, request.POST.get("currency", "")).params
    return redirect(reverse("orders:list", query=asked))
