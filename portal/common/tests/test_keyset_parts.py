"""One page over several parts: after the last row of one comes the first of the next, both ways."""

from collections.abc import Sequence

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.common.keyset import Page, tiered_page
from portal.common.tests.test_keyset import linked
from portal.partners.models import Partner

# Part by part, in the order of names within each.
PARTS = [["Bob", "Dan", "Eve"], ["Ada"], [], ["Cem", "Fay", "Fay"]]


@pytest.fixture
def parts(partner: Partner) -> list[QuerySet[Customer]]:
    """Told apart by their city."""
    for place, names in enumerate(PARTS):
        for name in names:
            CustomerFactory(partner=partner, company_name=name, city=f"City {place}")
    return [Customer.objects.filter(partner=partner, city=f"City {place}") for place in range(len(PARTS))]


def page_of(parts: Sequence[QuerySet[Customer]], size: int = 2, **query: str) -> Page[Customer]:
    request = RequestFactory().get("/", query)
    return tiered_page(request, parts, field="company_name", public="tenant_id", size=size)


def names(page: Page[Customer]) -> list[str]:
    return [row.company_name for row in page.rows]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 7, 8])
def test_walks_all_parts_forth_and_back(parts: list[QuerySet[Customer]], size: int) -> None:
    whole = [name for part in PARTS for name in part]
    page, forth = page_of(parts, size), []
    while True:
        forth.append(names(page))
        if not page.next_url:
            break
        page = page_of(parts, size, **linked(page.next_url))
    assert [name for each in forth for name in each] == whole
    back = [names(page)]
    while page.previous_url:
        page = page_of(parts, size, **linked(page.previous_url))
        back.append(names(page))
    assert list(reversed(back)) == forth


def test_descending_turns_each_part(partner: Partner, parts: list[QuerySet[Customer]]) -> None:
    request = RequestFactory().get("/")
    page = tiered_page(request, parts, field="company_name", public="tenant_id", descending=True)
    assert names(page) == ["Eve", "Dan", "Bob", "Ada", "Fay", "Fay", "Cem"]


def test_each_part_touched_costs_one_query(parts: list[QuerySet[Customer]]) -> None:
    bob, eve = (str(parts[0].get(company_name=name).tenant_id) for name in ("Bob", "Eve"))
    for size, query, cost in ((2, {}, 1), (3, {}, 2), (1, {"after": bob}, 2), (1, {"after": eve}, 1 + 2 + 2)):
        with CaptureQueriesContext(connection) as asked:
            page_of(parts, size, **query)
        assert len(asked) <= cost, (size, query)


def test_a_row_of_no_part_shows_the_first_page(partner: Partner, parts: list[QuerySet[Customer]]) -> None:
    other = CustomerFactory(partner=partner, city="Elsewhere")
    for way in ("after", "before"):
        page = page_of(parts, 3, **{way: str(other.tenant_id)})
        assert (names(page), page.previous_url) == (["Bob", "Dan", "Eve"], "")


def test_no_rows_at_all(partner: Partner, parts: list[QuerySet[Customer]]) -> None:
    empty = [part.none() for part in parts]
    page = page_of(empty, after="00000000-0000-0000-0000-000000000000")
    assert (page.rows, page.next_url, page.previous_url) == ([], "", "")
