"""The sign-in that programs send people to: may this one act for you?"""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.common.actor import Door
from portal.partners.access import actor_of, signed_in
from portal.partners.http import PortalRequest
from portal.tokens.authorization import FORM_POST, Target, Wish, find_target, read_wish
from portal.tokens.models import Consent
from portal.tokens.refusals import OAuthRefused
from portal.tokens.services import agree, refuse_consent
from portal.tokens.services.id_tokens import sign_id_token
from portal.tokens.views.azure import correlation_id, trace_id

DECLINED = OAuthRefused(65004, "access_denied", "User declined to consent to access the app.")
SILENT = OAuthRefused(
    65001, "interaction_required", "The person has to agree on the portal's page; prompt=none cannot be answered."
)


@signed_in(reason="Whether the person works for the application's partner is found out from the request.")
@never_cache
@require_http_methods(["GET", "POST"])
def authorize(request: PortalRequest, *, tenant: str, version: str) -> HttpResponse:
    """Every request is shown to the person, also when they agreed before: nothing leaves without a click."""
    sent = dict(request.GET.items())
    try:
        target = find_target(tenant, sent, request.memberships)
    except OAuthRefused as refused:
        context = {"refused": refused, "trace_id": trace_id(request), "correlation_id": correlation_id(request)}
        return render(request, "tokens/refused.html", context, status=400)
    # The pages speak, and the log is written, for the partner whose program it is.
    request.membership = target.membership
    try:
        wish = read_wish(version, target, sent)
    except OAuthRefused as refused:
        return _send_back(request, target, refused)
    if request.method == "GET":
        is_silent = "none" in sent.get("prompt", "").split()
        return _send_back(request, target, SILENT) if is_silent else _ask(request, target)
    if "agree" not in request.POST:
        refuse_consent(by=actor_of(request, Door.SETTINGS), client=target.client)
        return _send_back(request, target, DECLINED)
    return _hand_over(request, target, _agreed(request, target, wish, version))


def _ask(request: PortalRequest, target: Target) -> HttpResponse:
    consent = Consent.objects.standing().filter(client=target.client, user=request.user).first()
    context = {"client": target.client, "member": target.membership, "consent": consent, "target": target}
    return _letting_through(render(request, "tokens/authorize.html", context), target)


def _agreed(request: PortalRequest, target: Target, wish: Wish, version: str) -> dict[str, str]:
    text, code = agree(
        by=actor_of(request, Door.SETTINGS),
        client=target.client,
        user=request.user,
        redirect_uri=target.redirect_uri,
        audience=wish.asked.audience,
        nonce=wish.nonce,
        code_challenge=wish.code_challenge,
    )
    answer = {"code": text}
    if wish.has_id_token:
        code.consent.client, code.consent.user = target.client, request.user
        answer["id_token"] = sign_id_token(consent=code.consent, version=version, nonce=wish.nonce, code=text)
    return answer


def _send_back(request: PortalRequest, target: Target, refused: OAuthRefused) -> HttpResponse:
    description = (
        f"AADSTS{refused.number}: {refused.text} Trace ID: {trace_id(request)} "
        f"Correlation ID: {correlation_id(request)}"
    )
    return _hand_over(request, target, {"error": refused.error, "error_description": description})


def _hand_over(request: PortalRequest, target: Target, answer: dict[str, str]) -> HttpResponse:
    """To the client, in the way that it asked for."""
    full = target.with_state(answer)
    if target.mode == FORM_POST:
        context: dict[str, Any] = {"target": target, "answer": full}
        return _letting_through(render(request, "tokens/form_post.html", context), target)
    response = _Redirect(target.address(full))
    # Neither page before it nor what is in it is told to the next one.
    response["Referrer-Policy"] = "no-referrer"
    return _letting_through(response, target)


class _Redirect(HttpResponseRedirect):
    """To the client's own address, which may have a program's own scheme. It was registered, so it was checked."""

    def __init__(self, address: str) -> None:
        scheme, _, _ = address.partition(":")
        self.allowed_schemes = [scheme]
        super().__init__(address)


def _letting_through(response: HttpResponse, target: Target) -> HttpResponse:
    """Forms of this one page may lead to the client, also by way of a redirect."""
    response._csp_update = {"form-action": [target.origin]}  # type: ignore[attr-defined]  # django-csp's own way
    return response
