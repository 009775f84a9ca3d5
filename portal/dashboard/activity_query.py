"""What the activity log can be asked for: days, a customer, what was done, who did it.

The page and its export read the same question the same way, so the file holds exactly what was shown.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from django.http import QueryDict

from customers.listing import ListQuery, reach
from customers.models import Customer
from orders.listing import read_day
from portal.audit.models import AuditEvent
from portal.audit.querysets import AuditEventQuerySet
from portal.common.actor import ActorKind
from portal.common.ids import parse_uuid
from portal.common.questions import Question
from portal.dashboard.actions import ACTIONS
from portal.partners.models import Membership, Partner

# What the page shows before anybody asks for other days (facts 7.9: the last month).
DAYS = 30
# How many customers a searched text may mean at once.
MOST = 20
# Who acts beside the partner's members, as the filter calls it.
OTHERS = (ActorKind.CUSTOMER, ActorKind.STAFF, ActorKind.JOB, ActorKind.API_CLIENT)


@dataclass(frozen=True)
class ActivityQuery(Question):
    """A question to the log; what it does not say is not asked.

    text: a customer's name or domain; first, last: days in the partner's zone, both included; is_all: of all days,
    where no day is named; customer: tenant id; action: an audit code; actor: a kind of OTHERS, or a member's public
    id. token: the text, sealed for an address.
    """

    seal_purpose = "dashboard.activity"

    first: date | None = None
    last: date | None = None
    is_all: bool = False
    customer: uuid.UUID | None = None
    action: str = ""
    actor: str = ""

    @classmethod
    def parse(cls, params: QueryDict) -> Self:
        """From an address made of `as_params`; values that mean nothing fall away."""
        token, action, actor = params.get("find", ""), params.get("action", ""), params.get("actor", "")
        text = cls.unsealed(token)
        return cls(
            text=text,
            first=read_day(params.get("from", "")),
            last=read_day(params.get("to", "")),
            is_all=params.get("days") == "all",
            customer=parse_uuid(params.get("customer", "")),
            action=action if action in ACTIONS else "",
            actor=actor if actor in OTHERS or parse_uuid(actor) else "",
            token=token if text else "",
        )

    def as_stored(self) -> dict[str, str]:
        """For an address and the activity log: only what is asked for, the text as it is."""
        said: dict[str, object] = {
            "text": self.text,
            "from": self.first or "",
            "to": self.last or "",
            "days": "all" if self.is_all and not self.has_days else "",
            "customer": self.customer or "",
            "action": self.action,
            "actor": self.actor,
        }
        return {name: str(value) for name, value in said.items() if value}

    @property
    def has_days(self) -> bool:
        return self.first is not None or self.last is not None

    @property
    def is_recent(self) -> bool:
        """Whether it is about the last days only because nobody said otherwise."""
        return not self.has_days and not self.is_all

    @property
    def is_narrowed(self) -> bool:
        """By more than days."""
        return bool(self.text or self.customer or self.action or self.actor)

    def first_day(self, today: date) -> date | None:
        """The first day that it means; None for no bound."""
        return today - timedelta(days=DAYS) if self.is_recent else self.first


def listed(membership: Membership, query: ActivityQuery, named: list[Customer]) -> AuditEventQuerySet:
    """The events that the member sees and the question means, in no order, with what of them can be erased.

    named: the answer of `customers_named`.
    """
    partner = membership.partner
    found = AuditEvent.objects.visible_to(membership).with_detail()
    found = found.between(
        begin_of(query.first_day(partner.today), partner),
        begin_of(query.last + timedelta(days=1) if query.last else None, partner),
    )
    if query.customer is not None:
        found = found.about_customers([query.customer])
    elif query.text:
        found = found.about_customers(customer.tenant_id for customer in named[:MOST])
    if query.action:
        found = found.filter(code=query.action)
    return _by(membership, found, query.actor)


def _by(membership: Membership, events: AuditEventQuerySet, actor: str) -> AuditEventQuerySet:
    if not actor:
        return events
    if actor in OTHERS:
        return events.filter(actor_kind=actor)
    member = member_named(membership, actor)
    return events.filter(actor_user_id=member.user_id) if member is not None else events.none()


def member_named(membership: Membership, actor: str) -> Membership | None:
    """The member of the same partner with this public id."""
    public_id = parse_uuid(actor)
    return Membership.objects.visible_to(membership).filter(public_id=public_id).first() if public_id else None


def customers_named(membership: Membership, text: str) -> list[Customer]:
    """The first customers that the words fit, the best first, one more than the log is filtered by; [] for none."""
    if not text:
        return []
    within = reach(membership, ListQuery(text=text))
    found: list[Customer] = []
    for tier in Customer.objects.visible_to(membership).filter(within).search_tiers(text):
        found += tier.only("tenant_id", "company_name").order_by("name_key", "pk")[: MOST + 1 - len(found)]
        if len(found) > MOST:
            break
    return found


def begin_of(day: date | None, partner: Partner) -> datetime | None:
    """When the day begins where the partner is."""
    return datetime.combine(day, time(), partner.zone) if day is not None else None
