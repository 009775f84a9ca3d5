"""Price lists on their way in: read and checked row by row, then applied all at once."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PriceListStatus(models.TextChoices):
    """The way of a list: reading -> checked -> applying -> applied; refused or failed from any before applied."""

    READING = "reading", _("Being checked")
    CHECKED = "checked", _("Checked")
    APPLYING = "applying", _("Being applied")
    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")


class PriceList(models.Model):
    """One file of prices. digest: SHA-256 of the file; the counts are of its rows, new and changed ones of prices;
    problem: why it failed; decided_by: who chose to apply or to refuse it; lease_until: the worker that works on it
    is presumed dead after that moment.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.FileField(_("file"), upload_to="price_lists/", max_length=200, blank=True)
    file_name = models.CharField(_("file"), max_length=200)
    digest = models.CharField(max_length=64)
    status = models.CharField(_("status"), max_length=10, choices=PriceListStatus.choices)
    problem = models.CharField(max_length=500, blank=True)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    read_count = models.PositiveIntegerField(_("rows read"), default=0)
    bad_count = models.PositiveIntegerField(_("bad rows"), default=0)
    new_count = models.PositiveIntegerField(_("new prices"), default=0)
    changed_count = models.PositiveIntegerField(_("changed prices"), default=0)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_by_name = models.CharField(_("uploaded by"), max_length=200)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_by_name = models.CharField(_("decided by"), max_length=200, blank=True)
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-uploaded_at", "-id")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PriceListStatus.values), name="price_list_status_known"),
        ]

    def __str__(self) -> str:
        return self.file_name


class PriceListRow(models.Model):
    """One line of a list, as read. number: the line as people see it in the sheet.

    A good row waits here until its list is applied, then it goes. A bad one stays for the report: problems say
    what to do ([[column, message], …]), and cells hold what it said (column -> text). public_id: of the availability
    that it may make; a text left blank says nothing, and what the catalog has stays.
    """

    price_list = models.ForeignKey(PriceList, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    is_good = models.BooleanField(default=True)
    problems = models.JSONField(default=list)
    cells = models.JSONField(default=dict)
    public_id = models.UUIDField(default=uuid.uuid4)
    product_code = models.CharField(max_length=20, blank=True)
    product_title = models.CharField(max_length=200, blank=True)
    publisher = models.CharField(max_length=100, blank=True)
    sku_code = models.CharField(max_length=20, blank=True)
    sku_title = models.CharField(max_length=200, blank=True)
    sku_description = models.TextField(blank=True)
    unit = models.CharField(max_length=100, blank=True)
    tags = models.CharField(max_length=500, blank=True)
    market = models.CharField(max_length=2, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    segment = models.CharField(max_length=10, blank=True)
    term = models.CharField(max_length=3, blank=True)
    billing_plan = models.CharField(max_length=10, blank=True)
    tier_min = models.PositiveIntegerField(default=1)
    tier_max = models.PositiveIntegerField(null=True)
    effective_from = models.DateField(null=True)
    effective_until = models.DateField(null=True)
    unit_price = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    erp_price = models.DecimalField(max_digits=14, decimal_places=4, null=True)

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["price_list", "number"], name="price_list_row_number"),
        ]
        indexes = [
            # The report of what to correct.
            models.Index(fields=["price_list", "number"], name="price_list_row_bad", condition=Q(is_good=False)),
            # Two rows of one list must not give the same price twice.
            models.Index(
                fields=[
                    "price_list",
                    "market",
                    "currency",
                    "segment",
                    "product_code",
                    "sku_code",
                    "term",
                    "billing_plan",
                    "tier_min",
                    "effective_from",
                ],
                name="price_list_row_price",
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)
