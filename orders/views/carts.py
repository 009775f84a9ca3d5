"""New order: choosing the customer, filling the cart, throwing it away."""

import uuid

from django.contrib import messages
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
from orders.forms import CartForm, cart_form
from orders.models import Cart, Price
from orders.services import LinesRefused, discard_cart, set_lines, start_cart
from portal.common.actor import Door
from portal.common.errors import NotFound, RuleViolation
from portal.common.forms import show_refusal
from portal.common.ids import parse_uuid
from portal.common.keyset import tiered_page
from portal.partners.access import actor_of, requires
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission

CUSTOMERS_A_PAGE = 20
OPEN_CARTS = 10


def own_cart(membership: Membership, cart_id: uuid.UUID) -> Cart | None:
    return Cart.objects.visible_to(membership).with_customer().filter(pk=cart_id).first()


def searched_for(request: MemberRequest) -> str:
    """What the search box holds, without the NUL that PostgreSQL cannot compare."""
    return request.GET.get("q", "").replace("\x00", "").strip()


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
    context = {
        "chosen": chosen,
        "rows": [(each, *_shown(Standing(each.standing))) for each in page.rows],
        "page": page,
        "search": query.text,
        "open_carts": Cart.objects.visible_to(request.membership).unfinished().with_customer()[:OPEN_CARTS],
    }
    return render(request, "orders/new.html", context)


def _shown(standing: Standing) -> tuple[str | Promise, str]:
    return STANDING_LABELS[standing], TONES[standing]


@requires(Permission.ORDERS_PLACE, on=own_cart)
@require_http_methods(["GET", "HEAD", "POST"])
def cart(request: MemberRequest, cart: Cart) -> HttpResponse:
    """The catalog in the customer's market, and what is in the cart. Every button keeps everything typed."""
    if cart.order is not None:
        return redirect("orders:order", cart.order.number)
    search = searched_for(request)
    form = cart_form(request.POST if request.method == "POST" else None, cart=cart, search=search)
    if form.is_valid() and _put_into_cart(request, cart, form):
        return redirect(_next_page(request, cart))
    context = {
        "cart": cart,
        "form": form,
        "search": search,
        "total": sum(line.amount for line in form.lines),
        "currency": form.lines[0].price.currency if form.lines else "",
        "is_sold_here": bool(form.prices or form.lines) or Price.objects.sold_to(cart.customer).exists(),
    }
    return render(request, "orders/cart.html", context)


def _put_into_cart(request: MemberRequest, cart: Cart, form: CartForm) -> bool:
    wanted = form.wanted()
    try:
        if wanted:
            set_lines(by=actor_of(request, Door.ORDER), cart=cart, quantities=wanted)
            messages.success(request, _("The cart is updated."))
    except LinesRefused as refused:
        form.show_refusals(refused.refusals)
    except RuleViolation as refused:
        show_refusal(form, refused)
    return not form.errors


def _next_page(request: MemberRequest, cart: Cart) -> str:
    """Review when asked for, else the same page with the same search."""
    if "continue" in request.POST:
        if cart.lines.exists():
            return reverse("orders:review", args=[cart.pk])
        messages.warning(request, _("The cart is empty. Add a product first."))
    return request.get_full_path()


@requires(Permission.ORDERS_PLACE, on=own_cart)
@require_POST
def discard(request: MemberRequest, cart: Cart) -> HttpResponse:
    """Throw the cart away; an ordered one shows its order instead."""
    if cart.order is not None:
        return redirect("orders:order", cart.order.number)
    discard_cart(by=actor_of(request, Door.ORDER), cart=cart)
    messages.success(request, _("The cart for %(customer)s is discarded.") % {"customer": cart.customer})
    return redirect("orders:list")
