"""The list of customers: search, filters, columns, saved views."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.listing import ListQuery
from customers.models import SavedView
from customers.services import choose_columns, delete_view, save_view
from customers.view_forms import SaveViewForm
from customers.views.list_page import list_context
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission


@requires(Permission.CUSTOMERS_VIEW)
@require_safe
def customer_list(request: MemberRequest) -> HttpResponse:
    return render(request, "customers/list.html", list_context(request))


@requires(Permission.CUSTOMERS_VIEW)
@require_POST
def search(request: MemberRequest) -> HttpResponse:
    """What is searched for is posted, so that it stands in no address but sealed; the best match comes first."""
    query = ListQuery.parse(request.POST).changed(text=request.POST.get("q", ""), sort="", descending=False)
    page = "orders:new" if request.POST.get("for") == "order" else "customers:list"
    return redirect(reverse(page, query=query.as_params()))


@requires(Permission.CUSTOMERS_VIEW)
@require_POST
def columns(request: MemberRequest) -> HttpResponse:
    chosen = [] if "reset" in request.POST else request.POST.getlist("column")
    choose_columns(by=actor_of(request, Door.SETTINGS), partner=request.membership.partner, columns=chosen)
    return redirect(reverse("customers:list", query=ListQuery.parse(request.POST).as_params()))


@requires(Permission.CUSTOMERS_VIEW)
@require_POST
def new_view(request: MemberRequest) -> HttpResponse:
    """Save the list as it is shown: its question and its columns."""
    query, form = ListQuery.parse(request.POST), SaveViewForm(request.POST)
    shown = request.POST.getlist("column")
    if form.is_valid():
        try:
            view_id = save_view(
                by=actor_of(request, Door.SETTINGS),
                partner=request.membership.partner,
                name=form.cleaned_data["name"],
                filters=query.as_stored(),
                columns=shown,
                submit_key=request.POST.get("submit_key", ""),
            )
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("The view is saved."))
            return redirect("customers:view", view_id)
    keeps = query.as_params()
    back = reverse("customers:list", query=keeps)
    context = {"form": form, "keeps": keeps, "shown": shown, "back": back, "submit_key": uuid.uuid4().hex}
    return render(request, "customers/list_save_view.html", context)


def own_view(membership: Membership, view_id: uuid.UUID) -> SavedView | None:
    return SavedView.objects.visible_to(membership).filter(pk=view_id).first()


@requires(Permission.CUSTOMERS_VIEW, on=own_view)
@require_safe
def view(request: MemberRequest, view: SavedView) -> HttpResponse:
    """Open a saved view: the list, asked what was saved."""
    asked: dict[str, Any] = ListQuery.from_stored(view.filters).as_params()
    return redirect(reverse("customers:list", query={**asked, "view": view.pk}))


@requires(Permission.CUSTOMERS_VIEW, on=own_view)
@require_http_methods(["GET", "HEAD", "POST"])
def remove_view(request: MemberRequest, view: SavedView) -> HttpResponse:
    """Delete a saved view, once that is confirmed."""
    if request.method == "POST":
        delete_view(by=actor_of(request, Door.SETTINGS), view=view)
        messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view.name})
        return redirect("customers:list")
    return render(request, "customers/list_delete_view.html", {"view": view})
