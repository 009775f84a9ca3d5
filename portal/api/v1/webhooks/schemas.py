"""Registrations and tests as they go over the wire (facts, 6.7). A registration's names are in PascalCase."""

from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_pascal

from portal.api.v1.wire import Wire, WireTime


class RegistrationIn(Wire):
    model_config = ConfigDict(alias_generator=to_pascal)

    webhook_url: str = Field(description="Where notices are sent: https, reachable from the internet.")
    webhook_events: list[str] = Field(description="Names of the events that are wanted.")
    signature_token_to_ms_signature_header: bool = Field(
        False, description="The signature goes into x-ms-signature instead of Authorization."
    )


class WebhookRegistration(Wire):
    model_config = ConfigDict(alias_generator=to_pascal)

    subscriber_id: UUID
    webhook_url: str
    webhook_events: list[str]
    signature_token_to_ms_signature_header: bool


class TestSent(Wire):
    correlation_id: UUID


class TestResult(Wire):
    """One attempt. response_code: name of the answer's status, "" where none came."""

    response_code: str
    response_message: str
    system_error: bool
    date_time_utc: WireTime


class TestOut(Wire):
    correlation_id: UUID
    partner_id: UUID
    status: str = Field(description="completed, failed or inProgress.")
    callback_url: str
    results: list[TestResult]
