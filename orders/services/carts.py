"""What is about to be ordered: kept in the database, so that it survives sign-out."""

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from customers.models import Customer
from customers.services import lock_customer, lock_tenant
from orders.models import Availability, Cart, CartLine, CartStage
from orders.pricing import price_day
from orders.refusing import Item, refuse_line
from portal.common.actor import Actor
from portal.common.errors import NotFound, RuleViolation
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may


class LinesRefused(RuleViolation):
    """Nothing was put into the cart; refusals: item -> why."""

    def __init__(self, refusals: Mapping[Item, str | Promise]) -> None:
        super().__init__(_("Nothing was changed. Put the quantities right first."))
        self.refusals = refusals


@transaction.atomic
def start_cart(*, by: Actor, customer: Customer) -> Cart:
    """The acting person's open cart for this customer; a new one if there is none."""
    ensure_may(by=by, partner=customer.partner, permission=Permission.ORDERS_PLACE)
    lock_tenant(customer.tenant_id)
    lock_customer(customer)
    mine = Cart.objects.filter(customer=customer, owner_id=by.person_id).unfinished().first()
    return mine or Cart.objects.create(customer=customer, partner=customer.partner, owner_id=by.person_id)


@transaction.atomic
def set_lines(*, by: Actor, cart: Cart, quantities: Mapping[Item, int]) -> None:
    """Put that many licences of each item into the cart, 0 takes it out: all of them or none.

    Raises NotPermitted, NotFound, RuleViolation when the cart was ordered, and LinesRefused when an item was
    withdrawn, has no price for the quantity today, is not sold to the customer, mixes currencies, lacks its base
    subscription, or a quantity is out of its SKU's range.
    """
    cart = _lock_open(by, cart)
    lock_customer(cart.customer)
    sold = _lock_sold(quantities)
    for item in [item for item, quantity in quantities.items() if quantity == 0]:
        cart.lines.filter(availability=item.availability, parent=item.parent).delete()
    wanted = {item: quantity for item, quantity in quantities.items() if quantity}
    currencies = _currencies(cart, wanted)
    refusals: dict[Item, str | Promise] = {}
    for item, quantity in wanted.items():
        current = sold.get(item.availability.pk)
        why_not = (
            why_not_line(cart.customer, Item(current, item.parent), quantity, currencies=currencies)
            if current
            else _("This is no longer sold. Choose another product.")
        )
        if why_not is not None:
            refusals[item] = why_not
        else:
            CartLine.objects.update_or_create(
                cart=cart, availability=current, parent=item.parent, defaults={"quantity": quantity}
            )
    if refusals:
        raise LinesRefused(refusals)
    cart.save(update_fields=["updated_at"])


@transaction.atomic
def keep_cart(*, by: Actor, cart: Cart, purchase_order_number: str | None = None, stage: CartStage) -> None:
    """Keep where the agent is in the order, and the customer's purchase-order number where one is given.

    Raises NotPermitted, NotFound, RuleViolation when the cart was ordered.
    """
    cart = _lock_open(by, cart)
    cart.stage = stage
    if purchase_order_number is not None:
        cart.purchase_order_number = purchase_order_number
    cart.save(update_fields=["stage", "purchase_order_number", "updated_at"])


def why_not_line(
    customer: Customer, item: Item, quantity: int, *, currencies: Collection[str]
) -> str | Promise | None:
    """Why so many of the item may not stand in a cart of this customer. currencies: of the cart's other lines."""
    refusal = refuse_line(customer, item, quantity, currencies=currencies)
    return refusal.reason if refusal else None


def _currencies(cart: Cart, wanted: Mapping[Item, int]) -> set[str]:
    """Of the lines that stay; else of the first line that is to be: the others follow it."""
    staying = set(cart.lines.values_list("availability__currency", flat=True))
    first = next(iter(wanted), None)
    return staying or ({first.availability.currency} if first else set())


def _lock_sold(items: Iterable[Item]) -> dict[int, Availability]:
    """Those that are still sold, as they are now; none of them is withdrawn until the transaction ends."""
    rows = Availability.objects.select_for_update(of=("self",), no_key=True).with_prices(on=price_day())
    rows = rows.prefetch_related("sku__add_on_to").order_by("pk")
    return rows.in_bulk([item.availability.pk for item in items])


@transaction.atomic
def discard_cart(*, by: Actor, cart: Cart) -> None:
    """Throw an unfinished cart away. An ordered one stays: it tells what became of it. Raises NotPermitted."""
    cart = lock_cart(cart)
    ensure_may(by=by, partner=cart.customer.partner, permission=Permission.ORDERS_PLACE)
    if cart.order_id is None:
        cart.delete()


def _lock_open(by: Actor, cart: Cart) -> Cart:
    # Before the cart, as whoever starts or orders one does: two that wait for each other's lock would not end.
    lock_tenant(cart.customer.tenant_id)
    cart = lock_cart(cart)
    ensure_may(by=by, partner=cart.customer.partner, permission=Permission.ORDERS_PLACE)
    if cart.order_id is not None:
        raise RuleViolation(_("This cart was ordered already. Start a new order."), code="cart_ordered")
    return cart


def lock_cart(cart: Cart) -> Cart:
    """The cart as it is now, until the transaction ends. Raises NotFound when it was discarded meanwhile.

    Its order is not joined: PostgreSQL reads joined rows as of before the wait, and would know of no order.
    """
    carts = Cart.objects.select_for_update(of=("self",)).select_related("customer__tenant", "customer__partner")
    locked = carts.filter(pk=cart.pk).first()
    if locked is None:
        raise NotFound(_("This cart was discarded. Start a new order."))
    return locked
