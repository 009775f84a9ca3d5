"""Import: upload a sheet, say what its columns are, look at the check, import, see what became of each row."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agreements.tasks import queue_step
from customers.imports import (
    MappingForm,
    UploadForm,
    as_mapped,
    known_columns,
    rows_to_correct,
    shown_rows,
)
from customers.models import CustomerImport, ImportStatus, RowStatus
from customers.services import begin_import, discard_import, map_import, upload_import
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal
from portal.common.keyset import keyset_page
from portal.common.refusals import note_refusal
from portal.common.table_uploads import shown_name
from portal.common.tables import CSV_TYPE, XLSX_TYPE, download, write_csv, write_xlsx
from portal.common.uploads import was_too_large
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission

RUNNING = (ImportStatus.CHECKING, ImportStatus.COMMITTING)
TONES = {
    ImportStatus.UPLOADED: "neutral",
    ImportStatus.CHECKING: "info",
    ImportStatus.CHECKED: "warn",
    ImportStatus.COMMITTING: "info",
    ImportStatus.DONE: "ok",
    ImportStatus.FAILED: "bad",
}
# What a row can be at each stage, the one to look at first.
BEFORE = (RowStatus.WRONG, RowStatus.VALID, RowStatus.KNOWN)
AFTER = (RowStatus.WRONG, RowStatus.CREATED, RowStatus.KNOWN, RowStatus.VALID)


def visible_import(membership: Membership, import_id: uuid.UUID) -> CustomerImport | None:
    imports = CustomerImport.objects.visible_to(membership).select_related("partner", "owner")
    return imports.filter(pk=import_id).first()


@requires(Permission.CUSTOMERS_IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: MemberRequest) -> HttpResponse:
    """Earlier imports, and the form for the next one."""
    is_sent = request.method == "POST"
    form = UploadForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        is_too_large=was_too_large(request),
    )
    if is_sent and form.is_valid() and (sheet := _upload(request, form)):
        return redirect("customers:import_mapping", sheet.pk)
    found = CustomerImport.objects.visible_to(request.membership).select_related("owner")
    page = keyset_page(request, found, field="created_at", public="id", descending=True, size=20)
    context = {
        "form": form,
        "page": page,
        "rows": [(sheet, TONES[ImportStatus(sheet.status)]) for sheet in page.rows],
        "submit_key": uuid.uuid4().hex,
        "groups": known_columns(request.membership.partner),
    }
    return render(request, "customers/imports/list.html", context)


@requires(Permission.CUSTOMERS_IMPORT)
@require_safe
def template(request: MemberRequest) -> StreamingHttpResponse:
    """An empty sheet with every column that import knows."""
    header = [name for _group, names in known_columns(request.membership.partner) for name in names]
    if request.GET.get("as") == "xlsx":
        return download(write_xlsx(_("Customers"), header, []), "customers-to-import.xlsx", XLSX_TYPE)
    return download(write_csv(header, []), "customers-to-import.csv", CSV_TYPE)


def _upload(request: MemberRequest, form: UploadForm) -> CustomerImport | None:
    """The import that this upload makes or made; a refusal is shown in the form."""
    file = form.cleaned_data["file"]
    try:
        return upload_import(
            by=actor_of(request, Door.ACCOUNT_INFO),
            partner=request.membership.partner,
            file=file,
            file_name=shown_name(file),
            header=form.header,
            first_rows=form.first_rows,
            submit_key=request.POST.get("submit_key", ""),
        )
    except RuleViolation as refused:
        show_refusal(form, refused)
        return None


@requires(Permission.CUSTOMERS_IMPORT, on=visible_import)
@require_http_methods(["GET", "HEAD", "POST"])
def mapping(request: MemberRequest, sheet: CustomerImport) -> HttpResponse:
    """What the columns are."""
    if sheet.committed_at is not None:
        return redirect("customers:import", sheet.pk)
    form = MappingForm(
        request.POST if request.method == "POST" else None,
        header=sheet.header,
        partner=sheet.partner,
        initial=as_mapped(sheet),
    )
    if form.is_valid():
        by, said = actor_of(request, Door.ACCOUNT_INFO), form.cleaned_data["country"]
        try:
            map_import(by=by, sheet=sheet, mapping=form.mapping, country=said, queue=queue_step)
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            return redirect("customers:import", sheet.pk)
    first = list(sheet.rows.order_by("number")[:5])
    samples = [[row.cells[n] for row in first if row.cells[n : n + 1] != [""]] for n in range(len(sheet.header))]
    columns = zip(form.column_fields, samples, strict=True)
    return render(request, "customers/imports/mapping.html", {"sheet": sheet, "form": form, "columns": columns})


@requires(Permission.CUSTOMERS_IMPORT, on=visible_import)
@require_safe
def import_page(request: MemberRequest, sheet: CustomerImport) -> HttpResponse:
    """Progress while the portal works, what the check found, what became of each row."""
    if sheet.status == ImportStatus.UPLOADED:
        return redirect("customers:import_mapping", sheet.pk)
    if not has_place(request):
        return redirect("customers:import", sheet.pk)
    context: dict[str, Any] = {"sheet": sheet, "is_running": sheet.status in RUNNING, **_progress(sheet)}
    if not context["is_running"]:
        context |= _rows(request, sheet)
    return render(request, "customers/imports/import.html", context)


def has_place(request: MemberRequest) -> bool:
    """Whether the page asked for begins at a row's number, or at the first row."""
    places = [request.GET.get(way, "") for way in ("before", "after")]
    return all(not place or (place.isascii() and place.isdecimal() and len(place) < 9) for place in places)


def _progress(sheet: CustomerImport) -> dict[str, int]:
    """How much of how much; no total while the file is being read."""
    if sheet.status == ImportStatus.COMMITTING:
        return {"done": sheet.done_count, "total": sheet.valid_count}
    return {"done": sheet.checked_count, "total": sheet.read_count if sheet.is_read else 0}


def _rows(request: MemberRequest, sheet: CustomerImport) -> dict[str, Any]:
    """The rows of one kind, page by page, with how many there are of each kind."""
    counted = dict(sheet.rows.order_by().values_list("status").annotate(Count("pk")))
    kinds = AFTER if sheet.committed_at else BEFORE
    filters = [(kind.value, kind.label, counted[kind]) for kind in kinds if kind in counted]
    chosen = request.GET.get("status", "")
    if chosen not in {code for code, _label, _count in filters}:
        chosen = filters[0][0] if filters else ""
    rows = sheet.rows.filter(status=chosen).select_related("customer__tenant")
    page = keyset_page(request, rows, field="number", public="number")
    return {
        "page": page,
        "rows": shown_rows(sheet, page.rows),
        "filters": filters,
        "chosen": chosen,
        "wrong_count": counted.get(RowStatus.WRONG, 0),
        "known_count": counted.get(RowStatus.KNOWN, 0),
        "left_count": sheet.valid_count - sheet.done_count,
        "submit_key": uuid.uuid4().hex,
    }


@requires(Permission.CUSTOMERS_IMPORT, on=visible_import)
@require_POST
def commit(request: MemberRequest, sheet: CustomerImport) -> HttpResponse:
    by, key = actor_of(request, Door.ACCOUNT_INFO), request.POST.get("submit_key", "")
    try:
        begin_import(by=by, sheet=sheet, submit_key=key, queue=queue_step)
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, str(refused.message))
    return redirect("customers:import", sheet.pk)


@requires(Permission.CUSTOMERS_IMPORT, on=visible_import)
@require_POST
def discard(request: MemberRequest, sheet: CustomerImport) -> HttpResponse:
    try:
        discard_import(by=actor_of(request, Door.ACCOUNT_INFO), sheet=sheet)
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, str(refused.message))
        return redirect("customers:import", sheet.pk)
    messages.success(request, _("The import is discarded; the file and its rows are removed."))
    return redirect("customers:imports")


@requires(Permission.CUSTOMERS_IMPORT, on=visible_import)
@require_safe
def to_correct(request: MemberRequest, sheet: CustomerImport) -> StreamingHttpResponse:
    """The rows that cannot be imported, as a sheet to correct and upload again."""
    header, rows = rows_to_correct(sheet)
    if request.GET.get("as") == "xlsx":
        title = _("Rows to correct")
        return download(write_xlsx(title, header, rows), "rows-to-correct.xlsx", XLSX_TYPE)
    return download(write_csv(header, rows), "rows-to-correct.csv", CSV_TYPE)
