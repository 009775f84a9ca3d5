"""Enhanced attestation: a program asks a named signatory to accept on the portal's hosted page (facts, 1.9)."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from agreements.models.records import Attestation
from agreements.models.texts import AgreementDocument
from agreements.querysets import EnhancedAttestationQuerySet
from portal.partners.models import Partner


class HostedOutcome(models.TextChoices):
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")


class HostedState(models.TextChoices):
    """Where it stands, as the wire says it."""

    PENDING = "pending", _("Pending")
    OPENED = "opened", _("Opened")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")


class EnhancedAttestation(models.Model):
    """Bound to the partner whose program asked, to no customer until the partner confirms the acceptance with it.

    country, language: of the text that was asked for; document: the text that was accepted. first_name to phone: the
    one signatory who may accept by the link, and whom the confirmation must name; phone in E.164. token_digest: as of
    an invitation's link. opened_at: when the signatory went on from the first page. expires_at: of the link; once it
    was accepted, until when the partner may confirm. attestation: the record that relies on it; one alone does.
    client_id, client_name: of the API client that asked.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="enhanced_attestations")
    client_id = models.CharField(max_length=64)
    client_name = models.CharField(max_length=200)
    country = CountryField(_("country or region"))
    language = models.CharField(_("language"), max_length=15)
    company_name = models.CharField(_("company name"), max_length=200)
    first_name = models.CharField(_("first name"), max_length=50)
    last_name = models.CharField(_("last name"), max_length=50)
    email = models.CharField(_("email address"), max_length=254)
    phone = models.CharField(_("phone number"), max_length=30, blank=True)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, editable=False)
    outcome = models.CharField(max_length=20, choices=HostedOutcome.choices, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    document = models.ForeignKey(AgreementDocument, on_delete=models.PROTECT, null=True, related_name="+")
    decline_reason = models.CharField(_("reason"), max_length=500, blank=True)
    attestation = models.OneToOneField(
        Attestation, on_delete=models.PROTECT, null=True, editable=False, related_name="enhanced"
    )

    objects = EnhancedAttestationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", closed_at__isnull=True, document__isnull=True)
                | Q(outcome="declined", closed_at__isnull=False, document__isnull=True)
                | Q(outcome="accepted", closed_at__isnull=False, document__isnull=False),
                name="enhanced_closed_with_outcome",
            ),
            # Only what was accepted is relied on.
            models.CheckConstraint(
                condition=Q(attestation__isnull=True) | Q(outcome="accepted"), name="enhanced_used_when_accepted"
            ),
        ]
        indexes = [models.Index(fields=["partner", "-created_at", "-id"], name="enhanced_partner_created")]

    def __str__(self) -> str:
        return f"{self.company_name} {self.created_at:%Y-%m-%d}"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_expired(self) -> bool:
        """Whether nobody can go on with it any more: the signatory, or once it was accepted, the partner."""
        is_over = self.outcome == HostedOutcome.DECLINED or self.attestation_id is not None
        return not is_over and self.expires_at <= timezone.now()

    @property
    def is_answerable(self) -> bool:
        return not self.outcome and not self.is_expired

    @property
    def state(self) -> HostedState:
        if self.is_expired:
            return HostedState.EXPIRED
        if self.outcome:
            return HostedState(self.outcome)
        return HostedState.OPENED if self.opened_at is not None else HostedState.PENDING

    @property
    def contact_fields(self) -> dict[str, str]:
        """As AttestationPerson says them, to be compared with whom a confirmation names."""
        named = {"first_name": self.first_name, "last_name": self.last_name, "email": self.email}
        return {**named, "phone": self.phone}
