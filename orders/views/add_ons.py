"""Buying an add-on for a subscription: into the agent's open cart, where the order goes on."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orders.forms.add_ons import AddOnForm
from orders.models import Cart, Subscription, SubscriptionStatus
from orders.pricing import price_day
from orders.services import Item, LinesRefused, put_add_on
from orders.views.subscriptions import add_ons_sold, visible_subscription
from portal.common.actor import Door
from portal.common.errors import RuleViolation
from portal.common.forms import show_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission

MOST_OFFERS = 200


@requires(Permission.ORDERS_PLACE, on=visible_subscription)
@require_http_methods(["GET", "HEAD", "POST"])
def add_on(request: MemberRequest, subscription: Subscription) -> HttpResponse:
    """Choose an add-on with its term, billing plan and licences."""
    sold = list(add_ons_sold(subscription).with_prices(on=price_day())[:MOST_OFFERS])
    form = AddOnForm(request.POST if request.method == "POST" else None, sold=sold, wanted=request.GET.get("sku", ""))
    cart = _put_into_cart(request, subscription, form) if form.is_valid() else None
    if cart is not None:
        words = {"licences": form.cleaned_data["quantity"], "product": form.chosen.sku.title}
        messages.success(request, _("In the cart: %(licences)d × %(product)s.") % words)
        return redirect("orders:cart", cart.pk)
    context = {
        "subscription": subscription,
        "customer": subscription.customer,
        "form": form,
        "is_sold": bool(sold) and subscription.status == SubscriptionStatus.ACTIVE,
    }
    return render(request, "orders/add_on.html", context)


def _put_into_cart(request: MemberRequest, subscription: Subscription, form: AddOnForm) -> Cart | None:
    by, item = actor_of(request, Door.ORDER), Item(form.chosen, subscription)
    try:
        return put_add_on(by=by, item=item, quantity=form.cleaned_data["quantity"])
    except LinesRefused as refused:
        form.add_error("quantity", str(refused.refusals[item]))
    except RuleViolation as refused:
        show_refusal(form, refused)
    return None
