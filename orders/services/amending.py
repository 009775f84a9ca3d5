"""What the API may make of an order: cancel it, change licence counts of its subscriptions, buy add-ons for them."""

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from customers.services import lock_tenant
from orders.models import Order, OrderLine, OrderStatus, Subscription
from orders.services.api_orders import AskedLine, order_lines
from orders.services.cancelling import cancel_order
from orders.services.licences import change_licence_count
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.partners.models import Partner


@transaction.atomic
def amend_order(
    *,
    by: Actor,
    order: Order,
    submit_key: str,
    versions: Collection[str] = (),
    is_cancelled: bool = False,
    counts: Mapping[int, int] | None = None,
    add_ons: Sequence[AskedLine] = (),
    is_attested: bool | None = None,
    reseller: Partner | None = None,
) -> Order:
    """All that is asked for, or nothing. An order keeps its lines, so add-ons make an order of their own: then that
    one is answered, else the order.

    counts: line number -> licences that its subscription is to have, where they are others than were ordered;
    versions: those that the caller knows; another one is refused with code "stale_version". Raises NotPermitted,
    AcceptanceRequired, RelationshipEnded, LineRefused, RuleViolation.
    """
    lock_tenant(order.tenant_id)
    order.refresh_from_db(fields=["status"])
    if any(version != order.version for version in versions):
        raise RuleViolation(
            _("The order changed since you read it. Read it again and repeat your change."), code="stale_version"
        )
    if order.status == OrderStatus.CANCELLED and (counts or add_ons):
        raise RuleViolation(_("A cancelled order cannot be changed. Order anew."), code="no_such_way")
    for number, quantity in (counts or {}).items():
        _set_count(by, order, number, quantity, submit_key=f"{submit_key}-{number}")
    if is_cancelled:
        return cancel_order(by=by, order=order)
    if add_ons:
        return order_lines(by=by, customer=order.customer, lines=add_ons, is_attested=is_attested, reseller=reseller)
    return order


def _set_count(by: Actor, order: Order, number: int, quantity: int, *, submit_key: str) -> None:
    """A count that was changed elsewhere since the order is not overwritten by what the order says."""
    line = OrderLine.objects.get(order=order, number=number)
    subscription = Subscription.objects.with_line().get(order_line=line)
    if subscription.quantity == quantity:
        return
    if subscription.quantity != line.quantity:
        raise RuleViolation(
            _("The licence count was changed since this was ordered. Change the subscription instead of the order."),
            field="quantity",
            code="count_changed_since",
        )
    change_licence_count(by=by, subscription=subscription, quantity=quantity, submit_key=submit_key)
