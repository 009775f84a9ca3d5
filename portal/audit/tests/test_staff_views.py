"""Staff who look at people leave a line in the log; a partner sees those that are about its own customers."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client

from agreements.models import AttestationPerson
from agreements.tests.factories import confirmed
from customers.models import Customer
from portal.audit.models import AuditEvent, AuditEventDetail
from portal.audit.staff_views import PersonalDataAdmin, concerned
from portal.partners.models import Membership
from portal.partners.tests.factories import UserFactory
from portal.tests.guards.helpers import is_ours

CODE = "audit.personal_data_viewed"
# Columns that hold a person's name, address or words.
PERSONAL = frozenset(
    "first_name last_name email phone actor_name placed_by_name changed_by_name invited_by_name asked_by_name "
    "decided_by_name removed_by_name evidence_note reason_note ip_address user_agent values".split()
)
# Admin classes of models with such a column, or with a person, that need no line, and why.
NOT_LOGGED = {
    "orders.PriceList": "names only the portal's own staff",
    "audit.Checkpoint": "names nobody",
}


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    user = UserFactory(name="Stella Staff", is_staff=True, is_superuser=True)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_a_row_that_was_opened_is_in_its_partners_log(
    staff: Client, customer: Customer, admin_agent: Membership, client_of: Callable[[Membership], Client]
) -> None:
    person = AttestationPerson.objects.get(attestation=confirmed(customer))
    assert staff.get(f"/admin/agreements/attestationperson/{person.pk}/change/").status_code == 200
    event = AuditEvent.objects.get(code=CODE)
    assert (event.partner_id, event.customer_id) == (customer.partner_id, customer.tenant_id)
    assert (event.actor_name, event.actor_kind, event.door) == ("Stella Staff", "staff", "admin_site")
    assert event.request_id
    assert person.last_name not in str(event.facts)
    page = client_of(admin_agent).get("/activity/").content.decode()
    assert "Portal staff looked at attestation person" in page
    assert "Stella Staff" in page


def test_a_list_and_a_search_are_logged_without_what_was_searched_for(staff: Client, customer: Customer) -> None:
    for query in ("", "?q=Nowak"):
        assert staff.get(f"/admin/customers/contact/{query}").status_code == 200
    first, second = AuditEvent.objects.filter(code=CODE).order_by("id")
    assert (first.facts["is_search"], second.facts["is_search"]) == (False, True)
    assert first.partner_id is None
    assert "Nowak" not in str(second.facts)
    assert not AuditEventDetail.objects.filter(event=second).exists()


def test_what_is_not_there_was_not_looked_at(staff: Client, customer: Customer) -> None:
    staff.get("/admin/customers/contact/999999/change/")
    assert not AuditEvent.objects.filter(code=CODE).exists()


def test_the_log_itself_names_the_company_it_is_about(customer: Customer) -> None:
    confirmed(customer)
    event = AuditEvent.objects.filter(customer_id=customer.tenant_id).latest("id")
    assert concerned(event) == (customer.partner_id, customer.tenant_id)
    assert concerned(customer) == (customer.partner_id, customer.tenant_id)


def unlogged(registered: dict[type[models.Model], object]) -> list[str]:
    """Models whose admin shows people and says nothing of it."""
    complaints = []
    for model, shown in registered.items():
        fields = {field.name: field for field in model._meta.concrete_fields}
        people = PERSONAL & fields.keys()
        people |= {n for n, f in fields.items() if f.related_model and f.related_model._meta.label == "partners.User"}
        people |= {"name"} if model._meta.label == "partners.User" else set()
        is_known = isinstance(shown, PersonalDataAdmin) or model._meta.label in NOT_LOGGED
        if is_ours(model) and people and not is_known:
            complaints.append(f"{model._meta.label} shows {sorted(people)}: let its admin be a PersonalDataAdmin")
    return complaints


def test_every_admin_that_shows_people_logs_it() -> None:
    complaints = unlogged(dict(admin.site._registry))
    assert not complaints, "\n" + "\n".join(complaints)


def test_the_guard_complains() -> None:
    contact = next(model for model in admin.site._registry if model._meta.label == "customers.Contact")
    assert unlogged({contact: admin.ModelAdmin(contact, admin.site)})
