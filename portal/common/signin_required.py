"""Closed by default: nobody passes without signing in. What was typed outlives a session that ended meanwhile."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from portal.common.forms import VALIDATE_HEADER
from portal.common.views import NEVER_ECHOED, is_from_here


class KeepInputLoginRequiredMiddleware(LoginRequiredMiddleware):
    """Django's, except that a form sent from a page of ours comes back with everything typed in it.

    Whoever fills in a form for longer than the session lasts signs in in another tab and sends it again.
    Questions of scripts (htmx, inline validation) and pages asked for are sent to sign-in as usual.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]) -> Any:
        """Answer the page that keeps the input, with status 403, or the usual redirect."""
        if not is_form_of_ours(request):
            return super().handle_no_permission(request, view_func)
        kept = [
            (name, value) for name, values in request.POST.lists() if name not in NEVER_ECHOED for value in values
        ]
        context = {"kept": kept, "action": request.get_full_path()}
        return render(request, "session_ended.html", context, status=403)


def is_form_of_ours(request: HttpRequest) -> bool:
    """Whether a person sent this form from a page of this portal. Nothing is echoed to other origins' forms."""
    is_script = "HX-Request" in request.headers or VALIDATE_HEADER in request.headers
    return request.method == "POST" and not is_script and is_from_here(request)
