"""orders:list and orders:search: the partner's orders, newest first, searched and filtered."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import AgreementTemplate
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders import listing
from orders.models import Order
from orders.tests.factories import filled_cart, placed
from orders.views import listing as listing_views
from portal.common.actor import Actor
from portal.common.keyset import tiered_page
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerLinkFactory

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]
URL, SEARCH = reverse("orders:list"), reverse("orders:search")


@pytest.fixture
def order(customer: Customer, sales_agent: Membership, actor_for: Act) -> Order:
    confirmed(customer)
    return placed(filled_cart(customer, sales_agent), actor_for(sales_agent), purchase_order_number="Po-2026/77")


@pytest.fixture
def client(client_of: SignIn, sales_agent: Membership) -> Client:
    return client_of(sales_agent)


@pytest.fixture
def another(partner: Partner, template: AgreementTemplate, sales_agent: Membership, actor_for: Act) -> Order:
    """An order for another customer of the partner."""
    other = CustomerFactory(partner=partner, company_name="Other Works")
    confirmed(other)
    return placed(filled_cart(other, sales_agent), actor_for(sales_agent))


def page_of(client: Client, url: str = URL, **params: object) -> str:
    answer = client.get(url, params)
    assert answer.status_code == 200
    return answer.content.decode()


def found(client: Client, text: str, **kept: str) -> list[str]:
    """The numbers of the orders that the search box finds, in order."""
    answer = client.post(SEARCH, {"q": text, **kept}, follow=True)
    assert answer.status_code == 200
    return numbers(answer.content.decode())


def numbers(page: str) -> list[str]:
    return re.findall(r'<tr data-href="/orders/(\w+)/"', page)


def test_shows_what_was_ordered_by_whom_and_why_it_was_allowed(
    order: Order, helpdesk_agent: Membership, client_of: SignIn
) -> None:
    page = page_of(client_of(helpdesk_agent))
    shown = (order.number, "Żabka Nowa Sp. z o.o.", "Po-2026/77", "Completed", "PLN\u00a0252.00", "Sam Sales")
    for each in (*shown, "Why allowed?"):
        assert each in page
    assert f'href="/orders/{order.number}/#why"' in page


@pytest.mark.django_db
def test_has_no_reason_where_no_acceptance_was_needed(client_of: SignIn, actor_for: Act) -> None:
    member = MembershipFactory(partner__government=True, roles=["admin_agent"])
    customer = CustomerFactory(partner=member.partner, country="PL")
    order = placed(filled_cart(customer, member), actor_for(member))
    page = page_of(client_of(member))
    assert order.number in page
    assert "#why" not in page


@pytest.mark.parametrize(
    "text", ["żabka", "  nowa  ŻABKA ", "zabk", "NUMBER", "BEGIN", "po-2026", "PO-2026/77", "po-2026/77 "]
)
def test_finds_by_number_purchase_order_and_customer(client: Client, order: Order, another: Order, text: str) -> None:
    wanted = {"NUMBER": f" {order.number.lower()} ", "BEGIN": order.number[:6].lower()}.get(text, text)
    assert found(client, wanted) == [order.number]


@pytest.mark.parametrize("text", ["nothing like it", "2026/77", "po-20267", "%", "po_2026", "_", "\x00", "x" * 5000])
def test_finds_nothing_else(client: Client, order: Order, text: str) -> None:
    expected = [order.number] if text == "\x00" else []
    assert found(client, text) == expected


def test_finds_a_short_purchase_order_number_as_a_whole(
    client: Client, customer: Customer, order: Order, sales_agent: Membership, actor_for: Act
) -> None:
    short = placed(filled_cart(customer, sales_agent), actor_for(sales_agent), purchase_order_number="7a")
    assert found(client, "7A") == [short.number]
    assert found(client, "7") == []


def test_a_number_is_found_before_what_customers_bought(
    client: Client, order: Order, partner: Partner, sales_agent: Membership, actor_for: Act
) -> None:
    """Two are called by the beginning of the number: an order, and a customer that bought since."""
    begin = order.number[:4]
    namesake = CustomerFactory(partner=partner, company_name=f"{begin} Trading")
    confirmed(namesake)
    bought = [placed(filled_cart(namesake, sales_agent), actor_for(sales_agent)).number for _ in range(2)]
    assert found(client, begin) == [order.number, *reversed(bought)]


def test_an_order_number_does_not_find_the_customers_other_orders(
    client: Client, order: Order, customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    """Customers are found by their orders' numbers; here the order itself was meant."""
    placed(filled_cart(customer, sales_agent), actor_for(sales_agent))
    assert found(client, order.number) == [order.number]
    assert found(client, order.number[:7]) == [order.number]
    assert found(client, order.number[3:]) == []


def test_a_microsoft_id_finds_the_customers_orders(client: Client, order: Order, another: Order) -> None:
    assert found(client, str(order.customer.tenant_id)) == [order.number]


def test_what_is_searched_for_stands_in_no_address(client: Client, order: Order) -> None:
    answer = client.post(SEARCH, {"q": "żabka nowa", "status": "completed", "currency": "PLN"})
    assert answer.status_code == 302
    assert "abka" not in answer.url
    assert "status=completed" in answer.url
    assert "currency=PLN" in answer.url
    page = page_of(client, answer.url)
    assert "Found for “żabka nowa”" in page
    assert "abka" not in "".join(re.findall(r'href="([^"]*)"', page))


def test_says_when_too_much_fits(
    client: Client, order: Order, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST", 2)
    for number in range(3):
        CustomerFactory(partner=partner, company_name=f"Zabka {number}")
    page = client.post(SEARCH, {"q": "zabka"}, follow=True).content.decode()
    assert "first 200 matching" in page
    assert "first 200 matching" not in client.post(SEARCH, {"q": "zabka nowa"}, follow=True).content.decode()


def test_filters_add_up_and_can_be_removed(client: Client, order: Order, customer: Customer, another: Order) -> None:
    today = order.placed_at.astimezone(UTC).date()
    asked = {"customer": customer.tenant_id, "status": "completed", "placed_from": today, "placed_to": today}
    page = page_of(client, **asked)
    assert numbers(page) == [order.number]
    assert page.count("remove this filter") == 2
    assert f"status=completed&amp;placed_from={today}&amp;placed_to={today}" in page
    for name, value in {
        "customer": another.customer.tenant_id,
        "status": "cancelled",
        "placed_to": today - timedelta(days=1),
    }.items():
        assert order.number not in numbers(page_of(client, **{**asked, name: value}))


def test_a_search_keeps_the_filters(client: Client, order: Order, another: Order) -> None:
    kept = {"customer": str(another.customer.tenant_id)}
    assert found(client, "zabka", **kept) == []
    assert found(client, "other", **kept) == [another.number]


def test_days_are_utc_days(client: Client, order: Order) -> None:
    """For all their hours, whatever the partner's clock says."""
    day = order.placed_at.astimezone(UTC).date()
    query = listing.OrderQuery(placed_from=day, placed_to=day)
    assert listing.begin_of(day) <= order.placed_at < listing.begin_of(day + timedelta(days=1))
    assert numbers(page_of(client, **query.as_params())) == [order.number]
    for wrong in ({"placed_from": day + timedelta(days=1)}, {"placed_to": day - timedelta(days=1)}):
        assert numbers(page_of(client, **wrong)) == []
    assert listing.begin_of(date(2026, 3, 1)) == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["x", "2026-02-30", "31.12.2026", "0001-01-01", "9999-12-31", "\x00", "<b>"])
@pytest.mark.parametrize("name", ["placed_from", "placed_to"])
def test_says_what_is_wrong_with_a_day_and_keeps_it(client: Client, order: Order, name: str, typed: str) -> None:
    answer = client.get(URL, {name: typed})
    assert answer.status_code == 200
    if typed == "\x00":
        return
    assert "Enter a" in str(answer.context["form"].errors[name])
    kept = typed.replace("<", "&lt;").replace(">", "&gt;")
    assert f'value="{kept}"' in answer.content.decode()
    assert numbers(answer.content.decode()) == [order.number]


def test_says_that_days_are_the_wrong_way_round(client: Client, order: Order) -> None:
    page = page_of(client, placed_from="2026-02-02", placed_to="2026-02-01")
    assert "not before the first one" in page


def test_a_provider_filters_by_reseller(
    provider: Partner, template: AgreementTemplate, client_of: SignIn, actor_for: Act
) -> None:
    seller = MembershipFactory(partner=provider)
    link = PartnerLinkFactory(provider=provider, reseller__name="Corner")
    resold = CustomerFactory(partner=provider, reseller=link.reseller)
    own = CustomerFactory(partner=provider)
    placed_for = {}
    for customer in (resold, own):
        confirmed(customer)
        placed_for[customer] = placed(filled_cart(customer, seller), actor_for(seller)).number
    client = client_of(seller)
    assert "Corner" in page_of(client)
    page = page_of(client, reseller=link.reseller.tenant_id)
    assert numbers(page) == [placed_for[resold]]
    assert "Corner" in page


@pytest.mark.parametrize(
    "query", ["customer=x", "status=x", "reseller=x", "after=x", "before=%00", "find=%00", "find=x", "currency=%3Cb"]
)
def test_what_cannot_be_read_filters_nothing(client: Client, order: Order, query: str) -> None:
    assert numbers(page_of(client, f"{URL}?{query}")) == [order.number]


def test_pages_lead_there_and_back(
    client: Client,
    order: Order,
    customer: Customer,
    sales_agent: Membership,
    actor_for: Act,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listing_views, "tiered_page", partial(tiered_page, size=2))
    made = [placed(filled_cart(customer, sales_agent), actor_for(sales_agent)).number for _ in range(4)]
    every = [*reversed(made), order.number]
    url, seen, pages = client.post(SEARCH, {"q": "zabka"}).url, [], []
    while url:
        page = page_of(client, url)
        pages.append(page)
        seen += numbers(page)
        link = re.search(r'rel="next" href="([^"]*)"', page)
        url = URL + link[1].replace("&amp;", "&") if link else ""
    assert seen == every
    assert len(pages) == 3
    back = re.search(r'rel="prev" href="([^"]*)"', pages[-1])
    assert back is not None
    assert numbers(page_of(client, URL + back[1].replace("&amp;", "&"))) == every[2:4]
    # The totals stand on the first page only.
    assert ["Totals per month" in page for page in pages] == [True, False, False]


def test_shows_the_totals_as_picture_and_table(client: Client, order: Order) -> None:
    page = page_of(client)
    assert 'role="img" aria-labelledby="chart-title chart-text"' in page
    assert page.count('<g class="chart-bar">') == 12
    table = page[page.index("Show as a table") :]
    assert table.count("<tr><th") == 13
    assert "PLN\u00a0252.00" in table
    assert "style=" not in page


def test_says_what_to_do_when_there_is_nothing(client: Client) -> None:
    page = page_of(client)
    assert "No orders yet" in page
    assert reverse("orders:new") in page
    assert "Totals per month" not in page


def test_offers_all_orders_when_none_matches(client: Client, order: Order) -> None:
    assert "Show all orders" in page_of(client, status="cancelled")


def test_offers_no_new_order_to_who_may_not(helpdesk_agent: Membership, client_of: SignIn) -> None:
    page = page_of(client_of(helpdesk_agent))
    assert "No orders yet" in page
    assert reverse("orders:new") not in page
    assert reverse("orders:export") not in page


def test_a_stranger_sees_none_of_it(
    order: Order, customer: Customer, stranger: Membership, client_of: SignIn
) -> None:
    client = client_of(stranger)
    assert numbers(page_of(client)) == []
    filtered = page_of(client, customer=customer.tenant_id)
    assert "Żabka" not in filtered
    assert "Unknown customer" in filtered
    for text in (order.number, "zabka", "Po-2026/77"):
        assert found(client, text) == []


def test_a_reseller_sees_and_finds_the_orders_of_its_customers(
    provider: Partner, template: AgreementTemplate, reseller_agent: Membership, actor_for: Act, client_of: SignIn
) -> None:
    mine = CustomerFactory(partner=provider, reseller=reseller_agent.partner, company_name="Mine")
    other = CustomerFactory(partner=provider, company_name="Not mine")
    seller = MembershipFactory(partner=provider)
    orders = []
    for customer in (mine, other):
        confirmed(customer)
        cart = filled_cart(customer, seller)
        orders.append(placed(cart, actor_for(seller), purchase_order_number="PO-1"))
    client = client_of(reseller_agent)
    assert numbers(page_of(client)) == [orders[0].number]
    for text in ("mine", "po-1", orders[0].number):
        assert found(client, text) == [orders[0].number]
    assert found(client, orders[1].number) == []


def test_the_number_of_queries_does_not_grow(
    client: Client, order: Order, customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    searched = client.post(SEARCH, {"q": "zabka"}).url
    for url in (URL, searched):
        client.get(url)
    few = [asked(client, url) for url in (URL, searched)]
    for _ in range(29):
        placed(filled_cart(customer, sales_agent), actor_for(sales_agent))
    assert len(numbers(page_of(client))) == 30
    assert [asked(client, url) for url in (URL, searched)] == few


def asked(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)
