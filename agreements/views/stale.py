"""The records that a new version of the agreement makes stale: a list, and a file of it."""

from collections.abc import Iterator
from datetime import UTC

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agreements.models import AgreementTemplate, Method
from agreements.panels import TONES
from agreements.services import log_stale_export
from agreements.stale import COUNTED, StaleRecord, affected_customers, every_stale_record, renewals, stale_records
from customers.rules import STANDING_LABELS, standing
from portal.common.actor import Door
from portal.common.keyset import keyset_page
from portal.common.tables import CSV_TYPE, Cell, download, write_csv
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Partner
from portal.partners.permissions import Permission


@requires(Permission.AGREEMENTS_VIEW_RECORDS)
@require_safe
def stale(request: MemberRequest) -> HttpResponse:
    """What has to be renewed because of one version, by customer; the newest such version unless one is chosen."""
    versions = renewals()
    template = _chosen(versions, request.GET.get("effective", ""))
    context = {"versions": versions, "template": template, "rows": []}
    if template is not None:
        partner = request.membership.partner
        customers = affected_customers(request.membership, template)
        page = keyset_page(request, customers.with_account(), field="name_key", public="tenant_id")
        count = customers.order_by()[: COUNTED + 1].count()
        rows = stale_records(page.rows, template, versions)
        context |= {
            "page": page,
            "rows": _with_standing(rows, partner),
            "count": min(count, COUNTED),
            "is_more": count > COUNTED,
            "is_enforced": template.renewal_enforced_on <= partner.today,
        }
    return render(request, "agreements/stale.html", context)


@requires(Permission.AGREEMENTS_EXPORT)
@require_POST
def export_stale(request: MemberRequest) -> HttpResponseBase:
    """All of the list, as CSV."""
    versions = renewals()
    template = _chosen(versions, request.POST.get("effective", ""))
    if template is None:
        return redirect("agreements:stale")
    member = request.membership
    customers = affected_customers(member, template)
    by = actor_of(request, Door.ACCOUNT_INFO)
    log_stale_export(by=by, partner=member.partner, template=template, customer_count=customers.count())
    rows = _cells(every_stale_record(customers, template, versions))
    return download(write_csv(_header(), rows), f"to-renew-{template.effective_on}.csv", CSV_TYPE)


def _chosen(versions: list[AgreementTemplate], effective: str) -> AgreementTemplate | None:
    """The version that takes effect on this day, which names it; else the newest. None where there is none."""
    try:
        day = parse_date(effective)
    except ValueError:
        day = None
    return next((each for each in versions if each.effective_on == day), versions[0] if versions else None)


def _with_standing(rows: list[StaleRecord], partner: Partner) -> list[tuple[StaleRecord, str, str | Promise]]:
    """Each with the tone and the word of its customer's standing today: another record may still cover it."""
    stale_before = AgreementTemplate.objects.stale_before(today=partner.today)
    found = []
    for row in rows:
        where = standing(row.customer, has_agreement=partner.has_agreement, stale_before=stale_before)
        found.append((row, TONES[where], STANDING_LABELS[where]))
    return found


def _header() -> list[str]:
    return [
        _("Customer"),
        _("Domain"),
        _("Microsoft ID"),
        _("Agreement acceptance date"),
        _("Version"),
        _("Acceptance method"),
        _("Acceptance record"),
        _("Recorded at (UTC)"),
        _("Recorded by"),
        _("Stale from"),
    ]


def _cells(records: Iterator[StaleRecord]) -> Iterator[list[Cell]]:
    """What is said in words is looked up now: while the file leaves, the request's language is no longer in force."""
    methods, customers_own = {str(code): str(label) for code, label in Method.choices}, _("the customer")

    def cells() -> Iterator[list[Cell]]:
        for each in records:
            record, customer = each.record, each.customer
            yield [
                customer.company_name,
                customer.tenant.domain,
                str(customer.tenant_id),
                record.agreed_on,
                record.document.template.version,
                methods[record.method],
                str(record.reference),
                record.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                record.recorded_by or customers_own,
                each.since,
            ]

    return cells()
