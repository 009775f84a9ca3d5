"""The outermost layer: request ids and log lines; the innermost: refusals turned into pages."""

import time
import traceback
import uuid
from collections.abc import Callable

import structlog
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse

from portal.common.errors import PortalError
from portal.common.views import error_page

log = structlog.get_logger("portal.request")
# Refusals and wrong requests, which have a page of their own: nothing to look into.
EXPECTED = (PortalError, Http404, PermissionDenied, BadRequest, SuspiciousOperation)
Handler = Callable[[HttpRequest], HttpResponse]


class RequestLogMiddleware:
    """One line a request: route, status and duration. Paths, queries and addresses stay out of it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]  # the house's own attribute
        structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]  # as above
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            match = request.resolver_match
            log.info(
                "request",
                method=request.method,
                route=match.route if match else "",
                status=response.status_code,
                ms=round((time.perf_counter() - started) * 1000),
                user_id=getattr(getattr(request, "user", None), "pk", None),
            )
        finally:
            structlog.contextvars.clear_contextvars()
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if not isinstance(exception, EXPECTED):
            # Where it happened, never the message: a database's message may quote what a person typed.
            frames = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(exception.__traceback__)]
            log.error("unhandled", error=type(exception).__name__, frames=frames[-12:])


class PortalErrorMiddleware:
    """A refusal that no view caught becomes its page: 404 for strangers, 403 with the reason, 400 else."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return error_page(request, exception) if isinstance(exception, PortalError) else None
