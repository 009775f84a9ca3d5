"""E9: a million entries with all that they prove are verified within a minute, in as little memory as a thousand."""

import resource
import sys
import time
import tracemalloc

import pytest
from django.db import connection

from agreements.models import AgreementDocument, AgreementTemplate
from agreements.proving import feed, verify
from portal.partners.models import Partner
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.chained import add_records

pytestmark = [pytest.mark.scenario("E9"), pytest.mark.django_db(transaction=True)]
SECONDS = 60
MEGABYTE = 1 << 20
# What reading rows some at a time takes, however many there are.
MOST_MEMORY = 64 * MEGABYTE


@pytest.fixture
def document(template: AgreementTemplate) -> AgreementDocument:
    return AgreementDocument.objects.get(country="PL", language="pl-PL")


def peak() -> int:
    """Bytes that verifying needs at most."""
    tracemalloc.start()
    try:
        assert not verify().findings
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow(
    partner: Partner, provider: Partner, document: AgreementDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times as many entries are verified in the same memory"""
    count = scale(1_000, 50_000)
    # So few rows at a time that a thousand are many of them.
    monkeypatch.setattr(feed, "ROWS_AT_ONCE", 100)
    add_records(partner, document, count)
    verify()
    once = peak()
    add_records(provider, document, count * 3, first=50_000_000)
    more = peak()
    sys.stdout.write(f"{count:,} entries: {once / MEGABYTE:.2f} MB; four times as many: {more / MEGABYTE:.2f} MB\n")
    # Four times as much if it grew with them.
    assert more < once * 1.5


def test_a_million_in_a_minute(partner: Partner, document: AgreementDocument) -> None:
    """1,000,000 entries with records, persons, events and files: under 60 s, in constant memory"""
    count = scale(2_000, 1_000_000)
    add_records(partner, document, count)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, used = time.monotonic(), time.process_time()
    verdict = verify(readers=1)
    seconds, used = time.monotonic() - start, time.process_time() - used
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert not verdict.findings
    assert verdict.counts["entries"] >= count
    sys.stdout.write(
        f"{verdict.counts} in {seconds:.1f} s ({used:.1f} s of this process), {grown / MEGABYTE:.0f} MB more\n"
    )
    assert seconds < SECONDS
    assert grown < MOST_MEMORY
