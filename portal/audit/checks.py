"""What is checked before the portal serves: `check --deploy --database default`, `serve`, and each web server."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import OperationalError, connections

from portal.audit.serving_role import why_unsafe

HINT = (
    "Serve under a role of its own: `manage.py app_role NAME --apply`, run by the role that owns the tables, makes "
    "it (README, Running on PostgreSQL)."
)


# For deployment only: the role that migrates owns the tables, and is right to.
@register(Tags.database, deploy=True)
def serving_role(app_configs: object, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """In production the database refuses what the portal's code must not do, whatever becomes of that code."""
    if settings.IS_LOCAL:
        return []
    found: list[CheckMessage] = []
    for alias in databases or ():
        try:
            reasons = why_unsafe(connections[alias])
        except OperationalError:
            # A database that is away for a moment is no reason to stay away as well.
            found.append(Warning("The database does not answer: its role is not checked.", id="portal.W001"))
        else:
            found += [Error(f"The database role {reason}.", hint=HINT, id="portal.E001") for reason in reasons]
    return found
