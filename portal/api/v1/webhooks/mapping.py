"""Rows of `portal.webhooks` in wire terms."""

from http import HTTPStatus

from portal.api.v1.webhooks.schemas import TestOut, TestResult, WebhookRegistration
from portal.partners.models import Partner
from portal.webhooks.models import Delivery, DeliveryAttempt, DeliveryState, Registration

STATUS = {
    DeliveryState.PENDING: "inProgress",
    DeliveryState.DELIVERED: "completed",
    DeliveryState.GIVEN_UP: "failed",
}


def registration_out(row: Registration) -> WebhookRegistration:
    return WebhookRegistration.model_construct(
        subscriber_id=row.subscriber_id,
        webhook_url=row.url,
        webhook_events=row.events,
        signature_token_to_ms_signature_header=row.has_own_header,
    )


def test_out(row: Delivery, partner: Partner) -> TestOut:
    """row: with its registration and attempts."""
    return TestOut.model_construct(
        correlation_id=row.public_id,
        partner_id=partner.tenant_id,
        status=STATUS[DeliveryState(row.state)],
        callback_url=row.registration.url,
        results=[_result(each) for each in row.attempts.all()],
    )


def _result(attempt: DeliveryAttempt) -> TestResult:
    return TestResult.model_construct(
        response_code=_status_name(attempt.status_code),
        response_message=attempt.problem,
        system_error=attempt.status_code is None,
        date_time_utc=attempt.at,
    )


def _status_name(code: int | None) -> str:
    """Such as OK and NotFound, as Partner Center's own programs call a status; the number of an unknown one."""
    if code is None:
        return ""
    try:
        phrase = HTTPStatus(code).phrase
    except ValueError:
        return str(code)
    return phrase if phrase.isupper() else phrase.title().replace(" ", "").replace("-", "").replace("'", "")
