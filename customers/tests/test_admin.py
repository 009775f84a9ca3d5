"""Django admin of this room: staff look, and decide of a customer what is theirs to decide."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agreements.tests.factories import job_actor
from customers.models import Contact, Customer, CustomerUser, OnboardingDraft, Tenant
from customers.services import set_qualification
from customers.tests.factories import CustomerFactory, OnboardingDraftFactory
from portal.audit.models import AuditEvent
from portal.partners.models import Membership, Partner
from portal.partners.tests.factories import UserFactory

MODELS = ("tenant", "customer", "contact", "customeruser", "onboardingdraft")


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    user = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def rows(customer: Customer, sales_agent: Membership) -> dict[str, object]:
    """Model name -> one row of it."""
    OnboardingDraftFactory(membership=sales_agent, data={"account": {"company-company_name": "Half-typed"}})
    models = (Tenant, Customer, Contact, CustomerUser, OnboardingDraft)
    return {model._meta.model_name: model.objects.get() for model in models}


def url_of(name: str, view: str, *args: object) -> str:
    return reverse(f"admin:customers_{name}_{view}", args=args)


@pytest.mark.parametrize("name", MODELS)
def test_staff_can_list_search_and_look(name: str, staff: Client, rows: dict[str, object]) -> None:
    row = rows[name]
    assert staff.get(url_of(name, "changelist")).context["cl"].result_count == 1
    assert staff.get(url_of(name, "changelist"), {"q": "nothing-like-it"}).context["cl"].result_count == 0
    assert staff.get(url_of(name, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("name", [name for name in MODELS if name != "customer"])
def test_nobody_adds_changes_or_deletes(name: str, staff: Client, rows: dict[str, object]) -> None:
    row = rows[name]
    assert staff.get(url_of(name, "add")).status_code == 403
    assert staff.post(url_of(name, "change", row.pk), {}).status_code == 403
    assert staff.post(url_of(name, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


def test_of_a_customer_only_the_decisions_are_open(staff: Client, customer: Customer) -> None:
    assert staff.get(url_of("customer", "add")).status_code == 403
    assert staff.post(url_of("customer", "delete", customer.pk), {"post": "yes"}).status_code == 403
    form = staff.get(url_of("customer", "change", customer.pk)).context["adminform"].form
    assert set(form.fields) == {"account_status", "decision", "denial_reason"}
    typed = {"account_status": "under_review", "company_name": "Changed", "removed_at_0": "2026-01-01"}
    assert staff.post(url_of("customer", "change", customer.pk), typed).status_code == 302
    before = customer.company_name
    customer.refresh_from_db()
    assert (customer.account_status, customer.company_name, customer.removed_at) == ("under_review", before, None)
    event = AuditEvent.objects.get(code="customers.account_status_changed")
    assert (event.actor_kind, event.facts) == ("staff", {"from": "approved", "to": "under_review"})


def test_staff_decide_a_special_qualification(staff: Client, customer: Customer) -> None:
    url, typed = url_of("customer", "change", customer.pk), {"account_status": "approved", "decision": "deny"}
    assert "has not asked for" in staff.post(url, typed).content.decode()
    set_qualification(by=job_actor(), customer=customer, qualification="state_owned_entity", version=1)
    assert "Choose why the qualification is denied" in staff.post(url, typed).content.decode()
    assert staff.post(url, typed | {"denial_reason": "restricted"}).status_code == 302
    customer.refresh_from_db()
    assert customer.qualification_status == "denied"
    assert staff.post(url, typed | {"decision": "approve"}).status_code == 302
    customer.refresh_from_db()
    assert customer.qualification_status == "approved"


def test_a_decision_on_a_removed_customer_is_refused_in_words(staff: Client, customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(removed_at=timezone.now())
    answer = staff.post(url_of("customer", "change", customer.pk), {"account_status": "not_approved"})
    assert "The reseller relationship with this customer was removed" in answer.content.decode()


def test_a_customer_is_found_by_its_microsoft_id(staff: Client, customer: Customer) -> None:
    answer = staff.get(url_of("customer", "changelist"), {"q": str(customer.tenant_id)})
    assert answer.context["cl"].result_count == 1


def test_what_was_typed_in_a_draft_stays_its_owners(staff: Client, rows: dict[str, object]) -> None:
    draft = rows["onboardingdraft"]
    assert b"Half-typed" not in staff.get(url_of("onboardingdraft", "changelist")).content
    fields = staff.get(url_of("onboardingdraft", "change", draft.pk)).context["adminform"]
    assert "data" not in [name for fieldset in fields for line in fieldset for name in line.fields]


@pytest.mark.parametrize("name", MODELS)
def test_lists_cost_the_same_for_many_rows(
    name: str, staff: Client, rows: dict[str, object], partner: Partner, sales_agent: Membership
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert staff.get(url_of(name, "changelist")).status_code == 200
        return len(queries)

    for _number in range(2):
        CustomerFactory(partner=partner)
        OnboardingDraftFactory(membership=sales_agent)
    few = cost()
    for _number in range(5):
        CustomerFactory(partner=partner)
        OnboardingDraftFactory(membership=sales_agent)
    assert cost() == few


def test_agents_do_not_get_in(client_of: Callable[[Membership], Client], admin_agent: Membership) -> None:
    assert client_of(admin_agent).get(url_of("customer", "changelist")).status_code == 302
