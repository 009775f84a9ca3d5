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
from orders.forms import LicenceCountForm
from orders.models import LicenceChange, Subscription
from orders.services import change_licence_count
from orders.views.orders import visible_records
from orders.views.placing import clearance_of
from portal.common.actor import Door
from portal.common.errors import AcceptanceRequired, RuleViolation
from portal.common.forms import show_refusal
from portal.jobs.services import SubmissionConflict
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission


def visible_subscription(membership: Membership, subscription_id: uuid.UUID) -> Subscription | None:
    return Subscription.objects.visible_to(membership).with_line().filter(pk=subscription_id).first()


@requires(Permission.ORDERS_CHANGE_LICENCES, on=visible_subscription)
@require_http_methods(["GET", "HEAD", "POST"])
def licence_count(request: MemberRequest, subscription: Subscription) -> HttpResponse:
    """Set the licence count. Without an acceptance nothing changes and the typed count waits."""
    here = request.path
    form = LicenceCountForm(request.POST) if request.method == "POST" else _fresh_form(request)
    if form.is_valid():
        try:
            change = change_licence_count(
                by=actor_of(request, Door.ORDER), subscription=subscription, **form.cleaned_data
            )
        except SubmissionConflict as refused:
            messages.error(request, str(refused.message))
            return redirect(f"{here}?{urlencode({'quantity': form.cleaned_data['quantity']})}")
        except AcceptanceRequired:
            messages.error(request, _("Nothing was changed: no acceptance of the customer counts at present."))
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            counts = {"before": change.from_quantity, "after": change.to_quantity}
            messages.success(request, _("The licence count is changed from %(before)d to %(after)d.") % counts)
            return redirect(here)
    return _page(request, subscription, form)


def _fresh_form(request: MemberRequest) -> LicenceCountForm:
    # Back from confirming the acceptance, the count that was typed is in the query.
    return LicenceCountForm(initial={"quantity": request.GET.get("quantity", ""), "submit_key": uuid.uuid4().hex})


def _page(request: MemberRequest, subscription: Subscription, form: LicenceCountForm) -> HttpResponse:
    customer = subscription.customer
    changes = list(LicenceChange.objects.filter(subscription=subscription).select_related("acceptance"))
    typed = form["quantity"].value() or ""
    way_back = f"{request.path}?{urlencode({'quantity': typed})}"
    stale_before = AgreementTemplate.objects.stale_before(today=customer.partner.today)
    confirm = reverse("agreements:confirm", args=[customer.tenant_id])
    context = {
        "subscription": subscription,
        "customer": customer,
        "form": form,
        "is_cleared": clearance_of(customer) is not None,
        "renewal": renewal_of(customer, stale_before=stale_before),
        "confirm_url": f"{confirm}?{urlencode({'next': way_back})}",
        "changes": changes,
        "records": visible_records(request.membership, [change.acceptance_id for change in changes]),
    }
    return render(request, "orders/licences.html", context)
