"""Carts: filled, looked at, changed and checked out."""

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from customers.models import Customer
from orders.api_lines import CartItem, judge
from orders.models import ApiCart
from orders.services import change_api_cart, check_out, open_api_cart
from portal.api.v1.access import needs
from portal.api.v1.answers import answer, out
from portal.api.v1.callers import ApiRequest
from portal.api.v1.carts.checkout import CheckoutOut
from portal.api.v1.carts.codes import CART_NOT_FOUND
from portal.api.v1.carts.mapping import cart_out, checkout_out, items_of
from portal.api.v1.carts.schemas import CartIn, CartOut
from portal.api.v1.faults import Fault
from portal.api.v1.fetching import customer_of
from portal.partners.permissions import Permission

router = Router(tags=["Carts"])

ALL, ONE = "/customers/{customer_id}/carts", "/customers/{customer_id}/carts/{cart_id}"


def cart_of(request: ApiRequest, customer: Customer, cart_id: UUID) -> ApiCart:
    """The cart; 404/800008 where there is none that the caller sees, and after its seven days."""
    rows = ApiCart.objects.visible_to(request.caller.membership).lasting(at=timezone.now())
    found = rows.filter(customer=customer, pk=cart_id).first()
    if found is None:
        raise Fault(404, CART_NOT_FOUND, "There is no such cart, or its seven days are over. Create a new one.")
    found.customer = customer
    return found


def _told(cart: ApiCart, status: int = 200) -> HttpResponse:
    items = [CartItem.from_json(each) for each in cart.lines]
    return answer(cart_out(cart, judge(cart.customer, items)), status=status)


@router.post(ALL, response=out(CartOut, 201), operation_id="createCart")
@needs(Permission.ORDERS_PLACE)
def create_cart(request: ApiRequest, customer_id: UUID, body: CartIn) -> HttpResponse:
    """A new cart. Lines that cannot be ordered come back with their error; it can be checked out for seven days."""
    customer = customer_of(request, customer_id)
    cart = open_api_cart(
        by=request.caller.actor,
        customer=customer,
        items=items_of(body, customer.partner),
        is_attested=body.partner_on_record_attestation_accepted,
    )
    return _told(cart, status=201)


@router.get(ONE, response=out(CartOut), operation_id="getCart")
@needs(Permission.ORDERS_PLACE)
def get_cart(request: ApiRequest, customer_id: UUID, cart_id: UUID) -> HttpResponse:
    """A cart of the partner's API clients, judged as of now."""
    return _told(cart_of(request, customer_of(request, customer_id), cart_id))


@router.put(ONE, response=out(CartOut), operation_id="updateCart")
@needs(Permission.ORDERS_PLACE)
def update_cart(request: ApiRequest, customer_id: UUID, cart_id: UUID, body: CartIn) -> HttpResponse:
    """Put other lines in the place of the cart's."""
    customer = customer_of(request, customer_id)
    cart = change_api_cart(
        by=request.caller.actor,
        cart=cart_of(request, customer, cart_id),
        items=items_of(body, customer.partner),
        is_attested=body.partner_on_record_attestation_accepted,
    )
    return _told(cart)


@router.post(f"{ONE}/checkout", response=out(CheckoutOut, 201), operation_id="checkOutCart")
@needs(Permission.ORDERS_PLACE)
def check_out_cart(request: ApiRequest, customer_id: UUID, cart_id: UUID) -> HttpResponse:
    """Order the cart, one order a group; a group that cannot be ordered is told in orderErrors. The customer's
    acceptance must be there (403/13605). A cart that was ordered answers the same again; no body is read.
    """
    cart = cart_of(request, customer_of(request, customer_id), cart_id)
    return answer(checkout_out(check_out(by=request.caller.actor, cart=cart)), status=201)
