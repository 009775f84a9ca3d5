"""What the page of the list needs, put together for the question in its address."""

import uuid
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import formats, timezone

from agreements.models import AgreementTemplate
from customers import search_index
from customers.facets import Facets, count_facets
from customers.kept import kept_for
from customers.listing import COLUMNS, Column, ListQuery, Relationship, reach, tiers
from customers.models import Customer
from customers.services.lists import LIVE
from customers.views.list_menus import Links, headings, menus
from customers.views.list_rows import Cells, with_columns
from portal.common.keyset import PAGE_SIZE, Page, tiered_page
from portal.partners.http import MemberRequest


def list_context(request: MemberRequest) -> dict[str, Any]:
    """The context of customers/list.html."""
    membership = request.membership
    stale_before = AgreementTemplate.objects.stale_before(today=membership.partner.today)
    query, kept, view_id = ListQuery.parse(request.GET), kept_for(membership), request.GET.get("view", "")
    opened, columns = kept.opened(view_id), kept.shown_columns(view_id)
    within = reach(membership, query)
    facets = count_facets(membership, query, stale_before=stale_before, within=within, kept=kept.counts)
    page = _page(request, query, columns, facets, stale_before=stale_before, within=within)
    links = Links(query, str(opened.id) if opened else "")
    return {
        "page": page,
        "rows": Cells(membership, columns, stale_before=stale_before).rows(page.rows),
        "headings": headings(columns, query, links),
        "views": kept.views,
        "opened": opened,
        "menus": list(menus(membership, query, facets, links)),
        "links": links,
        "bound": search_index.BOUND if within else 0,
        **_said(query, columns, facets),
    }


def _page(
    request: MemberRequest,
    query: ListQuery,
    columns: list[Column],
    facets: Facets,
    *,
    stale_before: date | None,
    within: Q,
) -> Page[Customer]:
    """A few hits, which counting has found already, are sorted at once; many are walked part by part."""
    membership, is_first = request.membership, not {"before", "after"} & request.GET.keys()
    if query.is_best_first and is_first and facets.found is not None and len(facets.found) <= PAGE_SIZE:
        few = Customer.objects.visible_to(membership).filter(pk__in=facets.found).best_first(query.text)
        return Page(list(with_columns(few, columns, membership)), "", "")
    found = tiers(membership, query, stale_before=stale_before, within=within)
    parts = [with_columns(part, columns, membership) for part in found]
    return tiered_page(request, parts, field=query.sort_field, public="tenant_id", descending=query.descending)


def _said(query: ListQuery, columns: list[Column], facets: Facets) -> dict[str, Any]:
    """What the page says of the question and its numbers, and what its forms carry."""
    return {
        "query": query,
        "keeps": query.as_params(),
        "is_removed": query.relationship == Relationship.REMOVED,
        "is_narrowed": query.is_filtered or bool(query.text),
        "columns": [(column, column in columns) for column in COLUMNS.values()],
        "submit_key": uuid.uuid4().hex,
        "facets": facets,
        "live": LIVE,
        "counted_time": _time(facets.counted_at) if facets.counted_at else "",
    }


def _time(moment: datetime) -> str:
    """The time on the partner's clock, with the day unless it is today's."""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localdate()
    return formats.date_format(local, "TIME_FORMAT" if is_today else "DATETIME_FORMAT")
