"""orders:list reads a bounded part of very many orders, whatever is asked for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import AgreementTemplate
from agreements.tests.factories import confirmed
from customers.tests.factories import CustomerFactory
from orders import search_index
from orders.models import Order
from orders.tests.factories import filled_cart, placed
from orders.tests.many import add_orders
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.support import rows_read

Act = Callable[..., Actor]
ClientOf = Callable[[Membership], Client]
LIST, SEARCH = reverse("orders:list"), reverse("orders:search")
# Rows that a statement may read from one table; a search goes by 200 customers and numbers of each kind.
READ_AT_MOST = 2_000
COMPANIES = 40


@pytest.fixture
def client(client_of: ClientOf, admin_agent: Membership) -> Client:
    return client_of(admin_agent)


@pytest.fixture
def only_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("Plans with their numbers of rows are PostgreSQL's.")


@pytest.fixture
def many(partner: Partner, template: AgreementTemplate, sales_agent: Membership, actor_for: Act) -> list[Order]:
    """One order of each customer; each has a thousand more."""
    firsts = []
    for number in range(COMPANIES):
        customer = CustomerFactory(partner=partner, company_name=f"Company {number:02} Ltd")
        confirmed(customer)
        firsts.append(placed(filled_cart(customer, sales_agent), actor_for(sales_agent)))
    add_orders(firsts, scale(40_000, 200_000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return firsts


@contextmanager
def seen() -> Iterator[list[str]]:
    """The statements about orders that are sent within."""
    statements: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield statements
    sent = (query["sql"] for query in captured.captured_queries)
    statements += [sql for sql in sent if sql.startswith("SELECT") and "orders_order" in sql]


def address(client: Client, text: str) -> str:
    return client.post(SEARCH, {"q": text}).url


@pytest.mark.usefixtures("only_postgresql")
def test_reads_a_bounded_part(client: Client, many: list[Order]) -> None:
    """Every question, on its first page and far behind: no statement reads more than a few pages."""
    some, deep = many[7], Order.objects.order_by("placed_at")[500]
    day = deep.placed_at.astimezone(UTC).date()
    asked = {
        "all": LIST,
        "far behind": f"{LIST}?after={deep.number}",
        "and back": f"{LIST}?before={deep.number}",
        "customer": f"{LIST}?customer={some.customer.tenant_id}",
        "status": f"{LIST}?status=completed",
        "days": f"{LIST}?placed_from={day - timedelta(days=2)}&placed_to={day}",
        "number": address(client, deep.number),
        "number begins": address(client, deep.number[:4]),
        "purchase order": address(client, "PO-39998"),
        "purchase orders": address(client, "po-399"),
        "one customer": address(client, "company 07"),
        "every customer": address(client, "company"),
        "none": address(client, "zzzz"),
    }
    wrong, hits = [], {}
    for name, url in asked.items():
        client.get(url)
        with seen() as statements:
            page = client.get(url).content.decode()
        hits[name] = page.count("data-href")
        read = {sql: rows_read(sql) for sql in statements}
        # The picture of one customer's months counts all of its orders in them, along an index.
        allowed = {sql: 50_000 if "DATE_TRUNC" in sql else READ_AT_MOST for sql in read}
        wrong += [f"{name} reads {n} rows: {sql[-900:]}" for sql, n in read.items() if n > allowed[sql]]
    assert not wrong, "\n".join(wrong)
    assert (hits["all"], hits["number"], hits["purchase order"], hits["none"]) == (50, 1, 1, 0)
    assert hits["customer"] == hits["one customer"] == hits["every customer"] == 50


@pytest.mark.usefixtures("only_postgresql")
def test_a_reseller_reads_a_bounded_part(
    provider: Partner, template: AgreementTemplate, reseller_agent: Membership, actor_for: Act, client_of: ClientOf
) -> None:
    """Its customers' orders stand among their provider's, along whose index they are read."""
    seller, firsts = MembershipFactory(partner=provider), []
    for number in range(COMPANIES):
        reseller = reseller_agent.partner if number % 2 else None
        customer = CustomerFactory(partner=provider, reseller=reseller)
        confirmed(customer)
        firsts.append(placed(filled_cart(customer, seller), actor_for(seller)))
    add_orders(firsts, scale(40_000, 200_000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = client_of(reseller_agent)
    with seen() as statements:
        page = client.get(LIST).content.decode()
    assert page.count("data-href") == 50
    read = {sql: rows_read(sql) for sql in statements if "DATE_TRUNC" not in sql}
    assert max(read.values()) <= READ_AT_MOST, read


@pytest.mark.usefixtures("only_postgresql")
def test_without_its_index_a_purchase_order_number_reads_them_all(client: Client, many: list[Order]) -> None:
    """Negative control."""
    url = address(client, "po-none")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {search_index.NAME}")
    with seen() as statements:
        client.get(url)
    assert max(rows_read(sql) for sql in statements) > 10 * READ_AT_MOST
