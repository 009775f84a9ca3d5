"""The activity log and the chain of evidence. Nothing here is ever changed."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.audit.appendonly import AppendOnlyModel, ErasableModel
from portal.audit.querysets import AuditEventQuerySet


class AuditEvent(AppendOnlyModel):
    """One thing somebody did or was refused. No foreign keys: the log outlives what it speaks of.

    changed: names of changed fields with salted digests of the values before and after; facts: values that
    are no personal data (ids, counts, codes). Personal values are in `AuditEventDetail`, which can be erased.
    """

    event_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(_("when"))
    code = models.CharField(_("action"), max_length=60)
    partner_id = models.BigIntegerField(null=True)
    customer_id = models.UUIDField(_("customer"), null=True)
    subject = models.CharField(max_length=100, blank=True)
    actor_kind = models.CharField(max_length=20)
    actor_user_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(_("by"), max_length=200)
    roles = models.JSONField(default=list)
    door = models.CharField(max_length=20)
    request_id = models.CharField(max_length=32, blank=True)
    facts = models.JSONField(default=dict)
    changed = models.JSONField(default=dict)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["partner_id", "-at", "-id"], name="audit_event_partner_at"),
            models.Index(fields=["customer_id", "-at", "-id"], name="audit_event_customer_at"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.at:%Y-%m-%d %H:%M}"


class AuditEventDetail(ErasableModel):
    """The personal values of an event, with the salt of its digests; removed when the person is erased."""

    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="detail")
    salt = models.CharField(max_length=64)
    values = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"detail of {self.event_id}"


class ChainHead(models.Model):
    """The last entry of a chain. Its row is the lock that puts writers in a line."""

    chain = models.CharField(max_length=64, unique=True)
    seq = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.chain} #{self.seq}"


class ChainEntry(AppendOnlyModel):
    """One link. digest = SHA-256 over (algorithm, chain, seq, prev, kind, payload_digest); see services."""

    chain = models.CharField(max_length=64)
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    algorithm = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=100)
    payload = models.TextField()
    payload_digest = models.CharField(max_length=64)
    prev = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name_plural = _("chain entries")
        constraints = [
            models.UniqueConstraint(fields=["chain", "seq"], name="chain_entry_seq"),
            models.UniqueConstraint(fields=["prev"], name="chain_entry_no_fork"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="chain_entry_seq_from_one"),
        ]
        indexes = [models.Index(fields=["subject"], name="chain_entry_subject")]

    def __str__(self) -> str:
        return f"{self.chain} #{self.seq}"
