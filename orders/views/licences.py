"""The licence count of a subscription: up and down, gated, with its history."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.models import AgreementTemplate
from agreements.steps import renewal_of
from orders import rules
from orders.forms import LicenceCountForm
from orders.models import ChangeReason, Subscription, SubscriptionEventKind
from orders.refunds import refundable_now
from orders.services import change_licence_count
from orders.views.histories import history_of
from orders.views.placing import clearance_of
from orders.views.subscriptions import visible_subscription
from portal.common.actor import Door
from portal.common.errors import AcceptanceRequired, RuleViolation
from portal.common.forms import show_refusal
from portal.common.refusals import note_refusal
from portal.jobs.services import SubmissionConflict
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


@requires(Permission.ORDERS_CHANGE_LICENCES, on=visible_subscription)
@require_http_methods(["GET", "HEAD", "POST"])
def licence_count(request: MemberRequest, subscription: Subscription) -> HttpResponse:
    """Set the licence count. Without an acceptance nothing changes and what was typed waits."""
    form = LicenceCountForm(request.POST) if request.method == "POST" else _fresh_form(request)
    if form.is_valid():
        try:
            change = change_licence_count(
                by=actor_of(request, Door.ORDER), subscription=subscription, **form.cleaned_data
            )
        except SubmissionConflict as refused:
            note_refusal(refused)
            messages.error(request, str(refused.message))
            return redirect(_with_typed(request, form))
        except AcceptanceRequired as refused:
            note_refusal(refused)
            messages.error(request, _("Nothing was changed: no acceptance of the customer counts at present."))
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            counts = {"before": change.from_quantity, "after": change.to_quantity}
            messages.success(request, _("The licence count is changed from %(before)d to %(after)d.") % counts)
            return redirect(request.path)
    return _page(request, subscription, form)


def _fresh_form(request: MemberRequest) -> LicenceCountForm:
    # Back from confirming the acceptance, what was typed is in the query.
    reason = request.GET.get("reason", ChangeReason.CUSTOMER_ASKED)
    typed = {"quantity": request.GET.get("quantity", ""), "reason": reason}
    return LicenceCountForm(initial={**typed, "submit_key": uuid.uuid4().hex})


def _with_typed(request: MemberRequest, form: LicenceCountForm) -> str:
    typed = {"quantity": form["quantity"].value() or "", "reason": form["reason"].value() or ""}
    return f"{request.path}?{urlencode(typed)}"


def _page(request: MemberRequest, subscription: Subscription, form: LicenceCountForm) -> HttpResponse:
    customer, refundable = subscription.customer, refundable_now(subscription)
    lowest, highest = rules.licence_range(
        subscription.order_line.sku,
        current=subscription.quantity,
        refundable=refundable,
        is_sandbox=customer.partner.is_sandbox,
    )
    stale_before = AgreementTemplate.objects.stale_before(today=customer.partner.today)
    confirm = reverse("agreements:confirm", args=[customer.tenant_id])
    changes = {"kind": SubscriptionEventKind.LICENCES_CHANGED}
    context = {
        "subscription": subscription,
        "customer": customer,
        "form": form,
        "refundable": refundable,
        "lowest": lowest,
        "highest": highest,
        "is_cleared": clearance_of(customer) is not None,
        "renewal": renewal_of(customer, stale_before=stale_before),
        "confirm_url": f"{confirm}?{urlencode({'next': _with_typed(request, form)})}",
        "history": history_of(request, subscription, request.membership, **changes),
    }
    return render(request, "orders/licences.html", context)
