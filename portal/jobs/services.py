"""Idempotent submits, and what is kept of the API's requests."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from portal.common.actor import Actor
from portal.common.errors import RuleViolation
from portal.jobs.models import ApiUsage, StoredAnswer, Submission

ANSWERS_KEPT, USAGE_KEPT = timedelta(days=1), timedelta(hours=1)


class SubmissionConflict(RuleViolation):
    """The key was used before, for something else. earlier: what came of that (an effect's result)."""

    status = 409
    default_code = "submission_conflict"

    def __init__(self, message: str | Promise, *, earlier: str = "") -> None:
        super().__init__(message)
        self.earlier = earlier


def body_digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()


def submit_once(
    *, by: Actor, form: str, key: str, body: Mapping[str, Any], effect: Callable[[], str]
) -> tuple[str, bool]:
    """Run `effect` at most once for this key; answer (its result, whether this was a repetition).

    Must run inside the effect's transaction, so that both are there or neither. A twin that is still running
    makes this one wait. Raises SubmissionConflict when the key was used with another body.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A submission belongs to the transaction of its effect.")
    principal, digest = by.principal, body_digest(body)
    # Hashed, so that whatever a client sends as its key fits the column.
    key = hashlib.sha256(key.encode()).hexdigest()
    try:
        with transaction.atomic():
            submission = Submission.objects.create(
                principal=principal, form=form, key=key, body_digest=digest, result=""
            )
    except IntegrityError:
        earlier = Submission.objects.get(principal=principal, form=form, key=key)
        if earlier.body_digest != digest:
            raise SubmissionConflict(
                _("This form was sent before with other content. Open it anew to send this as well."),
                earlier=earlier.result,
            ) from None
        return earlier.result, True
    submission.result = effect()
    submission.save(update_fields=["result"])
    return submission.result, False


def forget_api_requests() -> None:
    """Remove what the API keeps of requests: answers that nobody asks for again, and the counts of past minutes."""
    now = timezone.now()
    StoredAnswer.objects.filter(started_at__lt=now - ANSWERS_KEPT).delete()
    ApiUsage.objects.filter(minute__lt=now - USAGE_KEPT).delete()
