"""Orders, and what they come to in a month."""

import secrets
from decimal import Decimal
from hashlib import sha256
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from orders import rules
from orders.models.catalog import BillingPlan, Segment, Sku, Term
from orders.models.reliance import (
    ReliesOnAcceptance,
    current_acceptance_only,
    relies_on_acceptance,
)
from orders.querysets import MonthTotalQuerySet, OrderQuerySet
from portal.audit.appendonly import AppendOnlyModel
from portal.audit.triggers import Trigger
from portal.partners.models import Partner, PartnerKind


class OrderStatus(models.TextChoices):
    PENDING = "pending", _("Pending")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


def new_order_number() -> str:
    """Ten letters and digits that are hard to confuse when read aloud."""
    return "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(10))


class Order(ReliesOnAcceptance):
    """A placed order. Only its status ever changes.

    transacted_as: the partner's kind of the partner-on-record statement that the agent made (Partner Center's
    partnerOnRecordAttestationAccepted), "" for orders from before it was asked; reseller: the customer's then.
    """

    number = models.CharField(_("order number"), max_length=12, unique=True, default=new_order_number)
    status = models.CharField(_("status"), max_length=10, choices=OrderStatus.choices)
    currency = models.CharField(_("currency"), max_length=3)
    total = models.DecimalField(_("total"), max_digits=14, decimal_places=2)
    purchase_order_number = models.CharField(_("purchase order number"), max_length=50, blank=True)
    transacted_as = models.CharField(max_length=20, choices=PartnerKind.choices, blank=True)
    reseller = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="+")
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
            # The few that are not completed; the others fill the index of all.
            models.Index(
                fields=["partner", "-placed_at", "-id"],
                name="order_partner_unfinished",
                condition=Q(status__in=["pending", "cancelled"]),
            ),
            models.Index(
                fields=["partner", "purchase_order_number"],
                name="order_purchase_order_number",
                condition=~Q(purchase_order_number=""),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def version(self) -> str:
        """Another text whenever its status changed (Partner Center's etag)."""
        return sha256(f"{self.number} {self.status}".encode()).hexdigest()[:32]


_FIXED = (
    "number partner_id cloud customer_id tenant_id acceptance_id acceptance_scope currency total placed_at "
    "placed_by_id placed_by_name purchase_order_number transacted_as reseller_id"
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
    """One position, with text copies of what was sold; unit_price per billing period.

    said: what an API client told of it beside that and the portal keeps for it, by Partner Center's names.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="order_lines")
    title = models.CharField(max_length=200)
    term = models.CharField(max_length=3, choices=Term.choices)
    billing_plan = models.CharField(max_length=10, choices=BillingPlan.choices)
    quantity = models.PositiveIntegerField()
    segment = models.CharField(max_length=10, choices=Segment.choices, default=Segment.COMMERCIAL)
    unit_price = models.DecimalField(max_digits=14, decimal_places=4)
    said = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))

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
        return rules.amount(self.unit_price, self.quantity)


class MonthTotal(models.Model):
    """What a partner's orders of one calendar month (UTC) come to in one currency, cancelled ones left out.

    month: its first day. Kept in the transaction of each order, so that charts count no orders.
    """

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="month_totals")
    month = models.DateField()
    currency = models.CharField(max_length=3)
    order_count = models.PositiveIntegerField(default=0)
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)

    objects = MonthTotalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner", "month", "currency"], name="month_total_once"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.currency}"
