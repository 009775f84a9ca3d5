"""customers:export streams: the first byte comes at once, and memory stays the same however long the file is."""

import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers import exports
from customers.models import Customer, Tenant
from portal.common.folding import fold, search_text
from portal.partners.models import Membership, Partner
from portal.tests.scenario_plugin import scale

EXPORT = reverse("customers:export")


@pytest.fixture
def client(client_of: Callable[[Membership], Client], admin_agent: Membership) -> Client:
    return client_of(admin_agent)


def many(partner: Partner, count: int, prefix: str = "Row") -> None:
    """Customers as an import makes them, in few queries."""
    tenants = [Tenant(domain=f"{prefix.lower()}{number}-{partner.pk}.onmicrosoft.com") for number in range(count)]
    Tenant.objects.bulk_create(tenants, batch_size=1000)
    rows = []
    for number, tenant in enumerate(tenants):
        name = f"{prefix} {number:06}"
        words = {"name_key": fold(name), "search_text": search_text(name, tenant.domain)}
        rows.append(Customer(partner=partner, tenant=tenant, company_name=name, country="PL", **words))
    Customer.objects.bulk_create(rows, batch_size=1000)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_first_bytes_leave_before_the_rows_are_read(client: Client, customer: Customer, file_format: str) -> None:
    answer = client.post(EXPORT, {"format": file_format})
    with CaptureQueriesContext(connection) as captured:
        stream = iter(answer.streaming_content)
        first = next(chunk for chunk in stream if chunk)
        assert (len(captured), bool(first)) == (0, True)
        assert b"".join(stream)
    assert len(captured) > 0


@pytest.mark.django_db(transaction=True)
def test_a_client_that_goes_away_breaks_nothing(client: Client, partner: Partner) -> None:
    many(partner, 300)
    answer = client.post(EXPORT, {"format": "csv"})
    stream = iter(answer.streaming_content)
    next(stream)
    next(stream)
    answer.close()
    again = client.post(EXPORT, {"format": "csv"})
    assert b"".join(again.streaming_content).count(b"\r\n") == 301


def peak_of(stream: Iterator[bytes]) -> tuple[int, int]:
    """(bytes sent, most memory in use meanwhile)."""
    tracemalloc.start()
    try:
        size = sum(len(chunk) for chunk in stream)
        return size, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.scenario("P8")
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_memory_does_not_grow_with_the_rows(
    client: Client, partner: Partner, monkeypatch: pytest.MonkeyPatch, file_format: str
) -> None:
    """A long export streams: the first byte comes at once, and memory stays what a few chunks need."""
    few, rows = scale(500, 2_000), scale(5_000, 100_000)
    monkeypatch.setattr(exports, "CHUNK", few // 2)
    many(partner, few)
    small, small_peak = peak_of(iter(client.post(EXPORT, {"format": file_format}).streaming_content))
    many(partner, rows - few, "More")
    with connection.cursor() as cursor:
        # As in a database that is in use: rows that were just added are not in the planner's statistics yet.
        cursor.execute("ANALYZE")
    began = time.monotonic()
    stream = iter(client.post(EXPORT, {"format": file_format}).streaming_content)
    next(chunk for chunk in stream if chunk)
    first_byte = time.monotonic() - began
    large, large_peak = peak_of(stream)
    assert large > small * 5
    assert large_peak < small_peak * 1.5 + 500_000
    assert large_peak < 50_000_000
    assert first_byte < 1.5


@pytest.mark.scenario("P8")
def test_reading_everything_first_would_grow_with_the_rows(partner: Partner) -> None:
    """Negative control: the same rows, read as one list, need memory for each."""
    peaks = []
    for count in (500, 4_500):
        many(partner, count, f"Rows{count}")
        tracemalloc.start()
        rows = list(Customer.objects.filter(partner=partner).select_related("tenant"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert rows
    assert peaks[1] > peaks[0] * 3
