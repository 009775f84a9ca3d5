"""Totals per month: kept with every order, equal to what the orders add up to, counted for whom nothing is kept."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agreements.models import AgreementTemplate
from agreements.tests.factories import confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.listing import OrderQuery
from orders.models import Cart, MonthTotal, Order, OrderStatus, Price
from orders.month_totals import Month, Series, following, last_months, series
from orders.services import cancel_order, correct_month_totals, ordering
from orders.tests.factories import filled_cart, placed
from orders.tests.many import add_orders
from portal.common.actor import Actor
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Environment, Membership, Partner
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]
SignIn = Callable[[Membership], Client]
# On either side of the ends of months, a leap day among them.
MOMENTS = [
    "2024-01-31T23:59:59.999999",
    "2024-02-01T00:00:00",
    "2024-02-29T23:59:59.999999",
    "2024-03-01T00:00:00",
    "2024-12-31T23:59:59.999999",
    "2025-01-01T00:00:00",
]


def brute_force(partner: Partner) -> dict[tuple[date, str], tuple[int, Decimal]]:
    """Added up in Python, order by order."""
    sums: dict[tuple[date, str], tuple[int, Decimal]] = {}
    for order in Order.objects.filter(partner=partner):
        if order.status != OrderStatus.CANCELLED:
            key = order.placed_at.astimezone(UTC).date().replace(day=1), order.currency
            count, amount = sums.get(key, (0, Decimal(0)))
            sums[key] = count + 1, amount + order.total
    return sums


def kept(partner: Partner) -> dict[tuple[date, str], tuple[int, Decimal]]:
    rows = MonthTotal.objects.filter(partner=partner, order_count__gt=0)
    return {(row.month, row.currency): (row.order_count, row.amount) for row in rows}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Let orders be placed at another time; what stands in other tables keeps to the clock."""

    def set_clock(moment: datetime) -> None:
        clock = type("Clock", (), {"now": staticmethod(lambda: moment), "localdate": timezone.localdate})
        monkeypatch.setattr(ordering, "timezone", clock)

    return set_clock


@pytest.fixture
def sandbox(partner: Partner) -> Partner:
    partner.environment = Environment.SANDBOX
    partner.save()
    return partner


def test_equal_what_the_orders_add_up_to_around_the_ends_of_months(
    sandbox: Partner,
    customer: Customer,
    sales_agent: Membership,
    actor_for: Act,
    at: Callable[[datetime], None],
) -> None:
    by, orders = actor_for(sales_agent), []
    for number, moment in enumerate(MOMENTS):
        buyer = CustomerFactory(partner=sandbox)
        confirmed(buyer)
        for quantity in (1, 3):
            at(datetime.fromisoformat(moment).replace(tzinfo=UTC))
            orders.append(placed(filled_cart(buyer, sales_agent, quantity + number), by))
    assert kept(sandbox) == brute_force(sandbox)
    assert len(kept(sandbox)) == 5
    for order in orders[::3]:
        cancel_order(by=by, order=order)
        cancel_order(by=by, order=order)
    assert kept(sandbox) == brute_force(sandbox)
    assert sum(count for count, _amount in kept(sandbox).values()) == 8
    assert correct_month_totals(partner=sandbox, is_dry=True) == []


@pytest.mark.django_db(transaction=True)
def test_hold_when_many_order_at_once_and_some_cancel(
    sandbox: Partner, template: AgreementTemplate, sales_agent: Membership, actor_for: Act, tmp_path: Path
) -> None:
    carts, by = buyers(sandbox, sales_agent, 10), actor_for(sales_agent)
    with shared_by_threads(tmp_path):

        def work(number: int) -> None:
            order = placed(Cart.objects.with_customer().get(pk=carts[number].pk), by)
            if number % 3 == 0:
                cancel_order(by=by, order=order)

        _done, errors = together(len(carts), work)
        assert errors == []
        assert kept(sandbox) == brute_force(sandbox)
        assert sum(count for count, _amount in kept(sandbox).values()) == 6


@pytest.mark.django_db(transaction=True)
def test_without_adding_in_the_database_orders_at_once_would_be_lost(
    sandbox: Partner,
    template: AgreementTemplate,
    sales_agent: Membership,
    actor_for: Act,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Negative control: read first, then write what was read plus one; only where writers do not wait in line."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time, so nothing is read in between.")
    carts, by = buyers(sandbox, sales_agent, 9), actor_for(sales_agent)
    placed(carts.pop(), by)

    def read_then_write(order: Order) -> None:
        row = MonthTotal.objects.get(partner_id=order.partner_id)
        MonthTotal.objects.filter(pk=row.pk).update(order_count=row.order_count + 1, amount=row.amount + order.total)

    monkeypatch.setattr(ordering, "_add_to_month", read_then_write)
    with shared_by_threads(tmp_path):
        _done, errors = together(len(carts), lambda n: placed(Cart.objects.with_customer().get(pk=carts[n].pk), by))
        assert errors == []
        assert kept(sandbox) != brute_force(sandbox)


def buyers(partner: Partner, agent: Membership, count: int) -> list[Cart]:
    """A filled cart for each of so many customers."""
    carts = []
    for _ in range(count):
        customer = CustomerFactory(partner=partner)
        confirmed(customer)
        carts.append(filled_cart(customer, agent))
    return carts


@pytest.fixture
def order(customer: Customer, sales_agent: Membership, actor_for: Act) -> Order:
    confirmed(customer)
    return placed(filled_cart(customer, sales_agent), actor_for(sales_agent))


class TestRebuild:
    """`manage.py rebuild_month_totals`."""

    def test_puts_right_what_is_wrong_missing_or_too_much(self, order: Order, partner: Partner) -> None:
        right = kept(partner)
        MonthTotal.objects.update(amount=F("amount") + 1)
        MonthTotal.objects.create(partner=partner, month=date(2020, 1, 1), currency="PLN", order_count=3, amount=9)
        said = io.StringIO()
        with pytest.raises(CommandError, match="2 totals are wrong"):
            call_command("rebuild_month_totals", "--check", stdout=said)
        assert "the total of 2020-01 in PLN did not fit" in said.getvalue()
        assert kept(partner) != right
        call_command("rebuild_month_totals", stdout=said)
        assert kept(partner) == right
        MonthTotal.objects.all().delete()
        with pytest.raises(CommandError, match="1 totals are wrong"):
            call_command("rebuild_month_totals", "--check", stdout=said)
        call_command("rebuild_month_totals", stdout=said)
        assert kept(partner) == right

    def test_says_nothing_of_what_is_right(self, order: Order) -> None:
        said = io.StringIO()
        call_command("rebuild_month_totals", "--check", stdout=said)
        call_command("rebuild_month_totals", stdout=said)
        assert said.getvalue() == "0 totals are wrong.\n0 totals were put right.\n"

    def test_says_nothing_of_what_only_binary_fractions_differ_by(
        self, customer: Customer, sales_agent: Membership, actor_for: Act
    ) -> None:
        """Eighteen times 512.19 is enough, where the engine adds up in binary fractions."""
        confirmed(customer)
        cart = filled_cart(customer, sales_agent, 1)
        Price.objects.filter(availability__cart_lines__cart=cart).update(unit_price=Decimal("512.19"))
        add_orders([placed(cart, actor_for(sales_agent))], 17)
        correct_month_totals(partner=customer.partner)
        assert correct_month_totals(partner=customer.partner, is_dry=True) == []
        assert kept(customer.partner) == brute_force(customer.partner)

    @pytest.mark.django_db(transaction=True)
    def test_runs_while_orders_are_placed(
        self, partner: Partner, template: AgreementTemplate, sales_agent: Membership, actor_for: Act, tmp_path: Path
    ) -> None:
        carts, by = buyers(partner, sales_agent, 8), actor_for(sales_agent)
        with shared_by_threads(tmp_path):

            def work(number: int) -> None:
                if number % 2:
                    correct_month_totals(partner=partner)
                else:
                    placed(Cart.objects.with_customer().get(pk=carts[number].pk), by)

            _done, errors = together(len(carts), work)
            assert errors == []
            assert kept(partner) == brute_force(partner)


TODAY = date(2026, 1, 15)


def keep(partner: Partner, month: str, currency: str, count: int, amount: Any) -> None:
    MonthTotal.objects.create(
        partner=partner,
        month=date.fromisoformat(f"{month}-01"),
        currency=currency,
        order_count=count,
        amount=Decimal(amount),
    )


class TestSeries:
    """What the chart shows."""

    def test_the_last_twelve_months_in_the_currency_of_most_orders(
        self, partner: Partner, sales_agent: Membership, stranger: Membership
    ) -> None:
        keep(partner, "2025-01", "PLN", 9, "1")
        keep(partner, "2025-02", "PLN", 2, "10.50")
        keep(partner, "2026-01", "EUR", 1, "9000")
        keep(partner, "2026-01", "PLN", 3, "20")
        keep(partner, "2025-06", "USD", 0, "0")
        keep(stranger.partner, "2026-01", "GBP", 9, "9")
        found = series(sales_agent, OrderQuery(), currency="", today=TODAY)
        assert found is not None
        assert (found.currency, found.currencies) == ("PLN", ["PLN", "EUR"])
        assert [month.first for month in found.months] == last_months(TODAY)
        assert found.months[0] == Month(date(2025, 2, 1), 2, Decimal("10.50"))
        assert found.months[-1].amount == 20
        assert {month.order_count for month in found.months[1:-1]} == {0}
        in_euro = series(sales_agent, OrderQuery(), currency="EUR", today=TODAY)
        assert in_euro is not None
        assert in_euro.months[-1].amount == 9000

    def test_a_currency_that_there_is_not_is_the_first_one(self, partner: Partner, sales_agent: Membership) -> None:
        keep(partner, "2026-01", "PLN", 1, "1")
        found = series(sales_agent, OrderQuery(), currency="<b>", today=TODAY)
        assert found is not None
        assert found.currency == "PLN"

    def test_nothing_in_these_months_is_none(self, partner: Partner, sales_agent: Membership) -> None:
        keep(partner, "2024-01", "PLN", 1, "1")
        assert series(sales_agent, OrderQuery(), currency="", today=TODAY) is None

    def test_what_is_kept_takes_one_query(self, partner: Partner, sales_agent: Membership) -> None:
        keep(partner, "2026-01", "PLN", 1, "1")
        with CaptureQueriesContext(connection) as asked:
            series(sales_agent, OrderQuery(), currency="", today=TODAY)
        assert len(asked) == 1

    def test_of_one_customer_is_counted(
        self, order: Order, customer: Customer, sales_agent: Membership, actor_for: Act
    ) -> None:
        other = CustomerFactory(partner=customer.partner)
        confirmed(other)
        placed(filled_cart(other, sales_agent), actor_for(sales_agent))
        today = order.placed_at.date()
        every = series(sales_agent, OrderQuery(), currency="", today=today)
        own = series(sales_agent, OrderQuery(customer=customer.tenant_id), currency="", today=today)
        assert counts(every) == 2
        assert counts(own) == 1
        assert own is not None
        assert own.months[-1].amount == order.total

    def test_a_reseller_has_those_of_its_customers(
        self,
        provider: Partner,
        template: AgreementTemplate,
        reseller_agent: Membership,
        actor_for: Act,
    ) -> None:
        seller = MembershipFactory(partner=provider)
        mine = CustomerFactory(partner=provider, reseller=reseller_agent.partner)
        for customer in (mine, CustomerFactory(partner=provider)):
            confirmed(customer)
            placed(filled_cart(customer, seller), actor_for(seller))
        today = timezone.now().astimezone(UTC).date()
        assert counts(series(reseller_agent, OrderQuery(), currency="", today=today)) == 1
        assert counts(series(seller, OrderQuery(), currency="", today=today)) == 2
        of_reseller = OrderQuery(reseller=reseller_agent.partner.tenant_id)
        assert counts(series(seller, of_reseller, currency="", today=today)) == 1


def counts(found: Series | None) -> int:
    assert found is not None
    return sum(month.order_count for month in found.months)


def test_months_follow_each_other() -> None:
    assert last_months(date(2026, 1, 31), 3) == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]
    assert following(date(2025, 12, 1)) == date(2026, 1, 1)
    assert Month(date(2024, 2, 1)).last == date(2024, 2, 29)
