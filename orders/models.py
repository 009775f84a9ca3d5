"""The catalog, carts, orders, and the subscriptions that come from them."""

import secrets
import uuid
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from agreements.models import DIRECT_SCOPE, Attestation
from customers.models import Customer, Tenant
from orders.querysets import (
    CartQuerySet,
    LicenceChangeQuerySet,
    OrderQuerySet,
    PriceQuerySet,
    SubscriptionQuerySet,
)
from portal.audit.appendonly import AppendOnlyModel
from portal.audit.triggers import Trigger
from portal.common.constraints import CompositeForeignKey
from portal.partners.models import Cloud, Partner


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


class Cart(models.Model):
    """What is about to be ordered for a customer; survives sign-out. order: what became of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="carts")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="carts")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="carts")
    order = models.OneToOneField("Order", on_delete=models.PROTECT, null=True, related_name="cart")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CartQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["owner", "partner", "-updated_at"], name="cart_owner_updated")]

    def __str__(self) -> str:
        return str(self.customer)


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    price = models.ForeignKey(Price, on_delete=models.CASCADE, related_name="cart_lines")
    quantity = models.PositiveIntegerField(_("quantity"))

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["cart", "price"], name="cart_line_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="cart_line_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.price}"

    @property
    def amount(self) -> Decimal:
        return self.price.unit_price * self.quantity


class OrderStatus(models.TextChoices):
    PENDING = "pending", _("Pending")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


def relies_on_acceptance(name: str) -> list[models.BaseConstraint]:
    """What the database holds of "no order without the acceptance it relied on" (architecture, section 6).

    The acceptance is of the same tenant; its scope is the partner's own or the customer's direct one; the
    cloud is the partner's; the public cloud has an acceptance, other clouds have none.
    """
    return [
        CompositeForeignKey(
            fields=["tenant", "acceptance_scope", "acceptance"],
            to_table="agreements_attestation",
            to_columns=["tenant_id", "scope", "id"],
            name=f"{name}_acceptance_of_tenant",
        ),
        CompositeForeignKey(
            fields=["partner", "cloud"],
            to_table="partners_partner",
            to_columns=["id", "cloud"],
            name=f"{name}_cloud_of_partner",
        ),
        CompositeForeignKey(
            fields=["customer", "partner", "tenant"],
            to_table="customers_customer",
            to_columns=["id", "partner_id", "tenant_id"],
            name=f"{name}_customer_of_partner",
        ),
        models.CheckConstraint(
            condition=Q(acceptance_scope__isnull=True)
            | Q(acceptance_scope=DIRECT_SCOPE)
            | Q(acceptance_scope=F("partner_id")),
            name=f"{name}_acceptance_scope",
        ),
        models.CheckConstraint(
            condition=Q(cloud=Cloud.PUBLIC, acceptance__isnull=False, acceptance_scope__isnull=False)
            | (~Q(cloud=Cloud.PUBLIC) & Q(acceptance__isnull=True, acceptance_scope__isnull=True)),
            name=f"{name}_has_acceptance",
        ),
    ]


class ReliesOnAcceptance(models.Model):
    """What every gated transaction keeps about why it was allowed."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="%(class)ss")
    cloud = models.CharField(max_length=20, choices=Cloud.choices)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="%(class)ss")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="%(class)ss")
    acceptance = models.ForeignKey(Attestation, on_delete=models.PROTECT, null=True, related_name="%(class)ss")
    acceptance_scope = models.BigIntegerField(null=True)

    class Meta:
        abstract = True


def new_order_number() -> str:
    """Ten letters and digits that are hard to confuse when read aloud."""
    return "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(10))


class Order(ReliesOnAcceptance):
    """A placed order. Only its status ever changes."""

    number = models.CharField(_("order number"), max_length=12, unique=True, default=new_order_number)
    status = models.CharField(_("status"), max_length=10, choices=OrderStatus.choices)
    currency = models.CharField(_("currency"), max_length=3)
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=2)
    placed_at = models.DateTimeField(_("placed at"))
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="orders"
    )
    placed_by_name = models.CharField(_("placed by"), max_length=200)

    objects = OrderQuerySet.as_manager()

    guards: ClassVar[tuple[Trigger, ...]]

    class Meta:
        constraints = [
            *relies_on_acceptance("order"),
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="order_status_known"),
        ]
        indexes = [
            models.Index(fields=["partner", "-placed_at", "-id"], name="order_partner_placed"),
            models.Index(fields=["customer", "-placed_at", "-id"], name="order_customer_placed"),
        ]

    def __str__(self) -> str:
        return self.number


_FIXED = (
    "number partner_id cloud customer_id tenant_id acceptance_id acceptance_scope currency total placed_at "
    "placed_by_id placed_by_name"
).split()
# IS DISTINCT FROM, spelled so that both engines know it: equal, or both null.
_CHANGED = " OR ".join(
    f"NOT (OLD.{c} = NEW.{c} OR (OLD.{c} IS NULL AND NEW.{c} IS NULL)) OR (OLD.{c} IS NULL) <> (NEW.{c} IS NULL)"
    for c in _FIXED
)
Order.guards = (
    Trigger("orders_order", "UPDATE", "only the status of an order changes", when=_CHANGED),
    Trigger("orders_order", "DELETE", "orders_order rows are never deleted"),
)


class OrderLine(AppendOnlyModel):
    """One position, with text copies of what was sold; unit_price per billing period."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="order_lines")
    title = models.CharField(max_length=200)
    term = models.CharField(max_length=3, choices=Term.choices)
    billing_plan = models.CharField(max_length=10, choices=BillingPlan.choices)
    quantity = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="order_line_number"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_line_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"

    @property
    def amount(self) -> Decimal:
        return self.unit_price * self.quantity


class SubscriptionStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")


class Subscription(models.Model):
    """Licences that a customer has, made by one order line. quantity is the licence count."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="subscriptions")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="subscriptions")
    order_line = models.OneToOneField(OrderLine, on_delete=models.PROTECT, related_name="subscription")
    title = models.CharField(_("subscription"), max_length=200)
    quantity = models.PositiveIntegerField(_("licences"))
    status = models.CharField(_("status"), max_length=10, choices=SubscriptionStatus.choices)
    started_at = models.DateTimeField(_("started"))

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1), name="subscription_quantity")]
        indexes = [models.Index(fields=["customer", "-started_at"], name="subscription_customer")]

    def __str__(self) -> str:
        return self.title


class LicenceChange(ReliesOnAcceptance, AppendOnlyModel):
    """One change of a subscription's licence count, with the acceptance it relied on."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="changes")
    from_quantity = models.PositiveIntegerField()
    to_quantity = models.PositiveIntegerField()
    changed_at = models.DateTimeField()
    changed_by_name = models.CharField(max_length=200)

    objects = LicenceChangeQuerySet.as_manager()

    class Meta:
        ordering = ("-changed_at", "-id")
        constraints = [
            *relies_on_acceptance("licence_change"),
            models.CheckConstraint(
                condition=Q(to_quantity__gte=1) & ~Q(to_quantity=F("from_quantity")),
                name="licence_change_moves",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_quantity} → {self.to_quantity}"
