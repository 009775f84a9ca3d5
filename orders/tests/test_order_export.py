"""orders:export: the orders that the list shows, a row for each line, as a file that harms nobody."""

import csv
import io
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import AgreementTemplate
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders import exports
from orders.listing import OrderQuery
from orders.models import Order, OrderLine
from orders.services import log_export
from orders.tests.factories import CartLineFactory, filled_cart, placed
from orders.tests.many import add_orders
from portal.audit import triggers
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import NotPermitted
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory
from portal.tests.scenario_plugin import scale

Act = Callable[..., Actor]
ClientOf = Callable[[Membership], Client]
EXPORT, LIST, SEARCH = reverse("orders:export"), reverse("orders:list"), reverse("orders:search")


@pytest.fixture
def client(client_of: ClientOf, admin_agent: Membership) -> Client:
    return client_of(admin_agent)


@pytest.fixture
def order(customer: Customer, sales_agent: Membership, actor_for: Act) -> Order:
    """Two lines."""
    confirmed(customer, agreed_on=date(2024, 2, 29))
    cart = filled_cart(customer, sales_agent)
    CartLineFactory(
        cart=cart, quantity=3, availability__term="P1M", availability__price__unit_price=Decimal("0.3333")
    )
    return placed(cart, actor_for(sales_agent), purchase_order_number="PO-1")


@pytest.fixture
def another(partner: Partner, template: AgreementTemplate, sales_agent: Membership, actor_for: Act) -> Order:
    other = CustomerFactory(partner=partner, company_name="Other Works")
    confirmed(other)
    return placed(filled_cart(other, sales_agent), actor_for(sales_agent))


def body(response: Any) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def exported(client: Client, url: str = EXPORT) -> list[dict[str, str]]:
    text = body(client.post(url, {"format": "csv"})).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_has_a_row_for_each_line_with_what_it_relied_on(client: Client, order: Order) -> None:
    rows, lines = exported(client), list(order.lines.select_related("sku"))
    assert order.acceptance is not None
    assert rows[0] == {
        "Order": order.number,
        "Customer": "Żabka Nowa Sp. z o.o.",
        "Domain": order.tenant.domain,
        "Microsoft ID": str(order.tenant_id),
        "Purchase-order number": "PO-1",
        "Status": "Completed",
        "Placed at (UTC)": order.placed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Placed by": "Sam Sales",
        "Product": lines[0].title,
        "SKU": lines[0].sku.catalog_code,
        "Term": "1 year",
        "Billing plan": "billed monthly",
        "Segment": "Commercial",
        "Quantity": "5",
        "Unit price": "50.4000",
        "Amount": "252.00",
        "Currency": "PLN",
        "Agreement acceptance date": "2024-02-29",
        "Acceptance record": str(order.acceptance.reference),
        "Acceptance method": "Confirmed by partner",
    }
    assert [row["Product"] for row in rows] == [line.title for line in lines]
    assert (rows[1]["Term"], rows[1]["Unit price"], rows[1]["Quantity"]) == ("1 month", "0.3333", "3")
    assert sum(Decimal(row["Amount"]) for row in rows) == order.total


def test_a_workbook_holds_the_same(client: Client, order: Order) -> None:
    data = body(client.post(EXPORT, {"format": "xlsx"}))
    sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True).active
    rows = list(sheet.iter_rows(values_only=True))
    told = exported(client)
    assert list(rows[0]) == list(told[0])
    assert len(rows) == 3
    by_name = dict(zip(rows[0], rows[1], strict=True))
    assert (by_name["Quantity"], Decimal(str(by_name["Amount"]))) == (5, Decimal(252))
    assert by_name["Order"] == order.number


def test_holds_what_the_list_shows(client: Client, order: Order, another: Order) -> None:
    assert {row["Order"] for row in exported(client)} == {order.number, another.number}
    assert [row["Order"] for row in exported(client)] == [another.number, order.number, order.number]
    found = client.post(SEARCH, {"q": "zabka", "status": "completed"}).url
    question = found.removeprefix(LIST)
    assert {row["Order"] for row in exported(client, EXPORT + question)} == {order.number}
    page = client.get(EXPORT + question).content.decode()
    assert "zabka" in page
    assert "Completed" in page
    assert f'href="{found.replace("&", "&amp;")}"' in page
    for query in (f"?customer={another.customer.tenant_id}", f"?placed_from={order.placed_at:%Y}-01-01"):
        shown = set(client.get(LIST + query).content.decode().split('data-href="/orders/')[1:])
        assert {row["Order"] for row in exported(client, EXPORT + query)} == {each[:10] for each in shown}
    assert exported(client, f"{EXPORT}?status=cancelled") == []


@pytest.mark.parametrize("name", ["=1+1", "+48 Works", "@SUM(1)", "-2 Ltd", "＝1+1", "Works;=1+1", "  =1+1"])
def test_formulas_stay_text(
    client: Client, partner: Partner, template: AgreementTemplate, sales_agent: Membership, actor_for: Act, name: str
) -> None:
    customer = CustomerFactory(partner=partner, company_name=name)
    confirmed(customer)
    placed(filled_cart(customer, sales_agent), actor_for(sales_agent), purchase_order_number=name)
    row = exported(client)[0]
    for cell in (row["Customer"], row["Purchase-order number"]):
        assert cell.startswith("'") or ";'=" in cell
    data = body(client.post(EXPORT, {"format": "xlsx"}))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value == name} == {"s"}


@pytest.mark.parametrize("role", ["global_admin", "sales_agent", "helpdesk_agent"])
def test_only_an_admin_agent_exports(client_of: ClientOf, partner: Partner, role: str) -> None:
    client = client_of(MembershipFactory(partner=partner, roles=[role]))
    assert client.get(EXPORT).status_code == client.post(EXPORT, {"format": "csv"}).status_code == 403
    assert EXPORT not in client.get(LIST).content.decode()


def test_a_reseller_never_exports(client_of: ClientOf, reseller_agent: Membership, actor_for: Act) -> None:
    assert client_of(reseller_agent).post(EXPORT, {"format": "csv"}).status_code == 403
    given: dict[str, Any] = {"file_format": "csv", "columns": [], "order_count": 0, "filters": {}}
    with pytest.raises(NotPermitted):
        log_export(by=actor_for(reseller_agent), partner=reseller_agent.partner, **given)


def test_strangers_orders_are_not_in_it(client_of: ClientOf, order: Order, stranger: Membership) -> None:
    client = client_of(stranger)
    assert exported(client) == []
    assert exported(client, f"{EXPORT}?customer={order.customer.tenant_id}") == []
    assert "Żabka" not in client.get(f"{EXPORT}?customer={order.customer.tenant_id}").content.decode()


def test_says_who_took_what_before_the_first_byte(client: Client, order: Order) -> None:
    query = OrderQuery(text="żabka", customer=order.customer.tenant_id)
    answer = client.post(reverse("orders:export", query=query.as_params()), {"format": "xlsx"})
    event = AuditEvent.objects.get(code="orders.orders_exported")
    assert (event.actor_name, event.facts["format"], event.facts["order_count"]) == ("Ada Admin", "xlsx", 1)
    assert event.facts["filters"] == {"customer": str(order.customer.tenant_id)}
    assert event.facts["columns"][:2] == ["order", "customer"]
    assert event.detail.values == {"text": [None, "żabka"]}
    assert body(answer)
    assert "1 order exported (XLSX)" in client.get(reverse("dashboard:activity")).content.decode()


@pytest.mark.parametrize("sent", ["", "exe", "csv\n", "x" * 10_000])
def test_asks_again_for_an_unknown_format(client: Client, order: Order, sent: str) -> None:
    answer = client.post(EXPORT, {"format": sent})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not AuditEvent.objects.filter(code="orders.orders_exported").exists()


@pytest.mark.parametrize("query", ["find=%00", "status=x&customer=%F0", "placed_from=x&placed_to=9999-99-99"])
def test_any_query_is_answered(client: Client, order: Order, query: str) -> None:
    assert client.get(f"{EXPORT}?{query}").status_code == 200
    assert len(exported(client, f"{EXPORT}?{query}")) == 2


def test_no_order_is_missed_between_chunks(
    client: Client, order: Order, another: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where many were placed at the same moment."""
    monkeypatch.setattr(exports, "CHUNK", 4)
    add_orders([order, another], 9)
    with_lines()
    with triggers.lifted(connection):
        Order.objects.filter(status="completed").exclude(pk=order.pk).update(placed_at=another.placed_at)
    text = body(client.post(EXPORT, {"format": "csv"}))
    found = [row["Order"] for row in csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""))]
    newest = Order.objects.newest_first().values_list("number", flat=True)
    assert list(dict.fromkeys(found)) == list(newest)
    assert len(found) == OrderLine.objects.count()


def with_lines() -> None:
    """A line for each order that has none, as one that is there."""
    model = OrderLine.objects.order_by("pk")[0]
    bare = Order.objects.filter(lines=None).values_list("pk", flat=True)
    names = [field.attname for field in OrderLine._meta.local_concrete_fields if not field.primary_key]
    same = {name: getattr(model, name) for name in names}
    OrderLine.objects.bulk_create([OrderLine(**{**same, "order_id": pk}) for pk in bare], batch_size=2000)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_first_bytes_leave_before_the_rows_are_read(client: Client, order: Order, file_format: str) -> None:
    answer = client.post(EXPORT, {"format": file_format})
    with CaptureQueriesContext(connection) as captured:
        stream = iter(answer.streaming_content)
        first = next(chunk for chunk in stream if chunk)
        assert (len(captured), bool(first)) == (0, True)
        assert b"".join(stream)
    assert len(captured) == 2


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
def test_memory_does_not_grow_with_the_orders(
    client: Client, order: Order, another: Order, monkeypatch: pytest.MonkeyPatch, file_format: str
) -> None:
    """A long export of orders streams: the first byte comes at once, and memory stays what a few chunks need."""
    few, rows = scale(500, 2_000), scale(4_000, 100_000)
    monkeypatch.setattr(exports, "CHUNK", few // 2)
    add_orders([order], few)
    with_lines()
    _small, small_peak = peak_of(iter(client.post(EXPORT, {"format": file_format}).streaming_content))
    add_orders([another], rows, first=few + 1)
    with_lines()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    began = time.monotonic()
    stream = iter(client.post(EXPORT, {"format": file_format}).streaming_content)
    next(chunk for chunk in stream if chunk)
    first_byte = time.monotonic() - began
    _large, large_peak = peak_of(stream)
    assert large_peak < small_peak * 1.5 + 500_000
    assert large_peak < 50_000_000
    assert first_byte < 1.5
