"""customers.services.create_customer and relate_customer: a tenant, its administrator, the relationship."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction

from agreements.tests.factories import job_actor
from customers import rules
from customers.models import Contact, Customer, CustomerUser, Tag, Tenant
from customers.services import DomainTaken, create_customer, end_relationship, relate_customer
from customers.tests.factories import CustomerFactory, company, contact
from portal.audit.models import AuditEvent
from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership, Partner, User
from portal.partners.tests.factories import PartnerFactory, PartnerLinkFactory

Act = Callable[..., Actor]
DOMAIN = "zazolc.onmicrosoft.com"


def test_makes_everything_a_customer_needs(partner: Partner, sales_agent: Membership, actor_for: Act) -> None:
    customer, credentials = create_customer(
        by=actor_for(sales_agent), partner=partner, domain=DOMAIN.upper(), company=company(), contact=contact()
    )
    assert customer.tenant.domain == DOMAIN
    assert customer.company_name == "Zażółć Gęślą Sp. z o.o."
    primary = customer.contacts.get()
    assert (primary.is_primary, primary.full_name) == (True, "Zofia Wiśniewska")
    assert credentials.user_name == f"admin@{DOMAIN}"
    event = AuditEvent.objects.get(code="customers.customer_created")
    assert (event.customer_id, event.actor_name) == (customer.tenant_id, "Sam Sales")
    assert "Zofia" not in f"{event.facts}{event.changed}"


def test_the_administrator_can_sign_in_and_is_no_member(partner: Partner) -> None:
    customer, credentials = create_customer(
        by=job_actor(), partner=partner, domain=DOMAIN, company=company(), contact=contact()
    )
    admin = CustomerUser.objects.get(tenant=customer.tenant)
    assert admin.is_admin
    assert admin.user.check_password(credentials.password)
    assert admin.user.must_change_password
    assert not admin.user.memberships.exists()
    assert credentials.password not in admin.user.password


def test_the_password_is_nowhere_in_the_log(partner: Partner) -> None:
    _customer, credentials = create_customer(
        by=job_actor(), partner=partner, domain=DOMAIN, company=company(), contact=contact()
    )
    for event in AuditEvent.objects.all():
        detail = getattr(event, "detail", None)
        assert credentials.password not in f"{vars(event)}{detail and detail.values}"


def test_a_taken_domain_leads_to_the_own_customer(partner: Partner) -> None:
    own = CustomerFactory(partner=partner, tenant__domain=DOMAIN)
    with pytest.raises(DomainTaken) as refused:
        create_customer(by=job_actor(), partner=partner, domain=DOMAIN, company=company(), contact=contact())
    assert refused.value.customer == own
    assert refused.value.field == "domain_prefix"


def test_a_domain_taken_elsewhere_says_nothing_about_whose_it_is(partner: Partner) -> None:
    CustomerFactory(partner=PartnerFactory(name="Rival"), tenant__domain=DOMAIN)
    with pytest.raises(DomainTaken) as refused:
        create_customer(by=job_actor(), partner=partner, domain=DOMAIN, company=company(), contact=contact())
    assert refused.value.customer is None
    assert "Rival" not in str(refused.value.message)


@pytest.mark.parametrize(
    ("wrong_company", "wrong_contact", "field"),
    [
        ({"company_name": "GmbH"}, {}, "company_name"),
        ({}, {"email": "x@microsoft.com"}, "email"),
        ({}, {"email": "x@northwind.example"}, "email"),
    ],
)
def test_a_refusal_leaves_nothing_behind(
    transactional_db: None, wrong_company: dict[str, str], wrong_contact: dict[str, str], field: str
) -> None:
    partner = PartnerFactory(domain="northwind.example")
    users = User.objects.count()
    with pytest.raises(RuleViolation) as refused:
        create_customer(
            by=job_actor(),
            partner=partner,
            domain=DOMAIN,
            company=company(**wrong_company),
            contact=contact(**wrong_contact),
        )
    assert refused.value.field == field
    assert not Tenant.objects.exists()
    assert not Customer.objects.exists()
    assert User.objects.count() == users


@pytest.mark.parametrize(
    "name", ["株式会社サンプル", "ООО Ромашка", "شركة المثال", "O'Brien & Sons", "<script>alert(1)</script>", "Ａ 漢"]
)
def test_names_in_any_script_are_stored_as_typed(partner: Partner, name: str) -> None:
    customer, _credentials = create_customer(
        by=job_actor(), partner=partner, domain=DOMAIN, company=company(company_name=name), contact=contact()
    )
    customer.refresh_from_db()
    assert customer.company_name == name


def test_a_reseller_must_be_linked(provider: Partner) -> None:
    linked = PartnerLinkFactory(provider=provider).reseller
    unlinked = PartnerFactory(reseller=True)
    with pytest.raises(RuleViolation) as refused:
        create_customer(
            by=job_actor(), partner=provider, domain=DOMAIN, company=company(), contact=contact(), reseller=unlinked
        )
    assert refused.value.field == "reseller"
    customer, _credentials = create_customer(
        by=job_actor(), partner=provider, domain=DOMAIN, company=company(), contact=contact(), reseller=linked
    )
    assert customer.reseller == linked


def test_two_partners_know_one_tenant_each_in_its_own_way(partner: Partner, provider: Partner) -> None:
    first = CustomerFactory(partner=partner)
    second = relate_customer(
        by=job_actor(),
        partner=provider,
        tenant=first.tenant,
        company=company(company_name="Known differently"),
        contact=contact(),
    )
    first.refresh_from_db()
    assert first.tenant == second.tenant
    assert first.company_name != second.company_name
    assert Contact.objects.filter(customer=second).count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_agents_who_want_one_domain_make_one_customer(tmp_path: Path) -> None:
    partner = PartnerFactory()

    def create(number: int) -> Customer:
        details = company(company_name=f"Company {number}")
        made, _credentials = create_customer(
            by=job_actor(), partner=partner, domain=DOMAIN, company=details, contact=contact()
        )
        return made

    with shared_by_threads(tmp_path):
        made, errors = together(10, create)
        assert len(made) == 1
        assert [type(error) for error in errors] == [DomainTaken] * 9
        assert {error.customer for error in errors if isinstance(error, DomainTaken)} == {made[0]}
        assert Tenant.objects.count() == Customer.objects.count() == Contact.objects.count() == 1


def in_sandbox(partner: Partner, number: int) -> Customer:
    made, _credentials = create_customer(
        by=job_actor(),
        partner=partner,
        domain=f"sandbox{number}.onmicrosoft.com",
        company=company(),
        contact=contact(),
    )
    return made


def test_a_sandbox_has_its_limit(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SANDBOX_CUSTOMERS", 2)
    sandbox = PartnerFactory(environment="sandbox")
    first = in_sandbox(sandbox, 1)
    in_sandbox(sandbox, 2)
    with pytest.raises(RuleViolation) as refused:
        in_sandbox(sandbox, 3)
    assert (refused.value.code, "2 customers" in str(refused.value.message)) == ("sandbox_full", True)
    end_relationship(by=job_actor(), customer=first, running_count=0)
    in_sandbox(sandbox, 3)


@pytest.mark.django_db(transaction=True)
def test_the_last_place_in_a_sandbox_is_given_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SANDBOX_CUSTOMERS", 1)
    sandbox = PartnerFactory(environment="sandbox")
    with shared_by_threads(tmp_path):
        made, errors = together(4, lambda number: in_sandbox(sandbox, number))
        assert len(made) == 1
        assert [getattr(error, "code", error) for error in errors] == ["sandbox_full"] * 3


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one transaction write at a time")
@pytest.mark.django_db(transaction=True)
def test_who_writes_for_a_sandbox_does_not_wait_for_its_new_customer() -> None:
    sandbox = PartnerFactory(environment="sandbox")

    def write(_number: int) -> Tag:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
            return Tag.objects.create(partner=sandbox, name="Ours", name_key="ours")

    # Whoever holds a tenant's lock and waits for the partner's row would keep an import from that tenant for good.
    with transaction.atomic():
        in_sandbox(sandbox, 1)
        made, errors = together(1, write)
    assert (len(made), errors) == (1, [])


def test_a_relationship_returns_to_the_same_row(customer: Customer) -> None:
    end_relationship(by=job_actor(), customer=customer, running_count=0)
    again = relate_customer(
        by=job_actor(), partner=customer.partner, tenant=customer.tenant, company=company(), contact=contact()
    )
    assert (again.pk, again.is_active, again.contacts.count()) == (customer.pk, True, 2)
    with pytest.raises(DomainTaken):
        relate_customer(
            by=job_actor(), partner=customer.partner, tenant=customer.tenant, company=company(), contact=contact()
        )
