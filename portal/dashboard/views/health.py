"""For whoever watches the service from outside."""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.partners.access import public


@public(reason="A watchdog has no account; it learns only that the process answers.")
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is alive. Asks nobody else, so that a database that is away does not get it restarted."""
    return JsonResponse({"status": "ok"})


@public(reason="A load balancer has no account; it learns whether to send requests here, and why not.")
@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Requests can be served: the database answers and has every table of this version."""
    reason = why_not_ready()
    if reason is not None:
        return JsonResponse({"status": "unavailable", "reason": reason}, status=503)
    return JsonResponse({"status": "ok"})


def why_not_ready() -> str | None:
    """A code for machines, or None. It names no host, user or table."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "database_unreachable"
    if missing:
        return "migrations_missing"
    try:
        cache.get("readyz")
    except DatabaseError:
        return "cache_table_missing"
    return None
