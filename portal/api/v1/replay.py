"""MS-RequestId as the key of a request: sent again, it is answered as the first time and does nothing.

Clients send a request again after a time-out, with the same id (wire contract, section 5). What was refused is not
kept: it changed nothing, and may be right the next time.
"""

import hashlib
import json
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.api.v1.faults import IN_PROGRESS, INVALID, Fault
from portal.api.v1.turns import Turns
from portal.common.sealed import seal, unseal
from portal.jobs.models import StoredAnswer

SAFE = ("GET", "HEAD", "OPTIONS")
PURPOSE = "api answer"
PATIENCE, PAUSE = 25.0, 0.1
"""Seconds that a repetition waits for the first one to end, and between two looks."""
LOST = timedelta(minutes=5)
"""After so long a first one that never ended is taken for lost with its process."""
# Who waits holds a thread of the process, which all partners share.
WAITING = Turns(1)
Run = Callable[[], HttpResponse]


def answer_once(request: HttpRequest, principal: str, run: Run, *, commits_itself: bool) -> HttpResponse:
    """Answer the request by `run`, or as it was answered before. Raises Fault: the id was used for something else
    (400), or the first one is still running (409).

    principal: who asks; the part before its colon shares the threads that wait. commits_itself: the work is done in
    transactions of its own, and only the answer is kept here.
    """
    request_id = request.headers.get("MS-RequestId", "").strip()
    if request.method in SAFE:
        return run()
    if not request_id:
        return _commit(None, run, commits_itself=commits_itself)
    asked = f"{request.method}\n{request.get_full_path()}\n{request_id.lower()}"
    key, digest = hashlib.sha256(asked.encode()).hexdigest(), hashlib.sha256(request.body).hexdigest()
    mine = _begin(principal, key, digest)
    if isinstance(mine, HttpResponse):
        return mine
    response = None
    try:
        response = _commit(mine, run, commits_itself=commits_itself)
    finally:
        if response is None or not _is_kept(response):
            StoredAnswer.objects.filter(pk=mine.pk).delete()
    return response


def _commit(stored: StoredAnswer | None, run: Run, *, commits_itself: bool) -> HttpResponse:
    """Run what a request does, and keep its answer in the same transaction: both are there, or neither."""
    with nullcontext() if commits_itself else transaction.atomic():
        response = run()
        if stored is not None and _is_kept(response):
            stored.status, stored.sealed = response.status_code, seal(_packed(response), purpose=PURPOSE)
            stored.save(update_fields=["status", "sealed"])
    return response


def _is_kept(response: HttpResponse) -> bool:
    return 200 <= response.status_code < 300


def _begin(principal: str, key: str, digest: str) -> StoredAnswer | HttpResponse:
    """A row of this request's own to fill in, or the answer that its first sending got."""
    begun = _try(principal, key, digest)
    if begun is not None:
        return begun
    with WAITING.taken(principal.partition(":")[0]) as is_mine:
        until = time.monotonic() + PATIENCE
        while is_mine and time.monotonic() < until:
            time.sleep(PAUSE)
            begun = _try(principal, key, digest)
            if begun is not None:
                return begun
    raise Fault(409, IN_PROGRESS, "The first request with this MS-RequestId is still running. Try again later.")


def _try(principal: str, key: str, digest: str) -> StoredAnswer | HttpResponse | None:
    """As `_begin`, None while the first one is running."""
    while True:
        first = StoredAnswer.objects.filter(principal=principal, key=key).first()
        if first is None:
            try:
                with transaction.atomic():
                    return StoredAnswer.objects.create(principal=principal, key=key, body_digest=digest)
            except IntegrityError:
                continue
        if first.body_digest != digest:
            raise Fault(400, INVALID, "This MS-RequestId was used for another request. Send a new one.")
        if first.status is not None:
            return _unpacked(first)
        if first.started_at > timezone.now() - LOST:
            return None
        StoredAnswer.objects.filter(pk=first.pk, status=None).delete()


def _packed(response: HttpResponse) -> str:
    kept = {name: response[name] for name in ("Content-Type", "Location") if name in response}
    return json.dumps([kept, response.content.decode()])


def _unpacked(first: StoredAnswer) -> HttpResponse:
    text = unseal(first.sealed, purpose=PURPOSE)
    if text is None:
        raise Fault(409, IN_PROGRESS, "This was done before, and its answer can no longer be read. Look it up.")
    headers, body = json.loads(text)
    return HttpResponse(body, status=first.status, headers=headers)
