"""agreements.services.attest_on_behalf: the two scenarios of seed 001."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from agreements.models import Attestation
from agreements.services import attest_on_behalf, require_acceptance
from agreements.tests.factories import acceptance, confirmed
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.common.actor import Actor
from portal.common.errors import NotPermitted, RuleViolation
from portal.partners.models import Membership
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

Act = Callable[..., Actor]


@pytest.mark.parametrize("scenario", [1, 2])
@pytest.mark.parametrize("role", ["global_admin", "admin_agent", "helpdesk_agent"])
def test_keeps_the_scenario_and_covers(customer: Customer, actor_for: Act, role: str, scenario: int) -> None:
    member = MembershipFactory(partner=customer.partner, roles=[role])
    made = attest_on_behalf(by=actor_for(member), customer=customer, acceptance=acceptance(), scenario=scenario)
    assert (made.method, made.scenario, made.roles) == ("on_behalf", scenario, [role])
    assert require_acceptance(customer=customer).acceptance == made


def test_a_sales_agent_may_not(customer: Customer, sales_agent: Membership, actor_for: Act) -> None:
    with pytest.raises(NotPermitted) as refused:
        attest_on_behalf(by=actor_for(sales_agent), customer=customer, acceptance=acceptance(), scenario=1)
    assert [str(label) for label in refused.value.who_can] == ["Global admin", "Admin agent", "Helpdesk agent"]


@pytest.mark.parametrize("scenario", [0, 3, -1])
def test_asks_which_scenario(customer: Customer, admin_agent: Membership, actor_for: Act, scenario: int) -> None:
    with pytest.raises(RuleViolation) as refused:
        attest_on_behalf(by=actor_for(admin_agent), customer=customer, acceptance=acceptance(), scenario=scenario)
    assert refused.value.field == "scenario"


@pytest.mark.parametrize(
    ("method", "scenario"), [("confirmed", 1), ("on_behalf", None), ("on_behalf", 3), ("customer_direct", 1)]
)
def test_the_database_wants_the_scenario_to_fit_the_method(
    customer: Customer, method: str, scenario: int | None
) -> None:
    made = confirmed(customer)
    twin = Attestation.objects.get(pk=made.pk)
    twin.pk, twin._state.adding, twin.supersedes, twin.supersede_reason = None, True, made, "correction"
    twin.reference, twin.method, twin.scenario = uuid4(), method, scenario
    if method == "customer_direct":
        twin.partner, twin.scope, twin.supersedes, twin.supersede_reason = None, 0, None, ""
    with pytest.raises(IntegrityError, match="attestation_scenario_fits_method"), transaction.atomic():
        twin.save()


def test_follows_a_confirmation_in_one_line(customer: Customer, admin_agent: Membership, actor_for: Act) -> None:
    first = confirmed(customer)
    by = actor_for(admin_agent)
    with pytest.raises(RuleViolation) as refused:
        attest_on_behalf(by=by, customer=customer, acceptance=acceptance(), scenario=1)
    assert refused.value.code == "600061"
    said = acceptance(correction_of=first.reference, reason_note="It was on behalf of the customer.")
    second = attest_on_behalf(by=by, customer=customer, acceptance=said, scenario=1)
    assert (second.supersedes, second.supersede_reason) == (first, "correction")


def test_not_where_no_agreement_exists(actor_for: Act, template: object) -> None:
    government = PartnerFactory(government=True)
    member = MembershipFactory(partner=government, roles=["global_admin", "admin_agent", "helpdesk_agent"])
    with pytest.raises(NotPermitted, match="does not apply"):
        attest_on_behalf(
            by=actor_for(member),
            customer=CustomerFactory(partner=government),
            acceptance=acceptance(),
            scenario=1,
        )


def test_the_same_submit_twice_makes_one_record(
    customer: Customer, helpdesk_agent: Membership, actor_for: Act
) -> None:
    by, said = actor_for(helpdesk_agent), acceptance()
    first = attest_on_behalf(by=by, customer=customer, acceptance=said, scenario=2, submit_key="k")
    assert attest_on_behalf(by=by, customer=customer, acceptance=said, scenario=2, submit_key="k") == first
    with pytest.raises(RuleViolation) as refused:
        attest_on_behalf(by=by, customer=customer, acceptance=said, scenario=1, submit_key="k")
    assert refused.value.code == "submission_conflict"
