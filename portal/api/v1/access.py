"""What each operation needs: declared on it, checked before it, read by a guard."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any

from django.http import HttpResponse

from portal.api.v1.callers import ApiRequest, Caller, Callers
from portal.api.v1.faults import APP_ONLY, Fault
from portal.api.v1.replay import answer_once
from portal.api.v1.turns import Turns
from portal.partners.access import check
from portal.partners.permissions import Permission

Operation = Callable[..., HttpResponse]
LONG = Turns(1)


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
            # Told again is only what the caller may still do, and to the program that asked.
            principal = f"{caller.partner.pk}:{caller.client.pk}:{caller.actor.principal}"
            commits_itself = getattr(operation, "commits_itself", False)
            with _turn(caller, is_long=commits_itself):
                run = partial(operation, request, *args, **kwargs)
                return answer_once(request, principal, run, commits_itself=commits_itself)

        guarded.needs = (permission, callers)  # type: ignore[attr-defined]  # read by the guard and the docs page
        return guarded

    return declare


@contextmanager
def _turn(caller: Caller, *, is_long: bool) -> Iterator[None]:
    """Raises Fault 429 where the partner has something long running in this process already."""
    if not is_long:
        yield
        return
    with LONG.taken(str(caller.partner.pk)) as is_mine:
        if not is_mine:
            raise Fault(
                429, 429, "Another request of this kind is running. Send them one after another.", retry_after=5
            )
        yield


def separate_transactions(operation: Operation) -> Operation:
    """Below @needs: the operation commits by itself, piece by piece; what fails in it takes nothing else back."""
    operation.commits_itself = True  # type: ignore[attr-defined]  # read above
    return operation
