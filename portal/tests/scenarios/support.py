"""What several scenarios need: many customers quickly, and reading what a page lists."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.partners.models import Partner

LINK = re.compile(r'href="[^"]*/customers/([0-9a-f]{8}-[0-9a-f-]{27})/account/')
PAGE_LINK = r'<a[^>]*rel="{}"[^>]*href="([^"]*)"'
NAME = "Customer"

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT %(first)s UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %(end)s)"
# Ids that tell the row's number; SQLite keeps UUIDs as 32 digits.
IDS = {
    "postgresql": ("lpad(to_hex(i), 32, '0')::uuid", "lpad(to_hex(i), 8, '0')"),
    "sqlite": ("printf('%%032x', i)", "printf('%%08x', i)"),
}


def add_customers(partner: Partner, count: int, *, first: int = 1_000_000) -> None:
    """Customers with a primary contact each, by SQL: what services would leave, in a fraction of their time.

    first: number of the first one; names are as long as each other and in the order of numbers.
    """
    uuid, word = IDS[connection.vendor]
    values = {"first": first, "end": first + count, "partner": partner.pk, "offset": 1 << 40}
    columns = (
        "company_name, name_key, search_text, tenant_id, partner_id, primary_contact_id, country, address_line1, "
        "address_line2, city, state, postal_code, registration_number, language, qualification, education_segment, "
        "website, qualification_status, account_status, subscription_count, pushed_words, relationship_accepted_at, "
        "allows_delegated_admin, removed_by_name, created_at, updated_at, version"
    )
    facts = (
        "'PL', 'ul. Prosta 1', '', 'Warszawa', '', '00-001', '', 'en-US', 'none', '', '', '', 'approved', 0, '', "
        "CURRENT_TIMESTAMP, false, '', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 1"
    )
    contact = uuid.replace("(i)", "(i + %(offset)s)").replace(", i)", ", i + %(offset)s)")
    statements = (
        f"INSERT INTO customers_tenant (id, domain, created_at) {NUMBERS} "  # noqa: S608 - our own words
        f"SELECT {uuid}, 'c' || {word} || '.onmicrosoft.com', CURRENT_TIMESTAMP FROM n",
        f"INSERT INTO customers_customer ({columns}) {NUMBERS} "  # noqa: S608 - our own words
        f"SELECT '{NAME} ' || {word}, '{NAME.lower()} ' || {word}, ' {NAME.lower()} ' || {word} || ' c' || {word} || "
        f"'.onmicrosoft.com zofia wisniewska', {uuid}, %(partner)s, {contact}, {facts} FROM n",
        "INSERT INTO customers_contact (customer_id, public_id, first_name, last_name, email, phone, version) "
        "SELECT id, primary_contact_id, 'Zofia', 'Wiśniewska', 'zofia@customer.example', '', 1 "
        "FROM customers_customer c WHERE partner_id = %(partner)s AND primary_contact_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM customers_contact k WHERE k.customer_id = c.id)",
    )
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)


def listed(page: str) -> list[UUID]:
    """The customers that a page links to, each once, in the page's order."""
    return [UUID(found) for found in dict.fromkeys(LINK.findall(page))]


def turn(page: str, way: str) -> str:
    """The address of the next or previous page (`next`, `prev`); "" where there is none."""
    found = re.search(PAGE_LINK.format(way), page)
    return found[1].replace("&amp;", "&") if found else ""


def search(client: Client, text: str) -> str:
    """The page of customers that the search box finds."""
    response = client.post(reverse("customers:search"), {"q": text}, follow=True)
    assert response.status_code == 200, f"{text[:40]!r} answered {response.status_code}"
    return response.content.decode()


def statements(client: Client, url: str) -> list[str]:
    """The SQL that a page takes, everything that is computed once being warm."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200, f"{url} answered {response.status_code}"
    return [query["sql"] for query in captured.captured_queries]


def rows_read(sql: str) -> int:
    """How many rows the statement reads where it reads most, those that it leaves out included."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + sql)
        ((plan,),) = cursor.fetchall()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return max(_read(node) for node in _nodes(plan[0]["Plan"]))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


def _read(node: dict[str, Any]) -> int:
    left_out = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
    return int((node["Actual Rows"] + left_out) * node["Actual Loops"]) if "Relation Name" in node else 0
