"""/accept/…/agreement/ for a relationship request: the company gives its details, and becomes the partner's."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agreements.models import AgreementTemplate, Attestation, Invitation, InvitationState, Outcome
from agreements.tests.answering import administrator, agreement, at_partner, counts, errors, filled, opened
from agreements.tests.factories import DocumentFactory, accepted_directly, confirmed
from agreements.tests.invitation_factories import RequestInvitationFactory
from customers.models import Customer, CustomerUser, Tenant
from customers.tests.factories import CustomerFactory
from portal.partners.models import Partner
from portal.partners.tests.factories import PartnerFactory, PartnerLinkFactory

COMPANY = {
    "company-country": "PL",
    "company-company_name": "Fabrikam Sp. z o.o.",
    "company-domain": "Fabrikam.Example",
    "company-address_line1": "ul. Prosta 1",
    "company-postal_code": "00-001",
    "company-city": "Warszawa",
    "company-registration_number": "5260250274",
}


@pytest.fixture
def request_(partner: Partner, template: AgreementTemplate) -> Invitation:
    """Asked of a company that nobody knows."""
    return RequestInvitationFactory(partner=partner, request__company_name="Fabrikam Sp. z o.o.")


def join(client: Client, partner: Partner, **changed: str) -> Any:
    typed = answers(agreement(client, partner), **changed)
    return client.post(at_partner(partner, "agreement/"), typed)


def answers(page: Any, **changed: str) -> dict[str, str]:
    """Where a company needs a registration number, its contact needs a phone number."""
    return COMPANY | filled(page, **{"person__phone": "22 123 45 67", **changed})


def test_a_new_company_joins_and_accepts_in_one_go(request_: Invitation) -> None:
    client = opened(request_)
    page = client.get(at_partner(request_.partner)).content.decode()
    assert "the partner may administer your Microsoft services" in page
    done = join(client, request_.partner)
    assert done.headers["Location"] == at_partner(request_.partner, "receipt/")
    customer = Customer.objects.get()
    assert (customer.tenant.domain, customer.partner, customer.city) == (
        "fabrikam.example",
        request_.partner,
        "Warszawa",
    )
    assert customer.relationship_accepted_at is not None
    assert customer.allows_delegated_admin
    assert customer.direct_on is not None
    assert Attestation.objects.get().tenant == customer.tenant
    assert CustomerUser.objects.get().user.email == "zofia@customer.example"
    request_.refresh_from_db()
    assert (request_.outcome, request_.customer) == (Outcome.ACCEPTED, customer)


def test_two_clicks_make_one_customer(request_: Invitation) -> None:
    client = opened(request_)
    typed = answers(agreement(client, request_.partner))
    for _ in range(2):
        answer = client.post(at_partner(request_.partner, "agreement/"), typed)
        assert answer.headers["Location"] == at_partner(request_.partner, "receipt/")
    assert (Customer.objects.count(), Tenant.objects.count(), *counts()[:2]) == (1, 1, 1, 1)


def test_a_reseller_and_no_administration_are_said(template: AgreementTemplate) -> None:
    link = PartnerLinkFactory(reseller__name="Corner Reseller")
    request_ = RequestInvitationFactory(
        partner=link.provider,
        request__reseller=link.reseller,
        request__asked_by=link.reseller,
        request__includes_delegated_admin=False,
    )
    client = opened(request_)
    page = client.get(at_partner(link.provider)).content.decode()
    assert "Corner Reseller" in page
    assert "the partner cannot administer your Microsoft services" in page
    join(client, link.provider)
    customer = Customer.objects.get()
    assert (customer.reseller, customer.allows_delegated_admin) == (link.reseller, False)


def test_another_country_asks_other_questions_and_shows_its_own_text(
    request_: Invitation, template: AgreementTemplate
) -> None:
    swedish = DocumentFactory(template=template, country="SE", language="sv-SE")
    client = opened(request_)
    page = agreement(client, request_.partner)
    assert "registration_number" in page.context["page"].company.fields
    typed = answers(page) | {"company-country": "SE", "action": "country"}
    drawn = client.post(at_partner(request_.partner, "agreement/"), typed)
    assert "registration_number" not in drawn.context["page"].company.fields
    assert drawn.context["page"].shown == swedish
    assert not errors(drawn)
    assert 'value="Fabrikam.Example"' in drawn.content.decode()
    assert "checked" not in drawn.content.decode()


def test_accepting_at_once_after_changing_the_country_shows_the_text_first(
    request_: Invitation, template: AgreementTemplate
) -> None:
    DocumentFactory(template=template, country="SE", language="sv-SE")
    page = join(opened(request_), request_.partner, company__country="SE")
    assert "another text than the one that you opened" in page.content.decode()
    assert counts() == (0, 0, 0)
    assert not Tenant.objects.exists()


def test_wrong_details_are_said_where_they_are(request_: Invitation) -> None:
    wrong = {"company__domain": "no domain", "company__registration_number": "1", "company__company_name": "Ltd"}
    page = join(opened(request_), request_.partner, **wrong)
    assert {"domain", "registration_number", "company_name"} <= set(page.context["page"].company.errors)
    assert 'value="no domain"' in page.content.decode()
    assert not Tenant.objects.exists()


def test_a_phone_number_where_the_country_demands_one(request_: Invitation, template: AgreementTemplate) -> None:
    DocumentFactory(template=template, country="BR", language="pt-BR")
    client = opened(request_)
    typed = answers(agreement(client, request_.partner)) | {"company-country": "BR", "action": "country"}
    drawn = client.post(at_partner(request_.partner, "agreement/"), typed)
    assert drawn.context["page"].statement.fields["phone"].required


def test_a_company_that_is_known_here_signs_in(request_: Invitation, customer: Customer) -> None:
    page = join(opened(request_), request_.partner, company__domain=customer.tenant.domain)
    assert page.context["page"].company.errors["domain"] == [
        "This company is known here already. Sign in as its administrator to answer the request."
    ]
    assert "/accounts/login/?next=/accept/" in page.content.decode()
    assert counts() == (0, 0, 0)


SWEDISH = {"company__country": "SE", "company__postal_code": "753 10", "company__city": "Uppsala"}


@pytest.fixture
def known(template: AgreementTemplate) -> Customer:
    """A customer of another partner, in Sweden."""
    for language in ("sv-SE", "en-US"):
        DocumentFactory(template=template, country="SE", language=language)
    return CustomerFactory(partner=PartnerFactory(name="First Cloud"), country="SE", city="Uppsala")


def test_its_administrator_joins_without_a_domain(request_: Invitation, known: Customer) -> None:
    client = opened(request_, administrator(known.tenant))
    page = agreement(client, request_.partner)
    assert "domain" not in page.context["page"].company.fields
    company = page.context["page"].company
    assert (company["city"].value(), company.country) == ("Uppsala", "SE")
    assert f"Microsoft Customer Agreement for {known.company_name}" in page.content.decode()
    typed = answers(page, **SWEDISH)
    for _ in range(2):
        answer = client.post(at_partner(request_.partner, "agreement/"), typed)
        assert answer.headers["Location"] == at_partner(request_.partner, "receipt/")
    assert Customer.objects.get(partner=request_.partner).tenant == known.tenant
    assert counts()[:2] == (1, 1)


def test_an_acceptance_on_record_needs_no_second_one(request_: Invitation, known: Customer) -> None:
    record = accepted_directly(known)
    client = opened(request_, administrator(known.tenant))
    page = agreement(client, request_.partner)
    assert page.context["page"].shown is None
    assert "I accept the relationship with" in page.content.decode()
    join(client, request_.partner, **SWEDISH)
    assert Attestation.objects.get() == record
    assert Customer.objects.get(partner=request_.partner).direct_on is not None


def test_who_bought_elsewhere_accepts_the_relationship_and_contacts_the_partner(
    request_: Invitation, known: Customer
) -> None:
    """Scenario 2 of seed 001: the relationship is the company's to accept, the agreement the partner's to confirm."""
    Customer.objects.filter(pk=known.pk).update(bought_at=timezone.now())
    client = opened(request_, administrator(known.tenant))
    client.post(at_partner(request_.partner), {"asked": str(request_.public_id)})
    page = agreement(client, request_.partner)
    assert "Contact your partner to confirm your acceptance" in page.content.decode()
    assert page.context["page"].shown is None
    typed = answers(page, **SWEDISH)
    for _ in range(2):
        answer = client.post(at_partner(request_.partner, "agreement/"), typed)
        assert answer.headers["Location"] == at_partner(request_.partner)
    joined = Customer.objects.get(partner=request_.partner)
    assert joined.relationship_accepted_at is not None
    assert counts() == (0, 0, 0)
    request_.refresh_from_db()
    assert (request_.state, request_.scenario, request_.customer) == (InvitationState.TO_CONFIRM, 2, joined)
    assert "Contact your partner" in client.get(at_partner(request_.partner)).content.decode()
    confirmed(joined)
    request_.refresh_from_db()
    assert request_.outcome == Outcome.SETTLED


def test_a_request_of_a_partner_that_has_the_company_already(request_: Invitation, known: Customer) -> None:
    claimed = CustomerFactory(tenant=known.tenant, partner=request_.partner, relationship_accepted_at=None)
    client = opened(request_, administrator(known.tenant))
    page = agreement(client, request_.partner)
    assert page.context["page"].company is None
    client.post(at_partner(request_.partner, "agreement/"), filled(page))
    claimed.refresh_from_db()
    assert claimed.relationship_accepted_at is not None
    assert claimed.allows_delegated_admin
