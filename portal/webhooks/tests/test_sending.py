"""Notices reach a real receiver, signed; what fails is tried again, then given up."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from portal.partners.models import Partner
from portal.webhooks import outgoing, rules
from portal.webhooks.models import Delivery, DeliveryAttempt, DeliveryState, Registration
from portal.webhooks.rules import Event
from portal.webhooks.sending import send_some
from portal.webhooks.services import announce, announce_all
from portal.webhooks.tasks import look_after_deliveries, send_due
from portal.webhooks.tests.conftest import Received, Receiver
from portal.webhooks.tests.factories import DeliveryFactory, RegistrationFactory

pytestmark = pytest.mark.usefixtures("key")


@pytest.fixture
def registration(partner: Partner, receiver: Receiver) -> Registration:
    return RegistrationFactory(partner=partner, url=receiver.url)


def tell(partner: Partner, uri: str = "/v1/customers/1", **said: Any) -> None:
    announce(partner_id=partner.pk, event=Event.CUSTOMER_CREATED, resource_name="customer", resource_uri=uri, **said)


def make_due(delivery: Delivery) -> None:
    """As if the pauses were over."""
    now = timezone.now()
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING).update(next_try_at=now)
    Registration.objects.update(quiet_until=None)


def verified(received: Received, signature: str) -> x509.Certificate:
    """The certificate that the notice names, served by the portal, after checking the signature with it."""
    url = received.headers["X-MS-Certificate-Url"]
    assert url.startswith(settings.PORTAL_URL)
    response = Client().get(url.removeprefix(settings.PORTAL_URL))
    certificate = x509.load_der_x509_certificate(response.content)
    public = certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    public.verify(base64.b64decode(signature), received.body, padding.PKCS1v15(), hashes.SHA256())
    return certificate


def test_a_notice_is_signed_and_says_where_to_look(
    partner: Partner, registration: Registration, receiver: Receiver
) -> None:
    event_id = "5f6c6a3e-86b2-4a7c-9d3c-3a6f1b1c2d3e"
    tell(partner, audit_id=event_id)
    send_due.func(registration.pk)
    (received,) = receiver.received
    said = json.loads(received.body)
    changed_at = datetime.fromisoformat(said.pop("ResourceChangeUtcDate"))
    assert changed_at.utcoffset() == timedelta(0)
    assert said == {
        "EventName": "customer-created",
        "ResourceUri": f"{settings.PORTAL_URL}/v1/customers/1",
        "ResourceName": "customer",
        "AuditUri": f"{settings.PORTAL_URL}/auditactivity/v1/auditrecords/{event_id}",
    }
    assert received.path == "/hook?from=portal"
    assert received.headers["X-MS-Signature-Algorithm"] == "rsa-sha256"
    scheme, _blank, signature = received.headers["Authorization"].partition(" ")
    certificate = verified(received, signature)
    assert scheme == "Signature"
    assert certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == "Partner portal"
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.next_try_at) == (DeliveryState.DELIVERED, None)
    assert delivery.attempts.get().status_code == 200


def test_the_signature_goes_where_it_is_wanted(
    partner: Partner, registration: Registration, receiver: Receiver
) -> None:
    Registration.objects.update(has_own_header=True)
    tell(partner)
    send_some(registration.pk)
    (received,) = receiver.received
    assert "Authorization" not in received.headers
    verified(received, received.headers["x-ms-signature"])


def test_nothing_is_told_of_what_did_not_happen(
    partner: Partner, registration: Registration, receiver: Receiver
) -> None:
    """The control shows that the same change, committed, is told of."""
    for is_rolled_back in (True, False):
        with transaction.atomic():
            tell(partner)
            transaction.set_rollback(is_rolled_back)
        send_some(registration.pk)
        assert (len(receiver.received), DBTaskResult.objects.count()) == ((0, 0) if is_rolled_back else (1, 1))


@pytest.mark.parametrize(
    "said", [{"is_active": False}, {"events": ["order-created"]}], ids=["turned off", "another event"]
)
def test_nobody_is_told_what_they_do_not_want(
    said: dict[str, Any], partner: Partner, registration: Registration, django_assert_num_queries: Any
) -> None:
    Registration.objects.update(**said)
    with django_assert_num_queries(1):
        tell(partner)
    assert not Delivery.objects.exists()


def test_each_partner_is_told_in_as_many_queries_as_one(partner: Partner, django_assert_num_queries: Any) -> None:
    mine, other = RegistrationFactory(partner=partner), RegistrationFactory()
    RegistrationFactory()
    with transaction.atomic(), django_assert_num_queries(5):
        announce_all(
            partners=Partner.objects.filter(pk__in=[mine.partner_id, other.partner_id]).values_list("pk", flat=True),
            event=Event.AGREEMENT_RECORDED,
            resource_name="agreement",
            resources=[(f"/v1/customers/{n}/agreements", None) for n in range(20)],
        )
    assert mine.deliveries.count() == other.deliveries.count() == 20
    assert Delivery.objects.count() == 40


def test_an_error_is_tried_again_later_each_time_and_then_given_up(
    partner: Partner, registration: Registration, receiver: Receiver
) -> None:
    receiver.answers = [500] * rules.MAX_ATTEMPTS
    tell(partner)
    delivery = Delivery.objects.get()
    waits = []
    for _attempt in range(rules.MAX_ATTEMPTS):
        make_due(delivery)
        send_some(registration.pk)
        delivery.refresh_from_db()
        if delivery.next_try_at is not None:
            waits.append(round((delivery.next_try_at - timezone.now()).total_seconds() / 60))
        # Not before its time.
        send_some(registration.pk)
    assert waits == list(rules.PAUSES)
    assert timedelta(hours=6) < timedelta(minutes=sum(waits)) < timedelta(hours=12)
    assert delivery.state == DeliveryState.GIVEN_UP
    assert len(receiver.received) == rules.MAX_ATTEMPTS
    assert list(delivery.attempts.values_list("status_code", flat=True)) == [500] * rules.MAX_ATTEMPTS
    assert len({each.body for each in receiver.received}) == 1


def test_one_that_is_refused_does_not_hold_the_others_back(
    partner: Partner, registration: Registration, receiver: Receiver
) -> None:
    receiver.answers = [400]
    tell(partner, "/v1/customers/1")
    tell(partner, "/v1/customers/2")
    assert send_some(registration.pk) is False
    assert [each.state for each in Delivery.objects.order_by("pk")] == ["pending", "delivered"]


def test_a_receiver_that_is_away_is_left_in_peace_for_a_while(
    partner: Partner, registration: Registration, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "ANSWER_TIMEOUT", 0.1)
    receiver.delay = 0.4
    tell(partner, "/v1/customers/1")
    tell(partner, "/v1/customers/2")
    send_some(registration.pk)
    send_some(registration.pk)
    first, second = Delivery.objects.order_by("pk")
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.delivery_id, attempt.status_code) == (first.pk, None)
    assert "in time" in attempt.problem
    assert second.attempt_count == 0
    receiver.delay = 0
    make_due(first)
    send_some(registration.pk)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_a_redirect_is_not_followed(partner: Partner, registration: Registration, receiver: Receiver) -> None:
    receiver.answers, receiver.location = [307], "http://127.0.0.1:1/elsewhere"
    tell(partner)
    send_some(registration.pk)
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.status_code, "redirects" in attempt.problem) == (307, True)
    assert len(receiver.received) == 1


def test_the_clock_brings_up_what_is_due_once_and_forgets_what_is_old(registration: Registration) -> None:
    old = timezone.now() - timedelta(days=31)
    ended = {"state": "delivered", "next_try_at": None, "ended_at": old}
    gone = DeliveryFactory(registration=registration, occurred_at=old, **ended)
    DeliveryAttempt.objects.create(delivery=gone, status_code=200)
    DeliveryFactory(registration=registration)
    DeliveryFactory(registration__quiet_until=timezone.now() + timedelta(minutes=1))
    DeliveryFactory(registration__is_active=False)
    assert look_after_deliveries() == 1
    assert look_after_deliveries() == 0
    (row,) = DBTaskResult.objects.filter(task_path=send_due.module_path)
    assert row.args_kwargs["args"] == [registration.pk]
    assert row.queue_name == "bulk"
    assert not Delivery.objects.filter(pk=gone.pk).exists()
