"""How Azure says things: the shape that every library of Microsoft's reads."""

import uuid

from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from portal.tokens.refusals import OAuthRefused


def refusal(request: HttpRequest, refused: OAuthRefused) -> JsonResponse:
    """The error object, with ids to look it up by: `trace_id` is that of the log's lines."""
    trace, correlation = trace_id(request), correlation_id(request)
    now = f"{timezone.now():%Y-%m-%d %H:%M:%SZ}"
    body = {
        "error": refused.error,
        "error_description": (
            f"AADSTS{refused.number}: {refused.text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {now}"
        ),
        "error_codes": [refused.number],
        "timestamp": now,
        "trace_id": trace,
        "correlation_id": correlation,
    }
    response = JsonResponse(body, status=refused.status)
    if refused.status == 401:
        response["WWW-Authenticate"] = 'Basic realm="tokens"'
    return response


def trace_id(request: HttpRequest) -> str:
    return str(uuid.UUID(getattr(request, "request_id", "") or uuid.uuid4().hex))


def correlation_id(request: HttpRequest) -> str:
    """The one that the client sent, else the request's own."""
    try:
        return str(uuid.UUID(request.headers.get("client-request-id", "")))
    except ValueError:
        return trace_id(request)
