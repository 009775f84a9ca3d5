"""What orders contribute to pages of other rooms: Account info, and an acceptance's own page."""

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agreements.models import Attestation
from customers.models import Customer
from orders.models import Cart, LicenceChange, Order, OrderStatus, Subscription
from portal.common.panels import Panel
from portal.partners.http import MemberRequest
from portal.partners.models import Membership
from portal.partners.permissions import Permission

LATEST, MOST_SUBSCRIPTIONS = 5, 50

ORDER_TONES = {OrderStatus.COMPLETED: "ok", OrderStatus.PENDING: "info", OrderStatus.CANCELLED: "neutral"}


def orders_panel(request: MemberRequest, customer: Customer) -> Panel | None:
    """Orders and subscriptions of a customer, on its Account info."""
    member = request.membership
    if not member.can(Permission.ORDERS_VIEW):
        return None
    orders = list(Order.objects.visible_to(member).filter(customer=customer).for_panel()[:LATEST])
    subscriptions = Subscription.objects.visible_to(member).living(customer).for_panel()
    # Every subscription comes from an order.
    listed = list(subscriptions[: MOST_SUBSCRIPTIONS + 1]) if orders else []
    is_open = customer.is_active
    history = f"{reverse('orders:list')}?customer={customer.tenant_id}"
    commands: list[tuple[str | Promise, str]] = [(_("Order history"), history)]
    if is_open and member.can(Permission.ORDERS_PLACE):
        commands.insert(0, (_("New order"), f"{reverse('orders:new')}?customer={customer.tenant_id}"))
    return Panel(
        key="orders",
        title=_("Orders and subscriptions"),
        body="orders/_panel.html",
        data={
            "orders": [(order, ORDER_TONES[OrderStatus(order.status)]) for order in orders],
            "subscriptions": listed[:MOST_SUBSCRIPTIONS],
            "has_more": len(listed) > MOST_SUBSCRIPTIONS,
            "may_order": is_open and member.can(Permission.ORDERS_PLACE),
            "may_change": is_open and member.can(Permission.ORDERS_CHANGE_LICENCES),
        },
        commands=tuple(commands),
    )


def open_cart(membership: Membership, customer: Customer) -> Cart | None:
    """The member's own unfinished cart for this customer, if there is one with anything in it."""
    if not membership.can(Permission.ORDERS_PLACE):
        return None
    mine = Cart.objects.visible_to(membership).filter(customer=customer, lines__isnull=False)
    return mine.unfinished().first()


def orders_relying_on(request: MemberRequest, attestation: Attestation) -> Panel:
    """Which orders and licence changes an acceptance made possible, newest first."""
    member = request.membership
    orders = Order.objects.visible_to(member).filter(acceptance=attestation)
    changes = LicenceChange.objects.visible_to(member).filter(acceptance=attestation)
    return Panel(
        key="relying",
        title=_("Orders that relied on it"),
        body="orders/_relying.html",
        data={
            "orders": orders.with_customer().newest_first(),
            "changes": changes.select_related("subscription"),
        },
    )
