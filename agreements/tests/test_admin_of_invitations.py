"""Django admin: invitations, requests and receipts to look at; the one dispute that staff decides."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements.models import (
    Attestation,
    AttestationEvent,
    Audience,
    ConfirmationRequest,
    EnhancedAttestation,
    Invitation,
    InvitationPolicy,
    InvitationReminder,
    Receipt,
)
from agreements.services import send_invitation
from agreements.tests.enhanced_factories import EnhancedAttestationFactory
from agreements.tests.factories import accepted_directly, confirmed, invited, job_actor
from agreements.tests.invitation_factories import ConfirmationRequestFactory, RequestInvitationFactory, disputed
from customers.models import Customer
from customers.rules import Standing
from customers.tests.factories import CustomerFactory
from portal.audit.models import AuditEvent
from portal.jobs.models import Letter
from portal.partners.models import Membership
from portal.partners.tests.factories import UserFactory

ASKED = {
    "invitation": Invitation,
    "invitationreminder": InvitationReminder,
    "invitationpolicy": InvitationPolicy,
    "receipt": Receipt,
    "confirmationrequest": ConfirmationRequest,
    "enhancedattestation": EnhancedAttestation,
}
pytestmark = pytest.mark.usefixtures("template")


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    user = UserFactory(is_staff=True, is_superuser=True, name="Stefan Staff")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def fill(count: int) -> None:
    for _each in range(count):
        customer = CustomerFactory()
        EnhancedAttestationFactory(partner=customer.partner)
        invitation = send_invitation(by=job_actor(), invitation=invited(customer))
        InvitationReminder.objects.create(
            invitation=invitation,
            generation=1,
            audience=Audience.CUSTOMER,
            days=3,
            letter=Letter.objects.create(kind="agreements.reminder", about=str(invitation.public_id)),
        )
        InvitationPolicy.objects.create(partner=customer.partner)
        confirmed(CustomerFactory())
        ConfirmationRequestFactory()


def url_of(name: str, view: str, *args: object) -> str:
    return reverse(f"admin:agreements_{name}_{view}", args=args)


@pytest.mark.parametrize("name", ASKED)
def test_staff_look_and_change_nothing(name: str, staff: Client) -> None:
    fill(1)
    row: Any = ASKED[name].objects.get()
    assert staff.get(url_of(name, "changelist")).context["cl"].result_count == 1
    assert staff.get(url_of(name, "changelist"), {"q": "nothing-like-it"}).context["cl"].result_count == 0
    page = staff.get(url_of(name, "change", row.pk)).content.decode()
    digest = getattr(row, "token_digest", "")
    assert not digest or digest not in page
    assert staff.post(url_of(name, "change", row.pk), {}).status_code == 403
    assert staff.post(url_of(name, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert staff.get(url_of(name, "add")).status_code == 403


@pytest.mark.parametrize("name", ["invitation", "receipt", "confirmationrequest"])
def test_found_by_its_public_id(name: str, staff: Client) -> None:
    fill(2)
    row: Any = ASKED[name].objects.first()
    found = staff.get(url_of(name, "changelist"), {"q": str(row.public_id)}).context["cl"]
    assert [each.pk for each in found.result_list] == [row.pk]


def test_relationships_that_were_asked_for_are_there(staff: Client) -> None:
    request = RequestInvitationFactory().request
    RequestInvitationFactory()
    changelist = reverse("admin:customers_relationshiprequest_changelist")
    found = staff.get(changelist, {"q": str(request.public_id)}).context["cl"]
    assert [each.pk for each in found.result_list] == [request.pk]
    url = reverse("admin:customers_relationshiprequest_change", args=[request.pk])
    assert staff.get(url).status_code == 200
    assert staff.post(url, {}).status_code == 403


def test_what_became_of_the_letter_is_there(staff: Client) -> None:
    fill(1)
    assert "waiting to be sent" in staff.get(url_of("invitation", "changelist")).content.decode()
    assert "Being sent" in staff.get(url_of("invitation", "changelist")).content.decode()


@pytest.mark.parametrize("name", ASKED)
def test_lists_cost_the_same_for_many_rows(name: str, staff: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(url_of(name, "changelist")).status_code == 200
        return len(queries)

    fill(2)
    few = cost()
    fill(4)
    assert cost() == few


@pytest.fixture
def own(customer: Customer) -> Attestation:
    """The customer's own record, disputed by the person named in it."""
    Customer.objects.filter(pk=customer.pk).update(relationship_accepted_at=customer.created_at)
    return disputed(accepted_directly(customer))


def test_staff_decides_the_dispute_of_the_customers_own_record(
    staff: Client, own: Attestation, customer: Customer
) -> None:
    found = staff.get(url_of("attestation", "changelist"), {"dispute": "open"}).context["cl"]
    assert [each.pk for each in found.result_list] == [own.pk]
    url = url_of("attestation", "change", own.pk)
    page = staff.get(url).content.decode()
    assert "The record is right: it covers again" in page
    again = staff.post(url, {"decision": "rejected", "reason": " "})
    assert again.context["errors"]
    assert staff.post(url, {"decision": "rejected", "reason": "The person recognised it."}).status_code == 302
    assert AttestationEvent.objects.filter(kind="dispute_resolved", actor_name="Stefan Staff").exists()
    told = AuditEvent.objects.filter(code="agreements.dispute_rejected").order_by("id")
    assert list(told.values_list("partner_id", flat=True)) == [None, customer.partner_id]
    assert {(event.actor_kind, event.door) for event in told} == {("staff", "admin_site")}
    row = Customer.objects.with_standing(stale_before=None).get(pk=customer.pk)
    assert row.standing == Standing.COVERED
    assert staff.post(url, {"decision": "upheld", "reason": "Again"}).status_code == 403
    assert not staff.get(url_of("attestation", "changelist"), {"dispute": "open"}).context["cl"].result_list


def test_a_partners_record_is_for_the_partner_to_decide(staff: Client, customer: Customer) -> None:
    record = disputed(confirmed(customer))
    url = url_of("attestation", "change", record.pk)
    assert "The record is right" not in staff.get(url).content.decode()
    assert staff.post(url, {"decision": "upheld", "reason": "No"}).status_code == 403


def test_agents_do_not_get_in(client_of: Callable[[Membership], Client], admin_agent: Membership) -> None:
    for name in ASKED:
        assert client_of(admin_agent).get(url_of(name, "changelist")).status_code == 302
