"""The activity log, the chain of evidence, and what proves the chain to others. Nothing of it is ever changed."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.audit.appendonly import AppendOnlyModel, ErasableModel
from portal.audit.querysets import AuditEventQuerySet, CheckpointQuerySet
from portal.audit.triggers import Trigger


class AuditEvent(AppendOnlyModel):
    """One thing somebody did or was refused. No foreign keys: the log outlives what it speaks of.

    changed: names of changed fields with salted digests of the values before and after; facts: values that
    are no personal data (ids, counts, codes); actor_name: empty for a customer's own people. Personal values are in
    `AuditEventDetail`, which can be erased.
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
            models.Index(fields=["partner_id", "code", "-at", "-id"], name="audit_event_partner_code"),
            models.Index(fields=["partner_id", "actor_user_id", "-at", "-id"], name="audit_event_partner_actor"),
            # Where a person's values are, when they are erased.
            models.Index(fields=["subject"], name="audit_event_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.at:%Y-%m-%d %H:%M}"

    @property
    def who(self) -> str:
        """The name of who acted; "" for a customer's person whose data was erased."""
        detail: AuditEventDetail | None = getattr(self, "detail", None)
        return self.actor_name or (detail.actor_name if detail else "")


class AuditEventDetail(ErasableModel):
    """The personal values of an event, with the salt of its digests; removed when the person is erased.

    actor_name: of a customer's own person; ip_address, user_agent: only where the partner chose to keep them.
    """

    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="detail")
    salt = models.CharField(max_length=64)
    values = models.JSONField(default=dict)
    actor_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    ip_address = models.GenericIPAddressField(_("IP address"), null=True)
    user_agent = models.CharField(_("browser"), max_length=200, blank=True, default="", db_default="")

    def __str__(self) -> str:
        return f"detail of {self.event_id}"

    @property
    def is_needed(self) -> bool:
        """Whether there is anything in it at all."""
        return bool(self.values or self.actor_name or self.ip_address or self.user_agent)


class ChainHead(models.Model):
    """The last entry of a chain. Its row is the lock that puts writers in a line."""

    chain = models.CharField(max_length=64, unique=True)
    seq = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    guards = (Trigger("audit_chainhead", "DELETE", "the head of a chain is never deleted"),)

    def __str__(self) -> str:
        return f"{self.chain} #{self.seq}"


class ChainEntry(AppendOnlyModel):
    """One link. digest: SHA-256 as its algorithm says, see portal.audit.chain."""

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


class SigningKey(AppendOnlyModel):
    """A public key that checkpoints are or were signed with; the private one is in the environment alone.

    key_id: the first 16 hex digits of SHA-256 over the raw public key; public_key: those 32 bytes in base64.
    """

    key_id = models.CharField(max_length=16, unique=True)
    public_key = models.CharField(max_length=44)
    first_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key_id


class Checkpoint(AppendOnlyModel):
    """A signed statement of where a chain stood. Who keeps one can show later that nothing before it was changed.

    statement: the canonical text that is signed (chain, seq, digest, at, key); signature: Ed25519 over it, base64.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    chain = models.CharField(max_length=64)
    seq = models.BigIntegerField(_("entries"))
    digest = models.CharField(_("digest of the last entry"), max_length=64)
    at = models.DateTimeField(_("signed at"))
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="checkpoints")
    statement = models.TextField()
    signature = models.CharField(max_length=88)

    objects = CheckpointQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["chain", "-at", "-id"], name="checkpoint_chain_at")]

    def __str__(self) -> str:
        return f"{self.chain} #{self.seq} {self.at:%Y-%m-%d}"


class StampState(models.TextChoices):
    PENDING = "pending", _("Pending")
    STAMPED = "stamped", _("Stamped")
    FAILED = "failed", _("Failed")


class TimeStamp(models.Model):
    """What a time-stamp authority says of a checkpoint (RFC 3161); only where one is configured.

    pending: asked, or to be asked again at next_try_at; failed: given up, with the reason; stamped: token is the
    authority's answer (DER), checked, and stamped_at the time it vouches for. Never the portal's own clock.
    """

    checkpoint = models.OneToOneField(Checkpoint, on_delete=models.PROTECT, related_name="stamp")
    state = models.CharField(max_length=10, choices=StampState.choices, default=StampState.PENDING)
    authority = models.CharField(max_length=300)
    token = models.BinaryField(null=True)
    stamped_at = models.DateTimeField(null=True)
    attempt_count = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    guards = (
        Trigger("audit_timestamp", "DELETE", "a time stamp is never deleted"),
        Trigger("audit_timestamp", "UPDATE", "a stamp is never changed", when="OLD.state = 'stamped'"),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="stamped", token__isnull=False, stamped_at__isnull=False)
                | models.Q(state__in=["pending", "failed"], token__isnull=True, stamped_at__isnull=True),
                name="time_stamp_only_with_token",
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="time_stamp_pending", condition=models.Q(state="pending")),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.checkpoint}"
