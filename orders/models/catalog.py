"""What is sold, and for how much; portal-wide.

A product has SKUs; an availability says that a SKU is sold in one market, currency and segment for one term and
billing plan; its prices say for how much, by quantity and by day (Partner Center's product, SKU, availability).
"""

import uuid
from datetime import date
from decimal import Decimal

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from orders import rules
from orders.querysets import AvailabilityQuerySet, SkuQuerySet

is_code = RegexValidator(r"^[0-9A-Za-z]+\Z", _("Use letters and digits only"))


class Term(models.TextChoices):
    """ISO 8601 durations, as Partner Center's termDuration."""

    MONTH = "P1M", _("1 month")
    YEAR = "P1Y", _("1 year")
    THREE_YEARS = "P3Y", _("3 years")


class BillingPlan(models.TextChoices):
    """How often a term is billed. NONE: nothing to bill, as for trials."""

    MONTHLY = "monthly", _("billed monthly")
    ANNUAL = "annual", _("billed annually")
    TRIENNIAL = "triennial", _("billed once for three years")
    NONE = "none", _("not billed")


class Segment(models.TextChoices):
    """Whom something is sold to, as Partner Center's targetSegment."""

    COMMERCIAL = "commercial", _("Commercial")
    EDUCATION = "education", _("Education")
    GOVERNMENT = "government", _("Government")
    NONPROFIT = "nonprofit", _("Nonprofit")


class Product(models.Model):
    """Something that is sold; portal-wide."""

    code = models.CharField(_("product id"), max_length=20, unique=True, validators=[is_code])
    title = models.CharField(_("title"), max_length=200)
    publisher = models.CharField(_("publisher"), max_length=100, default="Microsoft")
    description = models.TextField(_("description"), blank=True)

    def __str__(self) -> str:
        return self.title


class Sku(models.Model):
    """One sellable form of a product. Quantities are licences.

    catalog_code: "<product id>-<SKU id>", its name on screens; add_on_to: the SKUs of which a customer must have
    an active subscription first; none means that this is no add-on.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="skus")
    code = models.CharField(_("SKU id"), max_length=20, validators=[is_code])
    catalog_code = models.CharField(max_length=41, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    unit = models.CharField(_("unit of measure"), max_length=100, blank=True)
    tags = models.CharField(_("tags"), max_length=500, blank=True)
    min_quantity = models.PositiveIntegerField(_("minimum quantity"), default=1, validators=[MinValueValidator(1)])
    max_quantity = models.PositiveIntegerField(_("maximum quantity"), default=300)
    add_on_to = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="add_ons", verbose_name=_("add-on to")
    )

    objects = SkuQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("SKU"), _("SKUs")
        constraints = [
            models.UniqueConstraint(fields=["product", "code"], name="sku_once"),
            models.CheckConstraint(
                condition=Q(min_quantity__gte=1, max_quantity__gte=F("min_quantity")),
                name="sku_quantity_range",
            ),
        ]
        # The catalog's order.
        indexes = [models.Index(fields=["title", "id"], name="sku_title")]

    def __str__(self) -> str:
        return self.title


class Availability(models.Model):
    """That a SKU is sold in one market, currency and segment, for one term and billing plan."""

    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="availabilities")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    market = CountryField(_("market"))
    currency = models.CharField(_("currency"), max_length=3)
    segment = models.CharField(_("segment"), max_length=10, choices=Segment.choices, default=Segment.COMMERCIAL)
    term = models.CharField(_("term"), max_length=3, choices=Term.choices)
    billing_plan = models.CharField(_("billing plan"), max_length=10, choices=BillingPlan.choices)

    objects = AvailabilityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("availabilities")
        constraints = [
            # Led by what the catalog of a customer filters by.
            models.UniqueConstraint(
                fields=["market", "currency", "segment", "sku", "term", "billing_plan"], name="availability_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.market} {self.term}"

    def price_for(self, quantity: int, *, on: date) -> "Price | None":
        """What so many licences cost each on this day; None where they are not sold. Reads `prices` once."""
        return rules.price_in_force(self.prices.all(), quantity=quantity, on=on)

    def tiers(self, *, on: date) -> "list[rules.Tier[Price]]":
        """What every quantity costs on this day, the smallest first."""
        return rules.tiers_in_force(self.prices.all(), on=on)


class Price(models.Model):
    """What one licence costs per billing period when so many are bought, between two days.

    tier_max, effective_until: None is without end; both are the last that still count. Days are UTC days.
    erp_price: Microsoft's estimated retail price, None where the list has none.
    """

    availability = models.ForeignKey(Availability, on_delete=models.CASCADE, related_name="prices")
    tier_min = models.PositiveIntegerField(_("from quantity"), default=1, validators=[MinValueValidator(1)])
    tier_max = models.PositiveIntegerField(_("to quantity"), null=True, blank=True)
    effective_from = models.DateField(_("effective from"))
    effective_until = models.DateField(_("effective until"), null=True, blank=True)
    unit_price = models.DecimalField(
        _("unit price"), max_digits=14, decimal_places=4, validators=[MinValueValidator(Decimal(0))]
    )
    erp_price = models.DecimalField(
        _("estimated retail price"),
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )

    class Meta:
        ordering = ("tier_min", "effective_from")
        constraints = [
            models.UniqueConstraint(fields=["availability", "tier_min", "effective_from"], name="price_once"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="price_not_negative"),
            models.CheckConstraint(
                condition=Q(tier_min__gte=1) & (Q(tier_max__isnull=True) | Q(tier_max__gte=F("tier_min"))),
                name="price_tier_range",
            ),
            models.CheckConstraint(
                condition=Q(effective_until__isnull=True) | Q(effective_until__gte=F("effective_from")),
                name="price_effective_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_price} ≥ {self.tier_min}"
