"""Sheets of customers on their way in."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from customers.models.companies import Customer
from customers.querysets import CustomerImportQuerySet
from portal.partners.models import Partner


class ImportStatus(models.TextChoices):
    """The way of a sheet: uploaded -> checking -> checked -> committing -> done; failed from any."""

    UPLOADED = "uploaded", _("Uploaded")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked")
    COMMITTING = "committing", _("Being imported")
    DONE = "done", _("Imported")
    FAILED = "failed", _("Failed")


class CustomerImport(models.Model):
    """One uploaded sheet. mapping: number of the sheet's column, as text -> our field; country: for rows without
    one; the counts say how far each stage has come. lease_until: the worker that works on it is presumed dead
    after that moment.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="imports")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="imports")
    file = models.FileField(upload_to="imports/", max_length=200)
    file_name = models.CharField(_("file"), max_length=200)
    header = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    country = CountryField(_("country or region"), blank=True)
    status = models.CharField(_("status"), max_length=12, choices=ImportStatus.choices, default=ImportStatus.UPLOADED)
    problem = models.CharField(max_length=500, blank=True)
    read_count = models.PositiveIntegerField(default=0)
    is_read = models.BooleanField(default=False)
    checked_count = models.PositiveIntegerField(default=0)
    valid_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    created_count = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    committed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = CustomerImportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["partner", "-created_at", "-id"], name="customer_import_partner"),
            models.Index(
                fields=["lease_until"],
                name="customer_import_running",
                condition=models.Q(status__in=["checking", "committing"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=ImportStatus.values), name="customer_import_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class RowStatus(models.TextChoices):
    READ = "read", _("Not checked yet")
    VALID = "valid", _("Ready")
    WRONG = "wrong", _("To be corrected")
    CREATED = "created", _("Created")
    KNOWN = "known", _("Already a customer")


class ImportRow(models.Model):
    """One row of a sheet. number: as the person sees it in the sheet; cells: texts in the sheet's order;
    problems: [[field or "", message], …] in the words of the screens' forms.
    """

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    sheet = models.ForeignKey(CustomerImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    cells = models.JSONField(default=list)
    status = models.CharField(max_length=10, choices=RowStatus.choices, default=RowStatus.READ)
    problems = models.JSONField(default=list)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="import_row_number"),
            models.CheckConstraint(condition=models.Q(status__in=RowStatus.values), name="import_row_status_known"),
        ]
        indexes = [models.Index(fields=["sheet", "status", "number"], name="import_row_status")]

    def __str__(self) -> str:
        return str(self.number)
