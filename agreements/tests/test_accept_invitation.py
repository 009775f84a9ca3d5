"""agreements.services.accept_invitation and accept_as_administrator: the customer's own acceptance."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from agreements.models import AgreementTemplate, Attestation, Invitation, InvitationState, Method
from agreements.services import (
    ContactPartner,
    Invitee,
    Statement,
    accept_as_administrator,
    accept_invitation,
    ask_partner_to_confirm,
    decline_invitation,
    documents_for,
    keep_reviewing,
    open_invitation,
    renew_invitation,
    request_relationship,
    require_acceptance,
    revoke_invitation,
)
from agreements.tests.factories import (
    DocumentFactory,
    TemplateFactory,
    accepted_directly,
    confirmed,
    invited,
    job_actor,
    person,
)
from customers.models import Customer, CustomerUser, Tenant
from customers.services import CompanyDetails, JoiningCompany, relate_customer
from customers.tests.factories import CustomerFactory
from portal.audit.models import ChainEntry
from portal.common.actor import Actor, ActorKind, Door
from portal.common.errors import AcceptanceRequired, RuleViolation
from portal.partners.models import Partner
from portal.partners.tests.factories import PartnerFactory, UserFactory

COMPANY = CompanyDetails(
    company_name="Fabrikam Sp. z o.o.",
    registration_number="5260250274",
    language="pl-PL",
    country="PL",
    address_line1="ul. Prosta 1",
    city="Warszawa",
    postal_code="00-001",
)
NEW = JoiningCompany(company=COMPANY, domain="fabrikam.example")


def customer_actor() -> Actor:
    return Actor(kind=ActorKind.CUSTOMER, name="Zofia Wiśniewska", door=Door.CUSTOMER_PAGE)


def statement(customer: Customer | None = None, **changed: object) -> Statement:
    """That the text of the customer's country in Polish was read and agreed to."""
    texts = documents_for("PL", partner=customer.partner) if customer else []
    document_id = next((text.public_id for text in texts if text.language == "pl-PL"), None)
    details: dict[str, object] = {"person": person(), "authority": "Prezes zarządu", "document_id": document_id}
    return Statement(**{**details, **changed})


def accepted(made: Invitation, **changed: object) -> Attestation:
    said = statement(made.customer, **changed)
    return accept_invitation(by=customer_actor(), invitation=made, statement=said).attestation


def asked(partner: Partner, **changed: object) -> Invitation:
    details: dict[str, object] = {
        "company_name": "Fabrikam",
        "invitee": Invitee(first_name="Zofia", last_name="Wiśniewska", email="zofia@fabrikam.example"),
        "submit_key": uuid.uuid4().hex,
    }
    return request_relationship(by=job_actor(), partner=partner, **{**details, **changed})


def joined(made: Invitation, joining: JoiningCompany = NEW) -> Customer:
    any_document = AgreementTemplate.objects.get().documents.get(country="PL", language="pl-PL")
    said = statement(document_id=any_document.public_id)
    return accept_invitation(by=customer_actor(), invitation=made, statement=said, joining=joining).customer


def test_the_record_says_who_in_what_capacity_and_which_text(customer: Customer) -> None:
    made = invited(customer)
    record = accepted(made)
    assert (record.method, record.partner, record.scope) == (Method.CUSTOMER_DIRECT, None, 0)
    assert (record.evidence_kind, record.door) == ("portal", "customer_page")
    assert (record.person.full_name, record.person.authority) == ("Zofia Wiśniewska", "Prezes zarządu")
    assert record.person.fits_record
    assert (record.document.country, record.document.language) == ("PL", "pl-PL")
    assert record.agreed_on == customer.partner.today
    made.refresh_from_db()
    assert (made.state, made.attestation) == (InvitationState.ACCEPTED, record)
    assert ChainEntry.objects.filter(chain="portal", subject=str(record.reference)).exists()
    customer.refresh_from_db()
    assert require_acceptance(customer=customer).acceptance == record


def test_what_was_said_of_the_capacity_cannot_be_swapped(customer: Customer) -> None:
    record = accepted(invited(customer))
    record.person.authority = "Owner"
    assert not record.person.fits_record


def test_accepting_twice_is_accepting_once(customer: Customer) -> None:
    made = invited(customer)
    assert accepted(made) == accepted(made)
    assert Attestation.objects.count() == 1


def test_it_counts_for_every_partner_that_the_company_works_with(customer: Customer) -> None:
    other = CustomerFactory(tenant=customer.tenant)
    waiting = invited(other)
    record = accepted(invited(customer))
    other.refresh_from_db()
    assert require_acceptance(customer=other).acceptance == record
    waiting.refresh_from_db()
    assert waiting.state == InvitationState.SETTLED


def test_a_partners_record_counts_for_that_partner_alone(customer: Customer) -> None:
    other = CustomerFactory(tenant=customer.tenant)
    confirmed(customer)
    with pytest.raises(AcceptanceRequired):
        require_acceptance(customer=other)


@pytest.mark.parametrize(("authority", "field"), [("", "authority"), ("   ", "authority")])
def test_the_capacity_is_stated(customer: Customer, authority: str, field: str) -> None:
    made = invited(customer)
    with pytest.raises(RuleViolation) as refused:
        accepted(made, authority=authority)
    assert refused.value.field == field
    assert not Attestation.objects.exists()


def test_a_text_that_was_replaced_while_it_was_read_is_not_agreed_to(customer: Customer) -> None:
    made, said = invited(customer), statement(customer)
    newer = TemplateFactory(version="2026-11", effective_on=timezone.now().date() - timedelta(days=1))
    DocumentFactory(template=newer, country="PL", language="pl-PL")
    with pytest.raises(RuleViolation) as refused:
        accept_invitation(by=customer_actor(), invitation=made, statement=said)
    assert refused.value.code == "text_replaced"
    assert accepted(made).document.template == newer


def test_another_countrys_text_is_not_agreed_to(customer: Customer) -> None:
    us_text = AgreementTemplate.objects.get().documents.get(country="US")
    with pytest.raises(RuleViolation) as refused:
        accepted(invited(customer), document_id=us_text.public_id)
    assert refused.value.code == "text_replaced"


def test_an_ended_invitation_accepts_nothing(customer: Customer) -> None:
    made = invited(customer)
    revoke_invitation(by=job_actor(), invitation=made)
    with pytest.raises(RuleViolation, match="has ended"):
        accepted(made)
    made = invited(customer)
    Invitation.objects.filter(pk=made.pk).update(expires_at=timezone.now())
    with pytest.raises(RuleViolation, match="has expired"):
        accepted(made)
    renew_invitation(by=job_actor(), invitation=made)
    assert accepted(made)


def test_declined_with_a_reason(customer: Customer) -> None:
    made = invited(customer)
    with pytest.raises(RuleViolation) as refused:
        decline_invitation(by=customer_actor(), invitation=made, reason=" ")
    assert refused.value.field == "reason"
    declined = decline_invitation(by=customer_actor(), invitation=made, reason="We use another supplier.")
    assert (declined.state, declined.decline_reason) == (InvitationState.DECLINED, "We use another supplier.")
    customer.refresh_from_db()
    assert customer.invited_at is None


def test_opened_then_reviewing(customer: Customer) -> None:
    made = invited(customer)
    assert open_invitation(by=customer_actor(), invitation=made).state == InvitationState.OPENED
    assert keep_reviewing(by=customer_actor(), invitation=made).state == InvitationState.REVIEWING
    assert accepted(made)


def bought(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(bought_at=timezone.now())


@pytest.mark.parametrize(("is_here", "scenario"), [(True, 1), (False, 2)])
def test_who_bought_before_contacts_its_partner(customer: Customer, is_here: bool, scenario: int) -> None:
    bought(customer if is_here else CustomerFactory(tenant=customer.tenant))
    made = invited(customer)
    with pytest.raises(ContactPartner, match="Contact your partner to confirm your acceptance") as told:
        accepted(made)
    assert told.value.scenario == scenario
    noted = ask_partner_to_confirm(by=customer_actor(), customer=customer, email="zofia@customer.example")
    assert (noted, noted.state, noted.scenario) == (made, InvitationState.TO_CONFIRM, scenario)
    assert not Attestation.objects.exists()


def test_who_accepted_by_itself_before_may_renew_it(customer: Customer) -> None:
    # Renewal is enforced in every zone by then, whatever the hour.
    today = customer.partner.today - timedelta(days=1)
    first = accepted_directly(customer, agreed_on=today - timedelta(days=5))
    bought(customer)
    newer = TemplateFactory(effective_on=today, renew_before=today, renewal_enforced_on=today)
    DocumentFactory(template=newer, country="PL", language="pl-PL")
    customer.refresh_from_db()
    record = accepted(invited(customer))
    assert (record.supersedes, record.document.template) == (first, newer)


def test_the_administrator_accepts_without_an_invitation(customer: Customer) -> None:
    made = accept_as_administrator(by=customer_actor(), customer=customer, statement=statement(customer))
    again = accept_as_administrator(by=customer_actor(), customer=customer, statement=statement(customer))
    assert made.attestation == again.attestation


def test_where_no_agreement_exists_none_is_accepted(customer: Customer) -> None:
    said = statement(customer)
    customer.partner.cloud = "us_government"
    customer.partner.save()
    with pytest.raises(RuleViolation, match="does not apply"):
        accept_as_administrator(by=customer_actor(), customer=customer, statement=said)
    assert not Attestation.objects.exists()


def test_a_claim_does_not_name_who_speaks_for_a_company_that_others_know(customer: Customer) -> None:
    claimed = CustomerFactory(tenant=customer.tenant, relationship_accepted_at=None)
    made = invited(claimed)
    with pytest.raises(RuleViolation) as refused:
        accepted(made)
    assert refused.value.code == "sign_in_first"
    said = statement(claimed)
    by_administrator = accept_invitation(by=customer_actor(), invitation=made, statement=said, is_administrator=True)
    claimed.refresh_from_db()
    assert claimed.relationship_accepted_at is not None
    assert require_acceptance(customer=claimed).acceptance == by_administrator.attestation


def test_a_claim_of_a_company_nobody_else_knows_is_confirmed_by_accepting(customer: Customer) -> None:
    Customer.objects.update(relationship_accepted_at=None)
    customer.refresh_from_db()
    accepted(invited(customer))
    customer.refresh_from_db()
    assert customer.relationship_accepted_at is not None


def test_a_request_creates_the_customer_and_accepts_in_one_go(partner: Partner, template: AgreementTemplate) -> None:
    made = asked(partner, includes_delegated_admin=False)
    customer = joined(made)
    assert (customer.partner, customer.tenant.domain) == (partner, "fabrikam.example")
    assert not customer.allows_delegated_admin
    assert require_acceptance(customer=customer).acceptance is not None
    administrator = CustomerUser.objects.get(tenant=customer.tenant)
    assert (administrator.user.email, administrator.is_admin) == ("zofia@fabrikam.example", True)
    assert not administrator.user.has_usable_password()
    assert joined(made) == customer
    assert Customer.objects.count() == 1


def test_a_known_company_joins_signed_in(customer: Customer) -> None:
    made = asked(PartnerFactory())
    with pytest.raises(RuleViolation) as refused:
        joined(made, replace(NEW, domain=customer.tenant.domain))
    assert (refused.value.field, refused.value.code) == ("domain", "sign_in_first")
    assert Customer.objects.count() == 1
    new = joined(made, JoiningCompany(company=COMPANY, tenant=customer.tenant))
    assert new.tenant == customer.tenant
    assert Attestation.objects.count() == 1


def test_a_second_relationship_needs_no_second_acceptance(customer: Customer) -> None:
    record = accepted(invited(customer))
    new = joined(asked(PartnerFactory()), JoiningCompany(company=COMPANY, tenant=customer.tenant))
    assert require_acceptance(customer=new).acceptance == record
    assert Attestation.objects.count() == 1


@pytest.mark.parametrize("domain", ["", "no domain", "x.invalid", "1.2.3.4"])
def test_a_domain_that_is_none_makes_no_company(partner: Partner, template: AgreementTemplate, domain: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        joined(asked(partner), replace(NEW, domain=domain))
    assert refused.value.field == "domain"
    assert not Tenant.objects.exists()


def test_who_comes_by_the_link_is_whom_it_was_sent_to(customer: Customer) -> None:
    record = accepted(
        invited(customer, email="zofia@customer.example"), person=person(email="other@customer.example")
    )
    assert record.person.email == "zofia@customer.example"


def test_an_agent_never_becomes_a_customers_administrator(partner: Partner, template: AgreementTemplate) -> None:
    UserFactory(email="zofia@fabrikam.example")
    joined(asked(partner))
    assert not CustomerUser.objects.exists()


def test_moving_to_a_provider_the_attestation_stays_behind(partner: Partner, template: AgreementTemplate) -> None:
    """Facts, rule R18: a direct-bill partner becomes the reseller of an indirect provider."""
    attested, direct = CustomerFactory(partner=partner), CustomerFactory(partner=partner)
    confirmed(attested)
    record = accepted(invited(direct))
    provider = PartnerFactory(provider=True)
    moved = {
        customer.pk: relate_customer(
            by=job_actor(), partner=provider, tenant=customer.tenant, company=COMPANY, contact=None
        )
        for customer in (attested, direct)
    }
    with pytest.raises(AcceptanceRequired):
        require_acceptance(customer=moved[attested.pk])
    assert require_acceptance(customer=moved[direct.pk]).acceptance == record
