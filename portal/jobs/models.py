"""What makes a repeated submit harmless, and what became of each letter."""

import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.encoding import punycode
from django.utils.translation import gettext_lazy as _


class Submission(models.Model):
    """One submit of one form: the same key again leads to the same result, never to a second effect.

    principal: who submits ("user:7"); form: which form; key: the random key that the form carried;
    body_digest: SHA-256 over what was submitted; result: where the effect can be found.
    """

    principal = models.CharField(max_length=60)
    form = models.CharField(max_length=60)
    key = models.CharField(max_length=64)
    body_digest = models.CharField(max_length=64)
    result = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["principal", "form", "key"], name="submission_once"),
        ]

    def __str__(self) -> str:
        return f"{self.form} by {self.principal}"


class StoredAnswer(models.Model):
    """What a request to the API was answered, so that its repetition is answered the same and does nothing.

    principal: which program asked, for whom ("3:api_client:<id>", "3:agent:7"); key: SHA-256 over method, path and
    the client's request id; body_digest: SHA-256 over what was sent; status: of the answer, null while the first is
    still running; sealed: the answer, which may hold a one-time password, encrypted.
    """

    principal = models.CharField(max_length=80)
    key = models.CharField(max_length=64)
    body_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    sealed = models.TextField(default="")
    started_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["principal", "key"], name="stored_answer_once")]
        indexes = [models.Index(fields=["started_at"], name="stored_answer_age")]

    def __str__(self) -> str:
        return f"{self.status or 'running'} for {self.principal}"


class ApiUsage(models.Model):
    """How many requests a partner sent to the API within one minute. partner: its id; minute: that it began with."""

    partner = models.BigIntegerField()
    minute = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = _("API usage")
        constraints = [models.UniqueConstraint(fields=["partner", "minute"], name="api_usage_once")]

    def __str__(self) -> str:
        return f"{self.count} by {self.partner}"


def new_message_id() -> str:
    """A Message-ID at the portal's own host, as RFC 5322 has it: with its angle brackets."""
    host = punycode(urlsplit(settings.PORTAL_URL).hostname or "localhost")
    return f"<{uuid.uuid4()}@{f'[{host}]' if ':' in host else host}>"


class LetterState(models.TextChoices):
    QUEUED = "queued", _("waiting to be sent")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("delivered")
    BOUNCED = "bounced", _("could not be delivered")
    FAILED = "failed", _("could not be sent")
    WITHDRAWN = "withdrawn", _("not sent any more")


class Letter(models.Model):
    """One message to one person: what became of it, never to whom it goes or what it says.

    kind: which message ("partners.member_invitation"); about: public id of what it is about; message_id: the same
    however often it has to be sent; sent_at: when the mail server took it; bounce_status: enhanced status code of the
    refusal ("5.1.1"); withdrawn_at: when there was nothing to say any more; given_up_at: when the attempts were used
    up; sending_at: since when a worker is about to send it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True)
    kind = models.CharField(max_length=60)
    about = models.CharField(max_length=100)
    message_id = models.CharField(max_length=320, unique=True, default=new_message_id)
    queued_at = models.DateTimeField(default=timezone.now)
    sending_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    bounce_status = models.CharField(max_length=11, default="")
    withdrawn_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["about", "kind", "queued_at"], name="letter_about")]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @property
    def state(self) -> LetterState:
        """Bad news counts most: a letter that came back is bounced, whatever was said of it before."""
        if self.bounced_at is not None:
            return LetterState.BOUNCED
        if self.delivered_at is not None:
            return LetterState.DELIVERED
        if self.sent_at is not None:
            return LetterState.SENT
        if self.withdrawn_at is not None:
            return LetterState.WITHDRAWN
        return LetterState.QUEUED if self.given_up_at is None else LetterState.FAILED

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing left to do for it."""
        return self.state not in (LetterState.QUEUED, LetterState.FAILED)
