"""agreements.services.onboard_customer: all of New customer, or nothing of it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from agreements.models import Attestation
from agreements.services import NewCustomer, Onboarded, onboard_customer, onboarding
from agreements.tests.factories import DocumentFactory, TemplateFactory, acceptance
from customers.models import Contact, Customer, OnboardingDraft, Tenant
from customers.services import DomainTaken, save_draft, start_draft
from customers.tests.factories import CustomerFactory, company, contact
from portal.audit.models import AuditEvent, ChainEntry
from portal.common.actor import Actor, Door
from portal.common.errors import NotPermitted, RuleViolation
from portal.jobs.tests.concurrency import shared_by_threads, together
from portal.partners.models import Membership, User
from portal.partners.tests.factories import MembershipFactory, PartnerFactory

Act = Callable[..., Actor]
DOMAIN = "zazolc.onmicrosoft.com"


def new(**changed: object) -> NewCustomer:
    details: dict[str, object] = {
        "domain": DOMAIN,
        "company": company(),
        "contact": contact(),
        "acceptance": acceptance(),
    }
    return NewCustomer(**{**details, **changed})


@pytest.fixture
def by(sales_agent: Membership, actor_for: Act, template: object) -> Actor:
    return actor_for(sales_agent, Door.WIZARD)


@pytest.fixture
def draft(by: Actor, sales_agent: Membership) -> OnboardingDraft:
    started = start_draft(by=by, partner=sales_agent.partner)
    return save_draft(by=by, draft=started, page="account", typed={"company-company_name": "Ż"})


def assert_nothing_was_made(users: int) -> None:
    for model in (Customer, Tenant, Contact, Attestation, ChainEntry):
        assert not model.objects.exists(), model
    assert User.objects.count() == users


def test_makes_customer_acceptance_and_administrator(by: Actor, draft: OnboardingDraft) -> None:
    made = onboard_customer(by=by, draft=draft, new=new(), submit_key="k")
    customer = Customer.objects.with_standing(stale_before=None).get()
    assert made.customer == customer
    assert made.customer.attested_on is not None
    assert customer.standing == "covered"
    assert made.credentials is not None
    assert made.credentials.user_name == f"admin@{DOMAIN}"
    record = Attestation.objects.get()
    assert (record.door, record.actor_name) == ("wizard", "Sam Sales")
    draft.refresh_from_db()
    assert (draft.customer, draft.data) == (customer, {})


def test_an_invitation_makes_it_pending(by: Actor, draft: OnboardingDraft) -> None:
    onboard_customer(by=by, draft=draft, new=new(acceptance=None, is_invited=True), submit_key="k")
    assert Customer.objects.with_standing(stale_before=None).get().standing == "pending"
    assert not Attestation.objects.exists()
    assert AuditEvent.objects.filter(code="agreements.customer_invited").exists()


def test_neither_leaves_it_missing(by: Actor, draft: OnboardingDraft) -> None:
    onboard_customer(by=by, draft=draft, new=new(acceptance=None), submit_key="k")
    assert Customer.objects.with_standing(stale_before=None).get().standing == "missing"


@pytest.mark.django_db(transaction=True)
def test_a_crash_after_the_customer_was_made_leaves_nothing(
    by: Actor, draft: OnboardingDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    users, events = User.objects.count(), AuditEvent.objects.count()

    def crash(**kwargs: object) -> None:
        assert Customer.objects.exists(), "the crash is meant to come after the customer was made"
        raise RuntimeError("crash")

    monkeypatch.setattr(onboarding, "finish_draft", crash)
    with pytest.raises(RuntimeError, match="crash"):
        onboard_customer(by=by, draft=draft, new=new(), submit_key="k")
    assert_nothing_was_made(users)
    assert AuditEvent.objects.count() == events
    monkeypatch.undo()
    draft.refresh_from_db()
    assert draft.data["account"] == {"company-company_name": "Ż"}
    assert onboard_customer(by=by, draft=draft, new=new(), submit_key="k").credentials is not None


@pytest.mark.django_db(transaction=True)
def test_a_refused_acceptance_leaves_nothing(by: Actor, draft: OnboardingDraft) -> None:
    users = User.objects.count()
    future = timezone.now().date() + timedelta(days=3)
    with pytest.raises(RuleViolation) as refused:
        onboard_customer(by=by, draft=draft, new=new(acceptance=acceptance(agreed_on=future)), submit_key="k")
    assert refused.value.field == "agreed_on"
    assert_nothing_was_made(users)


def test_the_same_submit_again_shows_the_same_password(by: Actor, draft: OnboardingDraft) -> None:
    first = onboard_customer(by=by, draft=draft, new=new(), submit_key="k")
    again = onboard_customer(by=by, draft=draft, new=None, submit_key="k")
    assert again == first
    assert again.credentials is not None
    assert Customer.objects.count() == Attestation.objects.count() == 1


def test_another_key_shows_no_password(by: Actor, draft: OnboardingDraft) -> None:
    first = onboard_customer(by=by, draft=draft, new=new(), submit_key="k")
    other = onboard_customer(by=by, draft=draft, new=new(domain="other.onmicrosoft.com"), submit_key="k2")
    assert (other.customer, other.credentials) == (first.customer, None)
    assert Customer.objects.count() == 1


def test_the_password_is_not_shown_for_ever(by: Actor, draft: OnboardingDraft) -> None:
    onboard_customer(by=by, draft=draft, new=new(), submit_key="k")
    late = timezone.now() - onboarding.REPEAT_WINDOW - timedelta(seconds=1)
    OnboardingDraft.objects.update(submitted_at=late)
    assert onboard_customer(by=by, draft=draft, new=None, submit_key="k").credentials is None


def test_nor_after_the_administrator_chose_another(by: Actor, draft: OnboardingDraft) -> None:
    made = onboard_customer(by=by, draft=draft, new=new(), submit_key="k")
    admin = User.objects.get(customer_user__tenant=made.customer.tenant)
    admin.set_password("their own choice")
    admin.save()
    assert onboard_customer(by=by, draft=draft, new=None, submit_key="k").credentials is None


def test_a_taken_domain_leaves_the_draft_open(by: Actor, draft: OnboardingDraft) -> None:
    CustomerFactory(tenant__domain=DOMAIN)
    with pytest.raises(DomainTaken):
        onboard_customer(by=by, draft=draft, new=new(), submit_key="k")
    draft.refresh_from_db()
    assert draft.submitted_at is None
    assert draft.data


@pytest.mark.parametrize(
    ("roles", "trait"), [(["helpdesk_agent"], {}), (["admin_agent", "sales_agent"], {"reseller": True})]
)
def test_who_may_not(template: object, actor_for: Act, roles: list[str], trait: dict[str, bool]) -> None:
    member = MembershipFactory(partner=PartnerFactory(**trait), roles=roles)
    by = actor_for(member)
    with pytest.raises(NotPermitted):
        onboard_customer(
            by=by, draft=start_draft(by=by, partner=member.partner), new=new(acceptance=None), submit_key="k"
        )
    assert not Customer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_customer_and_one_password(actor_for: Act, tmp_path: Path) -> None:
    DocumentFactory(template=TemplateFactory())
    member = MembershipFactory(roles=["sales_agent"])
    by = actor_for(member)
    draft = start_draft(by=by, partner=member.partner)

    def submit(number: int) -> Onboarded:
        return onboard_customer(by=by, draft=draft, new=new(), submit_key="k")

    with shared_by_threads(tmp_path):
        answers, errors = together(4, submit)
        assert errors == []
        assert len({(a.customer.pk, a.credentials) for a in answers}) == 1
        assert all(a.credentials for a in answers)
        assert Customer.objects.count() == Attestation.objects.count() == 1
