"""What is about to be ordered: kept in the database, so that it survives sign-out."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from customers.models import Customer
from customers.services import lock_customer, lock_tenant
from orders import rules
from orders.models import Cart, CartLine, Price
from portal.common.actor import Actor
from portal.common.errors import NotFound, RuleViolation
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


@transaction.atomic
def start_cart(*, by: Actor, customer: Customer) -> Cart:
    """The acting person's open cart for this customer; a new one if there is none."""
    ensure_may(by=by, partner=customer.partner, permission=Permission.ORDERS_PLACE)
    lock_tenant(customer.tenant_id)
    lock_customer(customer)
    mine = Cart.objects.filter(customer=customer, owner_id=by.person_id).unfinished().first()
    return mine or Cart.objects.create(customer=customer, partner=customer.partner, owner_id=by.person_id)


class LinesRefused(RuleViolation):
    """Nothing was put into the cart; refusals: price id -> why."""

    def __init__(self, refusals: Mapping[UUID, str | Promise]) -> None:
        super().__init__(_("Nothing was changed. Put the quantities right first."))
        self.refusals = refusals


@transaction.atomic
def set_lines(*, by: Actor, cart: Cart, quantities: Mapping[Price, int]) -> None:
    """Put that many licences of each price into the cart, 0 takes it out: all of them or none.

    Raises NotPermitted, NotFound, RuleViolation when the cart was ordered, and LinesRefused when a price was
    withdrawn, is not sold in the customer's market, mixes currencies, or a quantity is out of its SKU's range.
    """
    cart = lock_cart(cart)
    ensure_may(by=by, partner=cart.customer.partner, permission=Permission.ORDERS_PLACE)
    if cart.order_id is not None:
        raise RuleViolation(_("This cart was ordered already. Start a new order."))
    lock_customer(cart.customer)
    sold = _lock_prices(quantities)
    cart.lines.filter(price__in=[price for price, quantity in quantities.items() if quantity == 0]).delete()
    refusals: dict[UUID, str | Promise] = {}
    for price, quantity in quantities.items():
        if quantity == 0:
            continue
        try:
            if price.pk not in sold:
                raise RuleViolation(_("This is no longer sold. Choose another product."))
            check_line(cart=cart, price=sold[price.pk], quantity=quantity)
        except RuleViolation as refused:
            refusals[price.public_id] = refused.message
        else:
            CartLine.objects.update_or_create(cart=cart, price=price, defaults={"quantity": quantity})
    if refusals:
        raise LinesRefused(refusals)
    cart.save(update_fields=["updated_at"])


def _lock_prices(prices: Iterable[Price]) -> dict[int, Price]:
    """Those that are still sold, as they are now; none of them is withdrawn until the transaction ends."""
    locked = Price.objects.select_for_update(of=("self",), no_key=True).select_related("sku").order_by("pk")
    return locked.in_bulk([price.pk for price in prices])


def check_line(*, cart: Cart, price: Price, quantity: int) -> None:
    """Raise RuleViolation unless this many of this price may stand in this cart."""
    others = cart.lines.exclude(price=price).values_list("price__currency", flat=True)
    why_not = (
        rules.why_not_in_market(market=str(price.market), country=str(cart.customer.country))
        or rules.why_not_currency(currency=price.currency, others=set(others))
        or rules.why_not_quantity(price.sku, quantity)
    )
    if why_not is not None:
        raise RuleViolation(why_not, field="quantity")


@transaction.atomic
def discard_cart(*, by: Actor, cart: Cart) -> None:
    """Throw an unfinished cart away. An ordered one stays: it tells what became of it. Raises NotPermitted."""
    cart = lock_cart(cart)
    ensure_may(by=by, partner=cart.customer.partner, permission=Permission.ORDERS_PLACE)
    if cart.order_id is None:
        cart.delete()


def lock_cart(cart: Cart) -> Cart:
    """The cart as it is now, until the transaction ends. Raises NotFound when it was discarded meanwhile.

    Its order is not joined: PostgreSQL reads joined rows as of before the wait, and would know of no order.
    """
    carts = Cart.objects.select_for_update(of=("self",)).select_related("customer__tenant", "customer__partner")
    locked = carts.filter(pk=cart.pk).first()
    if locked is None:
        raise NotFound(_("This cart was discarded. Start a new order."))
    return locked
