"""agreements.services.require_acceptance: the gate in front of every order and licence change."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from agreements.models import AgreementTemplate, AgreementType, Attestation, AttestationEvent
from agreements.services import confirm_acceptance, refresh_standing, require_acceptance
from agreements.tests.factories import (
    DocumentFactory,
    TemplateFactory,
    acceptance,
    accepted_directly,
    confirmed,
    job_actor,
    person,
)
from customers.models import Customer
from customers.rules import Standing
from customers.tests.factories import CustomerFactory
from portal.common.errors import AcceptanceRequired
from portal.partners.models import Cloud
from portal.partners.tests.factories import PartnerFactory

RENEW_BEFORE = date(2025, 1, 1)


def renewal_enforced(on: date) -> None:
    """A newer version whose renewal is enforced from that day."""
    newer = TemplateFactory(
        version="2025-01", effective_on=RENEW_BEFORE, renew_before=RENEW_BEFORE, renewal_enforced_on=on
    )
    DocumentFactory(template=newer, country="PL")


def dispute(attestation: Attestation, kind: str) -> None:
    AttestationEvent.objects.create(
        attestation=attestation,
        kind=kind,
        at=timezone.now(),
        actor_kind="customer",
        actor_name="C",
        door="x",
    )
    refresh_standing(tenant_id=attestation.tenant_id)


def standing_of(customer: Customer) -> str:
    stale_before = AgreementTemplate.objects.stale_before(today=timezone.now().date())
    return Customer.objects.with_standing(stale_before=stale_before).get(pk=customer.pk).standing


def test_nothing_recorded_is_closed(customer: Customer) -> None:
    with pytest.raises(AcceptanceRequired) as refused:
        require_acceptance(customer=customer)
    assert refused.value.status == 403


def test_a_confirmation_opens_it(customer: Customer) -> None:
    made = confirmed(customer)
    assert require_acceptance(customer=customer).acceptance == made


@pytest.mark.scenario("R9")
@pytest.mark.parametrize("cloud", [cloud for cloud in Cloud if cloud != Cloud.PUBLIC])
def test_open_without_a_record_in_national_clouds(db: None, cloud: Cloud) -> None:
    clearance = require_acceptance(customer=CustomerFactory(partner=PartnerFactory(cloud=cloud)))
    assert clearance.acceptance is None
    assert "does not apply" in str(clearance.reason)


def test_the_legacy_agreement_never_covers(customer: Customer) -> None:
    legacy = TemplateFactory(type=AgreementType.CLOUD, effective_on=date(2015, 1, 1))
    DocumentFactory(template=legacy, country="PL")
    made = confirm_acceptance(
        by=job_actor(), customer=customer, acceptance=acceptance(), agreement_type=AgreementType.CLOUD
    )
    assert made.agreement_type == AgreementType.CLOUD
    assert standing_of(customer) == Standing.MISSING
    with pytest.raises(AcceptanceRequired):
        require_acceptance(customer=customer)


@pytest.mark.scenario("R7")
def test_an_enforced_renewal_closes_it_and_renewing_opens_it(customer: Customer) -> None:
    old = confirmed(customer, agreed_on=RENEW_BEFORE - timedelta(days=1))
    renewal_enforced(timezone.now().date())
    assert standing_of(customer) == Standing.STALE
    with pytest.raises(AcceptanceRequired):
        require_acceptance(customer=customer)
    renewed = confirmed(customer)
    assert (renewed.supersedes, renewed.supersede_reason) == (old, "renewal")
    assert renewed.document.template.version == "2025-01"
    assert require_acceptance(customer=customer).acceptance == renewed


@pytest.mark.scenario("R7")
def test_a_renewal_that_is_announced_changes_nothing_yet(customer: Customer) -> None:
    made = confirmed(customer, agreed_on=RENEW_BEFORE - timedelta(days=1))
    renewal_enforced(timezone.now().date() + timedelta(days=2))
    assert standing_of(customer) == Standing.COVERED
    assert require_acceptance(customer=customer).acceptance == made


def test_the_day_itself_counts_as_renewed(customer: Customer) -> None:
    made = confirmed(customer, agreed_on=RENEW_BEFORE)
    renewal_enforced(timezone.now().date())
    assert require_acceptance(customer=customer).acceptance == made


def test_an_open_dispute_closes_it_and_its_end_opens_it(customer: Customer) -> None:
    made = confirmed(customer)
    dispute(made, "disputed")
    assert standing_of(customer) == Standing.DISPUTED
    with pytest.raises(AcceptanceRequired):
        require_acceptance(customer=customer)
    dispute(made, "dispute_resolved")
    assert standing_of(customer) == Standing.COVERED
    assert require_acceptance(customer=customer).acceptance == made


def test_a_replaced_record_is_not_relied_on(customer: Customer) -> None:
    confirmed(customer)
    second = confirmed(customer, person=person(first_name="Jan"))
    assert require_acceptance(customer=customer).acceptance == second


def test_standing_and_gate_agree_for_a_direct_acceptance(customer: Customer) -> None:
    made = accepted_directly(customer)
    assert standing_of(customer) == Standing.COVERED
    clearance = require_acceptance(customer=customer)
    assert clearance.acceptance == made
    assert "directly" in str(clearance.reason)
