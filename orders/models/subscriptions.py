"""Subscriptions, what becomes of them, and the changes of their licence counts."""

import uuid
from datetime import UTC
from hashlib import sha256
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from orders import rules
from orders.models.catalog import BillingPlan, Segment, Term
from orders.models.orders import OrderLine
from orders.models.reliance import (
    ReliesOnAcceptance,
    current_acceptance_only,
    of_partners_customer,
    relies_on_acceptance,
)
from orders.querysets import LicenceChangeQuerySet, SubscriptionEventQuerySet, SubscriptionQuerySet
from portal.audit.appendonly import AppendOnlyModel
from portal.audit.triggers import Trigger
from portal.common.constraints import CompositeForeignKey
from portal.partners.models import Partner


class SubscriptionStatus(models.TextChoices):
    """Where a subscription is in its life (facts 3.4); the ways between are `rules.TRANSITIONS`."""

    PENDING = "pending", _("Pending")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    EXPIRED = "expired", _("Expired")
    DISABLED = "disabled", _("Disabled")
    DELETED = "deleted", _("Deleted")


class Subscription(models.Model):
    """Licences that a customer has, made by one order line. quantity is the licence count.

    term, billing_plan, segment, currency, unit_price: of the present term, unit_price per billing period;
    term_started_at, term_ends_at: the present term, the end is no longer part of it; due_at: when the scheduled
    job has to look at it next, None when nothing is to come; parent: the subscription that an add-on belongs to;
    friendly_name: the partner's own, "" for none; support_partner: who was named to support it, None for the
    partner itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="subscriptions")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="subscriptions")
    order_line = models.OneToOneField(OrderLine, on_delete=models.PROTECT, related_name="subscription")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="add_ons")
    title = models.CharField(_("subscription"), max_length=200)
    friendly_name = models.CharField(_("own name"), max_length=200, blank=True, default="", db_default="")
    quantity = models.PositiveIntegerField(_("licences"))
    status = models.CharField(_("status"), max_length=10, choices=SubscriptionStatus.choices)
    started_at = models.DateTimeField(_("started"))
    term = models.CharField(_("term"), max_length=3, choices=Term.choices)
    billing_plan = models.CharField(_("billing plan"), max_length=10, choices=BillingPlan.choices)
    segment = models.CharField(_("segment"), max_length=10, choices=Segment.choices)
    currency = models.CharField(_("currency"), max_length=3)
    unit_price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=4)
    auto_renew = models.BooleanField(_("auto-renew"), default=True)
    term_started_at = models.DateTimeField(_("term started"))
    term_ends_at = models.DateTimeField(_("term ends"))
    due_at = models.DateTimeField(null=True)
    support_partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="+")

    objects = SubscriptionQuerySet.as_manager()

    guards: ClassVar[tuple[Trigger, ...]]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="subscription_quantity"),
            # The target of the licence changes' and the add-ons' composite foreign keys.
            models.UniqueConstraint(fields=["id", "customer", "partner"], name="subscription_id_customer_partner"),
            of_partners_customer("subscription"),
            CompositeForeignKey(
                fields=["parent", "customer", "partner"],
                to_table="orders_subscription",
                to_columns=["id", "customer_id", "partner_id"],
                name="subscription_parent_of_customer",
            ),
            models.CheckConstraint(
                condition=Q(status__in=SubscriptionStatus.values), name="subscription_status_known"
            ),
            models.CheckConstraint(
                condition=Q(term_ends_at__gt=F("term_started_at")), name="subscription_term_range"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-started_at"], name="subscription_customer"),
            models.Index(fields=["due_at", "id"], name="subscription_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_add_on(self) -> bool:
        return self.parent_id is not None

    @property
    def name(self) -> str:
        """The partner's own name for it, else the title of what was sold."""
        return self.friendly_name or self.title

    @property
    def supporter(self) -> Partner:
        return self.support_partner or self.customer.partner

    @property
    def version(self) -> str:
        """Another text whenever something of it changed that people change (Partner Center's etag)."""
        state = (
            self.quantity,
            str(self.status),
            self.auto_renew,
            self.friendly_name,
            f"{self.unit_price:.4f}",
            self.term_ends_at.astimezone(UTC).isoformat(),
        )
        return sha256(repr((str(self.pk), *state)).encode()).hexdigest()[:32]


# The database holds the state machine as well: no other way from one status to another.
_WAYS = " OR ".join(
    f"(OLD.status = '{status}' AND NEW.status IN ({', '.join(repr(str(after)) for after in sorted(ways))}))"
    for status, ways in sorted(rules.TRANSITIONS.items())
    if ways
)
Subscription.guards = (
    Trigger(
        "orders_subscription",
        "UPDATE",
        "no such way from one status of a subscription to another",
        when=f"OLD.status <> NEW.status AND NOT ({_WAYS})",
    ),
    Trigger("orders_subscription", "DELETE", "orders_subscription rows are never deleted"),
)


class ChangeReason(models.TextChoices):
    """Why somebody changed a subscription. Choices and not free text, so that no person is named for ever."""

    CUSTOMER_ASKED = "customer_asked", _("The customer asked for it")
    CORRECTION = "correction", _("An earlier change was a mistake")
    PAYMENT = "payment", _("Payment is overdue")
    MISUSE = "misuse", _("The licences are misused")
    RELATIONSHIP_ENDS = "relationship_ends", _("The reseller relationship ends")
    TERM_ENDED = "term_ended", _("The term ended")
    NOT_SOLD = "not_sold", _("The term ended, and it is no longer sold")
    GRACE_ENDED = "grace_ended", _("The time after its end is over")
    PARENT_ENDED = "parent_ended", _("The subscription it belongs to stopped")
    ORDERED = "ordered", _("It was ordered")
    ORDER_CANCELLED = "order_cancelled", _("Its order was cancelled")


#: What people choose from; the others are the portal's own.
PEOPLES_REASONS = (
    ChangeReason.CUSTOMER_ASKED,
    ChangeReason.CORRECTION,
    ChangeReason.PAYMENT,
    ChangeReason.MISUSE,
    ChangeReason.RELATIONSHIP_ENDS,
)


class LicenceChange(ReliesOnAcceptance, AppendOnlyModel):
    """One change of a subscription's licence count, with the acceptance it relied on."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="changes")
    from_quantity = models.PositiveIntegerField()
    to_quantity = models.PositiveIntegerField()
    reason = models.CharField(max_length=20, choices=ChangeReason.choices, default=ChangeReason.CUSTOMER_ASKED)
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


class SubscriptionEventKind(models.TextChoices):
    PURCHASED = "purchased", _("Purchased")
    LICENCES_CHANGED = "licences_changed", _("Licence count changed")
    SUSPENDED = "suspended", _("Suspended")
    REACTIVATED = "reactivated", _("Reactivated")
    AUTO_RENEW_ON = "auto_renew_on", _("Auto-renew switched on")
    AUTO_RENEW_OFF = "auto_renew_off", _("Auto-renew switched off")
    RENEWED = "renewed", _("Renewed")
    EXPIRED = "expired", _("Expired")
    DISABLED = "disabled", _("Disabled")
    DELETED = "deleted", _("Deleted")


class SubscriptionEvent(AppendOnlyModel):
    """One thing that happened to a subscription: what, when, who and why.

    quantity, unit_price, term_ends_at: as they are from then on; licence_change: the change that this tells of,
    with the acceptance it relied on; no other event relies on one.
    """

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=SubscriptionEventKind.choices)
    reason = models.CharField(max_length=20, choices=ChangeReason.choices)
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=14, decimal_places=4)
    term_ends_at = models.DateTimeField()
    licence_change = models.OneToOneField(LicenceChange, on_delete=models.PROTECT, null=True, related_name="event")

    objects = SubscriptionEventQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        indexes = [models.Index(fields=["subscription", "-at", "-id"], name="subscription_event_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"
