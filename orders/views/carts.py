"""New order: choosing the customer, filling the cart, throwing it away."""

import uuid

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agreements.models import AgreementTemplate
from agreements.panels import TONES
from customers.listing import ListQuery, tiers
from customers.models import Customer
from customers.rules import STANDING_LABELS, Standing
from orders.models import Cart, CartStage, Order
from orders.services import LinesRefused, discard_cart, fill_cart, order_again, start_cart
from orders.views.catalog import CartPage
from portal.common.actor import Door
from portal.common.errors import NotFound, RuleViolation
from portal.common.forms import show_refusal
from portal.common.ids import parse_uuid
from portal.common.keyset import tiered_page
from portal.common.refusals import note_refusal
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission

CUSTOMERS_A_PAGE = 20
OPEN_CARTS = 10


def own_cart(membership: Membership, cart_id: uuid.UUID) -> Cart | None:
    return Cart.objects.visible_to(membership).with_customer().filter(pk=cart_id).first()


@requires(Permission.ORDERS_PLACE)
@require_http_methods(["GET", "HEAD", "POST"])
def order_new(request: MemberRequest) -> HttpResponse:
    """Whom the order is for. Opening the page writes nothing."""
    customers = Customer.objects.visible_to(request.membership)
    wanted = parse_uuid((request.POST or request.GET).get("customer", ""))
    # The service says why nothing is ordered any more once a relationship has ended.
    chosen = (customers if request.method == "POST" else customers.active()).find(wanted) if wanted else None
    if request.method == "POST":
        if chosen is None:
            raise NotFound(_("There is no such customer here."))
        return redirect("orders:cart", start_cart(by=actor_of(request, Door.ORDER), customer=chosen).pk)
    query = ListQuery(text=ListQuery.parse(request.GET).text)
    stale_before = AgreementTemplate.objects.stale_before(today=timezone.localdate())
    parts = tiers(request.membership, query, stale_before=stale_before)
    found = [part.with_account().with_standing(stale_before=stale_before) for part in parts]
    page = tiered_page(request, found, field="name_key", public="tenant_id", size=CUSTOMERS_A_PAGE)
    open_carts = Cart.objects.visible_to(request.membership).unfinished()
    context = {
        "chosen": chosen,
        "rows": [(each, *_shown(Standing(each.standing))) for each in page.rows],
        "page": page,
        "search": query.text,
        "open_carts": open_carts.with_customer().annotate(line_count=Count("lines"))[:OPEN_CARTS],
    }
    return render(request, "orders/new.html", context)


def _shown(standing: Standing) -> tuple[str | Promise, str]:
    return STANDING_LABELS[standing], TONES[standing]


@requires(Permission.ORDERS_PLACE, on=own_cart)
@require_http_methods(["GET", "HEAD", "POST"])
def cart(request: MemberRequest, cart: Cart) -> HttpResponse:
    """The catalog in the customer's market, and what is in the cart. Every button keeps everything typed."""
    page = CartPage(request, cart)
    if cart.order is not None:
        return _ordered_already(page, cart.order)
    if request.method == "POST" and page.form.is_valid() and _is_kept(page):
        return redirect(_next_page(page))
    return render(request, "orders/cart.html", page.context())


def _is_kept(page: CartPage) -> bool:
    """Whether the service took what was typed; a refusal is shown in the form."""
    form, request = page.form, page.request
    wanted, number = form.wanted(), form.new_purchase_order_number()
    goes_on = "continue" in request.POST and bool(form.content())
    try:
        fill_cart(
            by=actor_of(request, Door.ORDER),
            cart=page.cart,
            quantities=wanted,
            purchase_order_number=number,
            stage=CartStage.REVIEW if goes_on else CartStage.FILLING,
        )
    except LinesRefused as refused:
        form.show_refusals(refused.refusals)
    except RuleViolation as refused:
        show_refusal(form, refused)
    else:
        if wanted or number is not None:
            messages.success(request, _("The cart is updated."))
    return not form.errors


def _next_page(page: CartPage) -> str:
    """Review when asked for, else the catalog as it is asked for."""
    if "continue" in page.request.POST:
        if page.form.content():
            return reverse("orders:review", args=[page.cart.pk])
        messages.warning(page.request, _("The cart is empty. Add a product first."))
    return page.next_address()


def _ordered_already(page: CartPage, order: Order) -> HttpResponse:
    """The cart's order; what was typed otherwise since, on a page from before it, is put into a new cart."""
    request, form = page.request, page.form
    its_page = redirect("orders:order", order.number)
    if request.method != "POST":
        return its_page
    if not form.is_valid() or not (form.is_news() or "again" in request.POST):
        messages.warning(request, _("This cart was ordered already."))
        return its_page
    number = form.cleaned_data["purchase_order_number"] or None
    try:
        again = order_again(
            by=actor_of(request, Door.ORDER), ordered=page.cart, quantities=form.said(), purchase_order_number=number
        )
    except RuleViolation as refused:
        note_refusal(refused)
        messages.error(request, str(refused.message))
        return its_page
    text = _("This cart was ordered already, as order %(number)s. What you typed since is in a new cart: check it.")
    messages.warning(request, text % {"number": order.number})
    return redirect("orders:cart", again.pk)


@requires(Permission.ORDERS_PLACE, on=own_cart)
@require_POST
def discard(request: MemberRequest, cart: Cart) -> HttpResponse:
    """Throw the cart away; an ordered one shows its order instead."""
    if cart.order is not None:
        return redirect("orders:order", cart.order.number)
    discard_cart(by=actor_of(request, Door.ORDER), cart=cart)
    messages.success(request, _("The cart for %(customer)s is discarded.") % {"customer": cart.customer})
    return redirect("orders:list")
