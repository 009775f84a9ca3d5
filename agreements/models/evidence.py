"""How an acceptance is proved: files, the partner's rules about them, and the second person's word."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.models.records import Attestation
from agreements.querysets import ApprovalQuerySet, EvidenceQuerySet, EvidenceUploadQuerySet
from customers.models import Customer, Tenant
from portal.audit.appendonly import ErasableModel
from portal.audit.triggers import Trigger
from portal.common.constraints import CompositeForeignKey
from portal.partners.models import Partner


class CheckpointMail(models.TextChoices):
    DAILY = "daily", _("Every day")
    CHANGED = "changed", _("On days with new entries")
    NEVER = "never", _("Never")


class EvidencePolicy(models.Model):
    """What a partner asks of its own people before a record counts. Without a row, the defaults.

    required_kinds: ways of knowing (EvidenceKind) that need a file; approved_reasons: reasons of superseding
    (SupersedeReason) that need a second person; checkpoint_mail: when checkpoints go to the Admin agents.
    """

    partner = models.OneToOneField(Partner, on_delete=models.PROTECT, related_name="evidence_policy")
    required_kinds = models.JSONField(default=list)
    approved_reasons = models.JSONField(default=list)
    checkpoint_mail = models.CharField(max_length=10, choices=CheckpointMail.choices, default=CheckpointMail.CHANGED)

    class Meta:
        verbose_name_plural = _("evidence policies")

    def __str__(self) -> str:
        return f"Evidence policy of {self.partner}"


class EvidenceUpload(models.Model):
    """A file that was sent and not yet put to a record, so that a form that comes back need not ask for it again.

    Its bytes are stored already, under their digest.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = EvidenceUploadQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["partner", "sha256"], name="evidence_upload_digest"),
            models.Index(fields=["uploaded_at"], name="evidence_upload_age"),
        ]

    def __str__(self) -> str:
        return self.name


_ERASED = (
    "SELECT 1 FROM agreements_attestationevent e WHERE e.attestation_id = {row}.attestation_id AND e.kind = 'erased'"
)


class Evidence(ErasableModel):
    """One file of a record, stored under its SHA-256; the chain has an entry for it. Erased with the person.

    size: bytes; media_type: what the bytes were found to be; name: as the file was called when it was sent.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    attestation = models.ForeignKey(Attestation, on_delete=models.PROTECT, related_name="evidence")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    added_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_user_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(_("added by"), max_length=200)
    roles = models.JSONField(default=list)
    door = models.CharField(max_length=20)

    objects = EvidenceQuerySet.as_manager()

    guards = (
        Trigger(
            "agreements_evidence",
            "DELETE",
            "a file of a record is never removed without the event that says so",
            when=f"NOT EXISTS ({_ERASED.format(row='OLD')})",
        ),
        Trigger(
            "agreements_evidence",
            "INSERT",
            "nothing is added to a record whose person was erased",
            when=f"EXISTS ({_ERASED.format(row='NEW')})",
        ),
    )

    class Meta:
        verbose_name_plural = _("evidence")
        constraints = [
            models.UniqueConstraint(fields=["attestation", "sha256"], name="evidence_once"),
            # A record's files are its partner's; nobody adds one to the customer's own acceptance.
            CompositeForeignKey(
                fields=["tenant", "partner", "attestation"],
                to_table="agreements_attestation",
                to_columns=["tenant_id", "scope", "id"],
                name="evidence_own_record",
            ),
        ]
        indexes = [models.Index(fields=["partner", "sha256"], name="evidence_digest")]

    def __str__(self) -> str:
        return self.name


class ApprovalOutcome(models.TextChoices):
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    TAKEN_BACK = "taken_back", _("Taken back")


class Approval(models.Model):
    """A new record that waits for a second person, because the partner's policy asks for one.

    record: the one that it would supersede; statement: the acceptance as it was stated, personal data included
    (fields of agreements.services.Acceptance, dates in ISO), emptied once it is decided: then the record has it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="approvals")
    record = models.ForeignKey(Attestation, on_delete=models.PROTECT, related_name="+")
    reason_code = models.CharField(max_length=20)
    statement = models.JSONField(default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_by_name = models.CharField(max_length=200)
    asked_roles = models.JSONField(default=list)
    asked_door = models.CharField(max_length=20)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    outcome = models.CharField(max_length=20, choices=ApprovalOutcome.choices, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    decided_by_name = models.CharField(max_length=200, blank=True, editable=False)
    attestation = models.OneToOneField(Attestation, on_delete=models.PROTECT, null=True, related_name="approval")

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer"], condition=Q(outcome=""), name="approval_one_open"),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at__isnull=True)
                | Q(outcome__in=ApprovalOutcome.values, decided_at__isnull=False),
                name="approval_decided",
            ),
            # Nobody is their own second person.
            models.CheckConstraint(
                condition=~Q(outcome="approved")
                | (Q(decided_by__isnull=False) & ~Q(decided_by=models.F("asked_by"))),
                name="approval_by_a_second_person",
            ),
            CompositeForeignKey(
                fields=["customer", "partner"],
                to_table="customers_customer",
                to_columns=["id", "partner_id"],
                name="approval_own_customer",
            ),
        ]
        indexes = [models.Index(fields=["partner", "-asked_at", "-id"], name="approval_partner_asked")]

    def __str__(self) -> str:
        return f"{self.customer}: {self.reason_code}"
