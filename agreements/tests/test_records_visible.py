"""Attestation.objects.visible_to: who sees who accepted (architecture, section 5)."""

from collections.abc import Callable

import pytest

from agreements.models import Attestation
from agreements.services import attest_on_behalf
from agreements.tests.factories import acceptance, accepted_directly, confirmed
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
