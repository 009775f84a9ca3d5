"""Whatever is typed into the search box: the right rows, never an error, never a look at every row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.models.functions import Upper
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.partners.models import Membership, Partner
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.support import add_customers, listed, rows_read, search

ClientOf = Callable[[Membership], Client]
NAMES = {
    "space": "Blue Harbour Trading",
    "quote": 'O\'Brien "Sons" Ltd',
    "percent": "Save 50%off Energy",
    "underscore": "Under_score Systems",
    "plain": "Underxscore Systems",
    "backslash": r"Back\slash Media",
    "emoji": "Fox 🦊🦊🦊 Foods",
    "accents": "Łódź Żółć Sp. z o.o.",
}
# What is typed -> the companies that are found.
TYPED = {
    "blue harbour": {"space"},
    "harbour blue": {"space"},
    "arbour tradin": {"space"},
    "o'brien": {"quote"},
    '"sons"': {"quote"},
    "50%off": {"percent"},
    "save%energy": set(),
    "%": set(),
    "%%%": set(),
    "under_score": {"underscore"},
    "u_derscore": set(),
    "_": set(),
    "___": set(),
    r"back\slash": {"backslash"},
    r"back\\slash": set(),
    "\\": set(),
    "🦊🦊🦊": {"emoji"},
    "lodz zolc": {"accents"},
    "ŁÓDŹ": {"accents"},
    "blue\x00harbour": {"space"},
    "x" * 10_240: set(),
    "harbour " * 1_280: {"space"},
    "'; DROP TABLE customers_customer; --": set(),
}


@pytest.mark.scenario("F2")
def test_search_finds_the_right_rows_whatever_is_typed(
    client_of: ClientOf, partner: Partner, admin_agent: Membership
) -> None:
    """Space, quote, %, _, backslash, emoji, NUL and 10 KB find the right rows or none"""
    client = client_of(admin_agent)
    made = {CustomerFactory(partner=partner, company_name=name).tenant_id: key for key, name in NAMES.items()}
    add_customers(partner, 60)
    wrong = {}
    for typed, wanted in TYPED.items():
        found = {made.get(tenant, "another") for tenant in listed(search(client, typed))}
        if found != wanted:
            wrong[typed[:40]] = found
    assert wrong == {}


@pytest.mark.scenario("F2")
@pytest.mark.parametrize("sent", [b"q=%ed%a0%be", b"q=%ff%fe%00", b"q", b"", b"q=a&q=%00&find=x&after=%27&sort=;"])
def test_search_survives_bytes_that_are_no_text(client_of: ClientOf, admin_agent: Membership, sent: bytes) -> None:
    """Half an emoji, bytes that are no text, and no text at all show a list"""
    kind = "application/x-www-form-urlencoded"
    response = client_of(admin_agent).generic("POST", "/customers/search/", sent, content_type=kind)
    assert response.status_code == 302
    assert client_of(admin_agent).get(response.url).status_code == 200


# What is typed into a box of 50,000 customers.
LOOKED_FOR = [
    *("c", "cu", "%", "_", "cus", "customer", "000f424", "wisniewska zofia", "zof wis", "zzz", "c zzz"),
    *("x" * 10_240, "customer " * 1_200),
]
# Rows that a statement may read from one table: a page and a count of a thousand, with what they leave out.
READ_AT_MOST = 5_000


@contextmanager
def seen() -> Iterator[list[str]]:
    """The statements about customers that are sent within."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    asked = (query["sql"] for query in captured.captured_queries)
    found += [sql for sql in asked if sql.startswith("SELECT") and "customers_customer" in sql]


@pytest.fixture
def only_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("Only PostgreSQL has the trigram index; elsewhere search looks at a bounded number.")


def add_with_statistics(partner: Partner, count: int) -> None:
    with connection.cursor() as cursor:
        # What guards and foreign keys ask for each row was planned, earlier in this session, for empty tables.
        cursor.execute("DISCARD PLANS")
        cursor.execute("SET LOCAL enable_seqscan = off")
        add_customers(partner, count)
        cursor.execute("SET LOCAL enable_seqscan = on")
        cursor.execute("ANALYZE")


@pytest.mark.scenario("P7")
@pytest.mark.usefixtures("only_postgresql")
def test_search_reads_a_bounded_part(client_of: ClientOf, partner: Partner, admin_agent: Membership) -> None:
    """Search for one letter, %, rare and common words and 10 KB reads at most 5,000 rows"""
    add_with_statistics(partner, scale(50_000, 200_000))
    client, wrong = client_of(admin_agent), []
    for typed in LOOKED_FOR:
        search(client, typed)
        with seen() as statements:
            search(client, typed)
        assert statements
        read = {sql: rows_read(sql) for sql in statements}
        wrong += [f"{typed[:20]!r} reads {n} rows: {sql[-700:]}" for sql, n in read.items() if n > READ_AT_MOST]
    assert not wrong, "\n".join(wrong)


@pytest.mark.scenario("P7")
@pytest.mark.usefixtures("only_postgresql")
def test_negative_control_a_search_without_its_index_is_seen(partner: Partner) -> None:
    """negative control: LIKE over an expression that has no index reads the whole table"""
    add_with_statistics(partner, 2 * READ_AT_MOST)
    with seen() as statements:
        list(Customer.objects.annotate(upper=Upper("company_name")).filter(upper__contains="ZZZ"))
    assert [rows_read(sql) for sql in statements] == [2 * READ_AT_MOST]
