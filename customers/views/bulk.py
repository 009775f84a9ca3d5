"""One action on the customers that were selected in the list: choose, answer one question, done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from customers import services
from customers.list_forms import AddTagForm, RemoveTagForm, ResellerForm
from customers.models import Customer, Tag
from customers.views.selection import selected_customers, way_back
from customers.views.tags import known_tags
from portal.common.actor import Actor, Door
from portal.common.errors import RuleViolation
from portal.common.forms import PortalForm, show_refusal
from portal.common.refusals import note_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership, Partner
from portal.partners.permissions import Permission

Data = dict[str, str] | None
# Names of customers that the question shows; how many more there are is said.
MOST_NAMED = 10


@dataclass(frozen=True)
class Action:
    """form: (what was typed or None, membership, customers) -> the question; apply: (by, partner, customers, valid
    form) -> what happened, in words.
    """

    title: str | Promise
    form: Callable[[Data, Membership, Sequence[Customer]], PortalForm]
    apply: Callable[[Actor, Partner, Sequence[Customer], PortalForm], str]


def _tags_of(customers: Sequence[Customer]) -> list[Tag]:
    tags = Tag.objects.filter(customer_tags__customer__in=customers)
    return list(tags.distinct().order_by("name_key"))


def _add_tag(by: Actor, partner: Partner, customers: Sequence[Customer], form: PortalForm) -> str:
    name = form.cleaned_data["tag"]
    count = services.add_tag(by=by, partner=partner, customers=customers, name=name)
    said = ngettext("Added to %(count)d customer: %(tag)s.", "Added to %(count)d customers: %(tag)s.", count)
    return said % {"count": count, "tag": name} if count else _("Nothing changed: all of them had this tag already.")


def _remove_tag(by: Actor, partner: Partner, customers: Sequence[Customer], form: PortalForm) -> str:
    tag = form.chosen
    count = services.remove_tag(by=by, partner=partner, customers=customers, tag=tag)
    said = ngettext("Removed from %(count)d customer: %(tag)s.", "Removed from %(count)d customers: %(tag)s.", count)
    return said % {"count": count, "tag": tag.name} if count else _("Nothing changed: none of them had this tag.")


def _set_reseller(by: Actor, partner: Partner, customers: Sequence[Customer], form: PortalForm) -> str:
    count = services.set_reseller(by=by, partner=partner, customers=customers, reseller=form.chosen)
    said = ngettext(
        "The indirect reseller of %(count)d customer is changed.",
        "The indirect reseller of %(count)d customers is changed.",
        count,
    )
    return said % {"count": count} if count else _("Nothing changed: all of them had this reseller already.")


ACTIONS = {
    "add_tag": Action(gettext_lazy("Add tag"), lambda data, member, rows: AddTagForm(data), _add_tag),
    "remove_tag": Action(
        gettext_lazy("Remove tag"), lambda data, member, rows: RemoveTagForm(data, tags=_tags_of(rows)), _remove_tag
    ),
    "set_reseller": Action(
        gettext_lazy("Set indirect reseller"),
        lambda data, member, rows: ResellerForm(data, provider=member.partner),
        _set_reseller,
    ),
}


@requires(Permission.CUSTOMERS_EDIT)
@require_POST
def bulk(request: MemberRequest) -> HttpResponse:
    """First the question of an action, then, with its answer (`step`), the action itself."""
    back, action = way_back(request), ACTIONS.get(request.POST.get("action", ""))
    try:
        customers = list(selected_customers(request).order_by("name_key", "pk"))
        if action is None:
            raise RuleViolation(_("Select customers, then choose what to do with them."))
        if all(customer.removed_at for customer in customers):
            raise RuleViolation(_("The reseller relationship with these customers was removed."))
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, str(refused.message))
        return redirect(back)
    form = action.form(request.POST if "step" in request.POST else None, request.membership, customers)
    if form.is_valid():
        by = actor_of(request, Door.ACCOUNT_INFO)
        try:
            messages.success(request, action.apply(by, request.membership.partner, customers, form))
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            return redirect(back)
    return render(request, "customers/bulk.html", _context(request, action, customers, form))


def _context(
    request: MemberRequest, action: Action, customers: Sequence[Customer], form: PortalForm
) -> dict[str, object]:
    return {
        "form": form,
        "title": action.title,
        "action": request.POST["action"],
        "back": way_back(request),
        "customers": customers,
        "named": customers[:MOST_NAMED],
        "more_count": max(len(customers) - MOST_NAMED, 0),
        "known": known_tags(request.membership),
    }
