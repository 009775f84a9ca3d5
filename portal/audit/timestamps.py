"""Time stamps (RFC 3161): an authority says when a checkpoint was there. Its word counts only once it is checked.

Nothing waits for the authority but background work, and no transaction is open meanwhile. What it does not say,
nobody says in its place: a checkpoint without a stamp is pending or failed, whatever the portal's own clock shows.
"""

import http.client
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import structlog
from cryptography import x509
from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from portal.audit.checkpoints import stamped_bytes
from portal.audit.der import in_order
from portal.audit.models import Checkpoint, StampState, TimeStamp

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 12
"""With the pauses between them they take 16 hours; then the stamp has failed until somebody tries again."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=4)
ROUND = 60.0
"""Seconds after which a round of asking ends, so that other background work gets its turn."""
LARGEST_ANSWER = 256 * 1024
CLOCKS_APART = timedelta(days=1)
"""How far the authority's time may lie before the checkpoint, or after the portal's now. Generous: the portal's clock
is no judge of the authority's, but a certificate that expired long ago must not sign with the time of back then."""


class _NoRedirects(HTTPRedirectHandler):
    """Only the configured address is asked: whoever answers there leads the portal nowhere else."""

    def redirect_request(self, *_asked: object) -> None:
        """None: the redirect is the answer."""


class StampRefused(Exception):
    """The authority gave no stamp that counts. Says why in a sentence for people."""


class AuthorityAway(StampRefused):
    """The authority could not be reached, or not in time: no use asking it for others at once."""


@dataclass(frozen=True)
class Stamp:
    """token: the authority's whole answer (TimeStampResp, DER); at: the time that it vouches for."""

    token: bytes
    at: datetime


def await_stamp(checkpoint: Checkpoint) -> TimeStamp | None:
    """Have the checkpoint stamped by the next round; None where no authority is configured."""
    if not settings.TSA_URL:
        return None
    return TimeStamp.objects.create(checkpoint=checkpoint, authority=settings.TSA_URL, next_try_at=timezone.now())


def has_due() -> bool:
    """Whether there is an authority, and something to ask it now."""
    return bool(settings.TSA_URL) and _due().exists()


def stamp_due() -> int:
    """Ask for every stamp that is due; answers how many there are now. Harmless when two run at once.

    A round ends when the authority is away: what was not asked for is due still, without an attempt less.
    """
    stamped, until = 0, time.monotonic() + ROUND
    while settings.TSA_URL and time.monotonic() < until and (stamp := _claim()) is not None:
        try:
            found = ask(stamped_bytes(stamp.checkpoint), not_before=stamp.checkpoint.at - CLOCKS_APART)
        except StampRefused as refused:
            _keep_refusal(stamp, str(refused))
            if isinstance(refused, AuthorityAway):
                break
        else:
            said = {"state": StampState.STAMPED, "token": found.token, "stamped_at": found.at}
            stamped += _pending(stamp).update(**said, next_try_at=None, problem="")
    return stamped


def try_again(stamp: TimeStamp) -> bool:
    """Begin anew with a stamp that was given up; False if it was not, or somebody else was faster."""
    failed = TimeStamp.objects.filter(pk=stamp.pk, state=StampState.FAILED)
    return bool(failed.update(state=StampState.PENDING, attempt_count=0, next_try_at=timezone.now()))


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: twice as long each time, up to the longest pause."""
    return min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE)


def ask(data: bytes, *, not_before: datetime) -> Stamp:
    """Have the SHA-256 of the data stamped. Raises StampRefused, AuthorityAway."""
    builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    request = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    answer = _post(request.as_bytes())
    try:
        response = decode_timestamp_response(in_order(answer))
        at = _checked(response, request, data)
    except VerificationError as mistake:
        raise StampRefused(_why_not(str(mistake))) from None
    except ValueError:
        raise StampRefused(_("The answer does not hold: it is no time stamp.")) from None
    if not not_before <= at <= timezone.now() + CLOCKS_APART:
        raise StampRefused(_("The answer does not hold: its time is more than a day off."))
    return Stamp(answer, at)


def _why_not(said: str) -> str:
    """The library's reasons in a sentence; of OpenSSL's it quotes a whole stack of errors."""
    if "Nonce mismatch" in said:
        return _("The answer does not hold: it is that to another question.")
    if "Mismatch between messages" in said:
        return _("The answer does not hold: it is about something else.")
    untrusted = re.search(r'Verify error: ([^"]{1,100})', said)
    if untrusted:
        return _("The answer does not hold: no trust in its certificate (%(why)s).") % {"why": untrusted[1]}
    return _("The answer does not hold: it is not signed as time stamps are.")


def _checked(response: TimeStampResponse, request: TimeStampRequest, data: bytes) -> datetime:
    """The time that the answer vouches for. Raises ValueError, VerificationError, StampRefused."""
    if response.status != PKIStatus.GRANTED:
        raise StampRefused(_("The authority gave no stamp (status %(status)s).") % {"status": response.status})
    roots = x509.load_pem_x509_certificates(settings.TSA_CERTIFICATES.encode())
    VerifierBuilder(nonce=request.nonce, roots=roots).build().verify_message(response, data)
    return response.tst_info.gen_time


def _post(body: bytes) -> bytes:
    """What the authority answers, within the time that it has for all of it."""
    types = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    request = Request(settings.TSA_URL, data=body, headers=types)  # noqa: S310 - portal.env lets only HTTP through
    deadline, answer = time.monotonic() + settings.TSA_TIMEOUT, b""
    try:
        with build_opener(_NoRedirects).open(request, timeout=settings.TSA_TIMEOUT) as response:
            while (part := response.read1(LARGEST_ANSWER)) and len(answer) <= LARGEST_ANSWER:
                answer += part
                if time.monotonic() > deadline:
                    raise TimeoutError
    except HTTPError as status:
        status.close()
        raise StampRefused(
            _("The authority answered with HTTP status %(status)s.") % {"status": status.code}
        ) from None
    except TimeoutError:
        raise AuthorityAway(_("The authority did not answer in time.")) from None
    except (OSError, http.client.HTTPException) as mistake:
        is_late = isinstance(getattr(mistake, "reason", None), TimeoutError)
        reason = _("The authority did not answer in time.") if is_late else _("The authority cannot be reached.")
        raise AuthorityAway(reason) from None
    return answer


def _due() -> QuerySet[TimeStamp]:
    return TimeStamp.objects.filter(state=StampState.PENDING, next_try_at__lte=timezone.now())


def _claim() -> TimeStamp | None:
    """The next one that is due, for this worker alone: the others see it due again after the pause, as one whose
    worker was killed has used up an attempt.
    """
    while (stamp := _due().select_related("checkpoint").order_by("next_try_at", "pk").first()) is not None:
        seen, stamp.attempt_count = stamp.next_try_at, stamp.attempt_count + 1
        taken = TimeStamp.objects.filter(pk=stamp.pk, state=StampState.PENDING, next_try_at=seen).update(
            attempt_count=F("attempt_count") + 1,
            authority=settings.TSA_URL,
            next_try_at=timezone.now() + pause(stamp.attempt_count),
        )
        if taken:
            return stamp
    return None


def _keep_refusal(stamp: TimeStamp, reason: str) -> None:
    said: dict[str, object] = {"problem": reason[:300]}
    if stamp.attempt_count >= MAX_ATTEMPTS:
        said |= {"state": StampState.FAILED, "next_try_at": None}
    _pending(stamp).update(**said)
    log.warning("time_stamp", checkpoint=str(stamp.checkpoint.public_id), attempt=stamp.attempt_count, problem=reason)


def _pending(stamp: TimeStamp) -> QuerySet[TimeStamp]:
    return TimeStamp.objects.filter(pk=stamp.pk, state=StampState.PENDING)
