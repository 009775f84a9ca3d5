"""What the page of a cart sends: the quantities, the purchase-order number, and where the agent goes next."""

from collections.abc import Mapping

from django.db import transaction

from orders.models import Cart, CartStage
from orders.refusing import Item
from orders.services.carts import keep_cart, set_lines, start_cart
from portal.common.actor import Actor


@transaction.atomic
def fill_cart(
    *, by: Actor, cart: Cart, quantities: Mapping[Item, int], purchase_order_number: str | None, stage: CartStage
) -> None:
    """Keep all of it or nothing; what is as it was is not written. purchase_order_number: None leaves it.

    Raises what `set_lines` and `keep_cart` raise.
    """
    if quantities:
        set_lines(by=by, cart=cart, quantities=quantities)
    if purchase_order_number is not None or stage != cart.stage:
        keep_cart(by=by, cart=cart, purchase_order_number=purchase_order_number, stage=stage)


@transaction.atomic
def order_again(
    *, by: Actor, ordered: Cart, quantities: Mapping[Item, int], purchase_order_number: str | None
) -> Cart:
    """Put so many of these into the person's open cart for the customer of a cart that was ordered already.

    Raises what `start_cart` and `set_lines` raise.
    """
    cart = start_cart(by=by, customer=ordered.customer)
    fill_cart(
        by=by,
        cart=cart,
        quantities={item: quantity for item, quantity in quantities.items() if quantity},
        purchase_order_number=purchase_order_number,
        stage=CartStage.FILLING,
    )
    return cart


@transaction.atomic
def put_add_on(*, by: Actor, item: Item, quantity: int) -> Cart:
    """Put an add-on into the acting person's open cart for its subscription's customer; a refusal starts no cart.

    Raises what `start_cart` and `set_lines` raise.
    """
    if item.parent is None:
        raise ValueError("An add-on names the subscription that it is for.")
    cart = start_cart(by=by, customer=item.parent.customer)
    set_lines(by=by, cart=cart, quantities={item: quantity})
    return cart
