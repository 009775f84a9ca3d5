"""agreements.services.withdraw_acceptance: the record stays and no longer covers."""

from collections.abc import Callable

import pytest

from agreements.models import Attestation
from agreements.proving import verify
from agreements.services import attest_on_behalf, require_acceptance, withdraw_acceptance
from agreements.tests.factories import acceptance, accepted_directly, confirmed, job_actor, person
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent, ChainEntry
from portal.common.actor import Actor
from portal.common.errors import AcceptanceRequired, NotFound, NotPermitted, RuleViolation
from portal.partners.models import Membership

Act = Callable[..., Actor]
REASON = "Recorded for the wrong customer."


def standing_of(customer: Customer) -> str:
    return Customer.objects.with_standing(stale_before=None).get(pk=customer.pk).standing


def test_no_longer_covers_and_stays_on_the_record(
    customer: Customer, sales_agent: Membership, actor_for: Act
) -> None:
    made = confirmed(customer)
    event = withdraw_acceptance(by=actor_for(sales_agent), customer=customer, attestation=made, reason=REASON)
    assert (event.reason, event.actor_name, event.roles) == (REASON, "Sam Sales", ["sales_agent"])
    assert Attestation.objects.get().person.first_name == "Zofia"
    assert standing_of(customer) == "missing"
    with pytest.raises(AcceptanceRequired):
        require_acceptance(customer=customer)


def test_is_logged_and_chained(customer: Customer) -> None:
    made = confirmed(customer)
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=made, reason=REASON)
    chain = f"partner:{customer.partner.tenant_id}"
    assert [e.kind for e in ChainEntry.objects.filter(chain=chain).order_by("seq")] == [
        "attestation",
        "attestation.withdrawn",
    ]
    assert not verify(chain=chain).findings
    assert AuditEvent.objects.get(code="agreements.acceptance_withdrawn").subject == str(made.reference)


def test_only_once(customer: Customer) -> None:
    made = confirmed(customer)
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=made, reason=REASON)
    with pytest.raises(RuleViolation):
        withdraw_acceptance(by=job_actor(), customer=customer, attestation=made, reason=REASON)
    assert made.events.count() == 1


def test_asks_for_a_reason(customer: Customer) -> None:
    with pytest.raises(RuleViolation) as refused:
        withdraw_acceptance(by=job_actor(), customer=customer, attestation=confirmed(customer), reason="  ")
    assert refused.value.field == "reason"


def test_a_replaced_record_cannot_be_withdrawn(customer: Customer) -> None:
    first = confirmed(customer)
    confirmed(customer, person=person(first_name="Jan"))
    with pytest.raises(RuleViolation):
        withdraw_acceptance(by=job_actor(), customer=customer, attestation=first, reason=REASON)


def test_another_customers_record_cannot_be_withdrawn_here(customer: Customer) -> None:
    other = CustomerFactory(partner=customer.partner)
    made = confirmed(other)
    with pytest.raises(RuleViolation):
        withdraw_acceptance(by=job_actor(), customer=customer, attestation=made, reason=REASON)
    assert not made.events.exists()


def test_the_customers_own_acceptance_is_not_the_partners_to_withdraw(customer: Customer) -> None:
    direct = accepted_directly(customer)
    with pytest.raises(RuleViolation):
        withdraw_acceptance(by=job_actor(), customer=customer, attestation=direct, reason=REASON)
    assert standing_of(customer) == "covered"


def test_who_may(
    customer: Customer,
    helpdesk_agent: Membership,
    sales_agent: Membership,
    global_admin: Membership,
    stranger: Membership,
    actor_for: Act,
) -> None:
    made = confirmed(customer)
    for refused in (helpdesk_agent, global_admin):
        with pytest.raises(NotPermitted):
            withdraw_acceptance(by=actor_for(refused), customer=customer, attestation=made, reason=REASON)
    with pytest.raises(NotFound):
        withdraw_acceptance(by=actor_for(stranger), customer=customer, attestation=made, reason=REASON)
    withdraw_acceptance(by=actor_for(sales_agent), customer=customer, attestation=made, reason=REASON)


def test_who_attested_on_behalf_may_withdraw_that(
    customer: Customer, helpdesk_agent: Membership, sales_agent: Membership, actor_for: Act
) -> None:
    by = actor_for(helpdesk_agent)
    made = attest_on_behalf(by=by, customer=customer, acceptance=acceptance(), scenario=1)
    with pytest.raises(NotPermitted):
        withdraw_acceptance(by=actor_for(sales_agent), customer=customer, attestation=made, reason=REASON)
    withdraw_acceptance(by=by, customer=customer, attestation=made, reason=REASON)


def test_after_it_the_same_confirmation_is_a_correction(customer: Customer) -> None:
    made = confirmed(customer)
    withdraw_acceptance(by=job_actor(), customer=customer, attestation=made, reason=REASON)
    again = confirmed(customer)
    assert (again.supersedes, again.supersede_reason) == (made, "correction")
    assert standing_of(customer) == "covered"
