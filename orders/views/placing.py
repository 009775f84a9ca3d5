"""Review and submit, and the prompt that comes in between for an unconfirmed customer (seeds 000, 002, 003)."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.forms import AcceptanceForm
from agreements.models import AgreementTemplate
from agreements.services import Clearance, confirm_acceptance, require_acceptance
from agreements.steps import acceptance_form, is_recorded
from customers.models import Customer
from orders.forms import SubmitOrderForm, as_reviewed
from orders.models import Cart
from orders.services import place_order
from orders.views.carts import own_cart
from portal.common.actor import Door
from portal.common.errors import AcceptanceRequired, RuleViolation
from portal.common.forms import show_refusal, validation_answer
from portal.jobs.services import SubmissionConflict
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.permissions import Permission


def clearance_of(customer: Customer) -> Clearance | None:
    """What an order could rely on now, or None: for showing. The service decides again under its lock."""
    try:
        return require_acceptance(customer=customer)
    except AcceptanceRequired:
        return None


@requires(Permission.ORDERS_PLACE, on=own_cart)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: MemberRequest, cart: Cart) -> HttpResponse:
    """Everything that is about to be ordered, and the acceptance that allows it."""
    if cart.order is not None:
        return redirect("orders:order", cart.order.number)
    form = SubmitOrderForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        try:
            order = place_order(by=actor_of(request, Door.ORDER), cart=cart, **form.cleaned_data)
        except AcceptanceRequired:
            return redirect("orders:agreement", cart.pk)
        except SubmissionConflict as refused:
            messages.error(request, str(refused.message))
            return redirect("orders:review", cart.pk)
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Order %(number)s is placed.") % {"number": order.number})
            return redirect("orders:order", order.number)
    return _review_page(request, cart, form)


def _review_page(request: MemberRequest, cart: Cart, refused: SubmitOrderForm | None) -> HttpResponse:
    lines = list(cart.lines.select_related("price__sku__product"))
    if not lines:
        messages.warning(request, _("The cart is empty. Add a product first."))
        return redirect("orders:cart", cart.pk)
    clearance = clearance_of(cart.customer)
    if clearance is None:
        return redirect("orders:agreement", cart.pk)
    context = {
        "cart": cart,
        "lines": lines,
        "total": sum(line.amount for line in lines),
        "currency": lines[0].price.currency,
        "clearance": clearance,
        "sees_person": request.membership.can(Permission.AGREEMENTS_VIEW_RECORDS),
        "form": refused,
        "submit_key": (refused and refused.cleaned_data.get("submit_key")) or uuid.uuid4().hex,
        "reviewed": as_reviewed(lines),
    }
    return render(request, "orders/review.html", context)


@requires(Permission.AGREEMENTS_CONFIRM, on=own_cart)
@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: MemberRequest, cart: Cart) -> HttpResponse:
    """The prompt: the same questions as on Account info; afterwards the agent is back in the same order."""
    customer, back = cart.customer, reverse("orders:review", args=[cart.pk])
    if clearance_of(customer) is not None:
        # A second click, or a colleague who was faster: the prompt has done what it is for.
        return redirect(back)
    form = acceptance_form(request.POST or None, customer=customer, form_class=AcceptanceForm)
    if answer := validation_answer(request, form):
        return answer
    if form.is_valid() and is_recorded(request, customer, form, confirm_acceptance, door=Door.ORDER_PROMPT):
        messages.success(request, _("The acceptance is recorded. Your order is as you left it."))
        return redirect(back)
    return _prompt_page(request, cart, form)


def _prompt_page(request: MemberRequest, cart: Cart, form: AcceptanceForm) -> HttpResponse:
    context = {
        "cart": cart,
        "form": form,
        "submit_key": request.POST.get("submit_key") or uuid.uuid4().hex,
        "template": AgreementTemplate.objects.in_force(on=form.today) if form.today else None,
    }
    return render(request, "orders/agreement.html", context)
