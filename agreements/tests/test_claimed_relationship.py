"""A relationship that only the partner claims (an imported row) inherits nothing from the company itself."""

import pytest

from agreements.models import AgreementTemplate, Attestation
from agreements.services import correct_standing, require_acceptance
from agreements.tests.factories import accepted_directly, confirmed, job_actor
from customers.models import Customer
from customers.rules import Standing
from customers.services import relate_customer
from customers.tests.factories import CustomerFactory, company, contact
from portal.common.errors import AcceptanceRequired
from portal.partners.models import Membership


@pytest.fixture
def elsewhere(template: AgreementTemplate, stranger: Membership) -> Customer:
    """A customer of another partner that accepted by itself."""
    known = CustomerFactory(partner=stranger.partner)
    accepted_directly(known)
    return known


def claimed_by(member: Membership, known: Customer, *, is_accepted: bool = False) -> Customer:
    return relate_customer(
        by=job_actor(),
        partner=member.partner,
        tenant=known.tenant,
        company=company(),
        contact=contact(),
        is_accepted=is_accepted,
    )


def test_the_gate_stays_closed(elsewhere: Customer, sales_agent: Membership) -> None:
    claimed = claimed_by(sales_agent, elsewhere)
    with pytest.raises(AcceptanceRequired):
        require_acceptance(customer=claimed)
    assert require_acceptance(customer=elsewhere).acceptance is not None


def test_once_accepted_it_counts(elsewhere: Customer, sales_agent: Membership) -> None:
    accepted = claimed_by(sales_agent, elsewhere, is_accepted=True)
    assert require_acceptance(customer=accepted).acceptance is not None
    assert accepted.direct_on is not None


def test_nothing_shows_through(elsewhere: Customer, sales_agent: Membership) -> None:
    claimed = claimed_by(sales_agent, elsewhere)
    assert not Attestation.objects.visible_to(sales_agent).exists()
    assert not Attestation.objects.of_customer(claimed).exists()
    correct_standing(tenant_id=claimed.tenant_id)
    judged = Customer.objects.with_standing(stale_before=None).get(pk=claimed.pk)
    assert (judged.standing, judged.direct_on) == (Standing.MISSING, None)


def test_the_partners_own_confirmation_counts_at_once(elsewhere: Customer, sales_agent: Membership) -> None:
    claimed = claimed_by(sales_agent, elsewhere)
    made = confirmed(claimed)
    assert require_acceptance(customer=claimed).acceptance == made


def test_a_later_acceptance_of_the_company_does_not_reach_it_either(
    template: AgreementTemplate, stranger: Membership, sales_agent: Membership
) -> None:
    known = CustomerFactory(partner=stranger.partner)
    claimed = claimed_by(sales_agent, known)
    accepted_directly(known)
    claimed.refresh_from_db()
    assert claimed.direct_on is None
