"""orders.services.change_licence_count: up, down, gated, once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from agreements.models import Attestation
from agreements.services import withdraw_acceptance
from agreements.tests.factories import accepted_directly, confirmed, job_actor
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from orders.models import ChangeReason, LicenceChange, Subscription, SubscriptionStatus
from orders.services import advance_subscription, change_licence_count
from orders.tests.factories import filled_cart, placed
from orders.tests.lives import at, subscribed
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import AcceptanceRequired, NotFound, NotPermitted, RuleViolation
from portal.jobs.services import SubmissionConflict
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

Act = Callable[..., Actor]
WEEK, SECOND = timedelta(days=7), timedelta(seconds=1)


@pytest.fixture
def acceptance(customer: Customer) -> Attestation:
    return confirmed(customer)


@pytest.fixture
def by(sales_agent: Membership, actor_for: Act) -> Actor:
    return actor_for(sales_agent)


@pytest.fixture
def subscription(acceptance: Attestation, customer: Customer, sales_agent: Membership, by: Actor) -> Subscription:
    """Of 5 licences; 1 to 300 are allowed."""
    return placed(filled_cart(customer, sales_agent), by).lines.get().subscription


@pytest.mark.parametrize("quantity", [1, 4, 6, 300])
def test_goes_up_and_down_and_cites_the_acceptance(
    subscription: Subscription, acceptance: Attestation, by: Actor, quantity: int
) -> None:
    change = change_licence_count(by=by, subscription=subscription, quantity=quantity, submit_key="k")
    assert (change.from_quantity, change.to_quantity, change.changed_by_name) == (5, quantity, "Sam Sales")
    assert (change.acceptance, change.acceptance_scope) == (acceptance, subscription.partner_id)
    subscription.refresh_from_db()
    assert subscription.quantity == quantity


def test_is_logged(subscription: Subscription, acceptance: Attestation, by: Actor) -> None:
    change_licence_count(by=by, subscription=subscription, quantity=6, submit_key="k")
    event = AuditEvent.objects.get(code="orders.licence_count_changed")
    assert event.subject == str(subscription.pk)
    assert event.facts == {
        "title": subscription.title,
        "from": 5,
        "to": 6,
        "reason": "customer_asked",
        "relied_on": str(acceptance.reference),
    }


@pytest.mark.parametrize(("quantity", "message"), [(0, "1 or more"), (301, "300 or fewer"), (5, "differs")])
def test_refuses_counts_out_of_range_or_unchanged(
    subscription: Subscription, by: Actor, quantity: int, message: str
) -> None:
    with pytest.raises(RuleViolation, match=message) as refused:
        change_licence_count(by=by, subscription=subscription, quantity=quantity, submit_key="k")
    assert refused.value.field == "quantity"
    assert not LicenceChange.objects.exists()


def test_refuses_a_suspended_subscription(subscription: Subscription, by: Actor) -> None:
    subscription.status = SubscriptionStatus.SUSPENDED
    subscription.save()
    with pytest.raises(RuleViolation, match="Reactivate"):
        change_licence_count(by=by, subscription=subscription, quantity=6, submit_key="k")


@pytest.mark.scenario("R2")
def test_refuses_without_the_acceptance_until_it_is_there(
    subscription: Subscription, acceptance: Attestation, customer: Customer, by: Actor
) -> None:
    withdraw_acceptance(by=by, customer=customer, attestation=acceptance, reason="Wrong customer")
    with pytest.raises(AcceptanceRequired):
        change_licence_count(by=by, subscription=subscription, quantity=6, submit_key="k")
    subscription.refresh_from_db()
    assert subscription.quantity == 5
    direct = accepted_directly(customer)
    change = change_licence_count(by=by, subscription=subscription, quantity=6, submit_key="k")
    assert (change.acceptance, change.acceptance_scope) == (direct, 0)


def test_the_same_submit_twice_changes_once(subscription: Subscription, by: Actor) -> None:
    first = change_licence_count(by=by, subscription=subscription, quantity=6, submit_key="k")
    assert change_licence_count(by=by, subscription=subscription, quantity=6, submit_key="k") == first
    with pytest.raises(SubmissionConflict):
        change_licence_count(by=by, subscription=subscription, quantity=7, submit_key="k")
    assert LicenceChange.objects.count() == 1


def test_refuses_who_may_not(
    subscription: Subscription, helpdesk_agent: Membership, stranger: Membership, actor_for: Act
) -> None:
    with pytest.raises(NotPermitted):
        change_licence_count(by=actor_for(helpdesk_agent), subscription=subscription, quantity=6, submit_key="k")
    with pytest.raises(NotFound):
        change_licence_count(by=actor_for(stranger), subscription=subscription, quantity=6, submit_key="k")


@pytest.mark.scenario("R9")
def test_needs_no_acceptance_in_a_national_cloud(db: None, actor_for: Act) -> None:
    seller = MembershipFactory(partner__government=True, partner__cloud="us_government")
    order = placed(filled_cart(CustomerFactory(partner=seller.partner), seller), actor_for(seller))
    subscription = order.lines.get().subscription
    change = change_licence_count(by=actor_for(seller), subscription=subscription, quantity=6, submit_key="k")
    assert (change.acceptance, change.acceptance_scope) == (None, None)


def counted(subscription: Subscription, quantity: int, after: timedelta) -> int:
    """The count after asking for another one, so long after the purchase."""
    with at(subscription.started_at + after):
        try:
            key = f"{quantity}-{after}"
            change_licence_count(by=job_actor(), subscription=subscription, quantity=quantity, submit_key=key)
        except RuleViolation as refused:
            if refused.field != "quantity":
                raise
    return Subscription.objects.get(pk=subscription.pk).quantity


def test_down_within_seven_days_of_the_purchase_to_the_second(subscription: Subscription) -> None:
    assert counted(subscription, 4, WEEK) == 4
    assert counted(subscription, 3, WEEK + SECOND) == 4
    assert counted(subscription, 6, WEEK + SECOND) == 6


def test_down_by_what_was_bought_within_seven_days(subscription: Subscription) -> None:
    assert counted(subscription, 8, WEEK + SECOND) == 8
    assert counted(subscription, 4, WEEK * 2) == 8
    assert counted(subscription, 6, WEEK * 2) == 6
    # One of the three is left to be given back, and then none.
    assert counted(subscription, 5, WEEK * 2 + SECOND) == 5
    assert counted(subscription, 4, WEEK * 2 + SECOND) == 5


def test_down_within_seven_days_of_a_renewal(subscription: Subscription) -> None:
    term = subscription.term_ends_at - subscription.started_at
    assert counted(subscription, 4, term - SECOND) == 5
    with at(subscription.term_ends_at):
        advance_subscription(by=job_actor(), subscription_id=subscription.pk, now=subscription.term_ends_at)
    assert counted(subscription, 2, term + WEEK) == 2
    assert counted(subscription, 1, term + WEEK + SECOND) == 2


def test_a_sandbox_has_room_for_25(template: object) -> None:
    member = MembershipFactory(partner=PartnerFactory(sandbox=True))
    subscription = subscribed(CustomerFactory(partner=member.partner), member)
    with pytest.raises(RuleViolation, match="Enter 25 or fewer licences"):
        change_licence_count(by=job_actor(), subscription=subscription, quantity=26, submit_key="k")
    assert counted(subscription, 25, SECOND) == 25


def test_tells_its_history_who_and_why(subscription: Subscription, by: Actor) -> None:
    reason = ChangeReason.CORRECTION
    change = change_licence_count(by=by, subscription=subscription, quantity=6, submit_key="k", reason=reason)
    event = subscription.events.get(kind="licences_changed")
    assert (event.licence_change, event.quantity, event.reason) == (change, 6, "correction")
    assert (event.actor_name, event.at) == ("Sam Sales", change.changed_at)
