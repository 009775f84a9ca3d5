"""What the demo's customers bought in the course of a year, and what became of it."""

from typing import NamedTuple

from orders.models import Availability, Cart, ChangeReason, Subscription
from orders.pricing import priced_cart
from orders.services import (
    Item,
    change_licence_count,
    place_order,
    set_auto_renew,
    set_lines,
    start_cart,
    suspend_subscription,
)
from orders.tasks import advance_due
from portal.common.actor import Door
from portal.dashboard.demo.accounts import (
    ADA,
    GRACE,
    LOTTE,
    MAREK,
    MERIDIAN,
    POTOMAC,
    SAM,
    SANDBOX,
    TOMASZ,
    VISTULA,
    DemoPartner,
)
from portal.dashboard.demo.partners import Cast
from portal.dashboard.demo.records import Customers
from portal.dashboard.demo.told import days_since_the_story_began, told

#: (market, SKU title) -> what is sold for one year, billed monthly.
Sold = dict[tuple[str, str], Availability]
BASIC, STANDARD, PREMIUM = (f"Microsoft 365 Business {level}" for level in ("Basic", "Standard", "Premium"))
E3, E5, MAILBOX, VISIO = "Microsoft 365 E3", "Microsoft 365 E5", "Exchange Online (Plan 1)", "Visio Plan 2"
SALES, REPORTS, DEFENDER = "Dynamics 365 Sales Enterprise", "Power BI Pro", "Microsoft Defender for Business"


class Wish(NamedTuple):
    """An order to be. lines: SKU title -> licences; days_ago: when; number: the customer's purchase-order number."""

    partner: DemoPartner
    prefix: str
    agent: str
    lines: dict[str, int]
    days_ago: int = 0
    number: str = ""


# Placed while the acceptances they rely on still covered; those not renewed are stale with a live subscription.
EARLY_ORDERS = (
    Wish(VISTULA, "mlyn-pod-roza", ADA, {STANDARD: 24}),
    Wish(VISTULA, "mueller-werkzeugbau", SAM, {E3: 60, VISIO: 5}, number="4500017754"),
    Wish(VISTULA, "lakeshore-dental", ADA, {BASIC: 9}),
    Wish(VISTULA, "jaskolka-wydawnictwo", SAM, {MAILBOX: 15}),
    Wish(VISTULA, "weisswasser-glas", SAM, {STANDARD: 40}, number="WG-2291"),
)
ORDERS = (
    Wish(VISTULA, "cwiek-kancelaria", ADA, {E5: 18}, 372),
    Wish(VISTULA, "zrodlo-zdrowia", SAM, {BASIC: 12}, 351),
    Wish(VISTULA, "nordlicht-wind", ADA, {STANDARD: 60}, 338, "NL-4477"),
    Wish(VISTULA, "modrzew-meble", SAM, {STANDARD: 22}, 320),
    Wish(MERIDIAN, "nowa-huta-spawanie", MAREK, {STANDARD: 45}, 311, "ZAM/118"),
    Wish(VISTULA, "praxis-yildiz", SAM, {PREMIUM: 7}, 297),
    Wish(VISTULA, "bursztyn-software", SAM, {E5: 80, SALES: 12}, 282, "BS-0093"),
    Wish(VISTULA, "zuraw-logistyka", SAM, {STANDARD: 30}, 268, "PO 7711"),
    Wish(POTOMAC, "tidewater-transit", GRACE, {E5: 75, REPORTS: 20}, 260, "TT-2026-014"),
    Wish(VISTULA, "cwiek-kancelaria", SAM, {REPORTS: 6}, 247),
    Wish(VISTULA, "bayou-bridge", SAM, {STANDARD: 28}, 231),
    Wish(VISTULA, "weisswasser-glas", SAM, {VISIO: 6}, 219),
    Wish(MERIDIAN, "harborline-marine", LOTTE, {PREMIUM: 14}, 214, "HM-55102"),
    Wish(VISTULA, "jaskolka-wydawnictwo", ADA, {BASIC: 11}, 205),
    Wish(VISTULA, "nordlicht-wind", SAM, {DEFENDER: 60}, 188, "NL-4602"),
    Wish(VISTULA, "modrzew-meble", SAM, {REPORTS: 4}, 176),
    Wish(VISTULA, "cedar-ridge-orchards", SAM, {BASIC: 16}, 162),
    Wish(VISTULA, "zuraw-logistyka", SAM, {E3: 25, VISIO: 3}, 149, "PO 7804"),
    Wish(VISTULA, "praxis-yildiz", SAM, {DEFENDER: 7}, 131),
    Wish(POTOMAC, "blue-hollow-county", GRACE, {E3: 240}, 126, "BHC-31-118"),
    Wish(VISTULA, "bayou-bridge", ADA, {REPORTS: 9}, 117),
    Wish(VISTULA, "bursztyn-software", SAM, {VISIO: 10}, 104, "BS-0117"),
    Wish(VISTULA, "zrodlo-zdrowia", SAM, {MAILBOX: 20}, 88),
    Wish(VISTULA, "cwiek-kancelaria", ADA, {VISIO: 5}, 73),
    Wish(VISTULA, "weisswasser-glas", SAM, {E3: 35}, 61, "WG-2410"),
    Wish(VISTULA, "modrzew-meble", SAM, {PREMIUM: 9}, 45),
    Wish(VISTULA, "bursztyn-software", SAM, {REPORTS: 40}, 33, "BS-0131"),
    # Relies on the customer's own acceptance.
    Wish(VISTULA, "cedar-ridge-orchards", SAM, {STANDARD: 6, MAILBOX: 4}, 24),
    Wish(SANDBOX, "sandbox-druga", TOMASZ, {BASIC: 3}, 19),
    Wish(VISTULA, "zuraw-logistyka", SAM, {PREMIUM: 35, DEFENDER: 35}, 12, "PO 7958"),
    Wish(VISTULA, "nordlicht-wind", ADA, {BASIC: 110}, 5, "NL-4719"),
    Wish(VISTULA, "zuraw-logistyka", SAM, {REPORTS: 6}, 3, "PO 7966"),
    Wish(MERIDIAN, "harborline-marine", LOTTE, {VISIO: 2}, 2),
)


class Change(NamedTuple):
    partner: DemoPartner
    prefix: str
    agent: str
    title: str
    licences: int
    days_ago: int
    reason: ChangeReason = ChangeReason.CUSTOMER_ASKED


# The two ways down are within the seven days.
LICENCE_CHANGES = (
    Change(VISTULA, "bursztyn-software", SAM, E5, 92, 200),
    Change(VISTULA, "modrzew-meble", SAM, STANDARD, 26, 150),
    Change(VISTULA, "modrzew-meble", SAM, STANDARD, 24, 147, ChangeReason.CORRECTION),
    Change(POTOMAC, "blue-hollow-county", GRACE, E3, 260, 80),
    Change(VISTULA, "zuraw-logistyka", SAM, PREMIUM, 41, 4),
    Change(VISTULA, "nordlicht-wind", ADA, BASIC, 96, 1),
)
# Begun and not ordered: one for a customer who is covered, one where the agreement is still to be confirmed.
OPEN_CARTS = (
    Wish(VISTULA, "pracownia-luk", SAM, {STANDARD: 8, VISIO: 4}),
    Wish(VISTULA, "modrzew-meble", SAM, {VISIO: 3}),
)
SUSPENDED = (VISTULA, "bayou-bridge", SAM, REPORTS, 20)
NOT_RENEWED = (VISTULA, "praxis-yildiz", SAM, DEFENDER, 40)


def load_early_orders(cast: Cast, customers: Customers, sold: Sold) -> None:
    """To be loaded before the agreement's renewed version."""
    for number, wish in enumerate(EARLY_ORDERS):
        _order(cast, customers, sold, wish, submit_key=f"demo-early-{number}")


def load_sales(cast: Cast, customers: Customers, sold: Sold) -> None:
    """Everything that was sold since, told in the order in which it happened; then what time made of it."""
    began = days_since_the_story_began()
    # Half a day after an order on the same day.
    told_in_order = sorted([*ORDERS, *LICENCE_CHANGES], key=lambda each: -each.days_ago)
    for number, each in enumerate(told_in_order):
        with told(min(each.days_ago, began - 1) + 0.4):
            if isinstance(each, Wish):
                _order(cast, customers, sold, each, submit_key=f"demo-order-{number}")
            else:
                _change(cast, customers, each, submit_key=f"demo-licences-{number}")
    _stop_some(cast, customers)
    advance_due()
    for wish in OPEN_CARTS:
        _fill_cart(cast, customers, sold, wish)


def _stop_some(cast: Cast, customers: Customers) -> None:
    partner, prefix, agent, title, days_ago = SUSPENDED
    with told(days_ago):
        suspend_subscription(
            by=cast.agent(agent, partner, Door.ORDER),
            subscription=_subscription(customers, partner, prefix, title),
            reason=ChangeReason.PAYMENT,
        )
    partner, prefix, agent, title, days_ago = NOT_RENEWED
    with told(days_ago):
        subscription = _subscription(customers, partner, prefix, title)
        set_auto_renew(by=cast.agent(agent, partner, Door.ORDER), subscription=subscription, is_on=False)


def _fill_cart(cast: Cast, customers: Customers, sold: Sold, wish: Wish) -> Cart:
    _company, customer = customers[wish.partner, wish.prefix]
    by = cast.agent(wish.agent, wish.partner, Door.ORDER)
    cart = start_cart(by=by, customer=customer)
    market = str(customer.country)
    quantities = {Item(sold[market, title]): quantity for title, quantity in wish.lines.items()}
    set_lines(by=by, cart=cart, quantities=quantities)
    return cart


def _order(cast: Cast, customers: Customers, sold: Sold, wish: Wish, *, submit_key: str) -> None:
    cart = _fill_cart(cast, customers, sold, wish)
    place_order(
        by=cast.agent(wish.agent, wish.partner, Door.ORDER),
        cart=cart,
        submit_key=submit_key,
        reviewed=[line.seen for line in priced_cart(cart)],
        is_attested=True,
        purchase_order_number=wish.number,
    )


def _change(cast: Cast, customers: Customers, change: Change, *, submit_key: str) -> None:
    change_licence_count(
        by=cast.agent(change.agent, change.partner, Door.ORDER),
        subscription=_subscription(customers, change.partner, change.prefix, change.title),
        quantity=change.licences,
        reason=change.reason,
        submit_key=submit_key,
    )


def _subscription(customers: Customers, partner: DemoPartner, prefix: str, title: str) -> Subscription:
    _company, customer = customers[partner, prefix]
    return Subscription.objects.get(customer=customer, title=title)
