"""The portal as the live server of the scenarios runs it: `wsgi.application`, with faults on request.

WITHOUT (environment): guards to leave out, separated by blanks, for the negative controls.
FAULT_DIR (environment): a folder; while there is a file "die" in it, the worker that has answered the next POST is
killed before anybody hears of its answer, and the file is gone.
"""

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from portal.wsgi import application as portal

FAULTS = Path(os.environ["FAULT_DIR"])


def leave_out_keys() -> None:
    """The key of a submit counts for nothing."""
    from agreements.services import confirmation_requests, invitations, recording
    from orders.services import licences, ordering

    for module in (ordering, licences, recording, invitations, confirmation_requests):
        module.submit_once = lambda **said: (said["effect"](), False)  # type: ignore[attr-defined]


def leave_out_carts() -> None:
    """A cart does not remember that it was ordered, and whoever orders it lingers."""
    from orders.models import Cart
    from orders.services import ordering

    save, create = Cart.save, ordering._create_order

    def forgetful(cart: Cart, *, update_fields: Iterable[str], **said: Any) -> None:
        save(cart, update_fields=set(update_fields) - {"order", "ordered_as"}, **said)

    def lingering(*said: Any) -> Any:
        time.sleep(0.05)
        return create(*said)

    Cart.save, ordering._create_order = forgetful, lingering  # type: ignore[method-assign, assignment]


def leave_out_turns() -> None:
    """Whoever answers an invitation, or disputes a record, does not wait for its turn, and lingers."""
    from agreements.models import Attestation, Invitation
    from agreements.services import accepting, disputes

    def unlocked(invitation: Invitation) -> Invitation:
        found: Invitation = Invitation.objects.with_details().get(pk=invitation.pk)
        time.sleep(0.1)
        return found

    def unlocked_record(attestation: Attestation) -> Attestation:
        found: Attestation = Attestation.objects.with_state().get(pk=attestation.pk)
        time.sleep(0.1)
        return found

    accepting.lock_invitation = unlocked
    disputes._lock = unlocked_record


GUARDS: dict[str, Callable[[], None]] = {
    "keys": leave_out_keys,
    "carts": leave_out_carts,
    "turns": leave_out_turns,
}
for guard in os.environ.get("WITHOUT", "").split():
    GUARDS[guard]()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as the portal does, and say which worker did; perhaps nobody hears it."""

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [*headers, ("X-Worker", str(os.getpid()))], *more)

    answer: Iterable[bytes] = portal(environ, start)
    if environ["REQUEST_METHOD"] == "POST" and (FAULTS / "die").exists():
        (FAULTS / "die").unlink()
        # Everything is committed by now; nothing was sent yet.
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
