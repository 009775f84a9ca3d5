"""Settings > Webhooks."""

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.partners.models import Membership
from portal.webhooks.models import Delivery, DeliveryAttempt, Registration, WebhookKey
from portal.webhooks.tests.factories import DeliveryFactory, RegistrationFactory

ClientOf = Callable[[Membership], Client]
PAGE = "/settings/webhooks/"


def sent(member: Membership, **said: Any) -> dict[str, Any]:
    return {"partner": str(member.partner.tenant_id), **said}


def test_registers_tests_and_turns_off(client_of: ClientOf, global_admin: Membership) -> None:
    client = client_of(global_admin)
    assert "Register a webhook" in client.get(PAGE).content.decode()
    said = sent(global_admin, url="https://hooks.example.com/in", events=["order-created", "customer-created"])
    assert client.post(PAGE, said).status_code == 302
    registration = Registration.objects.get()
    assert registration.events == ["order-created", "customer-created"]
    page = client.get(PAGE).content.decode()
    assert str(registration.subscriber_id) in page
    assert "No notices yet" in page
    test = sent(global_admin, submit_key="one")
    for _twice in range(2):
        assert client.post(reverse("webhooks:test"), test).status_code == 302
    assert Delivery.objects.get().event == "test-created"
    assert "Waiting" in client.get(PAGE).content.decode()
    client.post(reverse("webhooks:turn_off"), sent(global_admin))
    assert not Registration.objects.get().is_active
    page = client.get(PAGE).content.decode()
    assert "Not registered" in page
    # What was typed is there, should it be turned on again.
    assert "https://hooks.example.com/in" in page
    client.post(reverse("webhooks:test"), test | {"submit_key": "two"})
    assert "Register one first" in client.get(PAGE).content.decode()


def test_keeps_what_cannot_be_used_and_says_why(client_of: ClientOf, global_admin: Membership) -> None:
    said = sent(global_admin, url="http://10.0.0.5/in", events=["order-created"])
    page = client_of(global_admin).post(PAGE, said).content.decode()
    assert "must begin with https://" in page
    assert "http://10.0.0.5/in" in page
    assert not Registration.objects.exists()


def test_shows_what_came_of_the_last_notices_and_sends_them_again(
    client_of: ClientOf, global_admin: Membership
) -> None:
    now = timezone.now()
    registration = RegistrationFactory(partner=global_admin.partner)
    given_up = DeliveryFactory(registration=registration, state="given_up", next_try_at=None, ended_at=now)
    DeliveryAttempt.objects.create(delivery=given_up, status_code=503, duration_ms=42)
    DeliveryAttempt.objects.create(delivery=given_up, problem="It did not answer in time.")
    client = client_of(global_admin)
    page = client.get(PAGE).content.decode()
    assert "Given up" in page
    assert "It did not answer in time." in page
    assert "2 attempts" in page
    again = reverse("webhooks:try_again", args=[given_up.public_id])
    assert client.post(again, sent(global_admin)).status_code == 302
    assert Delivery.objects.get().state == "pending"


def test_is_for_the_global_admin(client_of: ClientOf, admin_agent: Membership) -> None:
    assert client_of(admin_agent).get(PAGE).status_code == 403
    assert "Webhooks" not in client_of(admin_agent).get("/settings/").content.decode()


def test_the_certificate_is_for_everybody(client: Client, key: WebhookKey) -> None:
    response = client.get(f"/webhooks/certificates/{key.key_id}.cer")
    assert (response.status_code, response["Content-Type"]) == (200, "application/pkix-cert")
    assert client.get("/webhooks/certificates/none.cer").status_code == 404
    assert client.get("/webhooks/certificates/a%00b.cer").status_code == 404
