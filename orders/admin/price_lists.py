"""Importing a price list: upload it, watch it being read, look at what is bad, decide, see what became of it."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.models import PriceList, PriceListStatus
from orders.price_lists.columns import find_columns
from orders.price_lists.report import bad_rows_table
from orders.price_lists.work import MAX_ROWS, queue_work
from orders.services import begin_price_list, refuse_price_list, upload_price_list
from orders.services.price_lists import RUNNING
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal
from portal.common.keyset import keyset_page
from portal.common.refusals import note_refusal
from portal.common.staff import ViewOnlyAdmin
from portal.common.table_uploads import TableUpload, shown_name
from portal.common.tables import CSV_TYPE, Table, download, write_csv
from portal.common.uploads import was_too_large
from portal.partners.admin import staff_actor


class UploadForm(TableUpload):
    """A price list. Whether it is one is seen from its content, not from its name."""

    file = forms.FileField(
        label=gettext_lazy("Price list"),
        help_text=gettext_lazy(
            "The licence-based price list as downloaded from Partner Center: CSV or Excel workbook (.xlsx), at most "
            "30 MB. Columns may stand in any order. Nothing changes until you have seen the check and decided."
        ),
        max_length=1000,
    )
    is_again = forms.BooleanField(
        label=gettext_lazy("Import it even if the same file was imported before"), required=False
    )
    submit_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    max_rows = MAX_ROWS
    too_large = gettext_lazy(
        "The file is larger than 30 MB. Split it, or use the command import_price_list on the server."
    )
    no_rows = gettext_lazy("The file has no rows below the columns' names. Put the prices there.")

    def check_table(self, table: Table) -> None:
        """It has the columns of a price list."""
        find_columns(table.header)


@admin.register(PriceList)
class PriceListAdmin(ViewOnlyAdmin):
    """Adding is uploading; changing is deciding what becomes of it."""

    list_display = ("file_name", "status", "read_count", "bad_count", "new_count", "changed_count", "uploaded_at")
    list_filter = ("status",)
    search_fields = ("file_name", "uploaded_by_name")
    ordering = ("-uploaded_at", "-id")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def may_decide(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_change_permission(self, request)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if object_id is None:
            return self._upload(request)
        price_list = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, price_list):
            raise PermissionDenied
        if price_list is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method == "POST":
            return self._decide(request, price_list)
        if request.GET.get("as") == "csv":
            return self._bad_rows(price_list)
        return self._show(request, price_list)

    def _upload(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        is_sent = request.method == "POST"
        form = UploadForm(
            request.POST if is_sent else None,
            request.FILES if is_sent else None,
            initial={"submit_key": uuid.uuid4().hex},
            is_too_large=was_too_large(request),
        )
        if form.is_valid() and (price_list := self._stored(request, form)):
            return redirect("admin:orders_pricelist_change", price_list.pk)
        return self._page(request, "upload", {"form": form, "title": _("Import price list")})

    def _stored(self, request: HttpRequest, form: UploadForm) -> PriceList | None:
        """The list that this upload makes or made; a refusal is shown in the form."""
        said = form.cleaned_data
        try:
            return upload_price_list(
                by=staff_actor(request),
                file=said["file"],
                file_name=shown_name(said["file"]),
                submit_key=said["submit_key"] or uuid.uuid4().hex,
                queue=queue_work,
                is_again=said["is_again"],
            )
        except RuleViolation as refused:
            show_refusal(form, refused)
            return None

    def _decide(self, request: HttpRequest, price_list: PriceList) -> HttpResponse:
        if not self.may_decide(request):
            raise PermissionDenied
        try:
            if request.POST.get("decision") == "import":
                begin_price_list(by=staff_actor(request), price_list=price_list, queue=queue_work)
            elif request.POST.get("decision") == "refuse":
                refuse_price_list(by=staff_actor(request), price_list=price_list)
        except RuleViolation as refused:
            note_refusal(refused)
            self.message_user(request, str(refused.message), messages.ERROR)
        return redirect("admin:orders_pricelist_change", price_list.pk)

    def _bad_rows(self, price_list: PriceList) -> StreamingHttpResponse:
        header, rows = bad_rows_table(price_list)
        return download(write_csv(header, rows), "bad-rows.csv", CSV_TYPE)

    def _show(self, request: HttpRequest, price_list: PriceList) -> HttpResponse:
        places = [request.GET.get(way, "") for way in ("before", "after")]
        if any(place and not (place.isascii() and place.isdecimal() and len(place) < 9) for place in places):
            return redirect("admin:orders_pricelist_change", price_list.pk)
        context: dict[str, Any] = {"price_list": price_list, "title": price_list.file_name}
        context["is_running"] = price_list.status in RUNNING
        if not context["is_running"]:
            bad = price_list.rows.filter(is_good=False)
            context["page"] = keyset_page(request, bad, field="number", public="number")
            context["good_count"] = price_list.rows.filter(is_good=True).count()
            # Whoever adds the counts up finds what was said twice.
            context["repeated_count"] = price_list.read_count - context["good_count"] - price_list.bad_count
            context["may_decide"] = price_list.status == PriceListStatus.CHECKED and self.may_decide(request)
        return self._page(request, "state", context)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> TemplateResponse:
        shown = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/orders/price_list_{name}.html", shown)
