"""/v1/docs: the API for people to read, drawn once per process from its own description. Needs no token."""

from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from portal.api.v1.api import api
from portal.api.v1.callers import Callers
from portal.api.v1.describing import describe
from portal.partners.permissions import Permission
from portal.tokens.shell_lines import calling

# The page holds nothing of anybody, and changes with a new version of the portal only.
KEPT = "public, max-age=300"


def docs_page(request: HttpRequest) -> HttpResponse:
    """The whole page. HEAD is answered like GET; the server leaves the body out. Raises Http404 for other methods."""
    if request.method not in ("GET", "HEAD"):
        raise Http404
    return HttpResponse(_page(settings.PORTAL_URL), headers={"Cache-Control": KEPT})


@cache
def _page(portal_url: str) -> str:
    base = portal_url.rstrip("/")
    with translation.override(settings.LANGUAGE_CODE):
        schema = api.get_openapi_schema(path_prefix="v1/")
        context = {
            "described": describe(schema, operations_needs(), base=base),
            "example": calling(base=base, tenant="$TENANT_ID", client_id="$CLIENT_ID", shown="…"),
        }
        return render_to_string("api/docs.html", context)


def operations_needs() -> dict[str, tuple[Permission | None, Callers]]:
    """Operation id -> the permission and the callers that `needs` declared on it."""
    found = {}
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            for operation in view.operations:
                key = operation.operation_id or api.get_openapi_operation_id(operation)
                found[key] = _declared(operation.view_func)
    return found


def _declared(view: object) -> tuple[Permission | None, Callers]:
    """What the operation declared, found below what the library may have wrapped around it."""
    while not hasattr(view, "needs") and hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return getattr(view, "needs", (None, Callers.ANY))
