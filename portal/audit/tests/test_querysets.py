import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from portal.audit.models import AuditEvent
from portal.audit.services import record_event
from portal.common.actor import Actor
from portal.partners.models import Membership


def test_a_span_holds_its_beginning_and_not_its_end(
    sales_agent: Membership, actor_for: Callable[[Membership], Actor]
) -> None:
    event = record_event(by=actor_for(sales_agent), code="test.thing_done", partner_id=None)
    at: datetime = event.at
    later, earlier = at + timedelta(seconds=1), at - timedelta(seconds=1)
    events = AuditEvent.objects.all()
    assert events.between(None, None).get() == events.between(at, later).get() == event
    assert not events.between(earlier, at).exists()
    assert not events.between(later, None).exists()


def test_events_of_one_company_or_several(sales_agent: Membership, actor_for: Callable[[Membership], Actor]) -> None:
    companies = [uuid.uuid4() for _ in range(3)]
    for company in companies:
        record_event(by=actor_for(sales_agent), code="test.thing_done", partner_id=None, customer_id=company)
    found = AuditEvent.objects.all()
    assert {event.customer_id for event in found.about_customers(companies[:2])} == set(companies[:2])
    assert found.about_customers(companies[:1]).get().customer_id == companies[0]
    assert not found.about_customers([]).exists()
    assert timezone.is_aware(found.newest_first()[0].at)
