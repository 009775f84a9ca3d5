"""Review and submit, and the prompt that comes in between for an unconfirmed customer (seeds 000, 002, 003)."""

import uuid
from collections.abc import Sequence
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.forms import AcceptanceForm
from agreements.models import AgreementTemplate, Attestation, Invitation
from agreements.services import Clearance, require_acceptance
from agreements.steps import acceptance_form, is_recorded, open_approval, primary_contact, sent_form
from customers.models import Customer
from orders.checking import checked_cart, differences, said_lines
from orders.forms import SubmitOrderForm, as_reviewed
from orders.models import Cart, Order, OrderLine
from orders.pricing import Seen, total
from orders.services import confirm_in_order, place_order
from orders.views.carts import own_cart
from portal.common.actor import Door
from portal.common.errors import AcceptanceRequired, RuleViolation
from portal.common.forms import show_refusal, validation_answer
from portal.common.refusals import note_refusal
from portal.jobs.services import SubmissionConflict
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import PartnerKind
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
    if request.method != "POST":
        return _review_page(request, cart, SubmitOrderForm(statement=partner_on_record(cart.customer)))
    form = SubmitOrderForm(request.POST, statement=partner_on_record(cart.customer))
    earlier = ""
    if form.is_valid():
        try:
            order = place_order(by=actor_of(request, Door.ORDER), cart=cart, **form.cleaned_data)
        except AcceptanceRequired as refused:
            note_refusal(refused)
            return redirect("orders:agreement", cart.pk)
        except SubmissionConflict as refused:
            earlier = refused.earlier
            show_refusal(form, refused)
        except RuleViolation as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Order %(number)s is placed.") % {"number": order.number})
            return redirect("orders:order", order.number)
    return _review_page(request, cart, form, earlier)


def _review_page(request: MemberRequest, cart: Cart, form: SubmitOrderForm, earlier: str = "") -> HttpResponse:
    """earlier: the number of the order for which the form's key was used before; then it comes with a new key."""
    order = Order.objects.filter(cart=cart).first()
    if order is not None:
        return _ordered_page(request, cart, order, form)
    lines = checked_cart(cart)
    if not lines:
        messages.warning(request, _("The cart is empty. Add a product first."))
        return redirect("orders:cart", cart.pk)
    clearance = clearance_of(cart.customer)
    if clearance is None:
        return redirect("orders:agreement", cart.pk)
    context = {
        "cart": cart,
        "lines": lines,
        "differences": differences(_said(form), lines) if form.is_bound else [],
        "is_blocked": any(each.why_not for each in lines),
        "total": total(lines),
        "currency": lines[0].line.availability.currency,
        "clearance": clearance,
        "sees_person": request.membership.can(Permission.AGREEMENTS_VIEW_RECORDS),
        "form": form,
        "earlier": _order_lines(Order.objects.visible_to(request.membership).filter(number=earlier).first()),
        "submit_key": _usable_key(form, earlier) or uuid.uuid4().hex,
        "reviewed": as_reviewed(lines),
    }
    return render(request, "orders/review.html", context)


def _ordered_page(request: MemberRequest, cart: Cart, order: Order, form: SubmitOrderForm) -> HttpResponse:
    """The order; both versions where this submit says something else than the cart was ordered with."""
    if not form.is_bound or not form.non_field_errors():
        if form.is_bound:
            messages.warning(request, _("This cart was ordered already."))
        return redirect("orders:order", order.number)
    context = {"cart": cart, "earlier": _order_lines(order), "said": said_lines(_said(form)), "form": form}
    return render(request, "orders/ordered_already.html", context)


def _usable_key(form: SubmitOrderForm, earlier: str) -> str:
    return form.cleaned_data.get("submit_key", "") if form.is_bound and not earlier else ""


def _said(form: SubmitOrderForm) -> Sequence[Seen]:
    return form.cleaned_data.get("reviewed") or ()


def _order_lines(order: Order | None) -> tuple[Order, list[OrderLine]] | None:
    return (order, list(order.lines.order_by("number"))) if order else None


def partner_on_record(customer: Customer) -> str:
    """The statement that an order needs: as what the partner acts in it (facts 3.3)."""
    partner, reseller = customer.partner, customer.reseller
    words = {
        "partner": partner.name,
        "customer": customer.company_name,
        "reseller": reseller.name if reseller else "",
    }
    if partner.kind == PartnerKind.DIRECT_BILL:
        text = _(
            "I confirm that %(partner)s acts as a direct-bill partner in this order: it sells to %(customer)s itself."
        )
    elif reseller is not None:
        text = _(
            "I confirm that %(partner)s acts as an indirect provider in this order, "
            "with %(reseller)s as the indirect reseller."
        )
    else:
        text = _(
            "I confirm that %(partner)s acts as an indirect provider in this order, without an indirect reseller."
        )
    return text % words


@requires(Permission.AGREEMENTS_CONFIRM, on=own_cart)
@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: MemberRequest, cart: Cart) -> HttpResponse:
    """The prompt: the same questions as on Account info; afterwards the agent is back in the same order."""
    customer, back = cart.customer, reverse("orders:review", args=[cart.pk])
    clearance = clearance_of(customer)
    if cart.order is not None or clearance is not None:
        # A second click, or a colleague who was faster: the prompt has done what it is for.
        if clearance is not None and clearance.acceptance is not None:
            _say_what_was_not_recorded(request, customer, clearance.acceptance)
        return redirect(back)
    form = sent_form(request, customer=customer, form_class=AcceptanceForm)
    if answer := validation_answer(request, form):
        return answer
    in_order = partial(confirm_in_order, cart=cart)
    told = _("The acceptance is recorded. Your order is as you left it.")
    if form.is_valid() and is_recorded(request, customer, form, in_order, door=Door.ORDER_PROMPT, told=told):
        return redirect(back)
    return _prompt_page(request, cart, form)


def _say_what_was_not_recorded(request: MemberRequest, customer: Customer, recorded: Attestation) -> None:
    """Both versions in words, where something else was sent than what is on record by now."""
    form = acceptance_form(request.POST or None, customer=customer, form_class=AcceptanceForm)
    if not form.is_valid():
        return
    sent = form.acceptance(primary_contact(customer))
    person = getattr(recorded, "person", None)
    name = person.full_name if person else _("someone whose data was erased")
    other = f"{sent.person.first_name} {sent.person.last_name}"
    if (other, sent.agreed_on) == (name, recorded.agreed_on):
        return
    text = _(
        "An acceptance is on record already: by %(name)s on %(day)s. What you sent was not recorded: by %(other)s on "
        "%(other_day)s. If the record is wrong, correct it under Account info."
    )
    words = {"name": name, "day": date_format(recorded.agreed_on)}
    messages.warning(request, text % {**words, "other": other, "other_day": date_format(sent.agreed_on)})


def _prompt_page(request: MemberRequest, cart: Cart, form: AcceptanceForm) -> HttpResponse:
    context = {
        "cart": cart,
        "form": form,
        "submit_key": request.POST.get("submit_key") or uuid.uuid4().hex,
        "template": AgreementTemplate.objects.in_force(on=form.today) if form.today else None,
        "invitation": Invitation.objects.visible_to(request.membership).of_customer(cart.customer).open().first(),
        "waiting": open_approval(request.membership, cart.customer),
    }
    return render(request, "orders/agreement.html", context)
