"""Erasing the person named in a record: what goes is said before it is gone; staff erase of the customer's own."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import Attestation, AttestationPerson
from agreements.tests.factories import accepted_directly, confirmed
from customers.models import Customer
from portal.audit.models import AuditEventDetail
from portal.common.actor import Actor
from portal.partners.models import Membership
from portal.partners.tests.factories import UserFactory

ClientOf = Callable[[Membership], Client]
Act = Callable[..., Actor]
SAID = {"reason": "Request 17", "understood": "on"}


@pytest.fixture
def record(customer: Customer, sales_agent: Membership, actor_for: Act) -> Attestation:
    return confirmed(customer, actor_for(sales_agent))


def url(customer: Customer, record: Attestation) -> str:
    return reverse("agreements:erase", args=[customer.tenant_id, record.reference])


def test_says_what_goes_and_erases_with_a_reason(
    customer: Customer, record: Attestation, admin_agent: Membership, client_of: ClientOf
) -> None:
    client = client_of(admin_agent)
    shown = reverse("agreements:record", args=[customer.tenant_id, record.reference])
    assert url(customer, record) in client.get(shown).content.decode()
    page = client.get(url(customer, record)).content.decode()
    assert "Zofia Wiśniewska is named in 1 record" in page
    answer = client.post(url(customer, record), SAID, follow=True)
    assert answer.redirect_chain == [(shown, 302)]
    after = answer.content.decode()
    assert "The person is erased from 1 record." in after
    history = client.get(reverse("customers:account", args=[customer.tenant_id])).content.decode()
    assert f"Erased the person named in the acceptance of {record.agreed_on.isoformat()}" in history
    assert "Wiśniewska" not in after
    assert "Request 17" in after
    assert url(customer, record) not in after
    assert "erased already" in client.get(url(customer, record)).content.decode()


@pytest.mark.parametrize("missing", ["reason", "understood"])
def test_without_a_reason_and_a_tick_nobody_is_erased(
    customer: Customer, record: Attestation, admin_agent: Membership, client_of: ClientOf, missing: str
) -> None:
    said = {key: value for key, value in SAID.items() if key != missing}
    page = client_of(admin_agent).post(url(customer, record), said).content.decode()
    assert "There is a problem" in page
    assert AttestationPerson.objects.exists()


def test_a_sales_agent_is_told_who_can(
    customer: Customer, record: Attestation, sales_agent: Membership, client_of: ClientOf
) -> None:
    client = client_of(sales_agent)
    assert "Erase the person" not in client.get(url(customer, record).replace("erase/", "")).content.decode()
    answer = client.post(url(customer, record), SAID)
    assert answer.status_code == 403
    assert "Admin agent" in answer.content.decode()
    assert AttestationPerson.objects.exists()


def test_of_the_customers_own_record_the_portals_staff(
    customer: Customer, admin_agent: Membership, client_of: ClientOf
) -> None:
    own = accepted_directly(customer)
    assert client_of(admin_agent).get(url(customer, own)).status_code == 403
    answer = client_of(admin_agent).post(url(customer, own), SAID)
    assert AttestationPerson.objects.exists()
    assert answer.status_code == 403
    staff = Client()
    staff.force_login(UserFactory(is_staff=True, is_superuser=True))
    change = reverse("admin:agreements_attestationperson_change", args=[own.person.pk])
    assert staff.post(change, {"reason": "", "understood": "on"}).status_code == 200
    assert AttestationPerson.objects.exists()
    name = own.person.full_name
    after = staff.post(change, SAID, follow=True).content.decode()
    assert "The person is erased." in after
    assert name not in after
    assert not AttestationPerson.objects.exists()
    assert not has_details(own)


def has_details(record: Attestation) -> bool:
    return AuditEventDetail.objects.filter(event__subject=str(record.reference)).exists()


def test_staff_only_look_at_a_partners_record(record: Attestation) -> None:
    staff = Client()
    staff.force_login(UserFactory(is_staff=True, is_superuser=True))
    change = reverse("admin:agreements_attestationperson_change", args=[record.person.pk])
    assert "understood" not in staff.get(change).content.decode()
    assert staff.post(change, SAID).status_code == 403
    assert AttestationPerson.objects.exists()
