"""The list of records that a new version of the agreement makes stale, against plain Python."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest
from django.utils import timezone

from agreements.models import AgreementTemplate, AgreementType
from agreements.stale import affected_customers, every_stale_record, renewals
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import MembershipFactory, PartnerFactory
from portal.tests.scenario_plugin import scale
from portal.tests.scenarios.record_histories import DIRECT, Company, new_version

pytestmark = [pytest.mark.django_db, pytest.mark.scenario("R7")]
Row = tuple[UUID, UUID, date]


def oracle(companies: Sequence[Company], partner: Partner, version: AgreementTemplate) -> set[Row]:
    """(customer, record, stale from) by what plain Python remembers of every company."""
    found = set()
    asked = AgreementTemplate.objects.filter(type=AgreementType.MCA, renew_before__isnull=False)
    dates = list(asked.values_list("renew_before", "renewal_enforced_on"))
    for company in companies:
        for customer in Customer.objects.filter(pk__in=[each.pk for each in company.customers], partner=partner):
            if customer.removed_at is not None:
                continue
            scopes = [partner.pk, DIRECT] if customer.relationship_accepted_at else [partner.pk]
            for entry in (company.lines[scope] for scope in scopes if scope in company.lines):
                if entry.is_current and entry.agreed_on < version.renew_before:
                    since = min(on for before, on in dates if entry.agreed_on < before)
                    found.add((customer.tenant_id, entry.reference, since))
    return found


def listed(member: Membership, version: AgreementTemplate) -> list[Row]:
    every = every_stale_record(affected_customers(member, version), version, renewals())
    return [(each.customer.tenant_id, each.record.reference, each.since) for each in every]


def live(companies: Sequence[Company], rng: Random, step_count: int) -> None:
    for _ in range(step_count):
        rng.choice(companies).step(also=("cloud", "claim"))


def test_the_list_equals_the_oracle(template: AgreementTemplate) -> None:
    """All records that each version makes stale, of every partner: the list equals a brute-force oracle"""
    rng, today = Random(7), timezone.now().date()
    new_version(type=AgreementType.CLOUD)
    partners = [PartnerFactory() for _ in range(2)]
    members = [MembershipFactory(partner=partner, roles=["sales_agent"]) for partner in partners]
    companies = []
    for number in range(scale(40, 1000)):
        first = CustomerFactory(partner=partners[0], country="PL", company_name=f"Company {number % 7}")
        claimed = {} if number % 3 else {"relationship_accepted_at": None}
        second = CustomerFactory(partner=partners[1], tenant=first.tenant, country="PL", **claimed)
        companies.append(Company(Random(number), [first, second]))
    steps = len(companies) * 3 // 2
    live(companies, rng, steps)
    compared = [new_version(effective_on=today - timedelta(days=50), **_renewal(today, before=300, enforced=-40))]
    live(companies, rng, steps // 2)
    compared.append(new_version(effective_on=today - timedelta(days=9), **_renewal(today, before=20, enforced=30)))
    live(companies, rng, steps // 2)
    Customer.objects.filter(pk__in=[each.customers[0].pk for each in companies[::9]]).update(
        removed_at=timezone.now()
    )
    for version in compared:
        for partner, member in zip(partners, members, strict=True):
            found, expected = listed(member, version), oracle(companies, partner, version)
            assert len(found) == len(set(found))
            assert set(found) == expected
            assert expected


def _renewal(today: date, *, before: int, enforced: int) -> dict[str, date]:
    return {
        "renew_before": today - timedelta(days=before),
        "renewal_enforced_on": today + timedelta(days=enforced),
    }


def test_negative_control_the_comparison_sees_a_missing_record(template: AgreementTemplate) -> None:
    """negative control: a record that the list would leave out is noticed"""
    today = timezone.now().date()
    customer = CustomerFactory(country="PL")
    member = MembershipFactory(partner=customer.partner, roles=["sales_agent"])
    company = Company(Random(1), [customer])
    while DIRECT not in company.lines:
        company.step()
    company.lines[DIRECT].is_withdrawn = company.lines[DIRECT].is_disputed = False
    version = new_version(effective_on=today, renew_before=today + timedelta(days=1), renewal_enforced_on=date.max)
    Customer.objects.filter(pk=customer.pk).update(direct_on=None)
    assert set(listed(member, version)) != oracle([company], customer.partner, version)
