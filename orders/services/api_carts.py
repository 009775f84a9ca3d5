"""Carts of API clients. Screens have carts of their own; neither sees or changes the other's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements.services import require_acceptance
from customers.models import Customer
from customers.services import lock_customer, lock_tenant
from orders.api_lines import CartItem, Judged, by_group, judge, resellers_of_groups
from orders.models import ApiCart
from orders.services.api_orders import AskedLine, ensure_attested, named_reseller, order_lines
from orders.services.ordering import lock_approved
from portal.common.actor import Actor
from portal.common.errors import NotFound, RuleViolation
from portal.partners.permissions import Permission
from portal.partners.services import ensure_may

#: How long a cart can be ordered (facts 3.2), and how long an ordered one still tells what became of it.
LIFETIME, KEPT = timedelta(days=7), timedelta(days=90)


@dataclass(frozen=True)
class GroupError:
    """Why a group of lines did not become an order. code: the portal's own."""

    group: str
    code: str
    text: str


@dataclass(frozen=True)
class CheckedOut:
    """orders: numbers, in the order of the cart's groups."""

    orders: tuple[str, ...]
    errors: tuple[GroupError, ...]


@transaction.atomic
def open_api_cart(*, by: Actor, customer: Customer, items: Sequence[CartItem], is_attested: bool | None) -> ApiCart:
    """A new cart with these lines. What cannot be ordered stands in it as well; `judge` tells why.

    Raises NotPermitted, RelationshipEnded, RuleViolation where the partner-on-record statement is missing.
    """
    ensure_may(by=by, partner=customer.partner, permission=Permission.ORDERS_PLACE)
    _ensure_attested(customer, items, is_attested)
    lock_tenant(customer.tenant_id)
    lock_customer(customer)
    cart = ApiCart(customer=customer, partner=customer.partner)
    return _keep(by, cart, items, is_attested)


@transaction.atomic
def change_api_cart(*, by: Actor, cart: ApiCart, items: Sequence[CartItem], is_attested: bool | None) -> ApiCart:
    """Put these lines in the place of the cart's; it lasts seven days from now.

    Raises NotPermitted, NotFound for a cart that expired, RelationshipEnded, RuleViolation where it was ordered or
    the partner-on-record statement is missing.
    """
    cart = _lock(by, cart)
    if cart.is_ordered:
        raise RuleViolation(_("This cart was ordered already. Create a new one."), code="cart_ordered")
    _ensure_attested(cart.customer, items, is_attested)
    lock_customer(cart.customer)
    return _keep(by, cart, items, is_attested)


def _ensure_attested(customer: Customer, items: Sequence[CartItem], is_attested: bool | None) -> None:
    """The statement is the cart's: without it every group has to say by itself how the partner acts."""
    unsaid = {each.group for each in items} - resellers_of_groups(items).keys()
    ensure_attested(customer.partner, is_attested=is_attested, names_reseller=not unsaid)


def _keep(by: Actor, cart: ApiCart, items: Sequence[CartItem], is_attested: bool | None) -> ApiCart:
    cart.lines = [each.as_json() for each in items]
    cart.is_attested = is_attested
    cart.updated_at = timezone.now()
    cart.updated_by = _who(by)
    cart.expires_at = cart.updated_at + LIFETIME
    cart.save()
    return cart


def _who(by: Actor) -> str:
    """The member's public id, else the program's."""
    member = by.membership
    return str(member.user.public_id) if by.user_id is not None and member is not None else by.client_id


def _lock(by: Actor, cart: ApiCart) -> ApiCart:
    """The cart as it is now, until the transaction ends. Raises NotFound when its time is over."""
    customer = cart.customer
    ensure_may(by=by, partner=customer.partner, permission=Permission.ORDERS_PLACE)
    lock_tenant(customer.tenant_id)
    # Not joined: PostgreSQL reads joined rows as of before the wait.
    locked = ApiCart.objects.select_for_update().lasting(at=timezone.now()).filter(pk=cart.pk).first()
    if locked is None:
        raise NotFound(_("This cart is not there any more. Create a new one."), code="cart_gone")
    locked.customer = customer
    return locked


@transaction.atomic
def check_out(*, by: Actor, cart: ApiCart) -> CheckedOut:
    """Order the cart, one order a group. A group that cannot be ordered keeps no other back.

    A cart that was ordered answers what came of it then. Where no group could be ordered it stays as it is. Raises
    NotPermitted, AcceptanceRequired, NotFound for a cart that expired, RelationshipEnded, RuleViolation (an empty
    cart, a customer that is not approved, no partner-on-record statement): those concern every group.
    """
    cart = _lock(by, cart)
    if cart.is_ordered:
        return _outcome(cart)
    cart.customer = lock_approved(cart.customer)
    require_acceptance(customer=cart.customer)
    items = [CartItem.from_json(each) for each in cart.lines]
    _ensure_attested(cart.customer, items, cart.is_attested)
    judged = judge(cart.customer, items)
    if not judged:
        raise RuleViolation(_("The cart is empty. Add a product first."), code="no_lines")
    outcome = _order_groups(by, cart, by_group(judged))
    if outcome.orders:
        cart.ordered_at = timezone.now()
        cart.outcome = {
            "orders": list(outcome.orders),
            "errors": [[each.group, each.code, each.text] for each in outcome.errors],
        }
        cart.save(update_fields=["ordered_at", "outcome"])
    return outcome


def _outcome(cart: ApiCart) -> CheckedOut:
    errors = tuple(GroupError(*each) for each in cart.outcome["errors"])
    return CheckedOut(tuple(cart.outcome["orders"]), errors)


def _order_groups(by: Actor, cart: ApiCart, groups: dict[str, list[Judged]]) -> CheckedOut:
    """By currency: the months' totals, for which all orders of a partner wait, are then taken in one order by all."""
    orders: dict[str, str] = {}
    errors: dict[str, GroupError] = {}
    for group in sorted(groups, key=lambda each: _currency(groups[each])):
        try:
            orders[group] = _order_group(by, cart, groups[group])
        except RuleViolation as refused:
            errors[group] = GroupError(group, refused.code, str(refused.message))
    return CheckedOut(
        tuple(orders[group] for group in groups if group in orders),
        tuple(errors[group] for group in groups if group in errors),
    )


def _currency(lines: Sequence[Judged]) -> str:
    return next((each.sold.currency for each in lines if each.sold), "")


@transaction.atomic
def _order_group(by: Actor, cart: ApiCart, lines: Sequence[Judged]) -> str:
    """The order's number. Raises RuleViolation, and then nothing of the group is ordered."""
    problem = next((each.problem for each in lines if each.problem), None)
    if problem is not None:
        raise RuleViolation(problem.reason, code=problem.code)
    asked: list[AskedLine] = []
    for each in lines:
        base = len(asked)
        asked.append(_asked(each))
        asked += [_asked(add_on, base=base) for add_on in each.add_ons]
    number = next((each.item.reseller for each in lines if each.item.reseller), "")
    reseller = named_reseller(cart.customer.partner, number) if number else None
    return order_lines(
        by=by, customer=cart.customer, lines=asked, is_attested=cart.is_attested, reseller=reseller
    ).number


def _asked(judged: Judged, *, base: int | None = None) -> AskedLine:
    item, sold = judged.item, judged.sold
    if sold is None:
        raise ValueError("A line that names nothing has a refusal, and is not ordered.")
    said = {"catalogItemId": item.name, "orderGroup": item.group, **item.said}
    return AskedLine(
        availability=sold, quantity=item.quantity, base=base, friendly_name=item.friendly_name, said=said
    )


def remove_old_api_carts(*, now: datetime | None = None) -> int:
    """Throw away the carts whose time is over; answers how many."""
    now = now or timezone.now()
    left = Q(ordered_at__isnull=True, expires_at__lte=now)
    count, _by_model = ApiCart.objects.filter(left | Q(expires_at__lte=now - KEPT)).delete()
    return count
