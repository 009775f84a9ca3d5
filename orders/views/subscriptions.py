"""Suspend a subscription, and reactivate it: each after one look at what it means."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orders.models import Subscription
from orders.services import reactivate_subscription, suspend_subscription
from orders.views.licences import visible_subscription
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@requires(Permission.ORDERS_CHANGE_LICENCES, on=visible_subscription)
@require_http_methods(["GET", "HEAD", "POST"])
def suspend(request: MemberRequest, subscription: Subscription) -> HttpResponse:
    """Ask once, then stop it."""
    done = _("%(title)s is suspended.") % {"title": subscription.title}
    return _ask_or_do(request, subscription, suspend_subscription, done, "orders/suspend.html")


@requires(Permission.ORDERS_CHANGE_LICENCES, on=visible_subscription)
@require_http_methods(["GET", "HEAD", "POST"])
def reactivate(request: MemberRequest, subscription: Subscription) -> HttpResponse:
    """Ask once, then let it run again."""
    done = _("%(title)s is active again.") % {"title": subscription.title}
    return _ask_or_do(request, subscription, reactivate_subscription, done, "orders/reactivate.html")


def _ask_or_do(
    request: MemberRequest, subscription: Subscription, service: Callable[..., object], done: str, template: str
) -> HttpResponse:
    customer = subscription.customer
    # Whoever is about to remove the relationship suspends one subscription after the other.
    came_from = "customers:remove" if request.GET.get("back") == "remove" else "customers:account"
    back = reverse(came_from, args=[customer.tenant_id])
    if request.method != "POST":
        return render(request, template, {"subscription": subscription, "customer": customer, "back": back})
    try:
        service(by=actor_of(request, Door.ORDER), subscription=subscription)
    except RuleViolation as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, done)
    return redirect(back)
