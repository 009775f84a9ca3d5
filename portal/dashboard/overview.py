"""What Home shows, read through the rooms' own querysets: as many queries for one customer as for a million."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise

from agreements.models import AgreementTemplate
from agreements.panels import TONES
from customers.models import Customer, OnboardingDraft
from customers.rules import STANDING_LABELS, Standing
from orders.models import Order, OrderStatus
from orders.panels import ORDER_TONES
from portal.dashboard.waiting import WaitingFor, waiting_for
from portal.partners.models import Membership
from portal.partners.permissions import Permission

MOST_SHOWN = 10
# Shown even when there is none of them: "0 Not provided" is good news worth a glance.
ALWAYS_SHOWN = (Standing.COVERED, Standing.PENDING, Standing.MISSING)


@dataclass(frozen=True)
class Figure:
    """count: customers of that standing, a Standing code that the customer list filters by."""

    standing: Standing
    label: str | Promise
    count: int


@dataclass(frozen=True)
class Waiting:
    """A customer for whom nothing can be ordered; tone and word: of its standing, as the customer list shows it."""

    customer: Customer
    tone: str
    word: str | Promise


@dataclass(frozen=True)
class Overview:
    """total: all customers visible to the member; may_draft: whether drafts mean anything to the roles held;
    orders: with the tone of their status; waiting: for whom somebody has to act.
    """

    figures: list[Figure]
    total: int
    may_draft: bool
    drafts: list[OnboardingDraft]
    awaiting: list[Waiting]
    orders: list[tuple[Order, str]]
    waiting: WaitingFor


def overview_of(membership: Membership) -> Overview:
    stale_before = AgreementTemplate.objects.stale_before(today=timezone.localdate())
    customers = Customer.objects.visible_to(membership).active()
    counts = customers.count_by_standing(stale_before=stale_before)
    may_draft = membership.can(Permission.CUSTOMERS_CREATE)
    awaiting = customers.awaiting_acceptance(stale_before=stale_before).with_account()
    orders = Order.objects.visible_to(membership).with_customer().newest_first()
    drafts = OnboardingDraft.objects.visible_to(membership).unfinished()
    return Overview(
        figures=_figures(membership, counts),
        total=sum(counts.values()),
        may_draft=may_draft,
        drafts=list(drafts[:MOST_SHOWN]) if may_draft else [],
        awaiting=[_waiting(customer) for customer in awaiting.order_by("-updated_at", "-id")[:MOST_SHOWN]],
        orders=[(order, ORDER_TONES[OrderStatus(order.status)]) for order in orders[:MOST_SHOWN]],
        waiting=waiting_for(membership),
    )


def _waiting(customer: Customer) -> Waiting:
    standing = Standing(customer.standing)
    return Waiting(customer, TONES[standing], STANDING_LABELS[standing])


def _figures(membership: Membership, counts: dict[str, int]) -> list[Figure]:
    always = ALWAYS_SHOWN if membership.partner.has_agreement else ()
    return [
        Figure(standing, label, counts.get(standing.value, 0))
        for standing, label in STANDING_LABELS.items()
        if standing in always or counts.get(standing.value)
    ]
