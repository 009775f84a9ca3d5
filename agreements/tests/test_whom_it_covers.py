"""A customer's own acceptance covers it with every partner; a partner's attestation only with that partner."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from agreements.models import Attestation, Invitation
from agreements.services import (
    Invitee,
    accept_as_administrator,
    accept_invitation,
    ask_partner_to_confirm,
    attest_on_behalf,
    dispute_acceptance,
    request_relationship,
    require_acceptance,
)
from agreements.tests.factories import acceptance, accepted_directly, confirmed, invited
from agreements.tests.invitation_factories import THE_PERSON, statement
from customers.models import Customer
from customers.rules import Standing
from customers.services import CompanyDetails, ContactDetails, JoiningCompany, relate_customer
from customers.tests.factories import CustomerFactory
from portal.common.actor import Actor
from portal.common.errors import AcceptanceRequired, RuleViolation
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory

Act = Callable[..., Actor]
COMPANY = CompanyDetails(
    company_name="Żabka Nowa Sp. z o.o.",
    country="PL",
    address_line1="ul. Prosta 1",
    city="Warszawa",
    postal_code="00-001",
    registration_number="5260250274",
)
CONTACT = ContactDetails(first_name="Zofia", last_name="Wiśniewska", email="zofia@customer.example")


def stands(customer: Customer) -> Standing:
    return Standing(Customer.objects.filter(pk=customer.pk).with_standing(stale_before=None).get().standing)


@pytest.fixture
def elsewhere(customer: Customer) -> Customer:
    """The same company as a customer of another partner; it agreed to both relationships."""
    return CustomerFactory(tenant=customer.tenant, partner__name="Another Partner")


def test_its_own_acceptance_covers_it_everywhere(customer: Customer, elsewhere: Customer) -> None:
    made = accept_as_administrator(by=THE_PERSON, customer=customer, statement=statement(customer)).attestation
    assert made is not None
    for each in (customer, elsewhere):
        assert stands(each) == Standing.COVERED
        assert require_acceptance(customer=each).acceptance == made


def test_its_own_acceptance_settles_what_others_asked(customer: Customer, elsewhere: Customer) -> None:
    here, there = invited(customer), invited(elsewhere)
    accept_invitation(by=THE_PERSON, invitation=here, statement=statement(customer))
    there.refresh_from_db()
    assert there.outcome == "settled"


def test_an_attestation_covers_only_its_partners_customer(customer: Customer, elsewhere: Customer) -> None:
    confirmed(customer)
    assert stands(customer) == Standing.COVERED
    assert stands(elsewhere) == Standing.MISSING
    with pytest.raises(AcceptanceRequired):
        require_acceptance(customer=elsewhere)


def test_a_confirmation_settles_only_the_own_invitation(customer: Customer, elsewhere: Customer) -> None:
    here, there = invited(customer), invited(elsewhere)
    record = confirmed(customer)
    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.outcome, here.attestation) == ("settled", record)
    assert there.is_open


@pytest.fixture
def reseller(provider: Partner, reseller_agent: Membership) -> Partner:
    return reseller_agent.partner


def move_by_request(customer: Customer, provider: Partner, by: Actor) -> Customer:
    """The reseller asks the company to buy through it, and so from its provider; its administrator agrees."""
    asked: Invitation = request_relationship(
        by=by,
        partner=provider,
        company_name=COMPANY.company_name,
        invitee=Invitee(first_name="Zofia", last_name="Wiśniewska", email="zofia@customer.example"),
        submit_key=uuid4().hex,
    )
    done = accept_invitation(
        by=THE_PERSON,
        invitation=asked,
        statement=statement(customer, document_id=None),
        joining=JoiningCompany(company=COMPANY, tenant=customer.tenant),
        is_administrator=True,
    )
    return done.customer


def test_the_direct_acceptance_moves_along_to_a_provider(
    customer: Customer, provider: Partner, reseller_agent: Membership, actor_for: Act
) -> None:
    accepted_directly(customer)
    moved = move_by_request(customer, provider, actor_for(reseller_agent))
    assert (moved.partner, moved.reseller) == (provider, reseller_agent.partner)
    assert moved.tenant == customer.tenant
    assert stands(moved) == Standing.COVERED


@pytest.mark.parametrize("is_direct", [True, False])
def test_related_by_the_provider_only_the_direct_acceptance_counts(
    customer: Customer, provider: Partner, reseller: Partner, actor_for: Act, is_direct: bool
) -> None:
    accepted_directly(customer) if is_direct else confirmed(customer)
    by = actor_for(MembershipFactory(partner=provider, roles=["admin_agent"]))
    moved = relate_customer(
        by=by, partner=provider, tenant=customer.tenant, company=COMPANY, contact=CONTACT, reseller=reseller
    )
    assert stands(moved) == (Standing.COVERED if is_direct else Standing.MISSING)
    assert stands(customer) == Standing.COVERED


def test_a_company_that_bought_and_was_only_attested_contacts_its_new_partner(
    customer: Customer, provider: Partner, reseller_agent: Membership, actor_for: Act
) -> None:
    """The attestation stays behind: moving, the company is told scenario 2, and the provider attests."""
    confirmed(customer)
    Customer.objects.filter(pk=customer.pk).update(bought_at=timezone.now() - timedelta(days=400))
    moved = relate_customer(
        by=actor_for(MembershipFactory(partner=provider, roles=["admin_agent"])),
        partner=provider,
        tenant=customer.tenant,
        company=COMPANY,
        contact=CONTACT,
    )
    told = ask_partner_to_confirm(by=THE_PERSON, customer=moved, email="zofia@customer.example")
    assert told.scenario == 2
    agent = MembershipFactory(partner=provider, roles=["helpdesk_agent"])
    assert list(Invitation.objects.to_confirm(agent)) == [told]
    record = attest_on_behalf(by=actor_for(agent), customer=moved, acceptance=acceptance(), scenario=2)
    told.refresh_from_db()
    assert (told.outcome, told.attestation, record.scenario) == ("settled", record, 2)
    assert not Invitation.objects.to_confirm(agent).exists()
    assert stands(moved) == Standing.COVERED


@pytest.mark.parametrize("scenario", [1, 2])
def test_who_bought_before_is_told_to_contact_and_the_partner_attests(
    customer: Customer, elsewhere: Customer, helpdesk_agent: Membership, actor_for: Act, scenario: int
) -> None:
    buyer = customer if scenario == 1 else elsewhere
    Customer.objects.filter(pk=buyer.pk).update(bought_at=timezone.now())
    told = ask_partner_to_confirm(by=THE_PERSON, customer=customer, email="zofia@customer.example")
    assert told.scenario == scenario
    assert stands(customer) == Standing.PENDING
    attest_on_behalf(by=actor_for(helpdesk_agent), customer=customer, acceptance=acceptance(), scenario=told.scenario)
    told.refresh_from_db()
    assert told.outcome == "settled"
    assert Attestation.objects.get().scenario == scenario
    assert (stands(customer), stands(elsewhere)) == (Standing.COVERED, Standing.MISSING)


def test_who_never_bought_accepts_itself(customer: Customer) -> None:
    with pytest.raises(RuleViolation):
        ask_partner_to_confirm(by=THE_PERSON, customer=customer, email="zofia@customer.example")


def test_a_dispute_of_the_own_acceptance_ends_it_everywhere(customer: Customer, elsewhere: Customer) -> None:
    own = accepted_directly(customer)
    dispute_acceptance(by=THE_PERSON, receipt=own.receipt, reason="Nobody here did.")
    assert {stands(customer), stands(elsewhere)} == {Standing.DISPUTED}
    assert not Attestation.objects.current().exists()
