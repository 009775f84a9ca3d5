"""The agreement's texts, and the record of who accepted them. Nothing recorded here is ever changed."""

import uuid
from pathlib import PurePath

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from phonenumber_field.modelfields import PhoneNumberField

from agreements.languages import language_label
from agreements.querysets import AttestationQuerySet, DocumentQuerySet, TemplateQuerySet
from customers.models import Tenant
from portal.audit.appendonly import AppendOnlyModel, ErasableModel
from portal.audit.triggers import Trigger
from portal.common.constraints import CompositeForeignKey
from portal.partners.models import Partner

# The scope of a customer's own acceptance, which covers every partner.
DIRECT_SCOPE = 0


class AgreementType(models.TextChoices):
    """As on Partner Center's wire. The Cloud Agreement is a legacy type: listed, recordable, never covers."""

    MCA = "MicrosoftCustomerAgreement", _("Microsoft Customer Agreement")
    CLOUD = "MicrosoftCloudAgreement", _("Microsoft Cloud Agreement")


class AgreementTemplate(models.Model):
    """One version of an agreement. Once a document of it was accepted, it is never changed.

    renew_before and renewal_enforced_on: from the second date on, acceptances agreed before the first one no
    longer cover and must be renewed.
    """

    type = models.CharField(_("type"), max_length=40, choices=AgreementType.choices)
    template_id = models.UUIDField(_("template id"))
    version = models.CharField(_("version"), max_length=20)
    effective_on = models.DateField(_("effective on"))
    renew_before = models.DateField(_("renew acceptances before"), null=True, blank=True)
    renewal_enforced_on = models.DateField(_("renewal enforced on"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TemplateQuerySet.as_manager()

    guards = (
        Trigger(
            "agreements_agreementtemplate",
            "UPDATE",
            "a used agreement template is never changed",
            when="EXISTS (SELECT 1 FROM agreements_attestation a JOIN agreements_agreementdocument d"
            " ON d.id = a.document_id WHERE d.template_id = OLD.id)",
        ),
    )

    class Meta:
        ordering = ("type", "-effective_on")
        constraints = [
            models.UniqueConstraint(fields=["template_id", "version"], name="template_version_once"),
            models.UniqueConstraint(fields=["type", "effective_on"], name="template_one_a_day"),
            models.CheckConstraint(
                condition=Q(renew_before__isnull=True, renewal_enforced_on__isnull=True)
                | Q(
                    # Said outright: a CHECK lets through what compares with NULL.
                    renew_before__isnull=False,
                    renewal_enforced_on__isnull=False,
                    renewal_enforced_on__gte=F("renew_before"),
                ),
                name="template_renewal_dates_paired",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.version}"


def document_path(document: "AgreementDocument", filename: str) -> str:
    return f"agreements/{document.sha256}{PurePath(filename).suffix.lower()[:8]}"


class AgreementDocument(models.Model):
    """The text of a template for one country in one language; sha256 is the digest of its file."""

    template = models.ForeignKey(AgreementTemplate, on_delete=models.PROTECT, related_name="documents")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    country = CountryField(_("country or region"))
    language = models.CharField(_("language"), max_length=15)
    sha256 = models.CharField(_("SHA-256"), max_length=64, editable=False)
    file = models.FileField(_("file"), upload_to=document_path)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = DocumentQuerySet.as_manager()

    guards = (
        Trigger(
            "agreements_agreementdocument",
            "UPDATE",
            "a used agreement document is never changed",
            when="EXISTS (SELECT 1 FROM agreements_attestation a WHERE a.document_id = OLD.id)",
        ),
    )

    class Meta:
        ordering = ("country", "language")
        constraints = [
            models.UniqueConstraint(fields=["template", "country", "language"], name="document_once"),
        ]

    def __str__(self) -> str:
        return f"{self.template} ({self.country}, {self.language})"

    @property
    def language_name(self) -> str:
        return language_label(self.language)


class Method(models.TextChoices):
    CONFIRMED = "confirmed", _("Confirmed by partner")
    ON_BEHALF = "on_behalf", _("Attested on the customer's behalf")
    CUSTOMER_DIRECT = "customer_direct", _("Accepted by the customer directly")


class Scenario(models.IntegerChoices):
    """The two cases of seed 001 in which a customer is told to contact its partner."""

    EXISTING_PARTNER = 1, _("Scenario 1: the customer bought through this partner before and buys again")
    NEW_PARTNER = 2, _("Scenario 2: the customer bought before and now buys through a new partner")


class EvidenceKind(models.TextChoices):
    SIGNED_DOCUMENT = "signed_document", _("Signed document")
    EMAIL = "email", _("E-mail")
    CALL_NOTE = "call_note", _("Note of a call")
    ESIGN_CERTIFICATE = "esign_certificate", _("E-signature certificate")
    IN_PERSON = "in_person", _("In person")
    OTHER = "other", _("Other (say what in the note)")


class SupersedeReason(models.TextChoices):
    CORRECTION = "correction", _("Correction")
    RENEWAL = "renewal", _("Renewal")
    NEW_SIGNER = "new_signer", _("New signer")


class Attestation(AppendOnlyModel):
    """A statement that a customer accepted an agreement: who, when, which text, and how we know.

    scope: the partner's id, or 0 for the customer's own acceptance, which covers every partner. Records of
    one (tenant, scope, type) form a single line; the last one that is neither withdrawn nor disputed is
    current. agreed_on: date in the partner's zone; recorded_on: recorded_at as a date in time_zone.
    """

    reference = models.UUIDField(_("reference"), default=uuid.uuid4, unique=True, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="attestations")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="attestations")
    scope = models.BigIntegerField()
    agreement_type = models.CharField(max_length=40, choices=AgreementType.choices)
    document = models.ForeignKey(AgreementDocument, on_delete=models.PROTECT, related_name="attestations")
    method = models.CharField(_("method"), max_length=20, choices=Method.choices)
    scenario = models.PositiveSmallIntegerField(_("scenario"), null=True, choices=Scenario.choices)
    agreed_on = models.DateField(_("agreement acceptance date"))
    evidence_kind = models.CharField(_("how we know"), max_length=20, choices=EvidenceKind.choices)
    person_digest = models.CharField(max_length=64)
    supersedes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="superseded_by")
    supersede_reason = models.CharField(max_length=20, choices=SupersedeReason.choices, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_on = models.DateField()
    time_zone = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=20)
    actor_user_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(_("recorded by"), max_length=200)
    roles = models.JSONField(_("roles held"), default=list)
    door = models.CharField(_("recorded through"), max_length=20)
    request_id = models.CharField(max_length=32, blank=True)

    # Annotated by AttestationQuerySet.with_state.
    is_superseded: bool
    is_withdrawn: bool
    dispute: str | None

    objects = AttestationQuerySet.as_manager()

    class Meta:
        constraints = [
            # The target of orders' composite foreign key: the acceptance they relied on.
            models.UniqueConstraint(fields=["tenant", "scope", "id"], name="attestation_tenant_scope_id"),
            models.UniqueConstraint(
                fields=["tenant", "scope", "agreement_type"],
                condition=Q(supersedes__isnull=True),
                name="attestation_one_line",
            ),
            models.CheckConstraint(
                condition=Q(method="customer_direct", partner__isnull=True, scope=DIRECT_SCOPE)
                | (~Q(method="customer_direct") & Q(partner__isnull=False, scope=F("partner_id"))),
                name="attestation_scope_fits_method",
            ),
            models.CheckConstraint(condition=Q(agreed_on__lte=F("recorded_on")), name="attestation_not_in_future"),
            models.CheckConstraint(
                condition=Q(method="on_behalf", scenario__isnull=False, scenario__in=[1, 2])
                | (~Q(method="on_behalf") & Q(scenario__isnull=True)),
                name="attestation_scenario_fits_method",
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True, supersede_reason="")
                | Q(supersedes__isnull=False, supersede_reason__in=SupersedeReason.values),
                name="attestation_supersedes_with_reason",
            ),
            CompositeForeignKey(
                fields=["tenant", "scope", "supersedes"],
                to_table="agreements_attestation",
                to_columns=["tenant_id", "scope", "id"],
                name="attestation_supersedes_own_line",
            ),
        ]
        indexes = [models.Index(fields=["partner", "-recorded_at", "-id"], name="attestation_partner_recorded")]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.agreed_on}"


class AttestationPerson(ErasableModel):
    """Who accepted, as typed, with the free-text notes about it: everything personal of one record.

    Covered by Attestation.person_digest with this row's salt; erasing the row leaves the record provable.
    """

    attestation = models.OneToOneField(Attestation, on_delete=models.PROTECT, related_name="person")
    first_name = models.CharField(_("first name"), max_length=50)
    last_name = models.CharField(_("last name"), max_length=50)
    email = models.CharField(_("email address"), max_length=254)
    phone = PhoneNumberField(_("phone number"), blank=True)
    evidence_note = models.CharField(_("note"), max_length=500, blank=True)
    reason_note = models.CharField(_("reason"), max_length=500, blank=True)
    salt = models.CharField(max_length=64, editable=False)

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class EventKind(models.TextChoices):
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DISPUTED = "disputed", _("Disputed")
    DISPUTE_RESOLVED = "dispute_resolved", _("Dispute resolved")
    ERASED = "erased", _("Person erased")


class AttestationEvent(AppendOnlyModel):
    """Something that happened to a record after it was made."""

    attestation = models.ForeignKey(Attestation, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    reason = models.CharField(_("reason"), max_length=500)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_user_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    roles = models.JSONField(default=list)
    door = models.CharField(max_length=20)

    class Meta:
        ordering = ("at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["attestation"], condition=Q(kind="withdrawn"), name="attestation_withdrawn_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"
