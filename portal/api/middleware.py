"""The door of the API: whatever comes for it is served here, before sessions, cookies and forms are looked at."""

import re
import traceback
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import cast

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone, translation

from portal.api.v1.callers import ApiRequest, Caller, caller_of, locale_of
from portal.api.v1.faults import INVALID, NOT_THERE, Fault, answer_of
from portal.api.v1.replay import SAFE
from portal.api.v1.spelling import respell_query, respelled_path
from portal.api.v1.throttle import seconds_to_wait
from portal.common.errors import NotFound, NotPermitted, PortalError
from portal.common.refusals import refusals
from portal.partners.log_lines import record_refusal, record_rule_refusal

log = structlog.get_logger("portal.request")
Handler = Callable[[HttpRequest], HttpResponse]
BASE, URLS = "/v1/", "portal.api.urls"
# Where Partner Center has them, and where they are here.
ELSEWHERE = (("/webhooks/v1/", "/v1/webhooks/"), ("/auditactivity/v1/", "/v1/"))
# Nothing of any partner is told there.
OPEN = ("openapi.json", "docs")
ID = re.compile(r"\{?[0-9A-Za-z-]{1,64}\}?", re.ASCII)


class ApiMiddleware:
    """Answers every request below /v1 with JSON; lets all others through."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = api_path(request.path_info)
        if path is None:
            return self.get_response(request)
        request.path = request.path_info = path
        with translation.override("en"), refusals() as told:
            try:
                response = serve(request)
            except Fault as fault:
                response = answer_of(fault)
            except RequestDataTooBig:
                response = answer_of(Fault(400, INVALID, "The body is too large."))
            except Exception as mistake:
                response = failed(mistake)
            _log_refusals(request, told)
        return named(request, response)


def api_path(path: str) -> str | None:
    """The path below /v1 that is meant, None for all else. Some clients glue links on with a second slash, or end
    with one.
    """
    for theirs, ours in ELSEWHERE:
        if path.startswith(theirs):
            return ours + path.removeprefix(theirs).strip("/")
    return BASE + path.removeprefix(BASE).strip("/") if path.startswith(BASE) else BASE if path == "/v1" else None


def serve(request: HttpRequest) -> HttpResponse:
    """The operation's answer. Raises Fault for whoever may not, or asks for what is not there."""
    if "\x00" in request.path_info or "\x00" in request.META.get("QUERY_STRING", "").replace("%00", "\x00"):
        raise Fault(400, INVALID, "The address holds characters that nothing is called by.")
    is_open = request.path_info.removeprefix(BASE) in OPEN
    # Told before anything else, so that who is nobody learns nothing of what there is.
    caller = None if is_open else _known(cast(ApiRequest, request))
    try:
        match = request.resolver_match = _found(request)
        with timezone.override(caller.partner.zone if caller else None):
            response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except Http404:
        raise Fault(404, NOT_THERE, "There is nothing here. See /v1/docs for what is served.") from None
    if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:  # clients send it again for ever
        raise Fault(404, NOT_THERE, f"{request.method} is not served here.")
    return response


def _known(request: ApiRequest) -> Caller:
    """Who calls, noted for all that comes after. Raises Fault for whoever has no good token, or calls too often."""
    caller = request.caller = caller_of(request)
    structlog.contextvars.bind_contextvars(client_id=str(caller.client.client_id))
    _check_pace(caller)
    return caller


def _found(request: HttpRequest) -> ResolverMatch:
    """Raises Resolver404."""
    respell_query(request)
    try:
        return resolve(request.path_info, URLS)
    except Resolver404:
        return resolve(respelled_path(request.path_info), URLS)


def _check_pace(caller: Caller) -> None:
    wait = seconds_to_wait(caller.partner.pk)
    if wait:
        raise Fault(429, 429, f"Too many requests. Try again in {wait} seconds.", retry_after=wait)


def failed(mistake: Exception) -> HttpResponse:
    """Where it happened goes into the log, never the message: a database's may quote what a client sent."""
    frames = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(mistake.__traceback__)]
    log.error("unhandled", error=type(mistake).__name__, frames=frames[-12:])
    return answer_of(Fault(500, 800003, "Something went wrong here. The request can be sent again."))


def named(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """With the ids that the client gave, or new ones, and the language that it gets."""
    for name in ("MS-RequestId", "MS-CorrelationId"):
        given = request.headers.get(name, "")
        response[name] = given if ID.fullmatch(given) else str(uuid.uuid4())
    response["X-Locale"] = locale_of(request)
    return response


def _log_refusals(request: HttpRequest, told: list[PortalError]) -> None:
    """What a caller tried to change and was refused goes into the activity log, as it does on pages."""
    caller: Caller | None = getattr(request, "caller", None)
    match = request.resolver_match
    if caller is None or match is None or request.method in SAFE:
        return
    for refused in told:
        if isinstance(refused, NotFound):
            continue
        route = match.view_name
        if isinstance(refused, NotPermitted):
            record_refusal(by=caller.actor, partner=caller.partner, permission=refused.permission, route=route)
        else:
            customer_id = match.kwargs.get("customer_id")
            record_rule_refusal(
                by=caller.actor, partner=caller.partner, reason=refused.code, route=route, customer_id=customer_id
            )
