"""What the list of orders can be asked for: filters and search.

The list and its export read the same question the same way, so an export holds exactly the orders that were shown.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from django.db.models import Q
from django.http import QueryDict

from customers.listing import ListQuery, reach
from customers.models import Customer
from customers.querysets import SHORTEST_WORD, search_words
from customers.search_index import BOUND
from orders.models import Order, OrderStatus
from orders.querysets import OrderQuerySet
from portal.common.ids import parse_uuid
from portal.common.questions import Question
from portal.partners.models import Membership, Partner

# How many order numbers, purchase order numbers and customers of each kind a search goes by.
MOST = 200
# Days beyond are mistyped; and the day after the last one is still a date.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True)
class OrderQuery(Question):
    """A question to the list; what it does not say is not asked.

    customer, reseller: tenant ids; placed_from, placed_to: the first and the last day (UTC). token: the text,
    sealed for an address.
    """

    seal_purpose = "orders.search"

    status: OrderStatus | None = None
    customer: uuid.UUID | None = None
    reseller: uuid.UUID | None = None
    placed_from: date | None = None
    placed_to: date | None = None

    @classmethod
    def parse(cls, params: QueryDict) -> Self:
        """From an address or a form made of `as_params`; values that mean nothing fall away."""
        token, status = params.get("find", ""), params.get("status", "")
        text = cls.unsealed(token)
        return cls(
            text=text,
            status=OrderStatus(status) if status in OrderStatus.values else None,
            customer=parse_uuid(params.get("customer", "")),
            reseller=parse_uuid(params.get("reseller", "")),
            placed_from=read_day(params.get("placed_from", "")),
            placed_to=read_day(params.get("placed_to", "")),
            token=token if text else "",
        )

    def as_stored(self) -> dict[str, str]:
        """For the activity log: only what is asked for, the text as it is."""
        said: Mapping[str, object] = {
            "text": self.text,
            "status": self.status.value if self.status else "",
            "customer": self.customer or "",
            "reseller": self.reseller or "",
            "placed_from": self.placed_from or "",
            "placed_to": self.placed_to or "",
        }
        return {name: str(value) for name, value in said.items() if value}

    @property
    def is_narrowed(self) -> bool:
        return self != OrderQuery()


def read_day(text: str) -> date | None:
    """A day typed as year, month and day; None for all else."""
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d").date()
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


@dataclass(frozen=True)
class Hits:
    """What a text was found in. is_cut: there is more than this search goes by; bound: how many customers it
    looked through, 0 for all.
    """

    order_ids: tuple[int, ...] = ()
    customer_ids: tuple[int, ...] = ()
    is_cut: bool = False
    bound: int = 0


def hits(membership: Membership, query: OrderQuery) -> Hits | None:
    """Where the question's text stands: in order numbers, purchase order numbers, customers; None without a text.

    Everything is looked up by an index and cut off, so that millions of orders take no longer than a few.
    """
    if not query.text:
        return None
    orders = Order.objects.visible_to(membership)
    whole = orders.filter(number=query.text.upper()).values_list("pk", flat=True).first()
    if whole is not None:
        return Hits(order_ids=(whole,))
    purchases = _of_owners(orders, membership).purchase_begins(query.text)
    begun = [_some(orders.number_begins(query.text)), _some(purchases)]
    customers, is_bounded = _customers(membership, query.text)
    return Hits(
        order_ids=tuple(dict.fromkeys(pk for pks in begun for pk in pks[:MOST])),
        customer_ids=tuple(each.pk for each in customers[:MOST] if _says(each, query.text)),
        is_cut=any(len(found) > MOST for found in (*begun, customers)),
        bound=BOUND if is_bounded else 0,
    )


def _some(orders: OrderQuerySet) -> list[int]:
    return list(orders.values_list("pk", flat=True)[: MOST + 1])


def _of_owners(orders: OrderQuerySet, membership: Membership) -> OrderQuerySet:
    """Name the partners whose orders a reseller sees: the indexes that the list is read along begin with them."""
    if not membership.partner.is_reseller:
        return orders
    providers = Partner.objects.providers_of(membership.partner)
    return orders.filter(partner_id__in=list(providers.values_list("pk", flat=True)))


def _customers(membership: Membership, text: str) -> tuple[list[Customer], bool]:
    """The first customers that the words fit, the best first, one more than a search goes by; and whether only
    a part of all customers was looked through.
    """
    within = reach(membership, ListQuery(text=text))
    found: list[Customer] = []
    for tier in Customer.objects.visible_to(membership).filter(within).search_tiers(text):
        rows = tier.only("search_text", "pushed_words").order_by("name_key", "pk")
        found += rows[: MOST + 1 - len(found)]
        if len(found) > MOST:
            break
    return found, bool(within)


def _says(customer: Customer, text: str) -> bool:
    """Whether the words fit the customer itself, and not only the numbers of its orders: of those, one was meant."""
    if parse_uuid(text) is not None:
        return True
    pushed = set(customer.pushed_words.split())
    own = [word for word in customer.search_text.split() if word not in pushed]
    return all(
        any(word in each if len(word) >= SHORTEST_WORD else each.startswith(word) for each in own)
        for word in search_words(text)
    )


def listed(membership: Membership, query: OrderQuery, found: Hits | None = None) -> OrderQuerySet:
    """Every order that the member sees and the question means, in no order. found: the answer of `hits`."""
    rows = _filtered(membership, query)
    if not query.text:
        return rows
    known = found or hits(membership, query) or Hits()
    return rows.filter(Q(pk__in=known.order_ids) | Q(customer_id__in=known.customer_ids))


def parts(membership: Membership, query: OrderQuery, found: Hits | None) -> list[OrderQuerySet]:
    """The same orders in parts without a common row: those of the number that was searched for, then those of
    customers; each can be walked along an index.
    """
    rows = _filtered(membership, query)
    if found is None:
        return [rows]
    numbered, bought = rows.filter(pk__in=found.order_ids), rows.filter(customer_id__in=found.customer_ids)
    if not found.customer_ids or not found.order_ids:
        return [bought if found.customer_ids else numbered]
    return [numbered, bought.exclude(pk__in=found.order_ids)]


def _filtered(membership: Membership, query: OrderQuery) -> OrderQuerySet:
    rows = _of_owners(Order.objects.visible_to(membership), membership)
    if query.status is not None:
        rows = rows.filter(status=query.status)
    if query.customer is not None:
        # Its keys rather than a join: the index on a customer's orders has them in the list's order.
        seen = Customer.objects.visible_to(membership).filter(tenant_id=query.customer)
        rows = rows.filter(customer_id__in=list(seen.values_list("pk", flat=True)))
    if query.reseller is not None:
        named = Partner.objects.filter(tenant_id=query.reseller)
        rows = rows.filter(reseller_id__in=list(named.values_list("pk", flat=True)))
    if query.placed_from is not None:
        rows = rows.filter(placed_at__gte=begin_of(query.placed_from))
    if query.placed_to is not None:
        rows = rows.filter(placed_at__lt=begin_of(query.placed_to + timedelta(days=1)))
    return rows


def begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
