"""Error pages. They never show more than the refusal itself."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render
from django.template.loader import render_to_string

from portal.common.errors import NotFound, PortalError
from portal.common.kept_forms import fields_of, is_from_here, is_of_another_person, shown


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
    """The form's token is stale (a sign-in in another tab): show what was typed, one click sends it again.

    Only for a form of ours: another site's words must not come back with a token that makes them good. And only
    to whoever typed it: in a shared browser the sign-in may have been another person's.
    """
    again = fields_of(request) if is_from_here(request) and not is_of_another_person(request) else []
    context = {"again": again, "typed": shown(again), "action": request.get_full_path()}
    return render(request, "403_csrf.html", context, status=403)
