"""Refusals in Partner Center's envelope, and which number each of the portal's refusals has there (facts, 1.4, 3.5).

Only statuses that no client repeats for ever are answered: 400, 401, 403, 404, 409, and 429 by the throttle
(wire contract, section 5).
"""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from portal.api.v1.carts import codes as carts
from portal.api.v1.orders import codes as orders
from portal.common.errors import AcceptanceRequired, NotFound, NotPermitted, PortalError

FAULTS = (400, 401, 403, 404, 409, 429)
SOURCE = "PartnerPortal"
LONGEST = 1024

UNAUTHORIZED, NO_ACCESS, APP_ONLY, AUDIENCE = 401, 900150, 900329, 900420
INVALID, BAD_ID, BAD_CHOICE, WRONG_PLACE, NO_SUCH_OPERATION = 800002, 900118, 900126, 900127, 900141
NOT_THERE, NO_TENANT, NO_ACCEPTANCE, ALREADY_CONFIRMED, IN_PROGRESS = 1000, 60003, 13605, 600061, 800060

# Code of a RuleViolation -> (status, number). What is not here is invalid input.
CODES: dict[str, tuple[int, int]] = {
    "submission_conflict": (409, IN_PROGRESS),
    str(ALREADY_CONFIRMED): (400, ALREADY_CONFIRMED),
    "account_not_approved": (403, 800075),
    "partner_attestation_missing": (400, 900206),
    "sandbox_full": (400, 800018),
    "relationship_ended": (403, 20002),
    "cart_ordered": (400, 800065),
    **orders.CODES,
    **carts.CODES,
}


class Fault(Exception):
    """A refusal in wire terms. retry_after: seconds; extras: further members of the envelope."""

    def __init__(
        self,
        status: int,
        code: int,
        description: object,
        *,
        data: Sequence[Any] = (),
        retry_after: int = 0,
        **extras: Any,
    ) -> None:
        self.status, self.code, self.description = status, code, str(description)
        self.data, self.retry_after, self.extras = list(data), retry_after, extras
        super().__init__(self.description)


class FaultBody(BaseModel):
    """What every refusal looks like. Clients read the number, and show the description."""

    code: int
    description: str
    data: list[Any] = []
    source: str = SOURCE


def fault_of(refused: PortalError) -> Fault:
    """The refusal of a service, translated."""
    if isinstance(refused, AcceptanceRequired):
        return Fault(403, NO_ACCEPTANCE, refused.message)
    if isinstance(refused, NotPermitted):
        return Fault(403, NO_ACCESS, " ".join([str(refused.message), *_who_can(refused)]))
    if isinstance(refused, NotFound):
        return Fault(404, NOT_THERE, refused.message)
    if refused.code == str(ALREADY_CONFIRMED):
        return already_confirmed()
    status, code = CODES.get(refused.code, (400, INVALID))
    return Fault(status, code, refused.message, data=[to_camel(refused.field)] if refused.field else [])


def already_confirmed() -> Fault:
    """600061 has an envelope of its own (facts, 1.4). What pages say of it names buttons that a program has not."""
    sentence = (
        "The customer's acceptance is confirmed already, by the same person. To replace it, at least one of "
        "firstName, lastName, email and phoneNumber must differ."
    )
    return Fault(
        400,
        ALREADY_CONFIRMED,
        sentence,
        message=sentence,
        errorName="PartnerConfirmedAgreementAlreadyExists",
        isRetryable=False,
        parameters={},
        errorMessageExtended=f"InternalErrorCode={ALREADY_CONFIRMED}",
    )


def _who_can(refused: NotPermitted) -> list[str]:
    return [f"({', '.join(str(role) for role in refused.who_can)} can.)"] if refused.who_can else []


def answer_of(fault: Fault) -> HttpResponse:
    """The fault's envelope as an answer."""
    body = {
        "code": fault.code,
        "description": fault.description[:LONGEST],
        "data": fault.data,
        "source": SOURCE,
        **fault.extras,
    }
    text = json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "replace")
    response = HttpResponse(text, content_type="application/json; charset=utf-8", status=fault.status)
    if fault.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    if fault.retry_after:
        response["Retry-After"] = str(fault.retry_after)
    return response
