"""agreements.services.record_direct_acceptance: the customer's own statement covers every partner."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from agreements.models import Attestation
from agreements.proving import verify
from agreements.services import record_direct_acceptance, require_acceptance
from agreements.tests.factories import acceptance, accepted_directly, confirmed, job_actor
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.audit.models import ChainEntry
from portal.common.errors import RuleViolation
from portal.partners.models import Partner


def standing_of(customer: Customer) -> str:
    return Customer.objects.with_standing(stale_before=None).get(pk=customer.pk).standing


def test_covers_every_partner_of_the_tenant(customer: Customer, provider: Partner) -> None:
    elsewhere = CustomerFactory(partner=provider, tenant=customer.tenant)
    stays_missing = CustomerFactory(partner=provider)
    made = accepted_directly(customer)
    assert (made.partner, made.scope, made.method) == (None, 0, "customer_direct")
    for each in (customer, elsewhere):
        assert require_acceptance(customer=each).acceptance == made
        assert standing_of(each) == "covered"
    assert standing_of(stays_missing) == "missing"


def test_a_partners_confirmation_covers_that_partner_alone(customer: Customer, provider: Partner) -> None:
    elsewhere = CustomerFactory(partner=provider, tenant=customer.tenant)
    confirmed(customer)
    assert (standing_of(customer), standing_of(elsewhere)) == ("covered", "missing")


def test_both_lines_stand_side_by_side_and_the_partners_own_is_relied_on(customer: Customer) -> None:
    direct = accepted_directly(customer)
    own = confirmed(customer)
    assert own.supersedes is None
    assert require_acceptance(customer=customer).acceptance == own
    assert set(Attestation.objects.current()) == {direct, own}


def test_goes_into_the_portals_own_chain(customer: Customer) -> None:
    made = accepted_directly(customer)
    assert ChainEntry.objects.get(chain="portal").subject == str(made.reference)
    assert not verify(chain="portal").findings


def test_judges_the_future_in_the_given_zone(customer: Customer) -> None:
    zone = "Pacific/Kiritimati"
    tomorrow = timezone.now().date() + timedelta(days=2)
    with pytest.raises(RuleViolation) as refused:
        record_direct_acceptance(
            by=job_actor(),
            tenant=customer.tenant,
            country="PL",
            acceptance=acceptance(agreed_on=tomorrow),
            time_zone=zone,
        )
    assert refused.value.field == "agreed_on"


def test_the_scope_is_held_by_the_database(customer: Customer) -> None:
    made = accepted_directly(customer)
    twin = Attestation.objects.get(pk=made.pk)
    twin.pk, twin._state.adding, twin.reference, twin.partner = None, True, customer.tenant_id, customer.partner
    with pytest.raises(IntegrityError, match="attestation_scope_fits_method"), transaction.atomic():
        twin.save()


def test_a_line_has_one_beginning(customer: Customer) -> None:
    made = accepted_directly(customer)
    twin = Attestation.objects.get(pk=made.pk)
    twin.pk, twin._state.adding, twin.reference = None, True, customer.tenant_id
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_a_country_without_a_text_gets_the_us_one(template: object, partner: Partner) -> None:
    customer = CustomerFactory(partner=partner, country="NZ")
    made = accepted_directly(customer, agreed_on=date(2024, 1, 1))
    assert (str(made.document.country), made.document.language) == ("US", "en-US")
