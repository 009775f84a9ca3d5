"""What the clock does to subscriptions: renewal, and the days after an end. Nobody orders, so nothing is gated."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from agreements.services import withdraw_acceptance
from agreements.tests.factories import job_actor
from customers.models import Customer
from orders.models import LicenceChange, Order, Subscription, Term
from orders.services import (
    advance_subscription,
    change_licence_count,
    reactivate_subscription,
    set_auto_renew,
    suspend_subscription,
)
from orders.tasks import CLOCK
from orders.tests.factories import PriceFactory
from orders.tests.lives import add_on_of, at, kinds, subscribed
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import AcceptanceRequired, RuleViolation
from portal.partners.models import Membership

Act = Callable[..., Actor]
SECOND = timedelta(seconds=1)


@pytest.fixture
def subscription(customer: Customer, sales_agent: Membership) -> Subscription:
    """Of 5 licences for a year."""
    return subscribed(customer, sales_agent)


def step(subscription: Subscription, now: datetime) -> bool:
    with at(now):
        return advance_subscription(by=CLOCK, subscription_id=subscription.pk, now=now)


def all_steps(subscription: Subscription, now: datetime) -> int:
    taken = 0
    while step(subscription, now):
        taken += 1
    return taken


def test_is_renewed_at_the_end_of_its_term_and_not_a_second_before(subscription: Subscription) -> None:
    end = subscription.term_ends_at
    assert not step(subscription, end - SECOND)
    assert step(subscription, end)
    assert not step(subscription, end)
    subscription.refresh_from_db()
    assert (subscription.status, subscription.quantity, subscription.term_started_at) == ("active", 5, end)
    assert subscription.term_ends_at == subscription.due_at == end.replace(year=end.year + 1)
    assert kinds(subscription) == ["purchased", "renewed"]
    event = subscription.events.get(kind="renewed")
    assert (event.reason, event.actor_name, event.term_ends_at) == ("term_ended", "Portal", subscription.due_at)
    logged = AuditEvent.objects.get(code="orders.subscription_renewed")
    assert (logged.actor_kind, logged.door) == ("job", "job")


def test_is_renewed_at_the_price_of_that_day(subscription: Subscription) -> None:
    sold = subscription.order_line.sku.availabilities.get()
    end = subscription.term_ends_at
    PriceFactory(availability=sold, effective_from=end.date(), unit_price=Decimal("61.2500"))
    step(subscription, end)
    subscription.refresh_from_db()
    assert subscription.unit_price == Decimal("61.2500")
    # What was ordered stays as it was.
    assert subscription.order_line.unit_price == Decimal("50.4000")


def test_is_renewed_without_an_acceptance_while_an_increase_is_refused(
    subscription: Subscription, customer: Customer
) -> None:
    made = customer.tenant.attestations.get()
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=made, reason="Wrong customer")
    assert step(subscription, subscription.term_ends_at)
    assert subscription.events.get(kind="renewed").licence_change is None
    assert (Order.objects.count(), LicenceChange.objects.count()) == (1, 0)
    with pytest.raises(AcceptanceRequired):
        change_licence_count(by=job_actor(), subscription=subscription, quantity=6, submit_key="k")


def test_comes_late_and_takes_one_step_after_the_other(customer: Customer, sales_agent: Membership) -> None:
    monthly = subscribed(customer, sales_agent, term="P1M")
    start = monthly.started_at.replace(year=2027, month=1, day=31)
    Subscription.objects.filter(pk=monthly.pk).update(
        started_at=start,
        term_started_at=start,
        term_ends_at=start.replace(month=2, day=28),
        due_at=start.replace(month=2, day=28),
    )
    assert all_steps(monthly, start.replace(month=5, day=1)) == 3
    monthly.refresh_from_db()
    assert monthly.term_started_at == start.replace(month=4, day=30)
    assert monthly.term_ends_at == start.replace(month=5, day=31)
    assert kinds(monthly) == ["purchased", "renewed", "renewed", "renewed"]


def test_ends_by_degrees_once_auto_renew_is_off(
    subscription: Subscription, customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    set_auto_renew(by=actor_for(sales_agent), subscription=subscription, is_on=False)
    end = subscription.term_ends_at
    days = {0: "expired", 30: "disabled", 120: "deleted"}
    for day, status in days.items():
        assert not step(subscription, end + timedelta(days=day) - SECOND)
        assert step(subscription, end + timedelta(days=day))
        subscription.refresh_from_db()
        assert subscription.status == status
    assert subscription.due_at is None
    assert kinds(subscription) == ["purchased", "auto_renew_off", "expired", "disabled", "deleted"]
    reasons = subscription.events.order_by("at", "id").values_list("reason", flat=True)
    assert list(reasons)[2:] == ["term_ended", "grace_ended", "grace_ended"]
    customer.refresh_from_db()
    assert customer.subscription_count == 0


def test_the_days_count_from_the_end_however_late_the_clock_is(
    subscription: Subscription, sales_agent: Membership, actor_for: Act
) -> None:
    set_auto_renew(by=actor_for(sales_agent), subscription=subscription, is_on=False)
    end = subscription.term_ends_at
    assert step(subscription, end + timedelta(days=29))
    subscription.refresh_from_db()
    assert subscription.due_at == end + timedelta(days=30)
    assert all_steps(subscription, end + timedelta(days=121)) == 2
    subscription.refresh_from_db()
    assert subscription.status == "deleted"


def test_what_is_no_longer_sold_is_not_renewed(subscription: Subscription) -> None:
    sold = subscription.order_line.sku.availabilities.get()
    sold.prices.update(effective_until=subscription.term_ends_at.date() - timedelta(days=1))
    assert step(subscription, subscription.term_ends_at)
    subscription.refresh_from_db()
    assert subscription.status == "expired"
    assert subscription.events.get(kind="expired").reason == "not_sold"


def test_suspended_to_the_end_of_its_term_it_is_disabled_and_then_deleted(
    subscription: Subscription, sales_agent: Membership, actor_for: Act
) -> None:
    suspend_subscription(by=actor_for(sales_agent), subscription=subscription)
    end = subscription.term_ends_at
    assert not step(subscription, end - SECOND)
    assert step(subscription, end)
    subscription.refresh_from_db()
    assert (subscription.status, subscription.due_at) == ("disabled", end + timedelta(days=120))
    with pytest.raises(RuleViolation, match="cannot become"):
        reactivate_subscription(by=actor_for(sales_agent), subscription=subscription)
    assert step(subscription, end + timedelta(days=120))
    subscription.refresh_from_db()
    assert subscription.status == "deleted"


def test_an_add_on_is_renewed_with_its_base(subscription: Subscription, sales_agent: Membership) -> None:
    add_on = add_on_of(subscription, sales_agent)
    end = add_on.term_ends_at
    assert all_steps(subscription, end) == all_steps(add_on, end) == 1
    assert [kinds(each) for each in (subscription, add_on)] == [["purchased", "renewed"]] * 2


@pytest.mark.parametrize("who_first", ["base", "add-on"])
def test_an_add_on_ends_with_its_base_whoever_is_looked_at_first(
    subscription: Subscription, sales_agent: Membership, actor_for: Act, who_first: str
) -> None:
    add_on = add_on_of(subscription, sales_agent)
    end = add_on.term_ends_at
    Subscription.objects.update(term_ends_at=end, due_at=end)
    set_auto_renew(by=actor_for(sales_agent), subscription=subscription, is_on=False)
    order = [subscription, add_on] if who_first == "base" else [add_on, subscription]
    for day, status in {0: "expired", 30: "disabled", 120: "deleted"}.items():
        for each in order:
            all_steps(each, end + timedelta(days=day))
        assert set(Subscription.objects.values_list("status", flat=True)) == {status}
    assert kinds(add_on) == ["purchased", "expired", "disabled", "deleted"]
    assert set(add_on.events.exclude(kind="purchased").values_list("reason", flat=True)) == {"parent_ended"}


def test_an_add_on_whose_term_ends_first_is_renewed_by_itself(
    subscription: Subscription, sales_agent: Membership
) -> None:
    add_on = add_on_of(subscription, sales_agent, term=Term.MONTH)
    assert all_steps(add_on, add_on.term_ends_at) == 1
    assert (kinds(add_on)[-1], kinds(subscription)) == ("renewed", ["purchased"])


def test_what_waits_for_nothing_is_not_looked_at_again(subscription: Subscription) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(status="deleted")
    assert not step(subscription, subscription.term_ends_at)
    assert Subscription.objects.get(pk=subscription.pk).due_at is None
    assert kinds(subscription) == ["purchased"]


def test_however_late_the_clock_is_the_price_is_that_of_the_first_day(subscription: Subscription) -> None:
    sold, end = subscription.order_line.sku.availabilities.get(), subscription.term_ends_at
    next_day = end.astimezone(UTC).date() + timedelta(days=1)
    sold.prices.update(effective_until=next_day - timedelta(days=1))
    PriceFactory(availability=sold, effective_from=next_day, unit_price=Decimal("61.2500"))
    assert step(subscription, end + timedelta(days=2))
    subscription.refresh_from_db()
    assert (subscription.status, subscription.unit_price) == ("active", Decimal("50.4000"))


def test_what_the_clock_is_about_to_renew_is_renewed_before_it_can_be_suspended(
    subscription: Subscription, sales_agent: Membership, actor_for: Act
) -> None:
    """Suspended to the end of its term it would be, and disabled a minute later: no way leads back from there."""
    by, add_on, end = actor_for(sales_agent), add_on_of(subscription, sales_agent), subscription.term_ends_at
    begun = subscription.started_at + SECOND
    Subscription.objects.filter(pk=add_on.pk).update(
        started_at=begun, term_started_at=begun, term_ends_at=end + SECOND, due_at=end + SECOND
    )
    for late in (SECOND, 2 * SECOND):
        with at(end + late), pytest.raises(RuleViolation, match="Try again in a few minutes"):
            suspend_subscription(by=by, subscription=subscription)
        all_steps(subscription, end + late)
    all_steps(add_on, end + 2 * SECOND)
    with at(end + 2 * SECOND):
        assert suspend_subscription(by=by, subscription=subscription).due_at == end.replace(year=end.year + 1)
    assert kinds(add_on) == ["purchased", "renewed", "suspended"]


def test_what_ends_anyway_can_be_suspended_at_its_end(
    subscription: Subscription, sales_agent: Membership, actor_for: Act
) -> None:
    by = actor_for(sales_agent)
    set_auto_renew(by=by, subscription=subscription, is_on=False)
    with at(subscription.term_ends_at + SECOND):
        assert suspend_subscription(by=by, subscription=subscription).status == "suspended"
