"""Every change that programs are told of is told of by the service that makes it, with its line in the log."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agreements.models import AgreementTemplate, Attestation, Invitation
from agreements.services import (
    accept_hosted,
    decline_hosted,
    decline_invitation,
    documents_for,
    look_after_invitations,
    resolve_dispute,
    take_dispute_back,
    withdraw_acceptance,
)
from agreements.tests.enhanced_factories import EnhancedAttestationFactory
from agreements.tests.factories import accepted_directly, confirmed, invited
from agreements.tests.invitation_factories import THE_PERSON, RequestInvitationFactory, disputed
from customers.models import Customer
from customers.services import create_customer, relate_customer
from customers.tests.factories import CustomerFactory, company, contact
from orders.models import Order, Subscription
from orders.services import (
    advance_subscription,
    cancel_subscription,
    change_licence_count,
    reactivate_subscription,
    remove_customer,
    set_auto_renew,
    suspend_subscription,
)
from orders.tests.factories import filled_cart, placed
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.webhooks.models import Delivery, Registration
from portal.webhooks.tests.factories import RegistrationFactory

Act = Callable[..., Actor]


@pytest.fixture
def by(admin_agent: Membership, actor_for: Act) -> Actor:
    return actor_for(admin_agent)


@pytest.fixture
def there(admin_agent: Membership, template: AgreementTemplate) -> Customer:
    return CustomerFactory(partner=admin_agent.partner, country="PL")


@pytest.fixture
def order(there: Customer, admin_agent: Membership, by: Actor) -> Order:
    confirmed(there, by)
    return placed(filled_cart(there, admin_agent), by)


@pytest.fixture
def subscription(order: Order) -> Subscription:
    return Subscription.objects.with_line().get(order_line__order=order)


@pytest.fixture
def listening(admin_agent: Membership) -> Registration:
    return RegistrationFactory(partner=admin_agent.partner)


def told(listening: Registration) -> list[tuple[str, str, str]]:
    """(event, resource, audit code) of each notice, the oldest first; what was told is forgotten."""
    rows = list(Delivery.objects.filter(registration=listening).order_by("pk"))
    codes = dict(AuditEvent.objects.values_list("event_id", "code"))
    for row in rows:
        line = AuditEvent.objects.filter(event_id=row.audit_id).first()
        assert line is None or line.partner_id == listening.partner_id
    Delivery.objects.all().delete()
    return [(row.event, row.resource_uri, codes.get(row.audit_id, "")) for row in rows]


def test_customers(listening: Registration, admin_agent: Membership, by: Actor) -> None:
    partner = admin_agent.partner
    said: dict[str, Any] = {"by": by, "partner": partner, "company": company(), "contact": contact()}
    customer, _credentials = create_customer(domain="relecloud.onmicrosoft.com", **said)
    uri = f"/v1/customers/{customer.tenant_id}"
    assert told(listening) == [("customer-created", uri, "customers.customer_created")]
    remove_customer(by=by, customer=customer, submit_key="k")
    assert told(listening) == [("customer-removed", uri, "customers.relationship_removed")]
    relate_customer(tenant=customer.tenant, **said)
    assert told(listening) == [("customer-created", uri, "customers.relationship_restored")]


def test_records(listening: Registration, there: Customer, by: Actor, global_admin: Membership) -> None:
    uri = f"/v1/customers/{there.tenant_id}/agreements?agreementType=MicrosoftCustomerAgreement"
    record = confirmed(there, by)
    assert told(listening) == [("agreement-recorded", uri, "agreements.acceptance_recorded")]
    disputed(record)
    assert told(listening) == [("agreement-disputed", uri, "agreements.acceptance_disputed")]
    take_dispute_back(by=THE_PERSON, receipt=record.receipt)
    assert told(listening) == [("agreement-dispute-resolved", uri, "agreements.dispute_retracted")]
    withdraw_acceptance(by=by, customer=there, attestation=record, reason="Wrong customer.")
    assert told(listening) == [("agreement-withdrawn", uri, "agreements.acceptance_withdrawn")]


@pytest.mark.parametrize(
    ("is_upheld", "event"), [(True, "agreement-withdrawn"), (False, "agreement-dispute-resolved")]
)
def test_a_dispute_that_is_decided(
    is_upheld: bool,
    event: str,
    listening: Registration,
    there: Customer,
    sales_agent: Membership,
    actor_for: Act,
    by: Actor,
) -> None:
    record = disputed(confirmed(there, actor_for(sales_agent)))
    told(listening)
    resolve_dispute(by=by, attestation=record, is_upheld=is_upheld, reason="We asked.")
    assert [each[0] for each in told(listening)] == [event]


def test_a_direct_acceptance_is_told_to_each_partner_that_it_covers(listening: Registration, there: Customer) -> None:
    """Not to who only claims the customer, nor to whose relationship ended: they learn nothing of it."""

    def other(**said: object) -> Registration:
        return RegistrationFactory(partner=CustomerFactory(tenant=there.tenant, country="PL", **said).partner)

    covered = other()
    strangers = [other(relationship_accepted_at=None), other(removed_at=timezone.now()), RegistrationFactory()]
    record: Attestation = accepted_directly(there)
    uri = f"/v1/customers/{there.tenant_id}/agreements?agreementType=MicrosoftCustomerAgreement"
    expected = [("agreement-recorded", uri, "")]
    assert Delivery.objects.count() == 2
    assert record.partner is None
    assert not Delivery.objects.filter(registration__in=strangers).exists()
    assert Delivery.objects.filter(registration=covered).count() == 1
    assert told(listening) == expected


def test_invitations(listening: Registration, there: Customer, admin_agent: Membership) -> None:
    uri = f"/v1/customers/{there.tenant_id}"
    decline_invitation(by=THE_PERSON, invitation=invited(there), reason="No.")
    assert told(listening) == [("agreement-declined", uri, "agreements.invitation_declined")]
    late = invited(there)
    asked = RequestInvitationFactory(partner=admin_agent.partner)
    over = timezone.now() - timedelta(minutes=1)
    Invitation.objects.filter(pk__in=[late.pk, asked.pk]).update(expires_at=over)
    look_after_invitations()
    assert sorted(told(listening)) == [
        ("agreement-expired", uri, "agreements.invitation_expired"),
        ("agreement-expired", "/v1/customers/relationshiprequests", "agreements.invitation_expired"),
    ]


def test_hosted_acceptances(listening: Registration, there: Customer, template: AgreementTemplate) -> None:
    accepted, declined = EnhancedAttestationFactory.create_batch(2, partner=there.partner)
    text = documents_for("PL", partner=there.partner).get(language="en-US")
    accept_hosted(by=THE_PERSON, asked=accepted, document_id=text.public_id)
    decline_hosted(by=THE_PERSON, asked=declined, reason="No.")
    uri = "/v1/attestations/enhanced"
    assert told(listening) == [
        ("attestation-accepted", f"{uri}/{accepted.public_id}", "agreements.attestation_accepted"),
        ("agreement-declined", f"{uri}/{declined.public_id}", "agreements.attestation_declined"),
    ]


def test_orders_and_subscriptions(
    order: Order, subscription: Subscription, listening: Registration, by: Actor
) -> None:
    uri = f"/v1/customers/{order.tenant_id}/subscriptions/{subscription.pk}"
    suspend_subscription(by=by, subscription=subscription)
    reactivate_subscription(by=by, subscription=subscription)
    change_licence_count(by=by, subscription=subscription, quantity=7, submit_key="k")
    set_auto_renew(by=by, subscription=subscription, is_on=False)
    set_auto_renew(by=by, subscription=subscription, is_on=False)
    cancel_subscription(by=by, subscription=subscription)
    codes = "subscription_suspended subscription_reactivated licence_count_changed auto_renew_changed"
    assert told(listening) == [
        ("subscription-updated", uri, f"orders.{code}") for code in [*codes.split(), "subscription_cancelled"]
    ]


def test_a_renewal_of_the_scheduled_job(subscription: Subscription, listening: Registration, by: Actor) -> None:
    assert advance_subscription(by=by, subscription_id=subscription.pk, now=subscription.term_ends_at)
    assert [(event, code) for event, _uri, code in told(listening)] == [
        ("subscription-updated", "orders.subscription_renewed")
    ]


def test_a_new_order(there: Customer, listening: Registration, admin_agent: Membership, by: Actor) -> None:
    confirmed(there, by)
    told(listening)
    order = placed(filled_cart(there, admin_agent), by)
    uri = f"/v1/customers/{there.tenant_id}/orders/{order.number}"
    assert told(listening) == [("order-created", uri, "orders.order_placed")]
