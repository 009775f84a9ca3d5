"""Suspend, reactivate and cancel a subscription, each after one look at what it means; auto-renew on and off."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from orders import rules
from orders.forms import SEND_AGAIN
from orders.forms.licences import ReactivateForm, ReasonForm
from orders.models import Subscription, SubscriptionStatus
from orders.refunds import refundable_now
from orders.services import cancel_subscription, reactivate_subscription, set_auto_renew, suspend_subscription
from orders.views.subscriptions import visible_subscription
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.refusals import note_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@dataclass(frozen=True)
class Command:
    """name: of its URL and template; leads_to: the status that the subscription has afterwards."""

    name: str
    form_class: type[ReasonForm | ReactivateForm]
    service: Callable[..., Subscription]
    leads_to: SubscriptionStatus
    done: Promise


SUSPEND = Command(
    "suspend", ReasonForm, suspend_subscription, SubscriptionStatus.SUSPENDED, gettext_lazy("%(title)s is suspended.")
)
REACTIVATE = Command(
    "reactivate",
    ReactivateForm,
    reactivate_subscription,
    SubscriptionStatus.ACTIVE,
    gettext_lazy("%(title)s is active again."),
)
CANCEL = Command(
    "cancel", ReasonForm, cancel_subscription, SubscriptionStatus.DELETED, gettext_lazy("%(title)s is cancelled.")
)


@requires(Permission.ORDERS_CHANGE_LICENCES, on=visible_subscription)
@require_http_methods(["GET", "HEAD", "POST"])
def suspend(request: MemberRequest, subscription: Subscription) -> HttpResponse:
    """Ask once, then stop it."""
    return _ask_or_do(request, subscription, SUSPEND)


@requires(Permission.ORDERS_CHANGE_LICENCES, on=visible_subscription)
@require_http_methods(["GET", "HEAD", "POST"])
def reactivate(request: MemberRequest, subscription: Subscription) -> HttpResponse:
    """Ask once, then let it run again."""
    return _ask_or_do(request, subscription, REACTIVATE)


@requires(Permission.ORDERS_CHANGE_LICENCES, on=visible_subscription)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: MemberRequest, subscription: Subscription) -> HttpResponse:
    """Ask once, then end it; or say why that cannot be done any more."""
    return _ask_or_do(request, subscription, CANCEL)


def _ask_or_do(request: MemberRequest, subscription: Subscription, command: Command) -> HttpResponse:
    back = _way_back(request, subscription)
    form = command.form_class(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            command.service(by=actor_of(request, Door.ORDER), subscription=subscription, **form.cleaned_data)
        except RuleViolation as refused:
            note_refusal(refused)
            messages.error(request, str(refused.message))
        else:
            messages.success(request, command.done % {"title": subscription.title})
        return redirect(back)
    context = {
        "subscription": subscription,
        "customer": subscription.customer,
        "form": form,
        "back": back,
        "add_ons": _add_ons_along(subscription, command),
        "why_not": _why_cannot_cancel(subscription) if command is CANCEL else None,
    }
    return render(request, f"orders/{command.name}.html", context)


def _way_back(request: MemberRequest, subscription: Subscription) -> str:
    """To where the command was given: whoever removes a relationship suspends one subscription after the other."""
    pages = {"remove": "customers:remove", "account": "customers:account"}
    came_from = pages.get(request.GET.get("back", ""))
    if came_from is not None:
        return reverse(came_from, args=[subscription.customer.tenant_id])
    return reverse("orders:subscription", args=[subscription.pk])


def _add_ons_along(subscription: Subscription, command: Command) -> list[Subscription]:
    """Its add-ons that go the same way; of a reactivation, those that may."""
    add_ons = Subscription.objects.filter(parent=subscription).for_panel()
    return [each for each in add_ons if rules.may_go(each.status, command.leads_to)]


def _why_cannot_cancel(subscription: Subscription) -> str | Promise | None:
    return rules.why_cannot_cancel(
        status=subscription.status,
        quantity=subscription.quantity,
        refundable=refundable_now(subscription),
        is_sandbox=subscription.customer.partner.is_sandbox,
    )


@requires(Permission.ORDERS_CHANGE_LICENCES, on=visible_subscription)
@require_POST
def auto_renew(request: MemberRequest, subscription: Subscription) -> HttpResponse:
    """Whether it goes on when its term ends."""
    is_on = {"on": True, "off": False}.get(request.POST.get("auto_renew", ""))
    try:
        if is_on is None:
            raise RuleViolation(SEND_AGAIN)
        set_auto_renew(by=actor_of(request, Door.ORDER), subscription=subscription, is_on=is_on)
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Auto-renew is on.") if is_on else _("Auto-renew is off."))
    return redirect("orders:subscription", subscription.pk)
