"""The end of a relationship: in production it is removed, in the sandbox the customer is deleted."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from customers.forms_account import RemoveForm
from customers.models import Customer
from customers.services import RelationshipEnded
from customers.views.accounts import visible_customer
from customers.views.editing import is_over
from orders.models import Subscription
from orders.services import remove_customer
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Environment, Membership
from portal.partners.permissions import Permission

MOST_SHOWN = 50


def removable_customer(membership: Membership, customer_id: uuid.UUID) -> Customer | None:
    """Also one that the partner deleted, so that the second of two clicks is answered like the first."""
    own = Customer.objects.filter(partner_id=membership.partner_id, deleted_at__isnull=False)
    return visible_customer(membership, customer_id) or own.find(customer_id)


@requires(Permission.CUSTOMERS_REMOVE, on=removable_customer)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: MemberRequest, customer: Customer) -> HttpResponse:
    """Say what it means, and do it."""
    form = RemoveForm(request.POST or None)
    if customer.deleted_at is not None and not form.is_valid():
        raise Http404
    if is_over(request, customer):
        return redirect("customers:account", customer.tenant_id)
    if form.is_valid():
        by, key = actor_of(request, Door.ACCOUNT_INFO), request.POST.get("submit_key", "")
        try:
            removed = remove_customer(by=by, customer=customer, submit_key=key)
        except RelationshipEnded as refused:
            if customer.deleted_at is not None:
                raise Http404 from None
            show_refusal(form, refused)
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _removed_words(removed))
            return redirect("customers:list")
    return _page(request, customer, form)


def _removed_words(customer: Customer) -> str:
    words = {"name": customer.company_name}
    if customer.deleted_at is not None:
        return _("%(name)s is deleted.") % words
    return _("The reseller relationship with %(name)s is removed.") % words


def _page(request: MemberRequest, customer: Customer, form: RemoveForm) -> HttpResponse:
    running = Subscription.objects.running(customer)
    is_sandbox = customer.partner.environment == Environment.SANDBOX
    running_count = running.count()
    context = {
        "customer": customer,
        "form": form,
        "is_sandbox": is_sandbox,
        "running": running.with_line().order_by("title", "started_at", "id")[:MOST_SHOWN],
        "running_count": running_count,
        "unlisted_count": max(running_count - MOST_SHOWN, 0),
        "is_open": is_sandbox or not running_count,
        "may_suspend": request.membership.can(Permission.ORDERS_CHANGE_LICENCES),
        "submit_key": request.POST.get("submit_key") or uuid.uuid4().hex,
    }
    return render(request, "customers/remove.html", context)
