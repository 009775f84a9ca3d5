"""The webhook's registration and its tests: below /webhooks/v1, as at Partner Center, and below /v1/webhooks."""

import json
from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from portal.api.v1.access import needs
from portal.api.v1.answers import JSON, answer, no_content, out
from portal.api.v1.callers import ApiRequest
from portal.api.v1.faults import NOT_THERE, Fault
from portal.api.v1.webhooks.mapping import registration_out, test_out
from portal.api.v1.webhooks.schemas import RegistrationIn, TestOut, TestSent, WebhookRegistration
from portal.partners.permissions import Permission
from portal.webhooks import services
from portal.webhooks.models import Delivery, Registration
from portal.webhooks.rules import Event

router = Router(tags=["Webhooks"])
PLACE, TESTS = "/webhooks/registration", "/webhooks/registration/validationEvents"
# Facts, 6.5: two tests in a minute.
MOST_TESTS, A_MINUTE = 2, timedelta(minutes=1)


@router.get(PLACE, response=out(WebhookRegistration), operation_id="getWebhook")
@needs(Permission.PARTNER_MANAGE_API_CLIENTS)
def get_registration(request: ApiRequest) -> HttpResponse:
    """Where the partner's notices go, and which events it is told of."""
    return answer(registration_out(_registration(request)))


@router.post(PLACE, response=out(WebhookRegistration), operation_id="registerWebhook")
@needs(Permission.PARTNER_MANAGE_API_CLIENTS)
def register(request: ApiRequest, body: RegistrationIn) -> HttpResponse:
    """Register the partner's one webhook. Where there is one, this changes it."""
    return _save(request, body)


@router.put(PLACE, response=out(WebhookRegistration), operation_id="changeWebhook")
@needs(Permission.PARTNER_MANAGE_API_CLIENTS)
def change_registration(request: ApiRequest, body: RegistrationIn) -> HttpResponse:
    """Change the partner's webhook: address, events and where the signature goes."""
    _registration(request)
    return _save(request, body)


@router.delete(PLACE, response=out(None, 204), operation_id="removeWebhook")
@needs(Permission.PARTNER_MANAGE_API_CLIENTS)
def remove_registration(request: ApiRequest) -> HttpResponse:
    """Send nothing any more, nor what still waits."""
    services.turn_off(by=request.caller.actor, partner=request.caller.partner)
    return no_content()


@router.get(f"{PLACE}/events", response=out(list[str]), operation_id="listWebhookEvents")
@needs(None)
def list_events(request: ApiRequest) -> HttpResponse:
    """The names of what can be told of: a bare list."""
    return HttpResponse(json.dumps([event.value for event in Event]), content_type=JSON)


@router.post(TESTS, response=out(TestSent), operation_id="sendWebhookTest")
@needs(Permission.PARTNER_MANAGE_API_CLIENTS)
def send_test(request: ApiRequest) -> HttpResponse:
    """Send test-created to the registered address; at most twice in a minute."""
    partner, now = request.caller.partner, timezone.now()
    tests = Delivery.objects.visible_to(request.caller.membership).filter(event=Event.TEST_CREATED)
    if tests.filter(occurred_at__gt=now - A_MINUTE).count() >= MOST_TESTS:
        raise Fault(429, 429, "Two tests can be sent in a minute. Try again in 60 seconds.", retry_after=60)
    made = services.send_test(by=request.caller.actor, partner=partner)
    return answer(TestSent(correlation_id=made.public_id))


@router.get(f"{TESTS}/{{correlation_id}}", response=out(TestOut), operation_id="getWebhookTest")
@needs(Permission.PARTNER_MANAGE_API_CLIENTS)
def get_test(request: ApiRequest, correlation_id: UUID) -> HttpResponse:
    """What came of a test, attempt by attempt."""
    rows = Delivery.objects.visible_to(request.caller.membership).filter(event=Event.TEST_CREATED)
    found = rows.select_related("registration").prefetch_related("attempts").filter(public_id=correlation_id).first()
    if found is None:
        raise Fault(404, NOT_THERE, "There is no such test.")
    return answer(test_out(found, request.caller.partner))


def _registration(request: ApiRequest) -> Registration:
    found = Registration.objects.visible_to(request.caller.membership).active().first()
    if found is None:
        raise Fault(404, NOT_THERE, "No webhook is registered. POST one first.")
    return found


def _save(request: ApiRequest, body: RegistrationIn) -> HttpResponse:
    row = services.register(
        by=request.caller.actor,
        partner=request.caller.partner,
        url=body.webhook_url,
        events=body.webhook_events,
        has_own_header=body.signature_token_to_ms_signature_header,
    )
    return answer(registration_out(row))
