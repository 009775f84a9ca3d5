"""The customers that random histories are about, and the clock that they live by."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from agreements.models import AgreementType
from agreements.tests.factories import DocumentFactory, TemplateFactory
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.tests.factories import AvailabilityFactory
from portal.common.actor import Actor, ActorKind, Door
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory

BEGINNING = datetime(2026, 3, 20, 10, 30, tzinfo=UTC)
# Name -> whose relationship with which company; the second partner is nearly a day ahead of the third.
PARTNERS = {
    "direct bill": {"time_zone": "Europe/Warsaw"},
    "provider": {"time_zone": "Pacific/Kiritimati", "provider": True},
    "national cloud": {"time_zone": "America/New_York", "government": True},
}
RELATIONSHIPS = [("direct bill", "one"), ("provider", "one"), ("national cloud", "one"), ("direct bill", "other")]


class Clock:
    """What the portal takes for now."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = BEGINNING
        monkeypatch.setattr(timezone, "now", lambda: self.now)


class World:
    """The customers as they stand at the beginning of every history."""

    def __init__(self) -> None:
        DocumentFactory(template=TemplateFactory(version="first"), country="US")
        legacy = TemplateFactory(type=AgreementType.CLOUD, template_id=uuid4())
        DocumentFactory(template=legacy, country="US")
        roles = ["global_admin", "admin_agent"]
        self.members: dict[str, Membership] = {
            name: MembershipFactory(roles=roles, **{f"partner__{key}": value for key, value in facts.items()})
            for name, facts in PARTNERS.items()
        }
        self.tenants: dict[str, UUID] = {}
        self.customers: list[Customer] = []
        for partner, tenant in RELATIONSHIPS:
            known = {"tenant_id": self.tenants[tenant]} if tenant in self.tenants else {}
            made = CustomerFactory(partner=self.members[partner].partner, **known)
            self.tenants[tenant] = made.tenant_id
            self.customers.append(made)
        self.sold = AvailabilityFactory(term="P1M", sku__max_quantity=1000)

    def actor(self, number: int) -> Actor:
        member = self.members[RELATIONSHIPS[number][0]]
        who = {"name": member.user.name, "user_id": member.user_id, "roles": tuple(member.roles)}
        return Actor(kind=ActorKind.AGENT, membership=member, door=Door.ORDER, **who)
