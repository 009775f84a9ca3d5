"""What is sold, and for how much; portal-wide."""

import uuid

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from orders.querysets import PriceQuerySet


class Term(models.TextChoices):
    """ISO 8601 durations, as Partner Center's termDuration."""

    MONTH = "P1M", _("1 month")
    YEAR = "P1Y", _("1 year")
    THREE_YEARS = "P3Y", _("3 years")


class BillingPlan(models.TextChoices):
    MONTHLY = "monthly", _("billed monthly")
    ANNUAL = "annual", _("billed annually")


class Product(models.Model):
    """Something that is sold; portal-wide."""

    code = models.CharField(_("product id"), max_length=20, unique=True)
    title = models.CharField(_("title"), max_length=200)
    publisher = models.CharField(_("publisher"), max_length=100, default="Microsoft")
    description = models.TextField(_("description"), blank=True)

    def __str__(self) -> str:
        return self.title


class Sku(models.Model):
    """One sellable form of a product. Quantities are licences."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="skus")
    code = models.CharField(_("SKU id"), max_length=20)
    title = models.CharField(_("title"), max_length=200)
    description = models.CharField(_("description"), max_length=500, blank=True)
    min_quantity = models.PositiveIntegerField(_("minimum quantity"), default=1, validators=[MinValueValidator(1)])
    max_quantity = models.PositiveIntegerField(_("maximum quantity"), default=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "code"], name="sku_once"),
            models.CheckConstraint(
                condition=Q(min_quantity__gte=1, max_quantity__gte=F("min_quantity")),
                name="sku_quantity_range",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Price(models.Model):
    """What one licence costs in one market for one term and billing plan; unit_price per billing period."""

    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="prices")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    market = CountryField(_("market"))
    currency = models.CharField(_("currency"), max_length=3)
    term = models.CharField(_("term"), max_length=3, choices=Term.choices)
    billing_plan = models.CharField(_("billing plan"), max_length=10, choices=BillingPlan.choices)
    unit_price = models.DecimalField(_("unit price"), max_digits=12, decimal_places=2)

    objects = PriceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sku", "market", "term", "billing_plan"], name="price_once"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.market} {self.term}"
