"""A list holds its page and nothing else, whatever else there is."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from customers.models import Customer
from portal.common.keyset import PAGE_SIZE
from portal.jobs.tests.concurrency import shared_by_threads
from portal.partners.models import Membership, Partner
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.support import add_customers, listed, turn

ClientOf = Callable[[Membership], Client]
LIST = "/customers/"
ANY_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.mark.scenario("F1")
def test_a_list_names_the_customers_of_its_page_and_no_other(
    client_of: ClientOf, partner: Partner, admin_agent: Membership
) -> None:
    """Of 200 customers, a page holds the ids of 50 and nothing of the rest"""
    add_customers(partner, 200)
    client, seen = client_of(admin_agent), []
    known = {row.tenant_id: row for row in Customer.objects.select_related("tenant")}
    url = LIST
    while url:
        page = client.get(url).content.decode()
        on_page = listed(page)
        assert len(on_page) == PAGE_SIZE
        # The page's own address names the row before it, and may stand on it.
        ids = set(ANY_ID.findall(page)) - set(ANY_ID.findall(url))
        assert {UUID(found) for found in ids} & set(known) == set(on_page)
        others = [row for tenant, row in known.items() if tenant not in on_page]
        assert not [row for row in others if row.company_name in page or row.tenant.domain in page]
        seen += on_page
        url = turn(page, "next") and LIST + turn(page, "next")
    assert sorted(seen) == sorted(known)


@pytest.mark.scenario("P3")
def test_bytes_do_not_grow_with_the_customers(client_of: ClientOf, partner: Partner, admin_agent: Membership) -> None:
    """The list has as many bytes for many customers as for 1,000, within 5 %"""
    client, few, many = client_of(admin_agent), 1_000, scale(5_000, 200_000)
    add_customers(partner, few)
    small = client.get(LIST)
    add_customers(partner, many - few, first=10_000_000)
    large = client.get(LIST)
    assert len(listed(small.content.decode())) == len(listed(large.content.decode())) == PAGE_SIZE
    assert len(large.content) == pytest.approx(len(small.content), rel=0.05)


@pytest.mark.scenario("P3")
def test_negative_control_a_page_with_every_id_grows(partner: Partner) -> None:
    """negative control: a page that carries every id is not within 5 %"""
    page = "x" * 50_000
    sizes = [len(page) + len(ANY_ID.pattern) * count for count in (1_000, 20_000)]
    assert sizes[1] != pytest.approx(sizes[0], rel=0.05)


def walk(client: Client, url: str, way: str, between: Callable[[str], None]) -> Iterator[UUID]:
    """Every customer on the pages from this one on, something happening between two pages."""
    while url:
        page = client.get(url).content.decode()
        rows = listed(page)
        yield from rows if way == "next" else reversed(rows)
        between(page)
        url = turn(page, way) and LIST + turn(page, way)


@pytest.fixture
def newcomers(partner: Partner) -> Callable[[str], None]:
    """Adds customers whose names are before, among and after those that are there already."""
    numbers = iter(range(1, 1_000))

    def add(page: str) -> None:
        n = next(numbers)
        for first in (1_000 + n * 10, 1_000_000 + n * 97, 9_000_000 + n * 10):
            if not Customer.objects.filter(name_key=f"customer {first:08x}").exists():
                add_customers(partner, 1, first=first)

    return add


@pytest.mark.scenario("P5")
def test_a_walk_sees_everybody_once_while_customers_arrive(
    client_of: ClientOf, partner: Partner, admin_agent: Membership, newcomers: Callable[[str], None]
) -> None:
    """Walking forth and back while customers arrive shows each earlier one exactly once"""
    client = client_of(admin_agent)
    # Numbers with gaps: newcomers fit between.
    for block in range(scale(4, 100)):
        add_customers(partner, 60, first=1_000_000 + block * 1_000)
    before = set(Customer.objects.values_list("tenant_id", flat=True))
    last = [LIST]

    def note(page: str) -> None:
        newcomers(page)
        last[0] = (turn(page, "next") and LIST + turn(page, "next")) or last[0]

    forth = [tenant for tenant in walk(client, LIST, "next", note) if tenant in before]
    assert len(forth) == len(set(forth))
    assert set(forth) == before
    # From a page after everybody; newcomers arrived there too.
    back = [tenant for tenant in walk(client, last[0], "prev", newcomers) if tenant in before]
    assert len(back) == len(set(back))
    on_last_page = {t for t in listed(client.get(last[0]).content.decode()) if t in before}
    assert set(back) | on_last_page == before


@pytest.mark.scenario("P5")
def test_negative_control_numbered_pages_show_a_row_twice(partner: Partner, newcomers: Callable[[str], None]) -> None:
    """negative control: pages by OFFSET repeat rows when customers arrive before them"""
    for block in range(6):
        add_customers(partner, 60, first=1_000_000 + block * 1_000)
    seen: list[UUID] = []
    for number in range(6):
        ordered = Customer.objects.order_by("name_key", "pk").values_list("tenant_id", flat=True)
        seen += ordered[number * PAGE_SIZE : (number + 1) * PAGE_SIZE]
        newcomers("")
    assert len(seen) > len(set(seen))


@pytest.mark.scenario("P5")
@pytest.mark.django_db(transaction=True)
def test_a_walk_sees_everybody_once_beside_a_writer(
    client_of: ClientOf, partner: Partner, admin_agent: Membership, tmp_path: Path, writer: Callable[..., Any]
) -> None:
    """The same beside a thread that adds customers without a pause"""
    for block in range(scale(4, 100)):
        add_customers(partner, 60, first=1_000_000 + block * 1_000)
    with shared_by_threads(tmp_path):
        before = set(Customer.objects.values_list("tenant_id", flat=True))
        client = client_of(admin_agent)
        with writer(partner) as added:
            seen = [tenant for tenant in walk(client, LIST, "next", lambda page: None) if tenant in before]
        assert added
        assert len(seen) == len(set(seen))
        assert set(seen) == before


@pytest.fixture
def writer() -> Callable[..., Any]:
    """Within, a thread adds customers all over the list; the numbers it added so far."""

    @contextmanager
    def write(partner: Partner) -> Iterator[list[int]]:
        added: list[int] = []
        stop = threading.Event()

        def run() -> None:
            for number in range(1, 10_000):
                if stop.is_set():
                    break
                added.append(1_000_100 + number % 50 * 1_000 + number // 50)
                add_customers(partner, 1, first=added[-1])
            connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield added
        finally:
            stop.set()
            thread.join()

    return write
