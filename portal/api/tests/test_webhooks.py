"""Webhooks: registered, tested, at both places where clients look (facts, 6.7)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.partners.models import Membership
from portal.webhooks.models import Delivery, DeliveryAttempt, Registration
from portal.webhooks.tests.factories import DeliveryFactory, RegistrationFactory

Api = Callable[..., Any]
PLACE, TESTS = "/webhooks/registration", "/webhooks/registration/validationEvents"
ASKED = {"WebhookUrl": "https://hooks.example.com/in", "WebhookEvents": ["subscription-updated", "test-created"]}


def test_is_registered_and_read_in_pascal_case(api: Api, global_admin: Membership) -> None:
    session = api(global_admin)
    assert session.get(PLACE).status_code == 404
    answer = session.post(PLACE, ASKED)
    row = Registration.objects.get()
    told = {"SubscriberId": str(row.subscriber_id), **ASKED, "SignatureTokenToMsSignatureHeader": False}
    assert (answer.status_code, answer.json()) == (200, told)
    changed = {"webhookUrl": ASKED["WebhookUrl"], "webhookevents": ["order-created"]}
    answer = session.put(PLACE, {**changed, "SignatureTokenToMsSignatureHeader": True})
    assert answer.json()["WebhookEvents"] == ["order-created"]
    assert session.get(PLACE).json() == answer.json()
    assert Registration.objects.get().has_own_header
    assert session.delete(PLACE).status_code == 204
    assert session.get(PLACE).status_code == 404
    assert session.put(PLACE, ASKED).status_code == 404


def test_is_served_at_partner_centers_own_place(client: Client, api: Api, global_admin: Membership) -> None:
    headers = {"Authorization": f"Bearer {api(global_admin).token}"}
    sent = {"content_type": "application/json", "headers": headers}
    assert client.post("/webhooks/v1/registration", ASKED, **sent).status_code == 200
    assert client.get("/webhooks/v1/registration", headers=headers).json()["WebhookUrl"] == ASKED["WebhookUrl"]
    events = client.get("/webhooks/v1/registration/events", headers=headers).json()
    assert {"test-created", "subscription-updated", "agreement-recorded"} <= set(events)
    correlation_id = client.post("/webhooks/v1/registration/validationEvents", **sent).json()["correlationId"]
    path = f"/webhooks/v1/registration/validationEvents/{correlation_id}"
    assert client.get(path, headers=headers).json()["status"] == "inProgress"
    assert Delivery.objects.get().resource_uri == path
    assert client.get("/webhooks/v1/nothing", headers=headers).status_code == 404


def test_says_what_came_of_a_test(api: Api, global_admin: Membership, stranger: Membership) -> None:
    registration = RegistrationFactory(partner=global_admin.partner)
    now = timezone.now()
    done = DeliveryFactory(
        registration=registration, event="test-created", state="given_up", next_try_at=None, ended_at=now
    )
    DeliveryAttempt.objects.create(delivery=done, status_code=404)
    DeliveryAttempt.objects.create(delivery=done, problem="It did not answer in time.")
    said = api(global_admin).get(f"{TESTS}/{done.public_id}").json()
    results = said.pop("results")
    assert said == {
        "correlationId": str(done.public_id),
        "partnerId": str(global_admin.partner.tenant_id),
        "status": "failed",
        "callbackUrl": registration.url,
    }
    assert [(each["responseCode"], each["systemError"]) for each in results] == [("NotFound", False), ("", True)]
    assert api(stranger).get(f"{TESTS}/{done.public_id}").status_code == 404
    assert api(global_admin).get(f"{TESTS}/nonsense").json()["code"] == 900118


def test_a_third_test_in_a_minute_has_to_wait(api: Api, global_admin: Membership) -> None:
    session = api(global_admin)
    assert session.post(TESTS).status_code == 404
    RegistrationFactory(partner=global_admin.partner)
    assert [session.post(TESTS).status_code for _each in range(3)] == [200, 200, 429]
    assert session.post(TESTS)["Retry-After"] == "60"


def test_partner_centers_own_events_are_taken_even_where_they_never_happen(
    api: Api, global_admin: Membership
) -> None:
    names = ["Subscription-Updated", "usagerecords-thresholdexceeded", "invoice-ready", "referral-created"]
    answer = api(global_admin).post(PLACE, ASKED | {"WebhookEvents": names})
    expected = ["subscription-updated", "usagerecords-thresholdExceeded", "invoice-ready", "referral-created"]
    assert answer.json()["WebhookEvents"] == expected


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"WebhookUrl": None},
        {"WebhookUrl": "http://hooks.example.com/in"},
        {"WebhookUrl": "https://10.0.0.5:99999/"},
        {"WebhookUrl": 7},
        {"WebhookEvents": []},
        {"WebhookEvents": ["order-lost"]},
        {"WebhookEvents": "order-created"},
        {"SignatureTokenToMsSignatureHeader": "perhaps"},
    ],
    ids=str,
)
def test_what_cannot_be_registered_is_refused(said: dict[str, Any], api: Api, global_admin: Membership) -> None:
    answer = api(global_admin).post(PLACE, {**ASKED, **said} if said else {})
    assert answer.status_code == 400
    assert answer.json()["description"]
    assert not Registration.objects.exists()


def test_is_for_who_manages_programs(api: Api, admin_agent: Membership, global_admin: Membership) -> None:
    assert api(admin_agent).post(PLACE, ASKED).json()["code"] == 900150
    assert api(partner=admin_agent.partner, roles=("admin_agent",)).get(PLACE).status_code == 403
    assert api(partner=admin_agent.partner, roles=("global_admin",)).post(PLACE, ASKED).status_code == 200
