"""Closed by default: nobody passes without signing in. What was typed outlives a session that ended meanwhile."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from portal.common.forms import VALIDATE_HEADER
from portal.common.kept_forms import (
    AUTOSAVE_HEADER,
    View,
    fields_of,
    forget_form,
    is_from_here,
    is_shown_by,
    keep_form,
    kept_form,
    signed_in_again,
)

# The button of a kept form that is not wanted any more.
DROP = "drop_kept_form"


class KeepInputLoginRequiredMiddleware(LoginRequiredMiddleware):
    """Django's, except that a form sent from a page of ours waits for its typist to sign in again.

    A form that cannot be kept (see `keep_form`) comes back in a page that sends it again. Scripts are told in
    their own way, and pages asked for are sent to sign-in as usual.
    """

    def process_view(self, request: HttpRequest, view_func: View, args: Any, kwargs: Any) -> Any:
        refusal = super().process_view(request, view_func, args, kwargs)
        if refusal is not None or not request.user.is_authenticated:
            return refusal
        return _taken_up(request, view_func)

    def handle_no_permission(self, request: HttpRequest, view_func: View) -> Any:
        """Keep the form and go to sign-in; else the page that keeps the input, or the usual redirect."""
        if AUTOSAVE_HEADER in request.headers:
            said = {"said": _("Not saved: you were signed out."), "act": _("Sign in and go on here")}
            return JsonResponse({"error": "signed_out", **said}, status=401)
        if request.method == "POST" and ("HX-Request" in request.headers or VALIDATE_HEADER in request.headers):
            # The scripts do nothing with this status: what is typed stays on the page until it is sent as a whole.
            return HttpResponse(status=401)
        if not is_form_of_ours(request):
            return super().handle_no_permission(request, view_func)
        if keep_form(request):
            messages.warning(request, _("You were signed out. Sign in, and go on where you were: nothing is lost."))
            return super().handle_no_permission(request, view_func)
        context = {"kept": fields_of(request), "action": request.get_full_path()}
        return render(request, "session_ended.html", context, status=403)


def is_form_of_ours(request: HttpRequest) -> bool:
    """Whether a page of this portal sent this form. Nothing is echoed to other origins' forms."""
    return request.method == "POST" and is_from_here(request)


def _taken_up(request: HttpRequest, view: View) -> HttpResponse | None:
    """What becomes of a form kept for this path: shown on the way in, forgotten once something is sent there."""
    form = kept_form(request)
    is_question = VALIDATE_HEADER in request.headers or request.method not in ("GET", "POST")
    # Whoever must choose a password first gets to it later.
    if form is None or is_question or getattr(request.user, "must_change_password", False):
        return None
    if request.method == "POST":
        forget_form(request)
        return redirect(settings.LOGIN_REDIRECT_URL) if DROP in request.POST else None
    return None if is_shown_by(view) else signed_in_again(request, form)
