"""Attestation.objects.visible_to: who sees who accepted (architecture, section 5)."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from agreements.models import Attestation, AttestationEvent
from agreements.services import attest_on_behalf, withdraw_acceptance
from agreements.tests.factories import acceptance, accepted_directly, confirmed, person
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.common.actor import Actor
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]


@pytest.fixture
def records(customer: Customer, provider: Partner, admin_agent: Membership, actor_for: Act) -> dict[str, Attestation]:
    """One of each method for the partner's customers, and one of another partner at the same tenant."""
    second = CustomerFactory(partner=customer.partner)
    elsewhere = CustomerFactory(partner=provider, tenant=customer.tenant)
    return {
        "confirmed": confirmed(customer),
        "on_behalf": attest_on_behalf(
            by=actor_for(admin_agent), customer=second, acceptance=acceptance(), scenario=1
        ),
        "direct": accepted_directly(customer),
        "other partner": confirmed(elsewhere),
    }


@pytest.mark.parametrize(
    ("roles", "sees"),
    [
        (["admin_agent"], {"confirmed", "on_behalf", "direct"}),
        (["sales_agent"], {"confirmed", "on_behalf", "direct"}),
        (["helpdesk_agent"], {"on_behalf"}),
        (["global_admin"], {"on_behalf"}),
        (["global_admin", "sales_agent"], {"confirmed", "on_behalf", "direct"}),
        ([], set()),
    ],
)
def test_by_role(records: dict[str, Attestation], partner: Partner, roles: list[str], sees: set[str]) -> None:
    member = MembershipFactory(partner=partner, roles=roles)
    visible = set(Attestation.objects.visible_to(member))
    assert {name for name, record in records.items() if record in visible} == sees


def test_a_partner_never_sees_anothers_record(records: dict[str, Attestation], provider: Partner) -> None:
    member = MembershipFactory(partner=provider, roles=["admin_agent"])
    assert set(Attestation.objects.visible_to(member)) == {records["other partner"], records["direct"]}


def test_a_stranger_sees_nothing(records: dict[str, Attestation], stranger: Membership) -> None:
    assert not Attestation.objects.visible_to(stranger).exists()


def test_a_reseller_sees_no_record(
    records: dict[str, Attestation], customer: Customer, reseller_agent: Membership
) -> None:
    Customer.objects.filter(tenant=customer.tenant).update(reseller=reseller_agent.partner)
    assert not Attestation.objects.visible_to(reseller_agent).exists()


def test_of_customer_leaves_other_partners_out(records: dict[str, Attestation], customer: Customer) -> None:
    assert set(Attestation.objects.of_customer(customer)) == {records["confirmed"], records["direct"]}


def test_each_record_once_however_many_partners_know_the_tenant(
    records: dict[str, Attestation], sales_agent: Membership
) -> None:
    assert Attestation.objects.visible_to(sales_agent).count() == 3


@pytest.mark.parametrize("roles", [["admin_agent"], ["helpdesk_agent"], []])
def test_of_one_customer_a_member_sees_what_it_sees_of_all(
    records: dict[str, Attestation], partner: Partner, roles: list[str]
) -> None:
    member = MembershipFactory(partner=partner, roles=roles)
    for customer in Customer.objects.filter(partner=partner):
        every = Attestation.objects.visible_to(member).of_customer(customer)
        assert set(Attestation.objects.visible_of(member, customer)) == set(every)


def test_a_reseller_sees_no_record_of_a_customer_either(
    records: dict[str, Attestation], customer: Customer, reseller_agent: Membership
) -> None:
    assert not Attestation.objects.visible_of(reseller_agent, customer).exists()


def test_the_history_decides_the_state_as_the_database_does(
    records: dict[str, Attestation], customer: Customer, admin_agent: Membership, actor_for: Act
) -> None:
    replaced = confirmed(customer, person=person(first_name="Ola"))
    withdraw_acceptance(by=actor_for(admin_agent), customer=customer, attestation=replaced, reason="Wrong company")
    confirmed(customer)
    for kind in ("disputed", "dispute_resolved", "disputed"):
        event(records["direct"], kind)
    event(records["confirmed"], "disputed")
    event(records["confirmed"], "dispute_resolved")
    of_customer = Attestation.objects.of_customer(customer)
    state = [(r.pk, r.is_superseded, r.is_withdrawn, r.dispute) for r in of_customer.with_state().newest_first()]
    assert {row[1:] for row in state} >= {(True, True, None), (True, False, "dispute_resolved")}
    assert [(r.pk, r.is_superseded, r.is_withdrawn, r.dispute) for r in of_customer.history()] == state


def event(record: Attestation, kind: str) -> AttestationEvent:
    return AttestationEvent.objects.create(
        attestation=record,
        kind=kind,
        at=timezone.now(),
        actor_kind="staff",
        actor_name="Test",
        door="admin",
    )
