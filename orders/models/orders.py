"""Orders, and the subscriptions that come from them."""

import secrets
import uuid
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from orders.models.catalog import BillingPlan, Sku, Term
from orders.models.reliance import (
    ReliesOnAcceptance,
    current_acceptance_only,
    of_partners_customer,
    relies_on_acceptance,
)
from orders.querysets import LicenceChangeQuerySet, OrderQuerySet, SubscriptionQuerySet
from portal.audit.appendonly import AppendOnlyModel
from portal.audit.triggers import Trigger
from portal.common.constraints import CompositeForeignKey
from portal.partners.models import Partner


class OrderStatus(models.TextChoices):
    PENDING = "pending", _("Pending")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


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
    current_acceptance_only("orders_order"),
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
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="subscription_quantity"),
            # The target of the licence changes' composite foreign key.
            models.UniqueConstraint(fields=["id", "customer", "partner"], name="subscription_id_customer_partner"),
            of_partners_customer("subscription"),
        ]
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

    guards = (current_acceptance_only("orders_licencechange"),)

    class Meta:
        ordering = ("-changed_at", "-id")
        constraints = [
            *relies_on_acceptance("licence_change"),
            CompositeForeignKey(
                fields=["subscription", "customer", "partner"],
                to_table="orders_subscription",
                to_columns=["id", "customer_id", "partner_id"],
                name="licence_change_of_customer",
            ),
            models.CheckConstraint(
                condition=Q(to_quantity__gte=1) & ~Q(to_quantity=F("from_quantity")),
                name="licence_change_moves",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_quantity} → {self.to_quantity}"
