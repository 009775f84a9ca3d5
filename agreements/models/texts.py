"""The agreement's texts: versions, and their documents by country and language."""

import uuid
from pathlib import PurePath

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from agreements.languages import language_label
from agreements.querysets import DocumentQuerySet, TemplateQuerySet
from portal.audit.triggers import Trigger


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
