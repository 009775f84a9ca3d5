"""What each operation needs: declared on it, checked before it, read by a guard."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse

from portal.api.v1.callers import ApiRequest, Callers
from portal.api.v1.faults import APP_ONLY, Fault
from portal.api.v1.replay import commit
from portal.partners.access import check
from portal.partners.permissions import Permission

Operation = Callable[..., HttpResponse]


def needs(permission: Permission | None, *, callers: Callers = Callers.ANY) -> Callable[[Operation], Operation]:
    """The operation needs this right (None: a valid token is enough), and is for these callers.

    Answers 403/900329 to a program where only members are served, 403/900150 without the right.
    """

    def declare(operation: Operation) -> Operation:
        @wraps(operation)
        def guarded(request: ApiRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            caller = request.caller
            if callers == Callers.USER and caller.user is None:
                raise Fault(
                    403, APP_ONLY, "This call needs a member's own token (App+User); app-only is not supported."
                )
            if callers == Callers.APP and caller.user is not None:
                raise Fault(403, APP_ONLY, "This call needs a program's own token (app-only).")
            if permission is not None:
                check(caller.membership, permission)
            commits_itself = getattr(operation, "commits_itself", False)
            return commit(request, lambda: operation(request, *args, **kwargs), commits_itself=commits_itself)

        guarded.needs = (permission, callers)  # type: ignore[attr-defined]  # read by the guard and the docs page
        return guarded

    return declare


def separate_transactions(operation: Operation) -> Operation:
    """Below @needs: the operation commits by itself, piece by piece; what fails in it takes nothing else back."""
    operation.commits_itself = True  # type: ignore[attr-defined]  # read above
    return operation
