"""Export: first what will be in the file, then the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_countries import countries

from agreements.models import AgreementTemplate
from customers.exports import LABELS, CustomerSheet, codes_of
from customers.kept import kept_for
from customers.list_forms import ExportForm
from customers.listing import ListQuery, Relationship, listed
from customers.models import Tag
from customers.querysets import CustomerQuerySet
from customers.rules import STANDING_LABELS
from customers.services import log_export
from customers.views.selection import selected_customers, way_back
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.refusals import note_refusal
from portal.common.tables import CSV_TYPE, XLSX_TYPE, download, write_csv, write_xlsx
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership, Partner
from portal.partners.permissions import Permission

Fact = tuple[str | Promise, str]


@dataclass(frozen=True)
class Wanted:
    """Which customers: those that were selected (ids), else those that the list shows for the query."""

    rows: CustomerQuerySet
    query: ListQuery
    ids: list[UUID]


def _wanted(request: MemberRequest) -> Wanted:
    """Raises RuleViolation and Http404 for what was selected."""
    if "customer" in request.POST or "selected" in request.POST:
        rows = selected_customers(request)
        return Wanted(rows, ListQuery(), list(rows.order_by("pk").values_list("tenant_id", flat=True)))
    query = ListQuery.parse(request.GET)
    return Wanted(listed(request.membership, query, stale_before=_stale_before(request)), query, [])


def _stale_before(request: MemberRequest) -> date | None:
    return AgreementTemplate.objects.stale_before(today=request.membership.partner.today)


@requires(Permission.CUSTOMERS_EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: MemberRequest) -> HttpResponseBase:
    """Exactly the filtered or selected customers, with the columns of the list."""
    try:
        wanted = _wanted(request)
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, str(refused.message))
        return redirect(way_back(request))
    codes = codes_of(request.membership, kept_for(request.membership).shown_columns(request.GET.get("view", "")))
    form = ExportForm(request.POST if "format" in request.POST else None, initial={"format": ExportForm.XLSX})
    if form.is_valid():
        return _file(request, wanted, codes, form.cleaned_data["format"])
    context = {
        "form": form,
        "filters": _in_words(request.membership, wanted.query),
        "ids": wanted.ids,
        "count": wanted.rows.count(),
        "columns": [LABELS[code] for code in codes],
        "back": way_back(request) if wanted.ids else _list_of(wanted.query),
    }
    return render(request, "customers/export.html", context)


def _file(request: MemberRequest, wanted: Wanted, codes: Sequence[str], file_format: str) -> HttpResponseBase:
    member = request.membership
    sheet = CustomerSheet(member, codes, stale_before=_stale_before(request))
    log_export(
        by=actor_of(request, Door.ACCOUNT_INFO),
        partner=member.partner,
        file_format=file_format,
        columns=codes,
        row_count=wanted.rows.count(),
        filters=wanted.query.as_stored(),
        selected=wanted.ids,
    )
    rows, name = sheet.rows(wanted.rows), f"customers-{member.partner.today}.{file_format}"
    if file_format == ExportForm.CSV:
        return download(write_csv(sheet.header, rows), name, CSV_TYPE)
    return download(write_xlsx(_("Customers"), sheet.header, rows), name, XLSX_TYPE)


def _list_of(query: ListQuery) -> str:
    asked = urlencode(query.as_params())
    return reverse("customers:list") + (f"?{asked}" if asked else "")


def _in_words(membership: Membership, query: ListQuery) -> list[Fact]:
    """What the customers are filtered by: (label, value) of each filter."""
    reseller = Partner.objects.resellers_of(membership.partner).filter(tenant_id=query.reseller).first()
    tag = Tag.objects.visible_to(membership).filter(public_id=query.tag).first()
    said: list[Fact] = [
        (_("Search"), query.text),
        (_("Agreement"), str(STANDING_LABELS[query.standing]) if query.standing else ""),
        (_("Country"), str(dict(countries).get(query.country, ""))),
        (_("Reseller"), reseller.name if reseller else ""),
        (_("Tag"), tag.name if tag else ""),
        (_("Relationship"), _("Removed") if query.relationship == Relationship.REMOVED else ""),
    ]
    return [fact for fact in said if fact[1]]
