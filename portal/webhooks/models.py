"""Who wants to be told what over HTTP, what was told, and the keys that it was signed with."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.partners.models import Partner
from portal.webhooks.querysets import DeliveryQuerySet, RegistrationQuerySet


class Registration(models.Model):
    """Where a partner wants to be told of changes; one for each partner, as at Partner Center.

    subscriber_id: its public id; url: where notices are sent; events: names of those that are wanted;
    has_own_header: the signature goes into `x-ms-signature` instead of `Authorization`; is_active: False once turned
    off; quiet_until: the receiver could not be reached, so nothing is sent before that.
    """

    partner = models.OneToOneField(Partner, on_delete=models.PROTECT, related_name="webhook_registration")
    subscriber_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    url = models.CharField(_("address of the receiver"), max_length=2000)
    events = models.JSONField(_("events"), default=list)
    has_own_header = models.BooleanField(_("signature in x-ms-signature"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    quiet_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by_name = models.CharField(max_length=200)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook registration")

    def __str__(self) -> str:
        return f"webhook of {self.partner_id}"


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    GIVEN_UP = "given_up", _("Given up")


class Delivery(models.Model):
    """One notice to a receiver: what happened to which resource, never a person's data.

    public_id: also the correlation id of a test; resource_uri: path below the portal's address ("/v1/customers/…");
    audit_id: event_id of the line in the activity log, where the partner has one; occurred_at: when the change was
    made. next_try_at: of one that waits; attempt_count: begun since it was last asked for.
    """

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="deliveries")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.CharField(_("event"), max_length=60)
    resource_name = models.CharField(max_length=60)
    resource_uri = models.CharField(_("resource"), max_length=400)
    audit_id = models.UUIDField(null=True)
    occurred_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempt_count = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="pending", next_try_at__isnull=False, ended_at__isnull=True)
                | models.Q(state__in=["delivered", "given_up"], next_try_at__isnull=True, ended_at__isnull=False),
                name="webhook_delivery_waits_or_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["registration", "-id"], name="webhook_delivery_newest"),
            models.Index(fields=["next_try_at"], name="webhook_delivery_due", condition=models.Q(state="pending")),
            models.Index(fields=["occurred_at"], name="webhook_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.public_id}"

    @property
    def last_attempt(self) -> "DeliveryAttempt | None":
        """What came of it last; no query where the attempts were prefetched."""
        tried: list[DeliveryAttempt] = list(self.attempts.all())
        return tried[-1] if tried else None


class DeliveryAttempt(models.Model):
    """What came of sending a notice once.

    status_code: of the answer, null where none came; duration_ms: how long it took; problem: what went wrong on the
    way, in the portal's words.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField(default=timezone.now)
    status_code = models.PositiveSmallIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.status_code or self.problem} for {self.delivery_id}"


class WebhookKey(models.Model):
    """A key that notices are signed with: the private half sealed, its certificate published while it may be needed.

    certificate: self-signed X.509, DER in base64; expires_at: of the certificate.
    """

    key_id = models.CharField(max_length=32, unique=True)
    private_sealed = models.TextField()
    certificate = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key_id
