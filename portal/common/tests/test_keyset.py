"""Pages are named by a row's public id alone, which comes back from browsers, whole or not."""

import base64
import uuid
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import Order
from portal.audit.models import AuditEvent
from portal.audit.services import record_event
from portal.common.actor import Actor, ActorKind, Door
from portal.common.keyset import Page, keyset_page
from portal.partners.models import Partner
from portal.partners.tests.factories import PartnerFactory

NAMES = ["Ada & Co", "Ada & Co", "Bob", "Cem", "Cem"]


def customer_page(partner: Partner, **query: str) -> Page[Customer]:
    request = RequestFactory().get("/", query)
    rows = Customer.objects.filter(partner=partner)
    return keyset_page(request, rows, field="company_name", public="tenant_id", size=2)


def linked(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(url.removeprefix("?")).items()}


@pytest.fixture
def five(partner: Partner) -> list[Customer]:
    return [CustomerFactory(partner=partner, company_name=name) for name in NAMES]


def test_walks_forth_and_back_over_equal_values(partner: Partner, five: list[Customer]) -> None:
    first = customer_page(partner)
    second = customer_page(partner, **linked(first.next_url))
    third = customer_page(partner, **linked(second.next_url))
    assert [first.rows, second.rows, third.rows] == [five[:2], five[2:4], five[4:]]
    assert (first.previous_url, third.next_url) == ("", "")
    back = customer_page(partner, **linked(third.previous_url))
    assert back.rows == five[2:4]
    assert customer_page(partner, **linked(back.previous_url)).rows == five[:2]


def test_a_page_is_named_by_the_public_id_alone(partner: Partner, five: list[Customer]) -> None:
    second = customer_page(partner, q="a b", after=str(five[1].tenant_id))
    assert linked(second.next_url) == {"q": "a b", "after": str(five[3].tenant_id)}
    assert linked(second.previous_url) == {"q": "a b", "before": str(five[2].tenant_id)}


@pytest.mark.parametrize("way", ["after", "before"])
@pytest.mark.parametrize(
    "crafted",
    [
        "x",
        "%%%",
        "0",
        "1" * 32 + "g",
        "Ada & Co",
        "\x00",
        "a\x00",
        "\ud800",
        "x" * 100_000,
        str(uuid.UUID(int=0)),
        base64.urlsafe_b64encode(b'["\\ud800", 1]').decode(),
        base64.urlsafe_b64encode(b'["Bob", 3]').decode().rstrip("="),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        "[" * 5000,
    ],
    ids=lambda crafted: ascii(crafted[:20]),
)
def test_what_no_page_has_made_shows_the_first_page(
    partner: Partner, five: list[Customer], crafted: str, way: str
) -> None:
    request = RequestFactory().get("/")
    request.GET = request.GET.copy()
    request.GET[way] = crafted
    rows, events = Customer.objects.filter(partner=partner), AuditEvent.objects.all()
    page = keyset_page(request, rows, field="company_name", public="tenant_id", size=2)
    assert page.rows == five[:2]
    assert page.next_url
    assert not page.previous_url
    assert keyset_page(request, Order.objects.all(), field="placed_at", public="number", descending=True).rows == []
    assert keyset_page(request, events, field="at", public="event_id", descending=True).rows == []


@pytest.mark.parametrize("way", ["after", "before"])
def test_another_partners_row_shows_the_first_page(partner: Partner, five: list[Customer], way: str) -> None:
    theirs = CustomerFactory(partner=PartnerFactory(), company_name="Bob")
    assert customer_page(partner, **{way: str(theirs.tenant_id)}).rows == five[:2]


def test_newest_first_walks_by_the_event(partner: Partner) -> None:
    now = timezone.now()
    by = Actor(kind=ActorKind.JOB, name="Worker", door=Door.JOB)
    for number in range(3):
        record_event(by=by, code=f"test.number{number}", partner_id=partner.pk)
    events = list(AuditEvent.objects.newest_first())
    assert now - timedelta(minutes=1) < events[-1].at
    request = RequestFactory().get("/", {"after": str(events[0].event_id)})
    page = keyset_page(request, AuditEvent.objects.all(), field="at", public="event_id", descending=True)
    assert page.rows == events[1:]


def test_any_page_but_the_first_costs_one_query_more(partner: Partner, five: list[Customer]) -> None:
    for query, cost in (({}, 1), ({"after": str(five[2].tenant_id)}, 2), ({"before": str(five[2].tenant_id)}, 2)):
        with CaptureQueriesContext(connection) as asked:
            customer_page(partner, **query)
        assert len(asked) == cost
