"""What was refused in the answer to one request, whoever turned the refusal into words: for the activity log.

A view that catches a refusal shows it; here it also says that it did, so that one place writes it down after the
view's transaction is over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from portal.common.errors import PortalError

_told: ContextVar[list[PortalError] | None] = ContextVar("told", default=None)


def note_refusal(refused: PortalError) -> None:
    """Say that a person was told of this refusal. Outside of a request it goes nowhere."""
    told = _told.get()
    if told is not None and refused not in told:
        told.append(refused)


@contextmanager
def refusals() -> Iterator[list[PortalError]]:
    """What is noted meanwhile, in order."""
    told: list[PortalError] = []
    token = _told.set(told)
    try:
        yield told
    finally:
        _told.reset(token)
