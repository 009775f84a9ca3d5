"""Error pages. They never show more than the refusal itself."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render
from django.template.loader import render_to_string

from portal.common.errors import NotFound, PortalError

# What a form may carry back to the person after its CSRF token went stale; secrets are never echoed.
NEVER_ECHOED = ("csrfmiddlewaretoken", "password", "password1", "password2", "oldpassword")


def error_page(request: HttpRequest, error: PortalError) -> HttpResponse:
    if isinstance(error, NotFound):
        return not_found(request)
    context = {"reason": error.message, "who_can": getattr(error, "who_can", ())}
    template = "403.html" if error.status == 403 else "400.html"
    return render(request, template, context, status=error.status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same bytes for a missing row and for one that belongs to somebody else."""
    return HttpResponseNotFound(render_to_string("404.html"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is stale (a sign-in in another tab): show what was typed, one click sends it again."""
    typed = [(name, value) for name, values in request.POST.lists() if name not in NEVER_ECHOED for value in values]
    return render(request, "403_csrf.html", {"typed": typed, "action": request.get_full_path()}, status=403)
